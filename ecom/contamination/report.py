"""The overlaps that were found, as dataclasses, as JSON and as a table."""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from rich.table import Table

Kind = Literal["exact", "near-duplicate", "n-gram"]
KINDS: tuple[Kind, ...] = get_args(Kind)  # the strongest first
MAX_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Overlap:
    """An evaluation row found in the corpus, and the corpus row that holds the most of it.

    `evaluation_source` is the evaluation row's file and line, or its EcomInstruct task and line;
    `corpus_source` is the corpus row's file and line, or its source and task in an artifact.
    `share` is the weight found over the question's weight, and 1 for an exact copy. `text` is the
    heaviest run of words that both rows hold, shortened. `others` counts further corpus rows: for
    an n-gram those with a passage, else exact copies and near-duplicates.
    """

    evaluation_id: str
    evaluation_line: int
    corpus_id: str
    corpus_source: str
    kind: Kind
    share: float
    text: str
    others: int
    evaluation_source: str


@dataclass(frozen=True, slots=True)
class Report:
    """How many rows were compared and skipped as unreadable, and the overlaps.

    The strongest overlaps come first: by kind, then by share.
    """

    evaluation_rows: int
    corpus_rows: int
    evaluation_skipped: int
    corpus_skipped: int
    overlaps: tuple[Overlap, ...]


def to_json(report: Report) -> dict[str, Any]:
    """Return the report as plain dicts and lists."""
    return {**asdict(report), "overlaps": [asdict(overlap) for overlap in report.overlaps]}


def table(report: Report) -> "Table":
    """Return the first 20 overlaps as a table; its title counts all of them."""
    from rich.markup import escape
    from rich.table import Table

    shown = Table(title=_title(report), title_justify="left", caption_justify="left")
    if not report.overlaps:
        shown.box, shown.show_header = None, False
    for column in ("question", "kind", "share", "corpus row", "others", "both say"):
        number = column in ("share", "others")
        shown.add_column(column, justify="right" if number else "left", overflow="fold")
    for overlap in report.overlaps[:MAX_SHOWN]:
        shown.add_row(
            escape(overlap.evaluation_source),
            overlap.kind,
            f"{overlap.share:.2f}",
            escape(f"{overlap.corpus_source} {overlap.corpus_id}"),
            str(overlap.others),
            escape(overlap.text),
        )
    more = len(report.overlaps) - MAX_SHOWN
    shown.caption = f"and {more} more; --json lists all" if more > 0 else None
    return shown


def _title(report: Report) -> str:
    kinds = Counter(overlap.kind for overlap in report.overlaps)
    listed = ", ".join(f"{kinds[kind]} {kind}" for kind in KINDS if kinds[kind])
    skipped = report.evaluation_skipped + report.corpus_skipped
    return (
        f"{len(report.overlaps):,} of {report.evaluation_rows:,} evaluation rows overlap with "
        f"{report.corpus_rows:,} corpus rows"
        + (f": {listed}" if listed else "")
        + (f" ({skipped} unreadable rows skipped)" if skipped else "")
    )
