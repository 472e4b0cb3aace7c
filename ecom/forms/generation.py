"""Generation: free text."""

from typing import Any

from ecom.forms.base import MAX_RESPONSE_CHARS, Form


def parse(text: str) -> str:
    """Return the first 5,000 characters, stripped."""
    return text[:MAX_RESPONSE_CHARS].strip()


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
    parse=parse,
    emit=emit,
    is_gold=is_gold,
    gold_rule="a string or a list of strings",
)
