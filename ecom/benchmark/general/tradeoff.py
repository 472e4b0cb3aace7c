"""Gain in shopping against loss in general: the table, and a picture with a curve over shares."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

Found = Mapping[str, Any]  # scores.json
NONE = "-"
COLUMNS = ("model", "share", "shopping", "gain", "general", "change")
WIDE = 3  # tasks that fit a terminal; report.md has all
HOW_TO_READ = (
    "General is the mean of lm-eval's tasks, shopping the overall score of the recipe's evaluation "
    "rows. Gain and change are against the base over the same questions, in points of 100, with "
    "95 % intervals. A share is WiSE-FT's: how much of what training changed is kept."
)


def table(found: Found) -> "Table":
    """Return the table for a terminal: a row for each model, an interval below its change."""
    from rich.table import Table

    shown = Table(title=_title(found), title_justify="left", caption_justify="left")
    head = _head(found)
    few = len(head) <= len(COLUMNS) + WIDE
    for name in head if few else COLUMNS:
        right = name not in COLUMNS[:1]
        shown.add_column(name, justify="right" if right else "left", overflow="fold")
    for cells in _rows(found):
        shown.add_row(*(cell.replace(" [", "\n[") for cell in cells[: len(shown.columns)]))
    if found["no_shopping"]:
        shown.caption = f"Shopping is not measured: {found['no_shopping']}."
    return shown


def markdown(found: Found) -> str:
    """Return report.md."""
    lines = [f"# {_title(found)}", "", HOW_TO_READ, ""]
    if found["no_shopping"]:
        lines += [f"Shopping is not measured: {found['no_shopping']}.", ""]
    if is_drawn(found):
        lines += ["![gain in shopping against change in general](tradeoff.png)", ""]
    head = _head(found)
    lines += [_line(head), _line(["---", *["--:"] * (len(head) - 1)])]
    lines += [_line(row) for row in _rows(found)]
    return "\n".join([*lines, ""])


def is_drawn(found: Found) -> bool:
    """Say whether there are two models with both scores."""
    return len(list(_points(found))) > 1


def draw(found: Found, path: Path) -> None:
    """Draw every model as a point, those with a share as one curve, with 95 % intervals."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 5))
    axes.axhline(0, color="grey", linewidth=0.8)
    axes.axvline(0, color="grey", linewidth=0.8)
    drawn = list(_points(found))
    curve = [(x, y) for _, share, x, y, _ in drawn if share is not None]
    axes.plot(*zip(*curve, strict=True), color="tab:blue", label="share of what was learned")
    for name, share, x, y, bars in drawn:
        color = "tab:blue" if share is not None else "tab:orange"
        axes.errorbar(x, y, **bars, fmt="o", color=color, ecolor="lightgrey", capsize=2)
        label = name if share is None else f"{share:g}"
        words = f"{label} ({name})" if name in ("base", "merged") else label
        below = name == "base"  # small shares are right of it
        axes.annotate(
            words,
            (x, y),
            xytext=(-6, -6) if below else (6, 6),
            textcoords="offset points",
            ha="right" if below else "left",
            va="top" if below else "bottom",
        )
    axes.set(
        xlabel="gain in shopping, points",
        ylabel="change in general tasks, points",
        title="What tuning gains, and what it forgets",
    )
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=120, bbox_inches="tight")
    pyplot.close(figure)


def _points(found: Found) -> Iterator[tuple[str, float | None, float, float, dict[str, Any]]]:
    """Yield (name, share, gain, change, error bars) of the models that have both, in points."""
    for name, one in found["models"].items():
        shopping, general = one["shopping"], one["general"]
        if not shopping or general["change"] is None:
            continue
        x, y = 100 * shopping["gain"], 100 * general["change"]
        bars = {"xerr": _sides(x, shopping["interval"]), "yerr": _sides(y, general["interval"])}
        yield name, one["share"], x, y, bars


def _sides(value: float, interval: tuple[float, float] | None) -> list[list[float]] | None:
    if interval is None:
        return None
    low, high = interval
    return [[max(0.0, value - 100 * low)], [max(0.0, 100 * high - value)]]


def _title(found: Found) -> str:
    some = f", the first {found['limit']} questions of each" if found["limit"] else ""
    return f"General tasks by lm-eval {found['lm_eval']}{some}"


def _head(found: Found) -> list[str]:
    first = next(iter(found["models"].values()))
    tasks = [
        f"{task}: {one['metric']}{'' if one['higher_is_better'] else ' (less is better)'}"
        for task, one in first["general"]["tasks"].items()
    ]
    return [*COLUMNS, *tasks]


def _rows(found: Found) -> Iterator[list[str]]:
    for name, one in found["models"].items():
        shopping, general = one["shopping"] or {}, one["general"]
        yield [
            name,
            NONE if one["share"] is None else f"{one['share']:g}",
            _number(shopping.get("score")),
            _change(shopping.get("gain"), shopping.get("interval")),
            _number(general["score"]),
            _change(general["change"], general["interval"]),
            *(_number(task["score"]) for task in general["tasks"].values()),
        ]


def _number(value: float | None) -> str:
    return NONE if value is None else f"{value:.3f}"


def _change(value: float | None, interval: tuple[float, float] | None) -> str:
    """Return "+3.1 [+1.0, +5.2]" in points.

    >>> _change(0.031, (0.01, 0.052)), _change(0.0, (0.0, 0.0)), _change(None, None)
    ('+3.1 [+1.0, +5.2]', '0', '-')
    """
    if value is None:
        return NONE
    if not value and interval is not None and not any(interval):
        return "0"
    ends = f" [{100 * interval[0]:+.1f}, {100 * interval[1]:+.1f}]" if interval else ""
    return f"{100 * value:+.1f}{ends}"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
