"""Scores for people: a table for the terminal, and the parts of report.md and report.html."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

Scores = Mapping[str, Any]  # scores.json: {"rows": n, "models": {name: {"official": …}}}

HOW_TO_READ = (
    "A cell is `score [low, high]`: the contest's official metric and its 95 % bootstrap interval. "
    "A track is the mean of its tasks, `overall` (the contest's track 5) the mean of the tracks, "
    "`flat_mean` (the starter kit's script) the mean of all tasks. `guess` is the score of random "
    "answers of the right form."
)
LOST_TO_FORMAT = (
    "The lenient parser's scores of the same texts and, in brackets, the points that the contest's "
    "official parsers lose to format."
)
_REASONS = 5  # the most to show


def table(scores: Scores) -> "Table":
    """Return the table: a row for each form, track and overall, a column for each model."""
    from rich.table import Table

    shown = Table(title=title(scores), title_justify="left", caption_justify="left")
    shown.caption = "  ".join(notes(scores)) or None
    shown.add_column("", no_wrap=True)
    for name in scores["models"]:
        shown.add_column(name, justify="right", overflow="fold")
    last = ""
    for group, name in lines(scores):
        if last and group != last:
            shown.add_section()
        last = group
        cells = (cell(model["official"], group, name) for model in _models(scores))
        shown.add_row(name, *map(_Cell, cells))
    shown.add_section()
    shown.add_row("overall, lenient", *map(_Cell, lenient_row(scores, "overall", "overall")))
    return shown


@dataclass(frozen=True)
class _Cell:
    """A score and its interval, on one line or, in a narrow column, on two."""

    text: str

    def __rich_console__(self, _: "Console", options: "ConsoleOptions") -> "Iterator[Text]":
        from rich.text import Text

        narrow = len(self.text) > options.max_width
        yield Text(self.text.replace(" ", "\n", 1) if narrow else self.text)

    def __rich_measure__(self, _: "Console", options: "ConsoleOptions") -> "Measurement":
        from rich.measure import Measurement

        parts = self.text.split(" ", 1)
        return Measurement(max(map(len, parts)), len(self.text)).clamp(0, options.max_width)


def title(scores: Scores) -> str:
    """Return the headline."""
    tasks = len(any_official(scores)["tasks"])
    return f"Official scores (rows: {scores['rows']:,}, tasks: {tasks})"


def notes(scores: Scores) -> list[str]:
    """Return what a reader must know before reading the numbers."""
    official = any_official(scores)
    found = [
        f"not computed, and in no mean: {task} ({official['tasks'][task]['metric']}); {remedy}"
        for task, remedy in official["not_computed"].items()
    ]
    if found:
        counted = official["counted"]
        found.append(f"means are over {counted['overall']} of {counted['of']} tasks")
    found += [
        f"{task}: ROUGE-L reads a to z and 0 to 9 only, and ignores words of {count} golds; a gold "
        "without other words scores 0, whatever the answer. Name another metric: --map-metric "
        "rougel=multilingual-sent-transformer, or for Japanese rougel=jp-bleu"
        for task, count in scores.get("not_read_by_rouge", {}).items()
    ]
    return found + left_out(scores) + contaminated(scores)


def left_out(scores: Scores) -> list[str]:
    """Return how many gold rows are not scored, and the most frequent reasons."""
    by_reason = scores["gold_rejected"]
    if not by_reason:
        return []
    shown = [f"{count} × {reason}" for reason, count in list(by_reason.items())[:_REASONS]]
    rest = sum(list(by_reason.values())[_REASONS:])
    listed = "; ".join([*shown, *([f"{rest} for other reasons"] if rest else [])])
    return [f"{sum(by_reason.values())} gold rows left out (rejected/gold.jsonl): {listed}"]


def contaminated(scores: Scores) -> list[str]:
    """Return a warning where models were trained on gold rows."""
    overlaps = scores.get("contamination", {}).get("overlaps", [])
    if not overlaps:
        return []
    return [
        f"CONTAMINATED: {len(overlaps)} of {scores['rows']} gold rows are in the corpus that "
        "the models were trained on; their scores prove nothing (scores.json, contamination)"
    ]


def lines(scores: Scores) -> Iterator[tuple[str, str]]:
    """Yield (group, name) of every line of the main table."""
    official = any_official(scores)
    yield from (("forms", name) for name in official["forms"])
    yield from (("tracks", name) for name in official["tracks"])
    yield "overall", "overall"


def numbers(summary: Mapping[str, Any], group: str, name: str) -> tuple[float, float, float]:
    """Return (value, low, high); zeros where nothing could be computed."""
    intervals = summary["intervals"]
    if group in ("overall", "flat_mean"):
        value, interval = summary[group], intervals[group]
    elif group == "tasks":
        value, interval = summary["tasks"][name]["score"], intervals["tasks"].get(name)
    else:
        value, interval = summary[group].get(name), intervals[group].get(name)
    return (value, *interval) if value is not None else (0.0, 0.0, 0.0)


def cell(summary: Mapping[str, Any], group: str, name: str) -> str:
    """Return "score [low, high]"."""
    value, low, high = numbers(summary, group, name)
    if group == "tasks" and summary["tasks"][name]["score"] is None:
        return "not computed"
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"


def lenient_row(scores: Scores, group: str, name: str) -> list[str]:
    """Return one cell per model: the lenient score, and how far the official one is below it."""
    cells = []
    for model in _models(scores):
        lenient, official = (numbers(model[p], group, name)[0] for p in ("lenient", "official"))
        cells.append(f"{lenient:.3f} ({official - lenient:+.3f})")
    return cells


def any_official(scores: Scores) -> Mapping[str, Any]:
    """Return any model's summary: all have the same tasks, forms and tracks, those of the gold."""
    official: Mapping[str, Any] = _models(scores)[0]["official"]
    return official


def _models(scores: Scores) -> list[Mapping[str, Any]]:
    return list(scores["models"].values())
