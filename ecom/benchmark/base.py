"""What a public benchmark is: where its files come from, how they are read, asked and scored.

    files of the authors ─► read ─► Question: the authors' words, ours, the right answer
    answers ─► Measure.add ─► (rows, k) ─► sums over rows ─► Measure.value ─► score

A measure of the authors is a function of sums over rows, so any sample of rows, a bootstrap sample
too, is scored by adding up. It does what the authors' program does, with every oddity; where theirs
ends with an error, the answer counts as wrong. Our own rules are those of `ecom evaluate`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecom.corpus.formats.cells import CellError
from ecom.errors import DataError
from ecom.evaluate.config import Encoders
from ecom.forms import FORMS, FormName
from ecom.raw import files, reading
from ecom.rows import Query
from ecom.shopbench import Place, Rejected

Sums = NDArray[np.float64]  # (…, k)
Scores = NDArray[np.float64]  # (…)


@dataclass(frozen=True, slots=True)
class Words:
    """A question exactly as the authors put it to a model: one user's turn, greedily answered.

    max_tokens   the authors' limit of an answer
    system       their system message; "" for none
    """

    prompt: str
    max_tokens: int
    system: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a benchmark.

    authors, gold, measure   the authors' words, right answer, and the measure's name; words are
                             None where the authors ask no language model, measure "" where they
                             publish no scorer
    ours                     the question as `ecom predict` asks it
    form, answer, metric     the right answer and the metric by the rules of `ecom evaluate`
    """

    place: Place
    task: str
    skill: str
    authors: Words | None
    gold: Any
    measure: str
    ours: Query
    form: FormName
    answer: Any
    metric: str

    @property
    def id(self) -> str:
        """The place as text: what answers name."""
        return f"{self.place.file}:{self.place.line}"


Read = Iterator[tuple[Place, Question | Rejected]]


def ratio(sums: Sums) -> Scores:
    """Return the first sum over the second, 0 where that is 0."""
    return divided(sums[..., 0], sums[..., 1])


def divided(top: Any, bottom: Any) -> Scores:
    """Return the quotient, 0 where the divisor is 0."""
    top, bottom = np.broadcast_arrays(np.asarray(top, float), np.asarray(bottom, float))
    found: Scores = np.divide(top, bottom, out=np.zeros(top.shape), where=bottom != 0)
    return found


@dataclass(frozen=True)
class Measure:
    """A score of the authors.

    name      as the report shows it
    about     what it measures, with the oddities that a reader must know
    add       answers, golds -> what each row adds, (rows, k); NaN where it cannot be computed
    value     sums over rows -> the score
    also      further figures that the authors' program prints
    missing   sentence encoders -> what is missing to compute it and the remedy, or None
    """

    name: str
    about: str
    add: Callable[[Sequence[str], Sequence[Any], Encoders], Sums]
    value: Callable[[Sums], Scores] = ratio
    also: Mapping[str, Callable[[Sums], Scores]] = field(default_factory=dict)
    missing: Callable[[Encoders], str | None] = lambda encoders: None


def each(add: Callable[[str, Any], Sequence[float]]) -> Callable[..., Sums]:
    """Return a measure's `add` from a function of one answer and its gold."""

    def of_all(answers: Sequence[str], golds: Sequence[Any], _: Encoders) -> Sums:
        return np.array([add(a, g) for a, g in zip(answers, golds, strict=True)], np.float64)

    return of_all


def mean(score: Callable[[str, Any], float | None]) -> Callable[..., Sums]:
    """Return the `add` of a mean over rows; a row whose score is None is not counted."""

    def add(answer: str, gold: Any) -> tuple[float, float]:
        found = score(answer, gold)
        return (0.0, 0.0) if found is None else (found, 1.0)

    return each(add)


def not_computed(why: str) -> dict[str, Any]:
    """Return the parts of a measure that cannot be computed here, with the reason."""

    def nothing(answers: Sequence[str], golds: Sequence[Any], _: Encoders) -> Sums:
        return np.full((len(answers), 2), np.nan)

    return {"add": nothing, "missing": lambda encoders: why}


@dataclass(frozen=True)
class Published:
    """A system's published scores, from 0 to 1, by name of a skill, of a task or "overall"."""

    system: str
    source: str
    scores: Mapping[str, float]


@dataclass(frozen=True)
class Benchmark:
    """A public benchmark.

    name        as the command takes it
    about       what it measures
    where       where its files are downloaded
    licence     of the data
    questions   how many there are, in words
    scored_by   the authors' metrics, in words
    read        path -> every question with its place, or Rejected with the reason
    measures    the authors' measures, by the name in a question
    published   other systems' scores
    notes       what a reader of the report must know
    reads       measure or metric -> a reader of answers of our own, where `ecom serve` has none
    asks_models whether the authors ask language models, so that there are words of theirs
    pooled      whether a skill's score by the authors is that of all its questions together, rather
                than the mean of its tasks
    """

    name: str
    about: str
    where: str
    licence: str
    questions: str
    scored_by: str
    read: Callable[[Path], Read]
    measures: Mapping[str, Measure] = field(default_factory=dict)
    published: Sequence[Published] = ()
    notes: Sequence[str] = ()
    reads: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    asks_models: bool = True
    pooled: bool = False


def named(path: Path, *, wanted: str = "") -> dict[str, str]:
    """Return the readable files that a path names, each by its short name.

    A file in a folder or .zip is named by its last two parts, as "skills/skill1.json". `wanted`
    says what is looked for. Raises DataError where there is none.
    """
    found: dict[str, str] = {}
    for file in files.find(str(path)):
        inner = PurePosixPath(file.removeprefix("zip://").partition("::")[0])
        short = "/".join(inner.parts[-2:])
        found[short if short not in found else str(inner)] = file
    if not found:
        raise DataError(f"{path}: no file to read; give {wanted}")
    return found


def questions(name: str, file: str, make: Callable[[Place, dict[str, Any]], Question]) -> Read:
    """Yield what `make` makes of every row of a file; a row with a fault is Rejected."""
    for place, row in reading.read_file(file, name):
        if isinstance(row, Rejected):
            yield place, row
            continue
        try:
            yield place, make(place, row)
        except CellError as fault:
            yield place, Rejected(place.line, str(fault), str(row)[:200])


def text_of(row: Mapping[str, Any], name: str) -> str:
    """Return a text of a row. Raises CellError where it is none, or blank."""
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        shown = repr(value)[:60] if name in row else "missing"
        raise CellError(f"{name} is {shown}; it must be a text")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise CellError(f"{name} has a lone surrogate (\\ud800 to \\udfff), which is no character")
    return value


def check_gold(form: FormName, metric: str, answer: Any) -> None:
    """Raise CellError where our rules cannot score a right answer."""
    if form not in FORMS:
        raise CellError(f"task_type is {form!r:.60}; it must be one of {', '.join(FORMS)}")
    if metric not in FORMS[form].metrics:
        raise CellError(f"metric is {metric!r:.60}; {form} has {', '.join(FORMS[form].metrics)}")
    if not FORMS[form].is_gold(answer):
        raise CellError(f"the right answer is {answer!r:.60}; it must be {FORMS[form].gold_rule}")
