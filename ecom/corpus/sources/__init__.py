"""One reader a format: the rows of a file become Examples and Records.

    read(rows, source, file) ──► Example     an instruction with its answer
                                 Fixed       one that was put right first, and how
                                 Record      what a shop knows: Chain-of-Task transforms read it
                                 Rejected    what was left out, and why

A row may give an Example and a Record. The reasons and fixes are counted, so few distinct ones come
out per fault.
"""

import difflib
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from ecom.corpus import files
from ecom.corpus.config import Source
from ecom.corpus.records import Record
from ecom.errors import DataError
from ecom.rows import Example
from ecom.shopbench import Rejected

PATIENCE = 100  # rows without the needed columns, after which the file is the wrong one


@dataclass(frozen=True, slots=True)
class Fixed:
    """An Example whose row was not sound as it stood; each of `fixes` says what was done."""

    example: Example
    fixes: tuple[str, ...]


Item = Example | Record | Fixed | Rejected
Row = tuple[int, dict[str, Any] | Rejected]


def name_of(source: Source, file: str) -> str:
    """Return what rows give as their source: the recipe's name, else the file's."""
    return source.name or PurePosixPath(file).name


def stem(file: str) -> str:
    """Return a file's name without its endings: mcq_sa for a/mcq_sa.jsonl.gz."""
    return PurePosixPath(file.partition("?")[0]).name.split(".")[0]


def spans(source: Source, file: str) -> list[files.Span]:
    """Return the spans of a file of the source. A file of dialogues is one: a session is not cut.

    Raises DataError as `files.spans` does.
    """
    return files.spans(
        file,
        span_bytes=sys.maxsize if source.format == "dialogues" else files.SPAN_BYTES,
        encoding=source.encoding,
        delimiter=source.delimiter,
        squad=source.format == "qa",
    )


def need(
    rows: Iterable[Row],
    file: str,
    *shapes: Sequence[str],
    remedy: str = "rename them, or give the source its own format",
) -> Iterator[Row]:
    """Pass the rows on, once one of them has all columns of one of the shapes.

    Raises DataError where none of a file's rows has, or none of 100: a single bad row is Rejected
    by its reader, but a whole file of them is the wrong file.
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
    near = [difflib.get_close_matches(name, known, n=1, cutoff=0.5) for name in lacking]
    hints = [f"{found[0]} for {name}" for name, found in zip(lacking, near, strict=True) if found]
    return DataError(
        f"{file}: no row has the column {', '.join(lacking)}; its columns are "
        f"{', '.join(known)[:300] or 'none'}; "
        f"{'near names: ' + ', '.join(hints) + '; ' if hints else ''}"
        f"{remedy} ({' or '.join(', '.join(shape) for shape in shapes)})"
    )
