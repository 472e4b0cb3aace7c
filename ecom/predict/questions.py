"""The questions of a run, in a file from which each can be read by the offset of its line.

    QUERIES ─► read ─► questions.jsonl   a line: [id, prompt, multiple choice?, form, max_tokens,
                 │                           skill, task]
                 └──► rejected/queries.jsonl

A question takes 29 bytes of memory (and its id during reading): the offset of its line, its form,
and hashes of its first 64, 256, 1,024 and 4,096 characters. Sorted by these hashes, questions with
the same beginning are adjacent, which suits vLLM's prefix cache, without their prompts in memory.
"""

import json
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import IO
from zlib import crc32

import numpy as np

from ecom import progress, shopbench
from ecom.errors import DataError
from ecom.forms import FORMS, infer_form
from ecom.queries import read
from ecom.rows import Query

PREFIXES = (0, 64, 256, 1_024, 4_096)  # characters; a level is between two of them
_FORMS = list(FORMS)


@dataclass(frozen=True)
class Questions:
    """The places of the questions, in the order of the input; a row is a question's number, from 0.

    starts      (rows,) int64, offset of each line of `file`, bytes
    forms       (rows,) uint8, index of each form in FORMS
    prefixes    (levels, rows) uint32
    rejected    number of lines that are no questions
    """

    file: Path
    starts: np.ndarray
    forms: np.ndarray
    prefixes: np.ndarray
    rejected: int

    def __len__(self) -> int:
        return len(self.starts)

    def __iter__(self) -> Iterator[Query]:
        """Yield every question, in order."""
        with self.file.open("rb") as stream:
            for start in self.starts.tolist():
                yield _read(stream, start)

    def query(self, row: int) -> Query:
        """Return the question of a row."""
        return take(self.file, [self.starts[row]])[0]

    def sort(self, rows: np.ndarray) -> np.ndarray:
        """Return the rows grouped by form, and within a form by the beginnings of the prompts."""
        keys = (*self.prefixes[::-1, rows], self.forms[rows])  # the last is the primary key
        found: np.ndarray = rows[np.lexsort(keys)]
        return found


def put_down(queries: Path, folder: Path) -> Questions:
    """Write `questions.jsonl` and `rejected/queries.jsonl` below the folder.

    Raises DataError where no question is left.
    """
    starts, forms = array("q"), array("B")
    prefixes = [array("I") for _ in range(len(PREFIXES) - 1)]
    rejected: list[shopbench.Rejected] = []
    offset, file = 0, folder / "questions.jsonl"
    with file.open("wb") as stream:
        for item in _told(queries):
            if isinstance(item, shopbench.Rejected):
                rejected.append(item)
                continue
            form = item.form or infer_form(item.prompt, item.is_multiple_choice)
            starts.append(offset)
            forms.append(_FORMS.index(form))
            for level, value in zip(prefixes, _hashes(item.prompt), strict=True):
                level.append(value)
            offset += _write(stream, replace(item, form=form))
    shopbench.write_rejected(folder / "rejected" / "queries.jsonl", rejected)
    if not starts:
        why = f"; line {rejected[0].line}: {rejected[0].reason}" if rejected else ""
        raise DataError(
            f"{queries}: no question in {len(rejected)} lines{why}; each line must be a JSON "
            "object with input_field (is_multiple_choice and id are optional)"
        )
    levels = np.array([np.frombuffer(level, np.uint32) for level in prefixes])
    return Questions(
        file, np.frombuffer(starts, np.int64), np.frombuffer(forms, np.uint8), levels, len(rejected)
    )


def _told(queries: Path) -> Iterator[Query | shopbench.Rejected]:
    """Yield what is read, with a bar: a million rows take minutes, mostly to infer their forms."""
    with progress.bar(rate=True) as bar:
        task = bar.add_task("predict: read questions", total=None, unit="rows")
        for _, item in bar.track(read(queries), task_id=task):
            yield item


def take(file: Path, starts: Iterable[int]) -> list[Query]:
    """Return the questions of `questions.jsonl` at the offsets `starts`; each has a form."""
    with file.open("rb") as stream:
        return [_read(stream, start) for start in starts]


def _write(stream: IO[bytes], query: Query) -> int:
    """Write a question; return the length of its line, bytes."""
    values = [
        query.id,
        query.prompt,
        query.is_multiple_choice,
        query.form,
        query.max_tokens,
        query.skill,
        query.task,
    ]
    return stream.write(json.dumps(values, ensure_ascii=False).encode() + b"\n")


def _read(stream: IO[bytes], start: int) -> Query:
    stream.seek(start)
    mark, prompt, is_multiple_choice, *others = json.loads(stream.readline())
    return Query(prompt, is_multiple_choice, mark, *others)


def _hashes(prompt: str) -> list[int]:
    """Return a hash of each of the prompt's prefixes, as far as it is long enough."""
    found, value = [], 0
    for first, last in pairwise(PREFIXES):
        if part := prompt[first:last]:
            value = crc32(part.encode(), value)
        found.append(value)
    return found
