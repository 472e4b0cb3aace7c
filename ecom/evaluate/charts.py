"""Charts of the report, one PNG each: scores, confidences, lengths of answers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom.evaluate.gold import Answered, Gold
from ecom.evaluate.report import Scores, numbers
from ecom.forms import FORMS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHORT = {"named_entity_recognition": "entities"}


def draw(
    scores: Scores, golds: Sequence[Gold], answers: Mapping[str, Sequence[Answered]], folder: Path
) -> dict[str, Path]:
    """Write the PNGs into `folder`; return title -> path, in reading order."""
    official: Mapping[str, Any] = next(iter(scores["models"].values()))["official"]
    overall = [("overall", "overall")]
    drawn = {
        "Score by answer form": _save(
            _bars(scores, [("forms", name) for name in official["forms"]] + overall),
            folder / "forms.png",
        ),
        "Score by skill": _save(
            _bars(scores, [("tracks", name) for name in official["tracks"]] + overall),
            folder / "skills.png",
        ),
        "Score by task": _save(_dots(scores, list(official["tasks"])), folder / "tasks.png"),
        "Length of answers": _save(_lengths(golds, answers), folder / "lengths.png"),
    }
    if any(scores["calibration"].values()):
        figure = _reliability(scores["calibration"])
        drawn["Confidence in multiple choices"] = _save(figure, folder / "reliability.png")
    return drawn


def _bars(scores: Scores, lines: Sequence[tuple[str, str]]) -> "Figure":
    """Draw a group of bars per line, one bar per model with its 95 % interval as error bar."""
    models = scores["models"]
    width = 0.8 / len(models)
    figure, axes = _canvas(1.2 * len(lines) + 2, 4.2)
    for i, (model, entry) in enumerate(models.items()):
        cells = [numbers(entry["official"], group, name) for group, name in lines]
        positions = [x + (i - (len(models) - 1) / 2) * width for x in range(len(lines))]
        # The percentile interval of a skewed statistic may exclude the value.
        below = [max(0.0, value - low) for value, low, _ in cells]
        above = [max(0.0, high - value) for value, _, high in cells]
        heights = [value for value, _, _ in cells]
        axes.bar(positions, heights, width, yerr=[below, above], capsize=2, label=model)
    names = [SHORT.get(name, name) for _, name in lines]
    axes.set_xticks(range(len(lines)), names, rotation=20, ha="right")
    axes.set_ylabel("official score, 95 % interval")
    axes.set_ylim(0, 1.05)
    figure.legend(ncols=len(models), loc="outside upper left")
    return figure


def _dots(scores: Scores, tasks: Sequence[str]) -> "Figure":
    """Draw a line per task with a dot per model, its 95 % interval as a bar through it."""
    models = scores["models"]
    figure, axes = _canvas(8, 0.16 * len(tasks) * (len(models) + 1) + 1.2)
    for i, (model, entry) in enumerate(models.items()):
        rows = [
            (y + 0.8 * i / len(models), *numbers(entry["official"], "tasks", task))
            for y, task in enumerate(tasks)
            if entry["official"]["tasks"][task]["score"] is not None
        ]
        if rows:
            heights, values, lows, highs = zip(*rows, strict=True)
            below = [max(0.0, v - low) for v, low in zip(values, lows, strict=True)]
            above = [max(0.0, high - v) for v, high in zip(values, highs, strict=True)]
            axes.errorbar(values, heights, xerr=[below, above], fmt="o", ms=4, label=model)
    axes.set_yticks([y + 0.3 for y in range(len(tasks))], tasks)
    axes.set_ylim(len(tasks) - 0.2, -0.4)
    axes.set_xlim(-0.02, 1.02)
    axes.grid(axis="x", alpha=0.3)
    axes.set_xlabel("official score, 95 % interval")
    figure.legend(ncols=len(models), loc="outside upper left")
    return figure


def _lengths(golds: Sequence[Gold], answers: Mapping[str, Sequence[Answered]]) -> "Figure":
    """Draw a box of raw answers' lengths per form and model; the gold's safe form is first."""
    forms = [name for name in FORMS if any(gold.form == name for gold in golds)]
    texts = {
        "gold": [_emitted(gold) for gold in golds],
        **{name: [answered.text for answered in said] for name, said in answers.items()},
    }
    figure, axes = _canvas(1.5 * len(forms) + 2, 4.2)
    width = 0.8 / len(texts)
    for i, (name, written) in enumerate(texts.items()):
        by_form: dict[str, list[int]] = {form: [] for form in forms}
        for gold, text in zip(golds, written, strict=True):
            by_form[gold.form].append(len(text) + 1)
        axes.boxplot(
            list(by_form.values()),
            positions=[x + (i - (len(texts) - 1) / 2) * width for x in range(len(forms))],
            widths=0.8 * width,
            patch_artist=True,
            boxprops={"facecolor": f"C{i}" if i else "lightgrey", "alpha": 0.6},
            medianprops={"color": "black"},
            sym="",
            label=name,
            manage_ticks=False,
        )
    axes.set_xticks(range(len(forms)), [SHORT.get(form, form) for form in forms])
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("{x:g}")
    axes.set_ylabel("characters + 1 (middle half, whiskers 1.5 ×)")
    figure.legend(ncols=len(texts), loc="outside upper left")
    return figure


def _emitted(gold: Gold) -> str:
    form = FORMS[gold.form]
    return form.emit(form.ideal(gold.answer))


def _reliability(found: Mapping[str, Mapping[str, Any] | None]) -> "Figure":
    """Draw accuracy over confidence, a dot per bin sized by its rows; ideal is the diagonal."""
    figure, axes = _canvas(5, 4.8)
    axes.plot([0, 1], [0, 1], color="grey", linestyle="--", linewidth=1)
    for i, (model, entry) in enumerate(found.items()):
        if entry:
            x = [b["confidence"] for b in entry["bins"]]
            y = [b["accuracy"] for b in entry["bins"]]
            sizes = [12 + 300 * b["n"] / entry["n"] for b in entry["bins"]]
            axes.plot(x, y, color=f"C{i}", linewidth=1)
            axes.scatter(
                x,
                y,
                s=sizes,
                alpha=0.7,
                color=f"C{i}",
                label=f"{model}: calibration error {entry['ece']:.3f}",
            )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("confidence in the choice")
    axes.set_ylabel("accuracy")
    axes.legend(loc="lower right")
    return figure


def _canvas(width: float, height: float) -> "tuple[Figure, Axes]":
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()


def _save(figure: "Figure", path: Path) -> Path:
    figure.savefig(path, dpi=120)
    return path
