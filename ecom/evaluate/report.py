"""Scores for a person: a table for the terminal, a Markdown page, a bar chart."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

Scores = Mapping[str, Any]  # what scores.json holds: {"rows": n, "models": {name: {"official": …}}}


def table(scores: Scores) -> "Table":
    """Return the table: forms, tracks and overall down, guessing and the models across."""
    from rich.table import Table

    shown = Table(title=_title(scores), title_justify="left", caption_justify="left")
    shown.caption = "  ".join(_notes(scores)) or None
    shown.add_column("")
    for name in scores["models"]:
        shown.add_column(name, justify="right", no_wrap=True)
    last = ""
    for group, name in _lines(scores):
        if last and group != last:
            shown.add_section()
        last = group
        shown.add_row(name, *(_cell(model["official"], group, name) for model in _models(scores)))
    return shown


def markdown(scores: Scores) -> str:
    """Return the page: the table, every task, what was not computed, how to read it."""
    names = list(scores["models"])
    head = [f"| | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
    groups = [*_lines(scores), ("flat_mean", "flat_mean")]
    lines = [_row(scores, name, group, name) for group, name in groups]
    tasks = [
        _row(scores, f"{task} ({t['form']}, {t['metric']}, {t['n']} rows)", "tasks", task)
        for task, t in _any(scores)["tasks"].items()
    ]
    notes = [f"- {note}" for note in _notes(scores)]
    parts = [
        [f"# {_title(scores)}", ""],
        [*notes, ""] if notes else [],
        [*head, *lines, "", "![scores](scores.png)", "", "## Tasks", "", *head, *tasks, ""],
        [
            "A cell is `score [low, high]`: the contest's official metric and its 95 % bootstrap "
            "interval. A track is the mean of its tasks, `overall` the mean of the tracks, "
            "`flat_mean` the mean of all tasks. `guess` is what a random answer of the right form "
            "scores."
        ],
    ]
    return "\n".join(line for part in parts for line in part) + "\n"


def chart(scores: Scores, path: Path) -> None:
    """Write a PNG: a group of bars for each line of the table, the intervals as error bars."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    lines = list(_lines(scores))
    width = 0.8 / len(scores["models"])
    figure = Figure(figsize=(1.2 * len(lines) + 2, 4.5), layout="constrained")
    axes = figure.add_subplot()
    for i, (model, entry) in enumerate(scores["models"].items()):
        cells = [_numbers(entry["official"], group, name) for group, name in lines]
        places = [x + (i - (len(scores["models"]) - 1) / 2) * width for x in range(len(lines))]
        heights = [value for value, _, _ in cells]
        # A percentile interval of a skewed statistic may leave the value outside.
        below = [max(0.0, value - low) for value, low, _ in cells]
        above = [max(0.0, high - value) for value, _, high in cells]
        axes.bar(places, heights, width, yerr=[below, above], capsize=2, label=model)
    labels = [name.replace("named_entity_recognition", "entities") for _, name in lines]
    axes.set_xticks(range(len(lines)), labels, rotation=20, ha="right")
    axes.set_ylabel("official score, 95 % interval")
    axes.set_ylim(0, 1.05)
    axes.legend(ncols=len(scores["models"]), loc="upper left", bbox_to_anchor=(0, 1.12))
    FigureCanvasAgg(figure)
    figure.savefig(path, dpi=120)


def _lines(scores: Scores) -> Iterator[tuple[str, str]]:
    official = _any(scores)
    yield from (("forms", name) for name in official["forms"])
    yield from (("tracks", name) for name in official["tracks"])
    yield "overall", "overall"


def _numbers(official: Mapping[str, Any], group: str, name: str) -> tuple[float, float, float]:
    """Return (value, low, high); zeros where nothing could be computed."""
    intervals = official["intervals"]
    if group in ("overall", "flat_mean"):
        value, interval = official[group], intervals[group]
    elif group == "tasks":
        value, interval = official["tasks"][name]["score"], intervals["tasks"].get(name)
    else:
        value, interval = official[group].get(name), intervals[group].get(name)
    return (value, *interval) if value is not None else (0.0, 0.0, 0.0)


def _cell(official: Mapping[str, Any], group: str, name: str) -> str:
    value, low, high = _numbers(official, group, name)
    if group == "tasks" and official["tasks"][name]["score"] is None:
        return "not computed"
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"


def _row(scores: Scores, label: str, group: str, name: str) -> str:
    cells = (_cell(model["official"], group, name) for model in _models(scores))
    return f"| {label} | {' | '.join(cells)} |"


def _notes(scores: Scores) -> list[str]:
    official = _any(scores)
    notes = [
        f"not computed, and in no mean: {task} ({official['tasks'][task]['metric']}); {remedy}"
        for task, remedy in official["not_computed"].items()
    ]
    if scores["gold_rejected"]:
        notes.append(f"{scores['gold_rejected']} gold lines left out: see rejected/gold.jsonl")
    return notes


def _title(scores: Scores) -> str:
    return f"Official scores over {scores['rows']} rows of {len(_any(scores)['tasks'])} tasks"


def _models(scores: Scores) -> list[Mapping[str, Any]]:
    return list(scores["models"].values())


def _any(scores: Scores) -> Mapping[str, Any]:
    """Names of tasks, forms and tracks come from the gold, so every model has the same."""
    official: Mapping[str, Any] = _models(scores)[0]["official"]
    return official
