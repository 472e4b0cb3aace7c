"""Search queries and better wordings: query, rewritten."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ecom.corpus.formats.base import Format, Row
from ecom.corpus.formats.cells import lang, needed
from ecom.corpus.formats.labelled import Named, id_of, own
from ecom.corpus.formats.tables import each
from ecom.corpus.records import Rewritten
from ecom.corpus.source import RawSource, name_of
from ecom.shopbench import Rejected

COLUMNS = (("query", "rewritten"),)


def read(rows: Iterable[Row], source: RawSource, file: str) -> Iterator[Rewritten | Rejected]:
    """Yield the rewritten queries of one span."""
    named, name = Named(source, COLUMNS), name_of(source, file)

    def rewritten(line: int, row: Mapping[str, Any]) -> Rewritten:
        query, better = needed(row, named["query"]), needed(row, named["rewritten"])
        return Rewritten(
            id=id_of(row, named, file, line, query),
            source=name,
            lang=source.lang or lang(row, named["lang"]),
            query=query,
            rewritten=better,
            own=own("own:rewritten_query", source, file, line),
        )

    yield from each(named.checked(rows, file), rewritten)


FORMAT = Format(
    name="rewrites",
    about="search queries reworded: query, rewritten",
    read=read,
    columns=COLUMNS,
    also=("id", "lang"),
    labelled=True,
)
