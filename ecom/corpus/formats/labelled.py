"""Shared by ordinary labelled sets: our names of their columns, the shape of a row, its labels.

    named = Named(source, COLUMNS)
    named["first"]                      "first", or what `columns` calls it
    named.shape(row)                    ("first", "second", "score"): the group of COLUMNS it has
    named.label(1, "label")             "match", where `labels` is [not match, match]

`known` finds the labels of a set that the recipe does not name, by reading the file once more.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from ecom.corpus.formats.base import Row
from ecom.corpus.formats.cells import CellError, text, value
from ecom.corpus.formats.tables import need, row_id, with_columns
from ecom.corpus.records import Own
from ecom.corpus.source import RawSource, name_of, stem
from ecom.errors import DataError
from ecom.raw import files

MAX_LABELS = 1_000  # distinct ones; a column with more does not contain labels
# Keys of `labels` that YAML reads as booleans.
_BOOLEANS = {
    "true": "true",
    "yes": "true",
    "on": "true",
    "false": "false",
    "no": "false",
    "off": "false",
}
_FOUND: dict[tuple[str, str, str], Any] = {}  # what, file, source
T = TypeVar("T")


class Named:
    """A labelled source's columns and labels, by our names."""

    def __init__(self, source: RawSource, shapes: tuple[tuple[str, ...], ...]) -> None:
        self.source = source
        chosen = [shape for shape in shapes if shape[-1] in source.columns]
        fitting = chosen if len(chosen) == 1 else shapes
        self._shapes = [(shape, set(map(self._column, shape))) for shape in fitting]

    def __getitem__(self, ours: str) -> str:
        """Return the set's name of a column."""
        return self._column(ours)

    def _column(self, ours: str) -> str:
        return self.source.columns.get(ours, ours)

    def shape(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the first group of columns that the row has. Raises CellError."""
        for shape, columns in self._shapes:
            if columns <= row.keys() and value(row, self._column(shape[-1])) is not None:
                return shape
        wanted = " or ".join(", ".join(map(self._column, shape)) for shape, _ in self._shapes)
        has = ", ".join(name for name in row if row[name] is not None)
        raise CellError(f"a row needs {wanted}; this one has {has or 'nothing'}")

    def checked(self, rows: Iterable[Row], file: str) -> Iterator[Row]:
        """Return the rows of a file, which must have one of the shapes and all mapped columns.

        Raises DataError where it does not, or has two shapes and `columns` chooses none.
        """
        shapes = [tuple(map(self._column, shape)) for shape, _ in self._shapes]
        first = True
        rows = with_columns(rows, file, self.source.columns.values())
        for line, row in need(rows, file, *shapes, remedy="map them in `columns`"):
            if first and isinstance(row, dict):
                self._one_shape(row, file)
                first = False
            yield line, row

    def _one_shape(self, row: Mapping[str, Any], file: str) -> None:
        """Raise DataError for a file with two shapes: `columns` must choose one."""
        fits = [shape for shape, columns in self._shapes if columns <= row.keys()]
        if len(fits) > 1:
            names = [self._column(shape[-1]) for shape in fits]
            raise DataError(
                f"{file}: the rows have {' and '.join(names)}, but only one of them can be used; "
                f"name only that one in `columns`, as in {{{fits[0][-1]}: {names[0]}}}"
            )

    def label(self, cell: Any, column: str) -> str:
        """Return a label's name, "" where there is none. Raises CellError for an unknown one."""
        found = str(cell).lower() if isinstance(cell, bool) else text({column: cell}, column)
        labels = self.source.labels
        if not found or not labels:
            return found
        if isinstance(labels, dict):
            if found not in labels and found not in labels.values():
                found = _BOOLEANS.get(found.lower(), found)
            if found not in labels and found not in labels.values():
                raise CellError(f"{column} must be one of the keys of `labels`: {found!r:.30}")
            return labels.get(found, found)
        if found in labels:
            return found
        if not found.isdecimal() or int(found) >= len(labels):
            raise CellError(
                f"{column} must be one of `labels` or a number from 0 to {len(labels) - 1}: "
                f"{found!r:.30}"
            )
        return labels[int(found)]


def own(by: str, source: RawSource, file: str, line: int) -> Own:
    """Return the question of a row of the set, worded by the transform `by`."""
    task = source.task or stem(name_of(source, file))
    return Own(by, task, source.description or "", line)


def id_of(row: Mapping[str, Any], named: Named, file: str, line: int, *parts: Any) -> str:
    """Return the row's own id, or one made from its place and content."""
    return text(row, named["id"]) or row_id(file, line, *parts)


def known(
    source: RawSource,
    file: str,
    rows: Callable[[files.Span], Iterable[Row]],
    labels: Callable[[Mapping[str, Any]], Iterable[str]],
) -> tuple[str, ...]:
    """Return all labels of a set: those in the recipe, else those of the file, in order.

    `rows` reads a span, `labels` returns those of a row; a file is read once per process for it.
    Raises DataError for more than 1,000 labels.
    """
    if source.labels:
        known_labels = source.labels.values() if isinstance(source.labels, dict) else source.labels
        return tuple(dict.fromkeys(known_labels))
    return found(source, file, "labels", rows, labels)


def found(
    source: RawSource,
    file: str,
    what: str,
    rows: Callable[[files.Span], Iterable[Row]],
    labels: Callable[[Mapping[str, Any]], Iterable[str]],
) -> tuple[str, ...]:
    """Return all labels in a file, in order, even if the recipe names others."""
    return once(source, file, what, lambda: tuple(sorted(_labels_in(source, file, rows, labels))))


def once(source: RawSource, file: str, what: str, find: Callable[[], T]) -> T:
    """Return the result of `find` for a file of the source; it is called once per process."""
    mark = (what, file, source.model_dump_json())
    if mark not in _FOUND:
        _FOUND[mark] = find()
    return _FOUND[mark]  # type: ignore[no-any-return]  # what `find` returned


def all_rows(
    source: RawSource, file: str, rows: Callable[[files.Span], Iterable[Row]]
) -> Iterator[dict[str, Any]]:
    """Yield all readable rows of a file."""
    whole = files.spans(file, sys.maxsize, encoding=source.encoding, delimiter=source.delimiter)
    for span in whole:
        yield from (row for _, row in rows(span) if isinstance(row, dict))


def _labels_in(
    source: RawSource,
    file: str,
    rows: Callable[[files.Span], Iterable[Row]],
    labels: Callable[[Mapping[str, Any]], Iterable[str]],
) -> set[str]:
    found: set[str] = set()
    for row in all_rows(source, file, rows):
        with suppress(CellError):  # the reader rejects the row
            found.update(labels(row))
        if len(found) > MAX_LABELS:
            raise DataError(
                f"{file}: more than {MAX_LABELS:,} different labels, as {min(found)!r:.60}; "
                "name the column of labels in `columns`, or all labels in `labels`"
            )
    return found
