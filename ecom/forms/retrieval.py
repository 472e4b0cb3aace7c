"""Retrieval: up to three 1-based item numbers, "a,b,c" on one line."""

from typing import Any

from ecom.forms.base import Form
from ecom.forms.numbers import lenient_numbers, official_numbers

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


FORM = Form(
    name="retrieval",
    max_tokens=16,
    open_ended=True,
    official=official,
    lenient=lenient,
    emit=emit,
    nothing=[],
    is_gold=is_gold,
    gold_rule="a list of 1 to 3 distinct ints from 1",
)
