"""From the rows of a table to records: columns checked, products looked up, bad rows rejected.

    rows ─► with_columns ─► each                             a row is a record
                         └► with_products (chunk by chunk)   a row's ids refer to a second table

Both call a pure function for each row; the CellError it raises makes the row Rejected in its place.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import chain, islice
from pathlib import PurePath
from typing import Any, TypeVar

from ecom.corpus.formats.base import LookUp
from ecom.corpus.formats.cells import CellError
from ecom.corpus.records import Product
from ecom.errors import DataError
from ecom.rows import content_id
from ecom.shopbench import Rejected

CHUNK_ROWS = 5_000
PATIENCE = 100  # rows without the needed columns; then it is the wrong file
_JSON = re.compile(r"\.(?:jsonl?|ndjson)(?:\.gz)?(?:\?.*)?$", re.IGNORECASE)
Row = Mapping[str, Any]
Rows = Iterable[tuple[int, dict[str, Any] | Rejected]]
T = TypeVar("T")


def row_id(file: str, line: int, *parts: Any) -> str:
    """Return an id for a row that has none, made from its place and content."""
    return content_id(PurePath(file).name, line, *parts)


def with_columns(rows: Rows, file: str, columns: Iterable[str]) -> Rows:
    """Return all rows. Raises DataError for missing columns of the table.

    It checks a span's first rows. A row of JSON may leave a column out, so there the first rows of
    the whole file must name every column between them.
    """
    rows = iter(rows)
    head = list(islice(rows, CHUNK_ROWS))
    parsed = [row for _, row in head if isinstance(row, dict)]
    has = dict.fromkeys(name for row in parsed for name in row)
    lacks = [column for column in dict.fromkeys(columns) if column not in has]
    if parsed and lacks and (head[0][0] == 1 or not _JSON.search(file)):
        raise DataError(
            f"{file}: the table lacks {', '.join(_with_near(name, has) for name in lacks)}; "
            f"it has {', '.join(map(repr, islice(has, 50)))}; name the right file, or map "
            "a shop's own names in `columns`"
        )
    return chain(head, rows)


def need(
    rows: Rows,
    file: str,
    *shapes: Sequence[str],
    remedy: str = "rename them, or give the source its own format",
) -> Iterator[tuple[int, dict[str, Any] | Rejected]]:
    """Pass the rows on once one of them has all columns of one of the shapes.

    Raises DataError where no row of a file has, or none of the first 100: a single bad row is
    Rejected by its reader, but a whole file of them is the wrong file.
    """
    held: list[tuple[int, dict[str, Any]]] = []
    rows = iter(rows)
    for line, row in rows:
        if isinstance(row, Rejected):
            yield line, row
            continue
        held.append((line, row))
        if any(row.keys() >= set(shape) for shape in shapes):
            break
        if len(held) == PATIENCE:
            raise _lacks(held, file, shapes, remedy)
    else:
        if held and held[0][0] <= 2:  # the file's first row; below a header it is line 2
            raise _lacks(held, file, shapes, remedy)
    yield from held
    yield from rows


def _lacks(
    held: list[tuple[int, dict[str, Any]]], file: str, shapes: Sequence[Sequence[str]], remedy: str
) -> DataError:
    known = list(dict.fromkeys(str(name) for _, row in held for name in row))
    lacks = [[name for name in shape if name not in known] or list(shape) for shape in shapes]
    lacking = min(lacks, key=len)
    near = [get_close_matches(name, known, n=1, cutoff=0.5) for name in lacking]
    hints = [f"{found[0]} for {name}" for name, found in zip(lacking, near, strict=True) if found]
    return DataError(
        f"{file}: no row has the column {', '.join(lacking)}; its columns are "
        f"{', '.join(known)[:300] or 'none'}; "
        f"{'near names: ' + ', '.join(hints) + '; ' if hints else ''}"
        f"{remedy} ({' or '.join(', '.join(shape) for shape in shapes)})"
    )


def each(rows: Rows, make: Callable[[int, Row], T]) -> Iterator[T | Rejected]:
    """Yield make(line, row) for every row, Rejected where it raises CellError."""
    for line, row in rows:
        if isinstance(row, Rejected):
            yield row
            continue
        try:
            yield make(line, row)
        except CellError as fault:
            yield rejected(line, row, fault)


def with_products(
    rows: Rows,
    products: LookUp | None,
    ids: Callable[[Row], Iterable[str]],
    make: Callable[[int, Row, Mapping[str, Product]], T],
) -> Iterator[T | Rejected]:
    """Yield make(line, row, products by id) for every row, Rejected where it raises CellError.

    `ids` returns the ids of a row's products; they are looked up for a chunk of rows at once.
    """
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK_ROWS)):
        wanted: set[str] = set()
        for _, row in chunk if products else ():
            if not isinstance(row, Rejected):
                wanted |= _wanted(row, ids)
        found = products.of(wanted) if products else {}

        def looked_up(line: int, row: Row, found: Mapping[str, Product] = found) -> T:
            return make(line, row, found)

        yield from each(chunk, looked_up)


def rejected(line: int, row: Row, fault: CellError) -> Rejected:
    """Return the row as Rejected; its text begins with the wrong value."""
    return Rejected(line, str(fault), " ".join(filter(None, (fault.shown, str(row))))[:200])


def _wanted(row: Row, ids: Callable[[Row], Iterable[str]]) -> set[str]:
    try:
        return {*ids(row)}
    except CellError:  # `make` raises it again and it is handled there
        return set()


def _with_near(column: str, has: Iterable[str]) -> str:
    by_lower = {name.lower(): name for name in has}
    near = [repr(by_lower[name]) for name in get_close_matches(column.lower(), by_lower)]
    return f"{column!r}" + (f" (near: {', '.join(near)})" if near else "")
