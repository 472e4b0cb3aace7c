"""Generation: free text."""

import re
from typing import Any

from ecom.forms.base import Form
from ecom.forms.reading import MAX_RESPONSE_CHARS, after_opening, spoken

_WRAPPED = re.compile(r"^(['\"“‘])([^'\"“”‘’]*)(['\"”’])$", re.DOTALL)


def official(text: str) -> str:
    """Return the first 5,000 characters, stripped."""
    return text[:MAX_RESPONSE_CHARS].strip()


def lenient(text: str) -> str:
    """Return the text without thinking, an opening "Answer:", and quotes around the whole.

    >>> lenient("<think>hm</think>Output: 'a red lamp'")
    'a red lamp'
    """
    answer = after_opening(spoken(text))
    wrapped = _WRAPPED.match(answer)
    return wrapped[2].strip() if wrapped else answer


def emit(answer: Any) -> str:
    """Return the text; of several references the first."""
    return str(answer[0] if isinstance(answer, list) else answer).strip()


def is_gold(value: Any) -> bool:
    """A string, or a list of reference strings."""
    return isinstance(value, str) or (
        isinstance(value, list) and bool(value) and all(isinstance(v, str) for v in value)
    )


FORM = Form(
    name="generation",
    max_tokens=96,
    open_ended=True,
    official=official,
    lenient=lenient,
    emit=emit,
    nothing="",
    is_gold=is_gold,
    gold_rule="a string or a list of strings",
)
