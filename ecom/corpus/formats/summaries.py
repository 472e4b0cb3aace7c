"""Texts with their summaries: text, summary."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ecom.corpus.formats.base import Format, Row
from ecom.corpus.formats.cells import lang, needed
from ecom.corpus.formats.labelled import Named, id_of, own
from ecom.corpus.formats.tables import each
from ecom.corpus.records import Summarised
from ecom.corpus.source import RawSource, name_of
from ecom.shopbench import Rejected

COLUMNS = (("text", "summary"),)


def read(rows: Iterable[Row], source: RawSource, file: str) -> Iterator[Summarised | Rejected]:
    """Yield the summarised texts of one span."""
    named, name = Named(source, COLUMNS), name_of(source, file)

    def summarised(line: int, row: Mapping[str, Any]) -> Summarised:
        words, summary = needed(row, named["text"]), needed(row, named["summary"])
        return Summarised(
            id=id_of(row, named, file, line, words),
            source=name,
            lang=source.lang or lang(row, named["lang"]),
            text=words,
            summary=summary,
            own=own("own:summary", source, file, line),
        )

    yield from each(named.checked(rows, file), summarised)


FORMAT = Format(
    name="summaries",
    about="texts with summaries: text, summary",
    read=read,
    columns=COLUMNS,
    also=("id", "lang"),
    labelled=True,
)
