"""Multiple choice: one option number. Options count from 0; review ratings run from 1 to 5."""

import re
from collections.abc import Sequence
from typing import Any

from ecom.forms.base import Form
from ecom.forms.reading import MAX_RESPONSE_CHARS, after_cue, plain

# A number by itself: not 3D, -1, $5, 50%, 2.5 or 1,000; "4.0" is 4.
_NUMBER = r"(?<![\w.,$€£%+-])(\d+)(?:\.0)?(?![\w%]|[.,]\d)"
_LEADING = re.compile(
    r"[\s(\[{\"'#<]*(?:(?:option|choice|number|no\.?)\s*[(\[#]?)?" + _NUMBER, re.I
)
_BOXED = re.compile(r"\\boxed\{\s*" + _NUMBER)
_NAMED = re.compile(
    r"\b(?:option|choice|number|rating)s?(?: (?:is|of))?\s*[:(\[#]?\s*" + _NUMBER, re.I
)
_BRACKETED = re.compile(r"[(\[]\s*" + _NUMBER + r"\s*[)\]]")
_ANY = re.compile(_NUMBER)
_LETTER = re.compile(r"[\s(\[{\"'#*]*([A-Za-z])(?:[).:\]]|[\s}\"']*$)")


def official(text: str) -> int:
    """Return the number that the first character is, or -1 (a wrong answer) if it is none.

    >>> official(" 2. foo"), official("10"), official("Answer: 2"), official("")
    (2, 1, -1, -1)
    """
    try:
        return int(text[:MAX_RESPONSE_CHARS].strip()[0])
    except (ValueError, IndexError):
        return -1


def lenient(text: str) -> int:
    """Return the one option that the text settles on, or -1 where it names none or several.

    Looked for in this order: a number that the answer opens with, after "Answer:" or the like;
    LaTeX's box; the only number named as an option, in brackets, or at all.

    >>> lenient("Answer: 2"), lenient("(1)"), lenient("Option 3 fits best"), lenient("10")
    (2, 1, 3, -1)
    >>> lenient("Of 0 and 3 I take neither"), lenient("-1"), lenient("4 out of 5")
    (-1, -1, 4)
    """
    text = plain(text)
    if boxed := _BOXED.findall(text):
        return _option(boxed[-1:])
    if leading := _LEADING.match(after_cue(text)) or _LEADING.match(text):
        return _option([leading[1]])
    for pattern in (_NAMED, _BRACKETED, _ANY):
        if found := pattern.findall(text):
            return _option(found)
    return -1


def letter(text: str, labels: Sequence[str]) -> str | None:
    """Return the letter among `labels` that the answer opens with, or None.

    >>> letter("The answer is B.", "ABC"), letter("b) boot", "abc"), letter("A boot", "ABC")
    ('B', 'b', None)
    """
    found = _LETTER.match(after_cue(plain(text)))
    return found[1] if found and found[1] in labels else None


def emit(answer: Any) -> str:
    """Return the bare digit."""
    return str(answer)


def is_gold(value: Any) -> bool:
    """An option number that the official parser can read: it reads one digit."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 9


def _option(numbers: list[str]) -> int:
    """Return the number if it is one, the same each time, and of one digit."""
    options = {number.lstrip("0") or "0" for number in numbers}
    return int(options.pop()) if len(options) == 1 and len(max(options)) == 1 else -1


FORM = Form(
    name="multiple-choice",
    max_tokens=1,
    open_ended=False,
    official=official,
    lenient=lenient,
    emit=emit,
    nothing=-1,
    is_gold=is_gold,
    gold_rule="an int from 0 to 9",
)
