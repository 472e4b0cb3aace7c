r"""Closed questions: what a prompt says that it may be answered with.

    "Which is a shoe? (A) boot (B) lamp"         ─►  A | B
    "Is this review positive or negative?"       ─►  positive | negative
    "Labels: shirt | trousers\nWhich is it?"     ─►  shirt | trousers
    "Rate it from 1 to 3."                       ─►  1 | 2 | 3
    "只回答“相关”或“不相关”。"                     ─►  相关 | 不相关

Nothing is guessed: a prompt that asks for a text of its own, or whose list may be data, is no
closed question. What a prompt says comes before what it prints, the first of these that is found:

    a request in a sentence                      requests.py
    a list that is there to choose from          choosing.py: ["A: boot", "B: lamp"]
    a rating                                     ratings.py
    another list with labels, if a question asks
    a list without labels under a heading        headings.py
    a question that names its answers            alternatives.py
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from ecom.forms import ranking, retrieval
from ecom.forms.alternatives import asked
from ecom.forms.choosing import asks_for_label, certain_list, clean, is_asked, wants_texts
from ecom.forms.counts import several
from ecom.forms.headings import LABELLED, listed
from ecom.forms.lists import Named, are_answers
from ecom.forms.multiple_choice import RATING, RATINGS
from ecom.forms.offer import Offer
from ecom.forms.options import Printed, printed
from ecom.forms.question import Question
from ecom.forms.ratings import rating
from ecom.forms.requests import said, wants_text, without_quotations

Kind = Literal["labels", "words"]


@dataclass(frozen=True, slots=True)
class Closed:
    """What a closed question may be answered with.

    because   why, in plain words: 'the prompt says "Answer yes or no."'
    kind      whether the offer is labels (letters, numbers) or words
    certain   whether the labels are those of a list that can only be there to choose from
    """

    offer: Offer
    because: str
    kind: Kind
    certain: bool = False


def closed(
    prompt: str, question: Question | None = None, is_choice: bool | None = None
) -> Closed | None:
    r"""Return what the prompt may be answered with; None where it does not say so.

    `question` is the parsed prompt, if it is at hand. `is_choice`: that it is a multiple choice is
    known (True), that it is none (False), or not known.

    >>> closed("Is this review positive or negative? Review: great shoes.").offer.texts
    ('positive', 'negative')
    >>> closed("Options: ['shirt', 'shoes']   Select the category of: Runner 5").offer.texts
    ('shirt', 'shoes')
    >>> closed("Which 2 of these fit?\n1) boot\n2) cup\n3) pan").offer
    Offer(texts=('1', '2', '3'), least=2, most=2, ordered=False)
    >>> closed("Draft a reply: is it red or blue?")
    """
    question = question or Question.of(prompt, may_choose=is_choice is None)
    found = printed(prompt)
    certain = certain_list(prompt)
    if certain and len(certain.items) > question.items:
        question = replace(question, items=len(certain.items))
    wants = None if is_choice else wants_text(question.asked)
    if wants and wants.is_first:
        return None
    text = without_quotations(question.text)
    named = _first(said(text))
    if named and not wants and not _are_labels(named.texts, [certain] if certain else found):
        return _words(named, question)
    if question.items and not is_choice:
        longest = certain or max(found, key=lambda one: len(one.items))
        if ranking.orders(question):
            return _ordered(longest, bool(certain))
        if retrieval.picks(question) and (
            question.wants_numbers or (longest.is_numbered and not certain)
        ):
            return _picked(longest, question)
    grades = rating(question.asked)
    if grades and not _counts_options(found):
        return _rated(grades)
    if wants:
        return None
    if certain:
        return _labels(certain, question, is_certain=True)
    return _unsaid(prompt, text, question, found, is_choice)


def _unsaid(
    prompt: str, text: str, question: Question, found: list[Printed], is_choice: bool | None
) -> Closed | None:
    """Return the answers of a prompt without a request that names them."""
    headed = _first(listed(prompt, question.asked))
    if headed and headed.is_offer:
        return _words(headed, question, "lists")
    questions = _first(asked(text))
    may_choose = question.items or asks_for_label(question.asked)
    if found and may_choose and is_asked(prompt, found[-1]):
        if not questions or prints(found[-1], questions.texts):
            return _labels(found[-1], question)
    if headed:
        return _words(headed, question, "lists")
    if questions:
        return _words(questions, question, "asks")
    return _known(prompt, question, found) if is_choice else None


def _known(prompt: str, question: Question, found: list[Printed]) -> Closed | None:
    """Return the answers of a prompt that is known to be a multiple choice."""
    if RATING.search(prompt) and not _counts_options(found):
        return _rated(RATINGS)
    return _labels(found[-1], question) if found else None


def _rated(grades: tuple[str, ...]) -> Closed:
    because = f"the prompt asks for a rating from {grades[0]} to {grades[-1]}"
    return Closed(Offer(grades), because, "labels", certain=True)


def _counts_options(found: list[Printed]) -> bool:
    """Whether a list begins as options do: a review may number its complaints from 1."""
    return any({"0", "A"} & set(one.labels) for one in found)


def _words(named: Named, question: Question, verb: str = "says") -> Closed:
    count = several(question.asked, len(named.texts)) or (1, 1)
    words = " ".join(named.words.split())
    shown = words if len(words) <= 60 else f"{words[:59]}…"
    return Closed(Offer(_same_case(named.texts), *count), f'the prompt {verb} "{shown}"', "words")


def _labels(found: Printed, question: Question, is_certain: bool = False) -> Closed:
    count = several(question.asked, len(found.items)) or (1, 1)
    because = f"{len(found.items)} {_sort(found)} options are printed"
    if wants_texts(question.text):
        texts = tuple(clean(item.text) for item in found.items)
        if are_answers(texts):
            return Closed(Offer(texts, *count), f"{because}, and a text is asked for", "words")
    return Closed(Offer(found.labels, *count), because, "labels", is_certain)


def _ordered(found: Printed, is_certain: bool) -> Closed:
    count = len(found.items)
    because = f"the prompt asks for the order of {count} {_sort(found)} items"
    offer = Offer(found.labels, count, count, ordered=True)
    return Closed(offer, because, "labels", is_certain)


def _picked(found: Printed, question: Question) -> Closed:
    count = len(found.items)
    least, most = several(question.asked, count) or (1, min(count, retrieval.MAX_ITEMS))
    because = f"the prompt asks for some of {count} {_sort(found)} items"
    return Closed(Offer(found.labels, least, most), because, "labels")


def _sort(found: Printed) -> str:
    label = found.items[0].label
    return "numbered" if label.isdecimal() else "lettered" if label.isascii() else "circled"


def _first(found: Iterable[Named]) -> Named | None:
    return next(
        (
            one
            for one in found
            if are_answers(one.texts) and not all(map(LABELLED.match, one.texts))
        ),
        None,
    )


def _are_labels(texts: list[str], found: list[Printed]) -> bool:
    """Whether a request names labels, or texts that have labels: "Answer A, B or C."."""
    if all(len(text) == 1 and text.isalnum() and text.isascii() for text in texts):
        return bool(found) and set(map(str.upper, texts)) <= set(map(str.upper, found[-1].labels))
    return bool(found) and prints(found[-1], texts)


def prints(found: Printed, texts: list[str]) -> bool:
    shown = {clean(item.text).casefold() for item in found.items}
    return all(text.casefold() in shown for text in texts)


def _same_case(texts: list[str]) -> tuple[str, ...]:
    """Return "yes" and "no" of "Yes or no?": the capital is the sentence's."""
    first, *rest = texts
    if (
        first[:1].isupper()
        and all(text == text.casefold() for text in rest)
        and first[1:].islower()
    ):
        return (first.casefold(), *rest)
    return tuple(texts)
