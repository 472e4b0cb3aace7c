"""Are the columns there that the sources' `columns` name? Asked before anything is read in full.

columns: {title: Titel}, products.csv ─► its first rows ─► DataError: it has Tittel, not Titel
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from ecom.corpus.formats import FORMATS
from ecom.corpus.formats.base import Row
from ecom.corpus.formats.shop_tables import OF_PRODUCTS, check_names
from ecom.corpus.formats.tables import CHUNK_ROWS, with_columns
from ecom.corpus.reading import Task
from ecom.corpus.source import RawSource
from ecom.errors import DataError

SHOWN = 3  # faults of a source


def check(sources: Sequence[RawSource], to_read: Iterable[Task]) -> None:
    """Raise one DataError for all columns, of all sources and files, that `columns` names wrongly.

    Only the first rows of each file are read. Sources without `columns` are checked as they are
    read: they may be exports, or have names of their own.
    """
    firsts = [task for task in to_read if task.span.start == 0]
    lines = []
    for number, source in enumerate(sources):
        if source.columns:
            of_it = [task for task in firsts if task.source is source]
            faults = list(dict.fromkeys(_faults(source, of_it)))
            lines += [f"  corpus.sources.{number}.columns: {fault}" for fault in faults[:SHOWN]]
            if len(faults) > SHOWN:
                lines.append(f"  … and {len(faults) - SHOWN} more files of this source")
    if lines:
        raise DataError("\n".join(["wrong columns:", *lines]))


def _faults(source: RawSource, of_it: Iterable[Task]) -> Iterator[str]:
    format_ = FORMATS[source.format]
    if not format_.labelled:  # a recipe's are checked as it is loaded
        try:
            check_names(source, format_)
        except DataError as error:
            yield str(error)
            return
    own = {name: column for name, column in source.columns.items() if _is_own(name)}
    needed = list(own.values())
    if own and len(format_.columns) == 1:
        needed += [own.get(name, name) for name in format_.columns[0]]
    for task in of_it:
        rows = format_.rows(task.span, source)
        yield from _lacking(rows, task.span.origin, needed)
    table = format_.products
    if table and source.products and len(own) < len(source.columns):
        for span in table.spans(source):
            if span.start == 0:
                yield from _lacking(table.rows(span, source), span.origin, table.columns(source))


def _lacking(rows: Iterable[Row], file: str, needed: Iterable[str]) -> Iterator[str]:
    try:
        with_columns(islice(rows, CHUNK_ROWS), file, needed)
    except DataError as error:
        yield str(error)


def _is_own(name: str) -> bool:
    return not name.startswith(OF_PRODUCTS)
