"""Retrieval: up to three 1-based item numbers, "a,b,c" on one line."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from ecom.forms.answers import twins, unprinted
from ecom.forms.base import Form, ItemNumbers, Metric
from ecom.forms.numbers import lenient_numbers, offered_numbers, official_numbers
from ecom.forms.options import last_numbered
from ecom.forms.question import Question
from ecom.forms.scores import hit_rate, mean
from ecom.forms.teacher import Laid, Teacher, Written, have_twins, listed, numbered

MAX_ITEMS = 3


def official(text: str) -> list[int]:
    """Return the first three numbers of the response, duplicates kept."""
    return official_numbers(text)[:MAX_ITEMS]


def lenient(text: str) -> list[int]:
    """Return the first three items that the text names."""
    return lenient_numbers(text)[:MAX_ITEMS]


def emit(answer: Any) -> str:
    """Return "a,b,c", distinct, at most three."""
    return ",".join(str(item) for item in list(dict.fromkeys(answer))[:MAX_ITEMS])


def is_gold(value: Any) -> bool:
    """One to three distinct positive ints."""
    return (
        isinstance(value, list)
        and 1 <= len(value) <= MAX_ITEMS
        and all(isinstance(v, int) and not isinstance(v, bool) and v >= 1 for v in value)
        and len(set(value)) == len(value)
    )


def fault(prompt: str, own: Mapping[int, str], answer: Sequence[int]) -> str | None:
    """Return why the numbers cannot be the right items."""
    items = own or last_numbered(prompt)
    return unprinted(items, answer) or twins(items, answer)


def guess(prompt: str, gold: Sequence[int], answers: Sequence[str], rng: Random) -> str:
    """Return three different items of the printed list."""
    items = [int(label) for label in offered_numbers(prompt)]
    return emit(rng.sample(items if len(items) > 2 else range(1, 11), MAX_ITEMS))


def lay_out(row: Written, rng: Random) -> Laid | str:
    """Return right and wrong items as one list in random order, and the right ones' numbers."""
    right, wrong = listed(row.answer), listed(row.wrong)
    items = [*right, *wrong]
    if have_twins(items):
        return "an item is named twice"
    if len(wrong) < len(right):
        return "fewer wrong items than right ones"
    rng.shuffle(items)
    return Laid(sorted(items.index(item) + 1 for item in right), items=numbered(items))


def picks(question: Question) -> bool:
    """Whether the question asks for numbers, or the list is too long for a choice of one."""
    choices = 10 if question.may_choose else 3
    return question.items > 0 and (question.wants_numbers or question.items > choices)


FORM = Form(
    name="retrieval",
    paradigm="EXT",
    max_tokens=16,
    open_ended=True,
    decoding=ItemNumbers(least=1, most=MAX_ITEMS, last=99),
    first_number=1,
    metrics={
        "hit rate@3": Metric(
            mean(hit_rate),
            "Share of the right items that are among the first three numbers of the answer.",
        )
    },
    official=official,
    lenient=lenient,
    emit=emit,
    nothing=[],
    is_gold=is_gold,
    gold_rule="a list of 1 to 3 distinct ints from 1",
    fault=fault,
    cues={50: picks},
    offers=offered_numbers,
    guess=guess,
    teacher=Teacher(lay_out, frozenset({"answer", "wrong", "items"})),
)
