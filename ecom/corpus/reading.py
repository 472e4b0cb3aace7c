"""Cuts the sources into tasks, and reads the items of a task.

sources ──► tasks: one per span of a file ──► items: (line, Example | Record | Fixed | Rejected)
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from ecom.corpus import metadata
from ecom.corpus.clean_records import clean_record
from ecom.corpus.config import Source
from ecom.corpus.formats import FORMATS, exports
from ecom.corpus.formats.base import Export, Item, Row
from ecom.corpus.lookup import Products
from ecom.corpus.source import name_of
from ecom.corpus.synthesize.prompt import TeacherRecord
from ecom.corpus.synthesize.tasks import Fits
from ecom.errors import DataError
from ecom.raw import files
from ecom.shopbench import Rejected

SAMPLE_SHOP_ROWS = 12_000
Count = Callable[[int], int]  # the most to count -> number of rows, up to that


@dataclass(frozen=True, slots=True)
class Task:
    """The input of one part: a span of a source, and how many rows to draw from it (None: all)."""

    number: int
    source: Source
    span: files.Span
    limit: int | None = None

    @property
    def name(self) -> str:
        """Name of its part's files."""
        return f"{self.number:05}"

    @property
    def source_name(self) -> str:
        """The `source` of its rows."""
        if FORMATS[self.source.format].own_name:
            return self.source.format
        return name_of(self.source, self.span.origin)


def tasks(sources: Iterable[Source], sample: Path | None) -> list[Task]:
    """Return the tasks of all sources, in order. `sample` is the quickstart artifact, if any.

    A row limit is spread evenly over a source's files, and over the spans of a file; where some
    have fewer rows than their share, the others give more. Raises one DataError for all sources
    that cannot be found.
    """
    found: list[Task] = []
    faults: list[str] = []
    for source in sources:
        try:
            for span, limit in _spans(source, sample):
                if limit != 0:
                    found.append(Task(len(found), source, span, limit))
        except DataError as error:
            faults.append(str(error))
    if faults:
        raise DataError("\n".join(faults))
    return found


def guesses(sources: Iterable[Source], read: Iterable[Task]) -> list[str]:
    """Return a line for each file that is read as an export, or not as UTF-8, unasked."""
    firsts = (task for task in read if task.span.start == 0)
    found = [(task.source, task.span, export(task.source, task.span)) for task in firsts]
    for source in sources:
        if source.products and (table := FORMATS[source.format].products):
            mapped = any(name.startswith("products.") for name in source.columns)
            known = () if mapped else table.exports
            found += [(source, span, exports.found(span, known)) for span in table.spans(source)]
    named = {span.origin: one.name for _, span, one in found if one}
    guessed = {
        span.origin: span.encoding
        for source, span, _ in found
        if span.encoding == "cp1252" and source.encoding is None
    }
    return [
        f"{file}: read as {name}; to read it otherwise, map its `columns`"
        for file, name in named.items()
    ] + [
        f"{file}: read as {encoding}, not UTF-8; if that is wrong, set the source's "
        "`encoding`, such as cp1250 or mac-roman"
        for file, encoding in guessed.items()
    ]


def export(source: Source, span: files.Span) -> Export | None:
    """Return the export of a shop system that a span is read as, None where it is none."""
    mapped = any(not name.startswith("products.") for name in source.columns)
    return exports.found(span, () if mapped else FORMATS[source.format].exports)


def tables(sources: Iterable[Source], cache: Path) -> list[Products]:
    """Return the tables of products that sources name, kept in the folder `cache`."""
    return [Products(source, cache) for source in sources if source.products]


def _spans(source: Source, sample: Path | None) -> Iterator[tuple[files.Span, int | None]]:
    if FORMATS[source.format].is_made:
        assert sample is not None, "recipe.load refuses sample_shop without a quickstart"
        yield files.Span(str(sample / "shop")), source.limit_rows or SAMPLE_SHOP_ROWS
        return
    groups = FORMATS[source.format].spans(source)
    if source.limit_rows is None:
        yield from ((span, None) for group in groups for span in group)
        return
    counts = [[partial(_count, source, span) for span in group] for group in groups]
    files_counts = [partial(_count_all, group) for group in counts]
    shares = _shares(source.limit_rows, files_counts)
    for group, group_counts, share in zip(groups, counts, shares, strict=True):
        yield from zip(group, _shares(share, group_counts), strict=True)


def _shares(limit: int, counts: Sequence[Count]) -> list[int]:
    """Return a limit in parts that differ by at most one, except where there are fewer rows."""
    if len(counts) == 1:
        return [limit]
    shares: dict[int, int] = {}
    while open_ := [index for index in range(len(counts)) if index not in shares]:
        share, rest = divmod(limit - sum(shares.values()), len(open_))
        wanted = {index: share + (number < rest) for number, index in enumerate(open_)}
        found = {index: counts[index](rows) for index, rows in wanted.items()}
        shares |= {index: n for index, n in found.items() if n < wanted[index]} or wanted
    return [shares[index] for index in range(len(counts))]


def _count(source: Source, span: files.Span, at_most: int) -> int:
    """Return how many rows a span has, or `at_most` if it has more."""
    return sum(1 for _ in islice(FORMATS[source.format].rows(span, source), at_most))


def _count_all(counts: Iterable[Count], at_most: int) -> int:
    found = 0
    for count in counts:
        found += count(at_most - found)
    return found


def items(task: Task, cache: Path, seed: int) -> Iterator[tuple[int, Item]]:
    """Yield the items of a task's span, each with its line (0 where there are no lines).

    `cache` is a folder with tables of products for look-ups, shared by all tasks.
    """
    source, span = task.source, task.span
    format_ = FORMATS[source.format]
    if format_.is_made:
        yield from ((0, item) for item in format_.read(Path(span.file), task.limit, seed))
        return
    rows = _Tracked(_draw(format_.rows(span, source), task, seed))
    for item in _read(rows, source, span.origin, cache):
        known = metadata.restored(item, rows.row, rows.line)
        yield (known.line if isinstance(known, Rejected) else rows.line), known


def teacher_records(
    to_read: Iterable[Task], cache: Path, seed: int, count: int, groups: Sequence[Fits]
) -> list[TeacherRecord]:
    """Return a random sample of `count` records of each group for a teacher, in their order."""
    found = (
        clean_record(item)[0]
        for task in to_read
        for _, item in items(task, cache, seed)
        if isinstance(item, TeacherRecord)
    )
    draws = [(fits, Random(f"{seed}:told"), list[Any]()) for fits in groups]
    for number, record in enumerate(found):
        for fits, rng, held in draws:
            if fits(record):
                heapq.heappush(held, (-rng.random(), -number, record))
                if len(held) > count:
                    heapq.heappop(held)
    drawn = {-number: record for _, _, held in draws for _, number, record in held}
    return [drawn[number] for number in sorted(drawn)]


def _read(rows: Iterable[Row], source: Source, file: str, cache: Path) -> Iterator[Item]:
    """Give the rows to the reader of the source's format."""
    format_ = FORMATS[source.format]
    if format_.products is None:
        return format_.read(rows, source, file)
    return format_.read(rows, source, file, Products(source, cache) if source.products else None)


class _Tracked:
    """Iterates over rows, and remembers the last one read with its line."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows, self.line = iter(rows), 0
        self.row: dict[str, Any] = {}

    def __iter__(self) -> Iterator[Row]:
        for line, row in self._rows:
            self.line, self.row = line, {} if isinstance(row, Rejected) else row
            yield line, row


def _draw(rows: Iterable[tuple[int, Any]], task: Task, seed: int) -> Iterable[tuple[int, Any]]:
    """Return all rows, or a uniform sample of the task's limit, in their order."""
    if task.limit is None:
        return rows
    return _sample(rows, Random(f"{seed}:{task.number}"), task.limit)


def _sample(rows: Iterable[tuple[int, Any]], rng: Random, count: int) -> list[tuple[int, Any]]:
    """Return a uniform sample; only the sampled rows are in memory.

    Each row gets a random number, and those with the smallest ones stay.
    """
    numbered = ((rng.random(), number, row) for number, row in enumerate(rows))
    drawn = heapq.nsmallest(count, numbered, key=lambda entry: entry[:2])
    return [row for _, _, row in sorted(drawn, key=lambda entry: entry[1])]
