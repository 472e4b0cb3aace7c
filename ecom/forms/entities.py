"""Named entities: strings found in the text, joined by commas on one line."""

import ast
import re
import warnings
from typing import Any

from ecom.forms.base import Form
from ecom.forms.reading import MAX_RESPONSE_CHARS, after_cue, spoken

_BULLET = re.compile(r"^(?:[-•*]\s+|\d{1,2}[.)]\s+|and\s+)")
_LABELLED = re.compile(r"^[A-Za-z][\w /&-]{0,30}:\s+(\S.*)$")
_QUOTED = re.compile(r"(?<!\w)(['\"])([^'\"\n]{1,80})\1(?!\w)")
_PAIRS = [("'", "'"), ('"', '"'), ("“", "”"), ("‘", "’"), ("[", "]"), ("(", ")"), ("{", "}")]
PROSE_WORDS = 9  # a piece this long is a sentence, not an entity


def official(text: str) -> list[str]:
    """Return a literal list of strings as it is, else the stripped pieces between commas.

    >>> official("['a', 'b']"), official("red, shoe ,"), official("'red'")
    (['a', 'b'], ['red', 'shoe'], ["'red'"])
    """
    text = text[:MAX_RESPONSE_CHARS].strip()
    found = _literal(text)
    return found if found is not None else [p.strip() for p in text.split(",") if p.strip()]


def lenient(text: str) -> list[str]:
    r"""Return the distinct entities that the text lists, without quotes, bullets or labels.

    Commas of any script, semicolons and line breaks part them. Of whole sentences only what they
    quote is taken, if they quote something, or the short pieces around them.

    >>> lenient("Entities: 'Red shoe', \"lamp\""), lenient("- red\n- blue."), lenient("赤，青")
    (['Red shoe', 'lamp'], ['red', 'blue'], ['赤', '青'])
    >>> lenient("Brand: Sony\nColor: red"), lenient("[Nike Pegasus, Adidas]")
    (['Sony', 'red'], ['Nike Pegasus', 'Adidas'])
    >>> lenient("The brand in this title is clearly the well known 'Sony'.")
    ['Sony']
    """
    text = after_cue(spoken(text))
    pieces = _literal(text)
    if pieces is None:
        pieces = _pieces(_unwrap(text.removesuffix(".")))
    pieces = [_BULLET.sub("", piece.strip()) for piece in pieces]
    labelled = [_LABELLED.match(piece) for piece in pieces]
    if all(labelled):
        pieces = [found[1] for found in labelled if found]
    cleaned = [" ".join(_unwrap(piece).split()) for piece in pieces]
    return list({piece.casefold(): piece for piece in reversed(cleaned) if piece}.values())[::-1]


def emit(answer: Any) -> str:
    """Return the entities joined by ", " on one line.

    One that holds a comma can only be had from the contest's parser as part of a literal list.
    """
    entities = [" ".join(str(item).split()) for item in answer]
    return repr(entities) if any("," in item for item in entities) else ", ".join(entities)


def is_gold(value: Any) -> bool:
    """A list of strings."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _pieces(text: str) -> list[str]:
    """Return what stands between separators; of sentences only what they quote, if they do."""
    pieces = [piece for piece in re.split(r"[,，;；、\n]", text) if piece.strip()]
    short = [piece for piece in pieces if len(piece.split()) < PROSE_WORDS]
    quoted = [found[2] for found in _QUOTED.finditer(text)]
    return pieces if short == pieces else quoted or short or pieces


def _unwrap(text: str) -> str:
    """Return the text without quotes or brackets around the whole of it: not 15.6", not (a) (b)."""
    text = text.strip()
    for left, right in _PAIRS:
        inner = text[1:-1]
        if len(text) > 1 and text[0] == left and text[-1] == right and left not in inner:
            return _unwrap(inner)
    return text


def _literal(text: str) -> list[str] | None:
    """Return the list of strings that the text is in Python's own writing, or None."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd escapes and `1is` warn while compiling
            value = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    return None


FORM = Form(
    name="named_entity_recognition",
    max_tokens=48,
    open_ended=True,
    official=official,
    lenient=lenient,
    emit=emit,
    nothing=[],
    is_gold=is_gold,
    gold_rule="a list of strings",
)
