"""What a teacher's row says about the right answer; each form makes a gold of it.

";" separates the entities or items of a field.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any


@dataclass(frozen=True)
class Written:
    """The contents of a row's fields.

    options        texts to choose from or to order
    labels         fixed options, which keep their order
    wrong          the items that must not be picked
    unanswerable   the answer to a question that the texts do not answer; "" where there is none
    covers         whether the entities must be all those of a text, in order
    """

    answer: str
    options: Sequence[str] = ()
    labels: Sequence[str] = ()
    wrong: str = ""
    unanswerable: str = ""
    covers: bool = False


@dataclass(frozen=True)
class Laid:
    """A row laid out as a question: the gold, the options, and the list of items, if any."""

    gold: Any
    options: tuple[str, ...] = ()
    items: str = ""


@dataclass(frozen=True)
class Teacher:
    """How a teacher writes a form's answers.

    lay_out        a row -> its layout, or what it lacks. Options are shuffled: a teacher writes the
                   right one first far too often, and the right place should be uniform
    parts          the parts of `make` that the form requires; other parts are not allowed
    most_options   the most options that an answer can name
    is_list        whether the answer is several pieces of text, separated by ";"
    unanswerable   whether a question may have no answer in the texts
    """

    lay_out: Callable[[Written, Random], Laid | str]
    parts: frozenset[str] = frozenset({"answer"})
    most_options: int = 10
    is_list: bool = False
    unanswerable: bool = False


def fold(text: str) -> str:
    """Return the text with single spaces, case folded; equal results mean the same answer."""
    return " ".join(text.casefold().split())


def have_twins(texts: Sequence[str]) -> bool:
    """Whether two of the texts are the same except for case and white space."""
    return len({fold(text) for text in texts}) < len(texts)


def listed(text: str) -> list[str]:
    """Return the pieces of a field, separated by ";"."""
    return [item.strip() for item in re.split(r"[;；]", text) if item.strip()]


def numbered(items: Sequence[str]) -> str:
    """Return the items, one per line, numbered from 1."""
    return "\n".join(f"{number}. {item}" for number, item in enumerate(items, start=1))
