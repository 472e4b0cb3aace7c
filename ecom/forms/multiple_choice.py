"""Multiple choice: one option number. Options count from 0; review ratings run from 1 to 5."""

from typing import Any

from ecom.forms.base import MAX_RESPONSE_CHARS, Form


def parse(text: str) -> int:
    """Return the number that the first character is, or -1 (a wrong answer) if it is none.

    >>> parse(" 2. foo"), parse("10"), parse("Answer: 2"), parse("")
    (2, 1, -1, -1)
    """
    try:
        return int(text[:MAX_RESPONSE_CHARS].strip()[0])
    except (ValueError, IndexError):
        return -1


def emit(answer: Any) -> str:
    """Return the bare digit."""
    return str(answer)


def is_gold(value: Any) -> bool:
    """An option number that the official parser can read: it reads one digit."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 9


FORM = Form(
    name="multiple-choice",
    max_tokens=1,
    open_ended=False,
    parse=parse,
    emit=emit,
    is_gold=is_gold,
    gold_rule="an int from 0 to 9",
)
