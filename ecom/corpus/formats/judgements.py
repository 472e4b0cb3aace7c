"""Judged pairs of query and product, one per row, joined into Searches.

Relevance is given by a word (exact), by ESCI's letter (E), or by a number on one of two scales:

               irrelevant  complement  substitute  exact
    grades     0           1           2           3
    gains      0           0.01        0.1         1     ESCI's, and ShopBench's rankings'
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ecom.corpus.formats.cells import CellError, number, value
from ecom.corpus.formats.tables import CHUNK_ROWS, Row, Rows, rejected
from ecom.corpus.records import RELEVANCES, Product, Relevance, Search
from ecom.shopbench import Rejected

WORDS: dict[str, Relevance] = {
    **{word: word for word in RELEVANCES},
    **{word[0]: word for word in RELEVANCES},
}
GRADES: dict[float, Relevance] = dict(zip((3, 2, 1, 0), RELEVANCES, strict=True))
GAINS: dict[float, Relevance] = dict(zip((1, 0.1, 0.01, 0), RELEVANCES, strict=True))
_RULE = f"{', '.join(RELEVANCES)}, E, S, C, I, a grade 0 to 3, or a gain 0, 0.01, 0.1, 1"


@dataclass(frozen=True, slots=True)
class Judged:
    """One row; consecutive rows with the same `key` are one search."""

    line: int
    key: tuple[str, ...]
    id: str
    query: str
    lang: str
    product: Product | None
    relevance: Relevance | None


def searches(rows: Iterable[Judged | Rejected], source: str) -> Iterator[Search | Rejected]:
    """Yield one Search for each run of rows with the same key, under the id of its first row."""
    group: list[Judged] = []
    judged: dict[str, tuple[Product, Relevance]] = {}
    count = 0
    for row in rows:
        if isinstance(row, Rejected):
            yield row
            continue
        if group and row.key != group[0].key:
            yield _search(group[0], judged, source, count)
            group, judged, count = [], {}, 0
        group = group or [row]
        count += 1
        if row.product is None or row.relevance is None:
            continue
        if row.product.id in judged:
            reason = "product_id is judged twice for the same query"
            count -= 1
            yield Rejected(row.line, reason, f"{row.product.id} {row.query}"[:200])
            continue
        judged[row.product.id] = row.product, row.relevance
    if group:
        yield _search(group[0], judged, source, count)


def with_words(rows: Rows, column: str) -> Iterator[tuple[int, dict[str, Any] | Rejected]]:
    """Yield the rows with the relevance in `column` as a word, None where there is none.

    1 is on both scales: the first other number among the rows near it decides which one is meant.
    """
    scale: Mapping[float, Relevance] = {}
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK_ROWS)):
        scale = scale or _scale(chunk, column)
        for line, row in chunk:
            if isinstance(row, Rejected):
                yield line, row
                continue
            try:
                yield line, {**row, column: _word(row, column, scale)}
            except CellError as fault:
                yield line, rejected(line, row, fault)


def _search(
    first: Judged, judged: Mapping[str, tuple[Product, Relevance]], source: str, rows: int
) -> Search:
    return Search(
        id=first.id,
        source=source,
        query=first.query,
        lang=first.lang,
        judged=tuple(judged.values()),
        rows=rows,
    )


def _scale(chunk: Rows, column: str) -> Mapping[float, Relevance]:
    for _, row in chunk:
        given = None if isinstance(row, Rejected) else _number(row, column)
        if given is not None and (given in GRADES) != (given in GAINS):
            return GRADES if given in GRADES else GAINS
    return {}


def _number(row: Row, column: str) -> float | None:
    given = number(row.get(column))
    return None if given is None else round(given, 4)  # 0.1 in 32 bits is 0.100000001


def _word(row: Row, column: str, scale: Mapping[float, Relevance]) -> Relevance | None:
    found, given = value(row, column), _number(row, column)
    if found is None:
        return None
    if given is None and str(found).lower() in WORDS:
        return WORDS[str(found).lower()]
    if given == 0:
        return "irrelevant"
    if given not in {**GRADES, **GAINS}:
        raise CellError(f"{column} must be {_RULE}: {found!r:.40}")
    if not scale:
        raise CellError(f"{column} 1 is exact as a gain and complement as a grade: write the words")
    if given not in scale:
        raise CellError(f"{column} must be on one scale, grades or gains: {found!r:.40}")
    return scale[given]
