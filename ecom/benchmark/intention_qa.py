"""IntentionQA: why customers buy two products (Ding et al. 2024).

    data/QA_task1/QA_fullInfo/QA_fullInfo_task1.jsonl, …_task1_byRelation.jsonl
    data/QA_task2/QA_fullInfo/QA_fullInfo_task2.jsonl
        item_a_name, item_b_name, relation, assertion, options {"A": …}, gold_ind

Task 1 asks for the intention of buying two products, task 2 for the second product. The authors'
program leaves out questions with fewer than four options, so they are rejected. It also groups
accuracy by difficulty, whose table is not published with the questions.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ecom.benchmark.base import (
    Benchmark,
    Measure,
    Question,
    Read,
    Words,
    check_gold,
    mean,
    named,
    questions,
    text_of,
)
from ecom.corpus.formats.cells import CellError
from ecom.errors import DataError
from ecom.rows import Query
from ecom.shopbench import Place

LEAST_OPTIONS = 4
MAX_TOKENS = 10
_REASON = ("because", "as a result, ")
# The name of a task, by what its file's name contains; the first that fits.
_TASKS = {
    "task1_byRelation": "intention by relation",
    "task1": "intention",
    "task2": "product",
}


def read(path: Path) -> Read:
    """Yield the questions of every file that a path names."""
    found = named(path, wanted="the folder data of IntentionQA, or a file of it")
    kinds = {name: next((k for k in _TASKS if k in name), "") for name in found}
    if not any(kinds.values()):
        raise DataError(f"{path}: no file with task1 or task2 in its name; give the folder data")
    for name, kind in kinds.items():
        if kind:
            yield from questions(name, found[name], partial(_question, kind))


def _question(kind: str, place: Place, row: dict[str, Any]) -> Question:
    options = row.get("options")
    if not isinstance(options, dict) or not all(isinstance(v, str) for v in options.values()):
        raise CellError(f"options is {options!r:.60}; it must be an object of texts")
    if len(options) < LEAST_OPTIONS:
        raise CellError(
            f"it has fewer than four options ({len(options)}); the authors leave it out"
        )
    gold = text_of(row, "gold_ind")
    if gold not in options:
        raise CellError(f"gold_ind is {gold!r:.20}; it must be one of {', '.join(options)}")
    lines = [_asked(kind, row), *(f"{letter}. {text}" for letter, text in options.items())]
    words = "\n".join([*lines, f"Answer {' or '.join(options)} only without any other word."])
    ours = "\n".join([*lines, "Answer with the letter of the right option."])
    check_gold("classification", "accuracy", gold)
    relation = row.get("relation")
    by_relation = kind == "task1_byRelation" and isinstance(relation, str)
    task = f"{_TASKS[kind]}: {relation}" if by_relation else _TASKS[kind]
    return Question(
        place=place,
        task=task,
        skill=_TASKS[kind],
        authors=Words(words, MAX_TOKENS),
        gold=gold,
        measure="accuracy",
        ours=Query(ours, True, task=task, labels=tuple(options)),
        form="classification",
        answer=gold,
        metric="accuracy",
    )


def _asked(kind: str, row: Mapping[str, Any]) -> str:
    """Return the question's own lines, without the options."""
    first = text_of(row, "item_a_name")
    if kind != "task2":
        return (
            f"A customer buys {first} and {text_of(row, 'item_b_name')}. "
            "What is the most likely intention for buying them?"
        )
    assertion = text_of(row, "assertion")
    starts = [at for part in _REASON if (at := assertion.find(part)) >= 0]
    # As in the authors' program: without a reason the last character is left.
    bought = f"A customer buys {first}, {assertion[starts[0] if starts else -1 :].strip()}"
    stop = "" if bought.endswith(".") else "."
    return f"{bought}{stop}\nWhat is the customer's most probable additional purchase?"


def first_letter(text: str, gold: str) -> float | None:
    """Return 1 where the first character but full stops is the right letter, else 0.

    "Error", which is what the authors' program writes for a failed request, is not counted.
    """
    text = text.strip()
    if text == "Error":
        return None
    return float(text.strip(".")[:1].upper() == gold)


BENCHMARK = Benchmark(
    name="intention-qa",
    about="the intention behind buying two products, and the product that an intention leads to",
    where="https://github.com/HKUST-KnowComp/IntentionQA (data/)",
    licence="MIT",
    questions="6,360 of 6,835 have at least four options",
    scored_by="accuracy",
    read=read,
    measures={
        "accuracy": Measure(
            "accuracy",
            "1 where the first character but full stops is the right letter; the answer Error is "
            "not counted.",
            mean(first_letter),
        )
    },
    notes=(
        "The authors report accuracy by difficulty as well; the table of difficulties is not "
        "published.",
        "The authors sample at temperature 0.1; here the likeliest token is taken.",
    ),
    pooled=True,
)
