"""Texts among which an answer is chosen, as a model writes them: shared by the forms of texts."""

import json
import re
from collections.abc import Sequence

from ecom.forms.reading import MAX_RESPONSE_CHARS, after_cue, after_opening, spoken
from ecom.forms.teacher import fold

SEPARATOR = ", "  # between the texts of an answer
_SPLIT = re.compile(r"\s*[\n;|；、]\s*(?:(?:and|or) )?|\s*[,，]\s*(?:(?:and|or) )?")
# What stands around a text, and the full stop behind it.
_AROUND = r"\s\"'“”‘’「」`\[\]*•\-"
_EDGES = re.compile(rf"^[{_AROUND}]+|[{_AROUND}.。]+$")


def bare(text: str) -> str:
    """Return the answer without its opening, quotes around it and a full stop behind it.

    >>> bare("The answer is: 'Positive'.")
    'Positive'
    """
    return _EDGES.sub("", after_opening(spoken(text)).strip().partition("\n")[0])


def join(texts: Sequence[str]) -> str:
    """Return texts as one answer: "a, b", or a JSON list where one of them has a separator in it.

    >>> join(["red", "blue"]), join(["red, dark", "blue"])
    ('red, blue', '["red, dark", "blue"]')
    """
    if any(_SPLIT.search(text) for text in texts):
        return json.dumps(list(texts), ensure_ascii=False)
    return SEPARATOR.join(texts)


def split(text: str) -> list[str]:
    """Return the distinct texts of an answer: a JSON list, or parts between commas or lines.

    >>> split('["red, dark", "blue"]'), split("red, blue and red"), split("")
    (['red, dark', 'blue'], ['red', 'blue and red'], [])
    """
    text = text[:MAX_RESPONSE_CHARS].strip()
    if text.startswith("["):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list) and all(isinstance(item, str) for item in found):
            return list(dict.fromkeys(item.strip() for item in found if item.strip()))
    parts = (_EDGES.sub("", part) for part in _SPLIT.split(text))
    return list(dict.fromkeys(part for part in parts if part))


def parted(text: str, options: Sequence[str]) -> list[str]:
    """Return the options that an answer consists of; where it is not made of them, its `split`.

    >>> parted("red, dark, blue", ["blue", "red, dark"]), parted("red, grey", ["red"])
    (['red, dark', 'blue'], ['red', 'grey'])
    """
    text = text[:MAX_RESPONSE_CHARS].strip()
    longest_first = sorted((one for one in options if one in text), key=len, reverse=True)
    return _parted(text, longest_first) or split(text)


def _parted(text: str, options: Sequence[str]) -> list[str]:
    """Return distinct options that fill the text, with separators between them, or nothing."""
    for one in options:
        if text == one:
            return [one]
        between = _SPLIT.match(text, len(one)) if text.startswith(one) else None
        others = [other for other in options if other != one]
        if between and (rest := _parted(text[between.end() :], others)):
            return [one, *rest]
    return []


def bare_list(text: str) -> list[str]:
    """Return the distinct texts that an answer names, after "Answer:" or the like."""
    return split(after_cue(spoken(text)))


def only(text: str, offered: Sequence[str]) -> list[str]:
    """Return the one offered text that an answer is, or alone contains; else nothing.

    Where it names several, the one counts that it begins with, before a punctuation mark.

    >>> only("The answer is: Yes, it is.", ["yes", "no"]), only("red or blue", ["red", "blue"])
    (['yes'], [])
    >>> only("B. boots", ["A", "B"]), only("not relevant", ["relevant", "not relevant"])
    (['B'], ['not relevant'])
    """
    by_fold = {fold(one): one for one in offered}
    answer = fold(bare(text))
    if found := by_fold.get(fold(text)) or by_fold.get(answer):
        return [found]
    if opening := [one for one in by_fold if re.match(rf"{re.escape(one)}\s*[.,:;)\n]", answer)]:
        return [by_fold[max(opening, key=len)]]
    named = _named(answer, by_fold) or _named(fold(spoken(text)), by_fold)
    return named if len(named) == 1 else []


def several(text: str, offered: Sequence[str]) -> list[str]:
    """Return the offered texts that an answer names, in its order.

    >>> several("Answer: C and a", ["A", "B", "C"]), several("shirt, hat, shoe", ["shoe", "shirt"])
    (['C', 'A'], ['shirt', 'shoe'])
    """
    by_fold = {fold(one): one for one in offered}
    for parts in (split(text), bare_list(text)):
        if parts and all(fold(part) in by_fold for part in parts):
            return [by_fold[fold(part)] for part in parts]
    return _named(fold(after_cue(spoken(text))), by_fold)


def _named(answer: str, by_fold: dict[str, str]) -> list[str]:
    """Return the texts that occur as words, not inside a longer one that occurs, in their order."""
    found: dict[int, str] = {}
    taken = [False] * len(answer)
    for one in sorted(by_fold, key=len, reverse=True):
        for match in re.finditer(rf"(?<!\w){re.escape(one)}(?!\w)", answer):
            if not any(taken[match.start() : match.end()]):
                taken[match.start() : match.end()] = [True] * len(one)
                found[match.start()] = by_fold[one]
    return list(dict.fromkeys(found[begin] for begin in sorted(found)))
