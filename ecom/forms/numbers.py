"""Lists of item numbers in a text, and the numbers that a prompt offers: retrieval, ranking."""

import re

from ecom.forms.options import printed
from ecom.forms.reading import MAX_RESPONSE_CHARS, after_cue, without_markdown

_BRACKETS = str.maketrans(dict.fromkeys("()[]{}'\"“”‘’`*", " "))
_LABEL = r"(?:(?:products?|items?|options?|candidates?|numbers?|no\.|index|indices)\s*)"
# An item's number: up to three separate digits. Not S21, 1.5, $20, 30%, -1 or 2024.
_NUMBER = r"(?<![\w.$€£-])#?\s?(\d{1,3})(?![\w%]|\.\d)"
_BETWEEN = r"\s*(?:[,;/|>=&、→\n]|,?\s*\band\b|\s)\s*"
_RUN = re.compile(rf"{_LABEL}?{_NUMBER}(?:\.?{_BETWEEN}{_LABEL}?{_NUMBER})+", re.IGNORECASE)
_LABELLED = re.compile(rf"\b{_LABEL}{_NUMBER}", re.IGNORECASE)
# "2. a lamp", "4) a boot": a number at the start of a piece of a list.
_MARK = re.compile(rf"(?:^|(?<=[\s,;:•-])){_NUMBER}\s*[.):-]\s+(?=\S)", re.MULTILINE)
_ITEM = re.compile(rf"{_LABEL}{_NUMBER}|\s*{_NUMBER}\W*$", re.IGNORECASE)
_SAME_WORD = re.compile(r"^\W*(\w[\w ]*?)\s+#?(\d{1,3})\W*$")
_DIGITS = re.compile(_NUMBER)


def official_numbers(text: str) -> list[int]:
    r"""Return the integers between commas once everything but digits, commas and spaces is dropped.

    >>> official_numbers("Out of 15: 6, 9, 15"), official_numbers("6\n8\n10")
    ([9, 15], [6810])
    """
    kept = "".join(c for c in text[:MAX_RESPONSE_CHARS] if c.isnumeric() or c in ", ")
    numbers = []
    for piece in kept.split(","):
        try:
            numbers.append(int(piece))
        except ValueError:
            continue
    return numbers


def lenient_numbers(text: str) -> list[int]:
    r"""Return the distinct item numbers that the text names as its answer, in its order.

    Tried in this order, after "Answer:" or the like, then on the whole text: pieces that each begin
    with a number; consecutive numbers at the start; all numbers named as products or items, or the
    longest run of numbers, whichever is more; one number at the start. The text alone does not
    distinguish items 1, 2, 3 from the numbering of a list: the numbers are taken literally.

    >>> lenient_numbers("Out of 15: 6, 9 and 15"), lenient_numbers("6\n8\n10")
    ([6, 9, 15], [6, 8, 10])
    >>> lenient_numbers("1. Item 4\n2. Item 2"), lenient_numbers("2. a lamp, 4. a boot")
    ([4, 2], [2, 4])
    >>> lenient_numbers("It has 12MP, weighs 1.5 kg and costs $20")
    []
    """
    whole = without_markdown(text).translate(_BRACKETS)
    return _distinct(_named(after_cue(whole)) or _named(whole))


def _named(answer: str) -> list[str]:
    marks = list(_MARK.finditer(answer))
    if len(marks) > 1:
        return _marked(answer, marks)
    runs: list[list[str]] = [_DIGITS.findall(run[0]) for run in _RUN.finditer(answer)]
    labelled: list[str] = _LABELLED.findall(answer)
    if opening := _RUN.match(answer.lstrip()):
        return list(_DIGITS.findall(opening[0]))
    if found := max([labelled, *reversed(runs)], key=len):
        return found
    words = [found for found in map(_SAME_WORD.match, re.split(r",|;|\n|\band\b", answer)) if found]
    if len(words) > 1 and len({found[1].casefold() for found in words}) == 1:
        return [found[2] for found in words]
    alone = _DIGITS.match(answer.lstrip())
    return [alone[1]] if alone else []


def _marked(answer: str, marks: list[re.Match[str]]) -> list[str]:
    """Return the numbers of "2. a lamp" or, where each piece names an item, of "1. Item 4"."""
    ends = [mark.start() for mark in marks[1:]] + [len(answer)]
    pieces = [answer[mark.end() : end] for mark, end in zip(marks, ends, strict=True)]
    named = [_ITEM.match(piece) for piece in pieces]
    return (
        [found[1] or found[2] for found in named if found]
        if all(named)
        else [mark[1] for mark in marks]
    )


def _distinct(numbers: list[str]) -> list[int]:
    return list(dict.fromkeys(map(int, numbers)))


def offered_numbers(prompt: str) -> tuple[str, ...]:
    r"""Return the numbers of the longest list, in the prompt's order; () where it prints none.

    >>> offered_numbers("Rank these.\nProduct 1: lamp\nProduct 2: boot\nProduct 3: cup")
    ('1', '2', '3')
    """
    numbered = [found.labels for found in printed(prompt) if found.is_numbered]
    return max(numbered, key=len, default=())
