"""Named entities: strings found in the text, joined by commas on one line."""

import ast
import warnings
from typing import Any

from ecom.forms.base import MAX_RESPONSE_CHARS, Form


def parse(text: str) -> list[str]:
    """Return a literal list of strings as it is, else the stripped pieces between commas.

    >>> parse("['a', 'b']"), parse("red, shoe ,"), parse("'red'")
    (['a', 'b'], ['red', 'shoe'], ["'red'"])
    """
    text = text[:MAX_RESPONSE_CHARS].strip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd escapes and `1is` warn while compiling
            value = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        value = None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    return [piece.strip() for piece in text.split(",") if piece.strip()]


def emit(answer: Any) -> str:
    """Return the entities joined by ", "; line breaks and commas inside become spaces."""
    return ", ".join(" ".join(str(item).replace(",", " ").split()) for item in answer)


def is_gold(value: Any) -> bool:
    """A list of strings."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


FORM = Form(
    name="named_entity_recognition",
    max_tokens=48,
    open_ended=True,
    parse=parse,
    emit=emit,
    is_gold=is_gold,
    gold_rule="a list of strings",
)
