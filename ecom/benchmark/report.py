"""A benchmark's scores for people: the table, and the parts of report.md and report.html."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ecom import pages
from ecom.evaluate import report
from ecom.evaluate.gold import track_order

if TYPE_CHECKING:
    from rich.table import Table

Scores = Mapping[str, Any]  # scores.json
LACKS = "not computed"
WIDE = 3  # columns of scores with their intervals that fit a terminal
RULES = {"authors": "authors' rules", "ours": "our rules"}
HOW_TO_READ = (
    "A cell is `score [low, high]` with its 95 % bootstrap interval. A skill is the mean of its "
    "tasks, `overall` the mean of the skills. The authors' rules are those of their own program; "
    "ours read an answer as `ecom serve` does and score it as `ecom evaluate` does, and every "
    "question counts."
)


def table(scores: Scores) -> "Table":
    """Return the table for a terminal: the tasks of each skill, the skills, overall."""
    from rich.table import Table

    shown = Table(title=title(scores), title_justify="left", caption_justify="left")
    shown.caption = "  ".join(notes(scores)) or None
    head_, *columns = head(scores)
    wide = len(columns) > WIDE
    shown.add_column(head_, overflow="fold", min_width=24 if wide else None)
    for name in columns:
        shown.add_column(name, justify="right", overflow="fold", max_width=9 if wide else None)
    for group, (name, *cells) in lines(scores):
        if wide:  # a task's interval is in the report
            cells = [_folded(text) for text in cells]
            cells = [text.split("\n")[0] for text in cells] if group == "task" else cells
        shown.add_row(name, *cells, end_section=group == "skill")
    return shown


def _folded(text: str) -> str:
    r"""Return a score above its interval, as narrow as it can be.

    >>> _folded("0.449 [0.408, 0.494]")
    '0.449\n.41-.49'
    """
    if text == LACKS:
        return "-"
    score, bracket, interval = text.partition(" [")
    ends = [f"{float(end):.2f}" for end in interval.rstrip("]").split(", ")] if bracket else []
    return "\n".join([score, "-".join(end.removeprefix("0") for end in ends)]).rstrip()


def title(scores: Scores) -> str:
    """Return the headline."""
    return f"{scores['benchmark']} (questions: {scores['questions']:,})"


def notes(scores: Scores) -> list[str]:
    """Return what a reader must know before reading the numbers."""
    found = [*scores["notes"]]
    if not scores["measured"]:
        found.append("The authors publish no scorer: there are no scores by their rules.")
    if scores["pooled"]:
        found.append(
            "By the authors' rules a skill whose tasks have one measure is all their questions "
            "together."
        )
    missing: dict[str, list[str]] = {}
    for run in scores["runs"].values():
        for rules in RULES:
            for task, why in ((run[rules] or {}).get("not_computed", {})).items():
                missing.setdefault(f"by {RULES[rules]}: {why}", []).append(task)
    for why, tasks in missing.items():
        of = ", ".join(dict.fromkeys(tasks))
        found.append(f"not computed, and in no mean, {why} ({of})")
    if rejected := scores["rejected"]:
        found.append(
            f"{sum(rejected.values()):,} rows left out (rejected/questions.jsonl): "
            + "; ".join(f"{count} × {reason}" for reason, count in list(rejected.items())[:3])
        )
    if taken := scores["per_task"]:
        found.append(f"of each task at most {taken} drawn by chance")
    found += [
        f"{name}: {run['errors']} of the questions without an answer, counted as wrong"
        for name, run in scores["runs"].items()
        if run["errors"]
    ]
    return found


def head(scores: Scores) -> list[str]:
    """Return the names of the columns."""
    return [
        "",
        *(f"{name}, {RULES[rules]}" for name, rules in _columns(scores)),
        *(one["system"] for one in scores["published"]),
    ]


def lines(scores: Scores) -> Iterator[tuple[str, list[str]]]:
    """Yield ("task", "skill" or "all", cells) of every line: each skill's tasks, the skill, all."""
    shape = next(iter(scores["runs"].values()))["ours"]
    for skill in track_order(entry["track"] for entry in shape["tasks"].values()):
        tasks = {t: entry["n"] for t, entry in shape["tasks"].items() if entry["track"] == skill}
        for task, rows in tasks.items():
            if task != skill:
                yield "task", [f"{task} ({rows:,})", *_cells(scores, "tasks", task)]
        label = f"{skill} ({tasks[skill]:,})" if skill in tasks else f"{skill}: mean"
        yield "skill", [label, *_cells(scores, "tracks", skill)]
    yield "all", ["overall", *_cells(scores, "overall", "overall")]


def _columns(scores: Scores) -> list[tuple[str, str]]:
    return [
        (name, rules)
        for name, run in scores["runs"].items()
        for rules in RULES
        if run[rules] is not None
    ]


def _cells(scores: Scores, group: str, name: str) -> Iterator[str]:
    for run, rules in _columns(scores):
        yield _cell(scores["runs"][run][rules], group, name)
    for one in scores["published"]:
        value = one["scores"].get(name)
        yield "" if value is None else f"{value:.3f}"


def _cell(summary: Mapping[str, Any], group: str, name: str) -> str:
    """Return "score [low, high]", or that it is not computed."""
    values = summary[group]
    lacks = values is None if group == "overall" else values.get(name) is None
    return LACKS if lacks else report.cell(summary, group, name)


def further(scores: Scores) -> Sequence[Mapping[str, Any]]:
    """Return the authors' further figures: {"run", "task", "figures"} of each task with any."""
    return [
        {"run": name, "task": task, "figures": figures}
        for name, run in scores["runs"].items()
        for task, figures in run["also"].items()
    ]


def markdown(scores: Scores) -> str:
    """Return report.md."""
    return pages.render("ecom.benchmark", "report.md.j2", **_values(scores))


def html(scores: Scores, examples: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Return report.html. `examples` are failures by run."""
    return pages.render(
        "ecom.benchmark",
        "report.html.j2",
        shared="ecom.evaluate",
        **_values(scores),
        examples=examples,
        failures=scores["failures"],
    )


def _values(scores: Scores) -> dict[str, Any]:
    return {
        "title": title(scores),
        "notes": notes(scores),
        "head": head(scores),
        "lines": [cells for _, cells in lines(scores)],
        "further": further(scores),
        "measures": scores["measures"],
        "published": scores["published"],
        "how_to_read": HOW_TO_READ,
        "licence": scores["licence"],
        "where": scores["where"],
    }
