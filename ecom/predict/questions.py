"""The questions of a run, in a file from which each can be read by the offset of its line.

    QUERIES ─► read ─┬► questions.jsonl   a line: [the question, its place, columns to keep]
                     ├► columns/          columns to keep, for Parquet (columns.py)
                     └► rejected/queries.jsonl

A repeated id is no fault: each of its questions is answered, and the place tells them apart.

A question takes 29 bytes of memory (and its id during reading): the offset of its line, its form,
and hashes of its first 64, 256, 1,024 and 4,096 characters. Sorted by these hashes, questions with
the same beginning are adjacent, which suits vLLM's prefix cache, without their prompts in memory.
"""

import json
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import IO, Any
from zlib import crc32

import numpy as np

from ecom import progress
from ecom.errors import DataError, InputError
from ecom.forms import FORMS, FormName, Inferred, Offer
from ecom.forms.offer import Choice
from ecom.lanes import read as form_of
from ecom.predict.columns import Columns, check, declared, plain
from ecom.queries import read
from ecom.rows import Query, to_dict
from ecom.shopbench import Place, Rejected, write_rejected

PREFIXES = (0, 64, 256, 1_024, 4_096)  # characters; a level is between two of them
_FORMS = list(FORMS)


@dataclass(frozen=True)
class Questions:
    """The places of the questions, in the order of the input; a row is a question's number, from 0.

    starts      (rows,) int64, offset of each line of `file`, bytes
    forms       (rows,) uint8, index of each form in FORMS
    prefixes    (levels, rows) uint32
    rejected    number of rows that are no questions
    repeated    number of questions with the id of an earlier one
    columns     for Parquet, the columns to keep
    """

    file: Path
    starts: np.ndarray
    forms: np.ndarray
    prefixes: np.ndarray
    rejected: int
    repeated: int = 0
    columns: Columns | None = None

    def __len__(self) -> int:
        return len(self.starts)

    def __iter__(self) -> Iterator[Query]:
        """Yield every question, in order."""
        with self.file.open("rb") as stream:
            for start in self.starts.tolist():
                yield _read(stream, start)

    def beside(self) -> Iterator[dict[str, Any]]:
        """Yield what an answer has beside its prediction: its question's place, columns to keep."""
        with self.file.open("rb") as stream:
            for line in stream:
                _, place, kept = json.loads(line)
                yield {**place, **kept}

    def drop(self) -> None:
        """Delete the files, once the answers have been written."""
        self.file.unlink()
        if self.columns:
            self.columns.drop()

    def query(self, row: int) -> Query:
        """Return the question of a row."""
        return take(self.file, [self.starts[row]])[0]

    def by_form(self) -> dict[FormName, int]:
        """Return how many questions each form has."""
        counts = Counter(self.forms.tolist())
        return {_FORMS[number]: counts[number] for number in sorted(counts)}

    def sort(self, rows: np.ndarray) -> np.ndarray:
        """Return the rows grouped by form, and within a form by the beginnings of the prompts."""
        keys = (*self.prefixes[::-1, rows], self.forms[rows])  # the last is the primary key
        found: np.ndarray = rows[np.lexsort(keys)]
        return found


def put_down(
    queries: str | Path,
    folder: Path,
    keep: Sequence[str] = (),
    *,
    typed: bool = False,
    choice: Choice = "label",
) -> Questions:
    """Write `questions.jsonl` and `rejected/queries.jsonl` below the folder.

    The columns `keep` are kept as JSON, or with their types if `typed`. `choice` is how each
    question is answered that chooses one of several. Raises DataError where no
    question is left or no row has one of these columns.
    """
    starts, forms = array("q"), array("B")
    prefixes = [array("I") for _ in range(len(PREFIXES) - 1)]
    rejected: list[tuple[Place, Rejected]] = []
    seen, again, has = set[str](), list[str](), dict[str, None]()
    types = declared(str(queries), keep) if typed and keep else {}
    columns = Columns(folder / "columns", keep, types) if typed and keep else None
    offset, file = 0, folder / "questions.jsonl"
    with file.open("wb") as stream:
        for place, item, row in _followed(queries):
            has |= dict.fromkeys(row) if keep else {}
            if isinstance(item, Rejected):
                rejected.append((place, item))
                continue
            try:
                found = form_of(item)
            except InputError as error:
                rejected.append((place, Rejected(place.line, str(error), item.prompt[:200])))
                continue
            starts.append(offset)
            forms.append(_FORMS.index(found.form))
            for level, value in zip(prefixes, _hashes(item.prompt), strict=True):
                level.append(value)
            again += [f"{item.id!r} on {place}"] if item.id in seen else []
            seen.add(item.id)
            if columns:
                columns.add(row)
            kept = {} if columns else plain(row, keep)
            query = replace(item, form=found.form, found=found, choice=choice)
            offset += _write(stream, query, place, kept)
    write_rejected(folder / "rejected" / "queries.jsonl", rejected)
    if not starts:
        why = f"; {rejected[0][0]}: {rejected[0][1].reason}" if rejected else ""
        raise DataError(
            f"{queries}: no question in {len(rejected)} rows{why}; each row must have the column "
            "input_field (is_multiple_choice and id are optional)"
        )
    check(queries, keep, has)
    if columns:
        columns.finish()
    _note(rejected, again)
    levels = np.array([np.frombuffer(level, np.uint32) for level in prefixes])
    return Questions(
        file,
        np.frombuffer(starts, np.int64),
        np.frombuffer(forms, np.uint8),
        levels,
        len(rejected),
        len(again),
        columns,
    )


def _followed(
    queries: str | Path,
) -> Iterator[tuple[Place, Query | Rejected, dict[str, Any]]]:
    """Yield what is read, with a bar: a million rows take minutes, mostly to infer their forms."""
    with progress.bar(rate=True) as bar:
        task = bar.add_task("predict: read questions", total=None, unit="rows")
        yield from bar.track(read(queries), task_id=task)


def _note(rejected: Sequence[tuple[Place, Rejected]], again: Sequence[str]) -> None:
    """Say on stderr what a user may not expect of the questions."""
    if rejected:
        place, first = rejected[0]
        print(
            f"note: predict: {len(rejected)} rows are no questions (rejected/queries.jsonl); the "
            f"first is {place}: {first.reason}",
            file=sys.stderr,
        )
    if again:
        print(
            f"note: predict: {len(again)} questions have the id of an earlier one, the first is "
            f"{again[0]}; all are answered, and `line` says which answer is whose",
            file=sys.stderr,
        )


def take(file: Path, starts: Iterable[int]) -> list[Query]:
    """Return the questions of `questions.jsonl` at the offsets `starts`; each has a form."""
    with file.open("rb") as stream:
        return [_read(stream, start) for start in starts]


def _write(stream: IO[bytes], query: Query, place: Place, kept: dict[str, Any]) -> int:
    """Write a question; return the length of its line, bytes."""
    found = query.found and asdict(query.found)
    values = [{**to_dict(query), "found": found}, place.columns(), kept]
    return stream.write(json.dumps(values, ensure_ascii=False).encode() + b"\n")


def _read(stream: IO[bytes], start: int) -> Query:
    stream.seek(start)
    given, _, _ = json.loads(stream.readline())
    # JSON has no tuples, and the fields of a frozen row are no lists.
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in given.items()}
    return Query(**{**fields, "found": _inferred(given["found"])})


def _inferred(given: dict[str, Any]) -> Inferred:
    offer = given["offer"]
    if offer:
        offer = Offer(**{**offer, "texts": tuple(offer["texts"])})
    return Inferred(**{**given, "offer": offer})


def _hashes(prompt: str) -> list[int]:
    """Return a hash of each of the prompt's prefixes, as far as it is long enough."""
    found, value = [], 0
    for first, last in pairwise(PREFIXES):
        if part := prompt[first:last]:
            value = crc32(part.encode(), value)
        found.append(value)
    return found
