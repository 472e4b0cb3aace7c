"""Multiple choice: one option number. Options count from 0; review ratings run from 1 to 5."""

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from ecom.forms.answers import twins, unprinted
from ecom.forms.base import Form, Metric, OneLabel
from ecom.forms.options import last_numbered, printed
from ecom.forms.question import Question
from ecom.forms.reading import MAX_RESPONSE_CHARS, after_cue, without_markdown
from ecom.forms.scores import accuracy, mean
from ecom.forms.teacher import Laid, Teacher, Written, fold, have_twins

RATING = re.compile(
    r"\b1 ?(?:\([^)\n]{1,40}\) ?)?(?:to|and|bis|al?|à|-|–|, 2, 3, 4,? or) ?5\b", re.IGNORECASE
)
RATINGS = ("1", "2", "3", "4", "5")

# A separate number: not 3D, -1, $5, 50%, 2.5 or 1,000; "4.0" is 4.
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
    """Return the first character as a number, or -1 (a wrong answer) if it is no digit.

    >>> official(" 2. foo"), official("10"), official("Answer: 2"), official("")
    (2, 1, -1, -1)
    """
    try:
        return int(text[:MAX_RESPONSE_CHARS].strip()[0])
    except (ValueError, IndexError):
        return -1


def lenient(text: str) -> int:
    """Return the one option that the text chooses, or -1 where it names none or several.

    It looks in this order for: a number that the answer begins with, after "Answer:" or the like;
    LaTeX's box; the only number named as an option, the only one in brackets, the only one at all.

    >>> lenient("Answer: 2"), lenient("(1)"), lenient("Option 3 fits best"), lenient("10")
    (2, 1, 3, -1)
    >>> lenient("Of 0 and 3 I take neither"), lenient("-1"), lenient("4 out of 5")
    (-1, -1, 4)
    """
    text = without_markdown(text)
    if boxed := _BOXED.findall(text):
        return _option(boxed[-1:])
    if leading := _LEADING.match(after_cue(text)) or _LEADING.match(text):
        return _option([leading[1]])
    for pattern in (_NAMED, _BRACKETED, _ANY):
        if found := pattern.findall(text):
            return _option(found)
    return -1


def letter(text: str, labels: Sequence[str]) -> str | None:
    """Return the letter among `labels` that the answer begins with, or None.

    >>> letter("The answer is B.", "ABC"), letter("b) boot", "abc"), letter("A boot", "ABC")
    ('B', 'b', None)
    """
    found = _LETTER.match(after_cue(without_markdown(text)))
    return found[1] if found and found[1] in labels else None


def emit(answer: Any) -> str:
    """Return the bare digit."""
    return str(answer)


def is_gold(value: Any) -> bool:
    """An option number that the official parser can read: it reads one digit."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 9


def _option(numbers: list[str]) -> int:
    """Return the number if all are the same one and it has one digit, else -1."""
    options = {number.lstrip("0") or "0" for number in numbers}
    return int(options.pop()) if len(options) == 1 and len(max(options)) == 1 else -1


def offers(prompt: str) -> tuple[str, ...]:
    r"""Return the labels of the last list, or 1 to 5 where the prompt asks for a rating.

    A rating's options are not printed, but a review may number its complaints from 1.

    >>> offers("Which is a shoe?\n0. boot\n1. lamp"), offers("Which is a shoe? (A) boot (B) lamp")
    (('0', '1'), ('A', 'B'))
    >>> offers("Rate this review from 1 to 5.\nReview: good")
    ('1', '2', '3', '4', '5')
    """
    lists = [found.labels for found in printed(prompt)]
    if RATING.search(prompt) and not any({"0", "A"} & set(labels) for labels in lists):
        return RATINGS
    return lists[-1] if lists else ()


def fault(prompt: str, own: Mapping[int, str], answer: int) -> str | None:
    """Return why a number cannot be the right option. A rating needs no options."""
    options = own or last_numbered(prompt)
    if not own and RATING.search(prompt):
        is_rating = str(answer) in RATINGS or answer in options
        return None if is_rating else f"rating {answer} is not 1 to 5"
    return unprinted(options, [answer]) or twins(options, [answer])


def guess(prompt: str, gold: int, answers: Sequence[str], rng: Random) -> str:
    """Return one of the options that the prompt prints, or a rating."""
    options = [label for label in offers(prompt) if label.isdigit() and len(label) == 1]
    return rng.choice(options if len(options) > 1 else RATINGS)


def lay_out(row: Written, rng: Random) -> Laid | str:
    """Return the options, shuffled unless they are labels, and the right one's number."""
    options = list(row.labels or row.options)
    if have_twins(options):
        return "two options are the same"
    if row.unanswerable:
        _offer_unanswerable(options, row, rng)
    folded = [fold(option) for option in options]
    if fold(row.answer) not in folded:
        return "the answer is not among the options"
    right = options[folded.index(fold(row.answer))]
    if not row.labels:
        rng.shuffle(options)
    return Laid(options.index(right), tuple(options))


def _offer_unanswerable(options: list[str], row: Written, rng: Random) -> None:
    """Replace an option by `unanswerable` where that is the answer, and in half of the other rows.

    If it were in no other row it would always be right, and the model would learn nothing.
    """
    if any(fold(option) == fold(row.unanswerable) for option in options):
        return
    is_right = fold(row.answer) == fold(row.unanswerable)
    wrong = [index for index, option in enumerate(options) if fold(option) != fold(row.answer)]
    if wrong and (is_right or rng.random() < 0.5):
        options[rng.choice(wrong)] = row.unanswerable


def _is_choice(question: Question) -> bool:
    return question.may_choose and bool(question.items or RATING.search(question.asked))


FORM = Form(
    name="multiple-choice",
    paradigm="CLS",
    max_tokens=1,
    open_ended=False,
    decoding=OneLabel(),
    first_number=0,
    metrics={"accuracy": Metric(mean(accuracy), "1 where the option's number is right, else 0.")},
    official=official,
    lenient=lenient,
    emit=emit,
    nothing=-1,
    is_gold=is_gold,
    gold_rule="an int from 0 to 9",
    fault=fault,
    cues={60: _is_choice},
    offers=offers,
    guess=guess,
    teacher=Teacher(lay_out, frozenset({"answer", "options"}), unanswerable=True),
)
