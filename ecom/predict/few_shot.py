"""Examples from the corpus before each question: the best prompt for a model that is not tuned.

    corpus/train ─► draw ─► examples.jsonl ─► every replica: FewShot.of(question) ─► Shots

A question gets rows of its form, or of its task where the corpus has that: those most like it by
BM25 (bm25s), the likest last, or some drawn at random, the same ones each time.
"""

import heapq
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pyarrow.parquet as pq

from ecom import progress
from ecom.errors import DataError
from ecom.forms import FormName
from ecom.forms.prompting import Shot
from ecom.predict.config import By
from ecom.predict.questions import Questions
from ecom.rows import EXAMPLE_SCHEMA, Example, Query

FILE = "examples.jsonl"
MOST = 20_000  # rows of a form to choose from; BM25 looks at each of them for every question
# Chinese and Japanese have no spaces: a character is a word.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
_BATCH_ROWS = 4_096

Row = tuple[str, str, str]  # task, question, answer


@dataclass(frozen=True)
class FewShot:
    """Chooses `count` examples for a question from those in `file`."""

    file: Path
    count: int
    by: By

    def of(self, query: Query) -> tuple[Shot, ...]:
        """Return the examples to show before a question; none where its form has none."""
        if (rows := self._forms.get(query.form or "")) is None:
            return ()
        among = rows.of_task(query.task)
        order = rows.nearest(query.prompt, among) if self.by == "bm25" else _drawn(query, among)
        own = _folded(query.prompt)
        other = (rows.rows[number] for number in order if _folded(rows.rows[number][1]) != own)
        shots = [Shot(question=row[1], answer=row[2]) for row in islice(other, self.count)]
        return tuple(reversed(shots))

    @cached_property
    def _forms(self) -> "dict[str, _Rows]":
        found: dict[str, list[Row]] = {}
        with self.file.open(encoding="utf-8") as stream:
            for line in stream:
                form, task, question, answer = json.loads(line)
                found.setdefault(form, []).append((task, question, answer))
        return {form: _Rows(rows) for form, rows in found.items()}


@dataclass(frozen=True)
class _Rows:
    """The examples of one form."""

    rows: Sequence[Row]

    def of_task(self, task: str | None) -> np.ndarray:
        """Return the numbers of a task's rows; of all where there are none."""
        return self._tasks.get(task or "", np.arange(len(self.rows)))

    def nearest(self, prompt: str, among: np.ndarray) -> Iterator[int]:
        """Yield the rows `among`, the one most like the prompt first."""
        if not (words := _words(prompt)):
            return iter(among.tolist())
        scores = self._index.get_scores(words)[among]
        return iter(among[np.argsort(-scores, kind="stable")].tolist())

    @cached_property
    def _tasks(self) -> dict[str, np.ndarray]:
        numbers: dict[str, list[int]] = {}
        for number, (task, _, _) in enumerate(self.rows):
            numbers.setdefault(task, []).append(number)
        return {task: np.array(own) for task, own in numbers.items()}

    @cached_property
    def _index(self) -> Any:
        from bm25s import BM25

        index = BM25(backend="numpy")
        index.index([_words(question) for _, question, _ in self.rows], show_progress=False)
        return index


def draw(corpus: Path, asked: Questions, folder: Path) -> Path:
    """Write the rows of a corpus that may be shown, [form, task, question, answer] a line.

    They are those of the forms that are asked, at most MOST of each. Raises DataError where the
    corpus has none.
    """
    names = asked.by_form()
    kept: dict[FormName, list[tuple[str, Row]]] = {name: [] for name in names}
    for row in _rows(corpus / "train"):
        if (rows := kept.get(row.form)) is None:
            continue
        # An id is a hash of the row: the lowest ones are a sample, whatever the order of the rows.
        item = (_descending(row.id), (row.task, row.text(), row.output))
        (heapq.heappush if len(rows) < MOST else heapq.heappushpop)(rows, item)
    if not any(kept.values()):
        raise DataError(
            f"{corpus}: no row of {', '.join(names)} to show as an example; leave few-shot out of "
            "predict.models, or add such rows to the corpus"
        )
    for name in [name for name, rows in kept.items() if not rows]:
        print(
            f"note: predict: few-shot: the corpus has no row of {name}, so {names[name]} questions "
            "are asked without examples",
            file=sys.stderr,
        )
    with (file := folder / FILE).open("w", encoding="utf-8") as stream:
        for name, rows in kept.items():
            for _, shown in sorted(rows, reverse=True):
                stream.write(json.dumps([name, *shown], ensure_ascii=False) + "\n")
    return file


def _rows(folder: Path) -> Iterator[Example]:
    with progress.waiting("predict: read examples from the corpus"):
        for path in sorted(folder.glob("*.parquet")):
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(_BATCH_ROWS, columns=EXAMPLE_SCHEMA.names):
                    yield from (Example(**row) for row in batch.to_pylist())


def _descending(id: str) -> str:
    """Return a text that sorts the other way around: a heap drops its lowest entry."""
    return id.translate(_REVERSED)


_REVERSED = str.maketrans("0123456789abcdef", "fedcba9876543210")


def _drawn(query: Query, among: np.ndarray) -> Iterator[int]:
    """Yield the rows in a random order that depends on the question alone."""
    rng = np.random.default_rng(crc32(query.prompt.encode("utf-8", "surrogatepass")))
    return iter(rng.permutation(among).tolist())


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _folded(text: str) -> str:
    return " ".join(text.lower().split())
