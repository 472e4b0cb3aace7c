"""EcomInstruct's test tasks (Li et al. 2023, arXiv 2308.06966), read as `ecom evaluate` does.

Its task folders are those of ecom/ecominstruct.py, and its measures those of
ecom/evaluate/ecominstruct/metrics.py: micro F1 for classification and NER, ROUGE-L for extraction
and generation.
"""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ecom.benchmark.base import (
    Benchmark,
    Measure,
    Published,
    Question,
    Read,
    Scores,
    Sums,
    Words,
    check_gold,
)
from ecom.corpus.formats.cells import CellError
from ecom.ecominstruct import MAX_ANSWER_TOKENS, ROWS, Row, load_tasks, read_task
from ecom.evaluate.config import Encoders
from ecom.evaluate.ecominstruct import metrics
from ecom.forms import FormName, Paradigm
from ecom.rows import Query
from ecom.shopbench import Place, Rejected

_SKILLS: dict[Paradigm, str] = {
    "CLS": "classification",
    "EXT": "extraction",
    "GEN": "generation",
    "OTHER": "entities",
}


def read(path: Path) -> Read:
    """Yield the questions of every task folder."""
    for task in load_tasks(path):
        for row in read_task(task):
            place = Place(row.line, f"{task.name}/{ROWS}")
            if isinstance(row, Rejected):
                yield place, row
                continue
            try:
                yield place, _question(place, row)
            except CellError as fault:
                yield place, Rejected(row.line, str(fault), row.prompt[:200])


def _question(place: Place, row: Row) -> Question:
    form, answer, metric = _ours(row)
    check_gold(form, metric, answer)
    return Question(
        place=place,
        task=row.task.name,
        skill=_SKILLS[row.task.paradigm],
        authors=Words(row.prompt, MAX_ANSWER_TOKENS),
        gold=row,
        measure=row.task.paradigm,
        ours=Query(row.prompt, False, form="generation", task=row.task.name),
        form=form,
        answer=answer,
        metric=metric,
    )


def _ours(row: Row) -> tuple[FormName, Any, str]:
    """Return form, answer and metric by our rules."""
    if row.task.paradigm == "OTHER":
        return "multi-label", json.loads(read_entities(row.answer)) or ["None"], "micro f1"
    if row.task.paradigm == "GEN":
        return "generation", row.answer, "multilingual-sent-transformer"
    pieces = (piece.strip() for piece in row.answer.split(row.task.separator))
    return "multi-label", list(dict.fromkeys(piece for piece in pieces if piece)), "micro f1"


def read_entities(text: str) -> str:
    """Return the "Type: a, b" lines of an answer as a JSON list of "Type: a"; None is no entity."""
    found = []
    for line in text.split("\n"):
        kind, colon, names = line.partition(":")
        parts = [part.strip() for part in names.split(",")] if colon else []
        found += [f"{kind.strip()}: {part}" for part in parts if part and part != "None"]
    return json.dumps(list(dict.fromkeys(found)) or ["None"], ensure_ascii=False)


def _add(answers: Sequence[str], golds: Sequence[Row], _: Encoders) -> Sums:
    """Return each row's statistics, and 1 as its count."""
    found = metrics.statistics(golds, answers)
    return np.concatenate([found, np.ones((len(golds), 1))], axis=1)


def _value(paradigm: Paradigm, name: str, sums: Sums) -> Scores:
    found: Scores = metrics.values(paradigm, sums[..., :-1], sums[..., -1])[name]  # type: ignore[arg-type]
    return found


def _measure(paradigm: Paradigm) -> Measure:
    known = [name for name in metrics.METRICS if metrics.applies(name, paradigm)]
    first = "micro_f1" if "micro_f1" in known else "rouge_l"
    about = (
        "Micro F1 of the labels or entities."
        if first == "micro_f1"
        else "ROUGE-L by `rouge`, of words between white space."
    )
    also = {name: partial(_value, paradigm, name) for name in known if name != first}
    return Measure(first.replace("_", " "), about, _add, partial(_value, paradigm, first), also)


_TABLE = "EcomGPT's paper (arXiv 2308.06966), table 4, review topic classification, micro F1"

BENCHMARK = Benchmark(
    name="ecominstruct",
    about="twelve tasks of EcomGPT's test set in Chinese and English",
    where="https://github.com/Alibaba-NLP/EcomGPT",
    licence="none given: you may use it as its authors allow you to",
    questions="6,000",
    scored_by="micro and macro F1, ROUGE-L",
    read=read,
    measures={paradigm: _measure(paradigm) for paradigm in _SKILLS},
    published=(
        Published("ChatGPT", _TABLE, {"EN-ABSA-CLS-review_topic_category": 0.5122}),
        Published("EcomGPT 7.1B", _TABLE, {"EN-ABSA-CLS-review_topic_category": 0.5903}),
    ),
    reads={"OTHER": read_entities},
    notes=(
        "Where the authors' program ends with an error or depends on chance, ours does not: "
        "ecom/evaluate/ecominstruct/metrics.py says where.",
    ),
)
