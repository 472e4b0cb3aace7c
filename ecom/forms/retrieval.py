"""Retrieval: up to three 1-based item numbers, "a,b,c" on one line."""

from typing import Any

from ecom.forms.base import MAX_RESPONSE_CHARS, Form

MAX_ITEMS = 3


def parse_numbers(text: str) -> list[int]:
    r"""Return the integers between commas once everything but digits, commas and spaces is dropped.

    >>> parse_numbers("Out of 15: 6, 9, 15"), parse_numbers("6\n8\n10"), parse_numbers("1, x, 2")
    ([9, 15], [6810], [1, 2])
    """
    kept = "".join(c for c in text[:MAX_RESPONSE_CHARS] if c.isnumeric() or c in ", ")
    numbers = []
    for piece in kept.split(","):
        try:
            numbers.append(int(piece))
        except ValueError:
            continue
    return numbers


def parse(text: str) -> list[int]:
    """Return the first three numbers of the response, duplicates kept."""
    return parse_numbers(text)[:MAX_ITEMS]


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
    parse=parse,
    emit=emit,
    is_gold=is_gold,
    gold_rule="a list of 1 to 3 distinct ints from 1",
)
