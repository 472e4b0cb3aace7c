"""EcomInstruct's scores for a person: tables for the terminal, Markdown and HTML."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom import pages
from ecom.evaluate import report
from ecom.evaluate.ecominstruct.metrics import F1, METRICS, ROUGE, applies

if TYPE_CHECKING:
    from rich.table import Table

TITLE = "EcomInstruct, as published"
HOW_TO_READ = (
    "In brackets, and in no mean: the paper scores extraction and generation by ROUGE-L alone. "
    "`rouge_l_chars` is ours, for Chinese."
)
Scores = Mapping[str, Mapping[str, Any]]  # model: what `scores.scores` returns
SHORT = {
    **{
        f"{kind}_{what}": f"{kind} {what[0].upper()}"
        for kind in ("micro", "macro")
        for what in ("precision", "recall")
    },
    **{f"{kind}_f1": f"{kind} F1" for kind in ("micro", "macro")},
    "rouge_l_chars": "rouge_l chars",
}
HEAD = ("task", "rows", "model", *(SHORT.get(metric, metric) for metric in METRICS))


def lines(scores: Scores) -> Iterator[tuple[str, ...]]:
    """Yield the cells of HEAD: each task, then the mean, with every model."""
    first = next(iter(scores.values()))
    for task in (*first["tasks"], "mean"):
        for model, found in scores.items():
            row = found["mean"] if task == "mean" else found["tasks"][task]
            yield (task, str(row.get("n", "")), model, *(_cell(row, m) for m in METRICS))


def _cell(row: Mapping[str, Any], metric: str) -> str:
    if row[metric] is None:
        return "–"
    number = f"{row[metric]:.3f}"
    return number if applies(metric, row.get("paradigm", "CLS")) else f"({number})"


def table(scores: Scores, notes: Sequence[str] = ()) -> "Table":
    """Return the table for a terminal, with `notes` below it."""
    from rich.table import Table

    shown = Table(
        title=TITLE,
        title_justify="left",
        caption="  ".join([*notes, HOW_TO_READ]),
        caption_justify="left",
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for column in HEAD:
        left = column in ("task", "model")
        width = 7 if column in HEAD[3:] else None  # of "(0.123)"
        shown.add_column(
            column, justify="left" if left else "right", overflow="fold", min_width=width
        )
    for index, cells in enumerate(lines(scores), start=1):
        shown.add_row(*cells, end_section=index % len(scores) == 0)
    return shown


def compare_table(found: Mapping[str, Any], names: Sequence[str]) -> "Table":
    """Return the table of `scores.compare` for a terminal: F1 and ROUGE-L, the means last."""
    from rich.table import Table

    from ecom.evaluate.compare import cells, ends

    shown = Table(title=f"{names[1]} − {names[0]}", title_justify="left")
    for column in ("task", "metric", *ends(names), "difference", "95 % interval", "real?"):
        left, whole = column in ("task", "metric"), column.endswith(("interval", "real?"))
        shown.add_column(
            column, justify="left" if left else "right", overflow="fold", no_wrap=whole
        )
    for task, rows in {**found["tasks"], "mean": found["mean"]}.items():
        metrics = [metric for metric in (*F1, *ROUGE) if metric in rows]
        for metric in metrics:
            name = task if metric == metrics[0] else ""
            row = (SHORT.get(metric, metric), *cells(rows[metric]))
            shown.add_row(name, *row, end_section=metric == metrics[-1])
    return shown


def markdown(page: Mapping[str, Any]) -> str:
    """Return scores.json as a Markdown page."""
    return pages.render(
        "ecom.evaluate",
        "ecominstruct.md.j2",
        title=TITLE,
        notes=[*report.left_out(page), *report.contaminated(page)],
        head=HEAD,
        lines=list(lines(page["ecominstruct"])),
        how_to_read=HOW_TO_READ,
        failures=page["failures"],
    )


def write_html(
    path: Path, page: Mapping[str, Any], examples: Mapping[str, Sequence[Mapping[str, Any]]]
) -> None:
    """Write scores.json as one HTML file. `examples` are failures by model."""
    text = pages.render(
        "ecom.evaluate",
        "ecominstruct.html.j2",
        title=TITLE,
        notes=[*report.left_out(page), *report.contaminated(page)],
        head=HEAD,
        lines=list(lines(page["ecominstruct"])),
        how_to_read=HOW_TO_READ,
        failures=page["failures"],
        examples=examples,
    )
    path.write_text(text, encoding="utf-8")
