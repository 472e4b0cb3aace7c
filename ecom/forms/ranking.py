"""Ranking: a permutation of the candidates' 1-based numbers, best first, "3,1,2,5,4"."""

from typing import Any

from ecom.forms.base import Form
from ecom.forms.numbers import lenient_numbers, official_numbers

MAX_ITEMS = 5


def official(text: str) -> list[int]:
    """Return the first five numbers up to 5; empty where any number repeats.

    >>> official("3,1,2,5,4"), official("6,7,1,2"), official("1,2,2,3"), official("1 > 2 > 3")
    ([3, 1, 2, 5, 4], [1, 2], [], [])
    """
    numbers = [n for n in official_numbers(text) if n <= MAX_ITEMS][:MAX_ITEMS]
    return numbers if len(set(numbers)) == len(numbers) else []


def lenient(text: str) -> list[int]:
    """Return the candidates 1 to 5 in the order named; a repetition counts where it stood first.

    >>> lenient("1 > 2 > 3"), lenient("1,2,2,3"), lenient("Ranking: 3, 1 and 2")
    ([1, 2, 3], [1, 2, 3], [3, 1, 2])
    """
    return [n for n in lenient_numbers(text) if 1 <= n <= MAX_ITEMS]


def emit(answer: Any) -> str:
    """Return the numbers, best first, joined by commas."""
    return ",".join(str(item) for item in answer)


def order(relevances: list[float]) -> list[int]:
    """Return the ideal answer for a gold: 1-based candidates by falling relevance, ties in order.

    >>> order([1, 0.01, 0.1, 1, 0])
    [1, 4, 3, 2, 5]
    """
    return [i + 1 for i in sorted(range(len(relevances)), key=lambda i: -relevances[i])]


def is_gold(value: Any) -> bool:
    """One relevance in [0, 1] for each of two to five candidates."""
    return (
        isinstance(value, list)
        and 2 <= len(value) <= MAX_ITEMS
        and all(isinstance(v, int | float) and not isinstance(v, bool) for v in value)
        and all(0 <= v <= 1 for v in value)
    )


FORM = Form(
    name="ranking",
    max_tokens=24,
    open_ended=True,
    official=official,
    lenient=lenient,
    emit=emit,
    nothing=[],
    is_gold=is_gold,
    gold_rule="a list of 2 to 5 relevances in [0, 1], one a candidate",
)
