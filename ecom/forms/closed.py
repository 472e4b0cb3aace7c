r"""Closed questions: what a prompt says that it may be answered with.

    "Which is a shoe? (A) boot (B) lamp"         ─►  A | B
    "Is this review positive or negative?"       ─►  positive | negative
    "Labels: shirt | trousers\nWhich is it?"     ─►  shirt | trousers
    "Rate it from 1 to 3."                       ─►  1 | 2 | 3
    "只回答“相关”或“不相关”。"                     ─►  相关 | 不相关

Nothing is guessed: a prompt that asks for a text of its own, or whose list may be data, is no
closed question. The finders are tried in the order in which they stand in this module.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from ecom.forms import parallel, ranking, retrieval
from ecom.forms.alternatives import asked
from ecom.forms.bullets import between_tags, names, under_sentences
from ecom.forms.choosing import (
    asks_for_label,
    certain_list,
    clean,
    is_asked,
    shows_texts,
    wants_texts,
)
from ecom.forms.counts import several
from ecom.forms.entities import names_entities
from ecom.forms.headings import LABELLED, asks_to_choose, listed
from ecom.forms.lists import Named, are_answers
from ecom.forms.multiple_choice import RATING, RATINGS
from ecom.forms.offer import Offer
from ecom.forms.options import Printed, printed
from ecom.forms.question import Question
from ecom.forms.quoted import quoted
from ecom.forms.ratings import rating
from ecom.forms.requests import Wanted, said, wants_text, without_quotations

Kind = Literal["labels", "words"]


@dataclass(frozen=True, slots=True)
class Closed:
    """What a closed question may be answered with.

    because   why, in plain words: 'the prompt says "Answer yes or no."'
    kind      whether the offer is labels (letters, numbers) or words
    certain   whether the labels are those of a list that can only be there to choose from, or the
              words leave no choice: "Answer only yes or no."
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
    read = _Read.of(prompt, question, is_choice)
    for find in _FINDERS:
        found = find(read)
        if not found:
            continue
        if find is _labels_said or not read.wants_text(is_firm=found.certain or find in _FIRM):
            return found
    return None


@dataclass(frozen=True)
class _Read:
    """What the finders look at.

    lists       the lists with labels, in the prompt's order
    certain     the one of them that can only be there to choose from; then it is the only one
    is_choice   see `closed`
    """

    prompt: str
    question: Question
    lists: list[Printed]
    certain: Printed | None
    is_choice: bool | None

    @classmethod
    def of(cls, prompt: str, question: Question, is_choice: bool | None) -> "_Read":
        """Read the lists of a prompt."""
        if certain := certain_list(prompt):
            question = replace(question, items=max(question.items, len(certain.items)))
            return cls(prompt, question, [certain], certain, is_choice)
        lists = question.lists
        if not lists or not lists[0].by_line:
            needs_lists = question.items or is_choice or asks_for_label(question)
            lists = printed(prompt) if needs_lists else []
        return cls(prompt, question, lists, None, is_choice)

    @cached_property
    def sentences(self) -> str:
        """The prompt without data and long quotations."""
        return without_quotations(self.question.text, self.question.words)

    @cached_property
    def heading(self) -> Named | None:
        """The list without labels that has a heading."""
        return _first(listed(self.prompt, self.question))

    @cached_property
    def alternatives(self) -> Named | None:
        """The answers that a question names."""
        return _first(asked(self.sentences, self.question.words))

    @cached_property
    def _wanted(self) -> Wanted | None:
        return wants_text(self.question.asked, self.question.words)

    def wants_text(self, is_firm: bool) -> bool:
        """Whether a text is asked for. `is_firm`: only where the prompt begins with that counts."""
        wanted = None if self.is_choice else self._wanted
        return bool(wanted and (wanted.is_first or not is_firm))


def _quoted(read: _Read) -> Closed | None:
    """Find answers in quotation marks, or with conditions: "yes" if it fits, "no" otherwise."""
    named = None if read.certain else _first(quoted(read.question.text, read.question.words))
    if not named or (not named.is_offer and _are_labels(named.texts, read.lists)):
        return None
    return _words(named, read.question)


def _request(read: _Read) -> Closed | None:
    """Find what a sentence says: "Answer yes or no."."""
    named = None if read.certain else _first(said(read.sentences, read.question.words))
    if not named or _are_labels(named.texts, read.lists):
        return None
    return _words(named, read.question)


def _numbers(read: _Read) -> Closed | None:
    """Find the items to put into an order, or of which some are asked for."""
    question = read.question
    if read.is_choice or not question.items:
        return None
    longest = max(read.lists, key=lambda one: len(one.items))
    if ranking.orders(question) and not _is_shown_one(read.prompt, longest):
        return _ordered(longest, bool(read.certain))
    if not retrieval.picks(question) or wants_texts(question):
        return None
    is_long = longest.is_numbered and not read.certain
    return _picked(longest, question) if question.wants_numbers or is_long else None


def _alone(read: _Read) -> Closed | None:
    """Find the texts to put into an order that stand alone in a line: "cat, horse, mouse"."""
    if read.is_choice or read.lists or read.question.words.isdisjoint(_ORDERS):
        return None
    if not ranking.asks_for_order(read.question):
        return None
    named = _first(parallel.alone(read.prompt, read.question.asked))
    if not named:
        return None
    count = len(named.texts)
    offer = Offer(tuple(named.texts), count, count, ordered=True)
    return Closed(offer, f"the prompt asks for the order of {count} items", "words")


_ORDERS = frozenset(
    "rank ranked ranking order ordered arrange sort sorted sortiere sortieren ordne ordena ordina"
    " classe classez trie triez".split()
)


def _is_shown_one(prompt: str, found: Printed) -> bool:
    """Whether an example before the list answers with one of its labels: "A: (B)"."""
    return any(match[1] in found.labels for match in _SHOWN.finditer(prompt))


_SHOWN = re.compile(r"\n(?:A|Answer|Output|Response)[:：] ?\(?([A-Z]|\d{1,2})\)?\.?[ \t]*\n")


def _rating(read: _Read) -> Closed | None:
    """Find the grades of "from 1 to 5"."""
    grades = rating(read.question.asked)
    if not grades or any(one.labels == grades for one in read.lists):
        return _rated(grades) if grades else None
    return None if _counts_options(read.lists) else _rated(grades)


def _certain(read: _Read) -> Closed | None:
    """Find the labels of ["A: boot", "B: lamp"]."""
    return _labels(read, read.certain, is_certain=True) if read.certain else None


def _offered(read: _Read) -> Closed | None:
    """Find the texts of "Options: boot, lamp", if they are not the types of entities to extract."""
    named = read.heading
    if not named or not named.is_offer or (not read.is_choice and names_entities(read.question)):
        return None
    return _words(named, read.question, "lists")


def _bulleted(read: _Read) -> Closed | None:
    """Find the texts of "Assign one of these labels:", a line each, and those between tags."""
    named = _first(under_sentences(read.prompt))
    if not named:
        named = _first(between_tags(read.prompt))
        named = named if named and asks_to_choose(read.prompt, read.question.asked) else None
    return _words(named, read.question, "lists") if named else None


def _chosen(read: _Read) -> Closed | None:
    """Find the labels of a list, if the prompt asks to choose from it, not between other texts."""
    question = read.question
    if not read.lists or not (question.items or asks_for_label(question)):
        return None
    if not is_asked(read.prompt, read.lists[-1], question.words):
        return None
    if read.alternatives and not _prints(read.lists[-1], read.alternatives.texts):
        return None
    picks = _PICKS.search(question.asked) if asks_for_label(question) else None
    return _labels(read, read.lists[-1], is_certain=bool(picks))


_PICKS = re.compile(
    r"\b(?:return|select|choose|pick|output|print) (?:only )?(?:the|one|your) (?:\w+ )?"
    r"(?:choice|option|letter)\b"
)


def _grouped(read: _Read) -> Closed | None:
    """Find the texts of "Categories: shoes, lamps"."""
    return _words(read.heading, read.question, "lists") if read.heading else None


def _questioned(read: _Read) -> Closed | None:
    """Find the answers of "Is it positive or negative?"."""
    return _words(read.alternatives, read.question, "asks") if read.alternatives else None


def _labels_said(read: _Read) -> Closed | None:
    """Find the labels of a list of which a sentence names some: "Respond with 1 or 2."."""
    if read.certain or not read.lists:
        return None
    named = _first(said(read.sentences, read.question.words))
    if not named or not _are_labels(named.texts, read.lists):
        return None
    return _labels(read, read.lists[-1], is_certain=True)


def _parallel(read: _Read) -> Closed | None:
    """Find items that are alike, whatever marks them, if the prompt asks for one of them."""
    if read.certain:
        return None
    question = read.question
    has_labels = bool(read.lists)
    found = parallel.found(read.prompt, read.sentences, question.asked, question.words, has_labels)
    named = _first(found)
    return _words(named, read.question, "names") if named else None


def _known(read: _Read) -> Closed | None:
    """Find the answers of a prompt that is known to be a multiple choice: any that there are."""
    if not read.is_choice:
        return None
    if RATING.search(read.prompt) and not _counts_options(read.lists):
        return _rated(RATINGS)
    return _labels(read, read.lists[-1]) if read.lists else None


# In the order in which they are tried
_FINDERS = (
    _quoted,
    _request,
    _offered,
    _bulleted,
    _numbers,
    _alone,
    _rating,
    _certain,
    _chosen,
    _grouped,
    _questioned,
    _labels_said,
    _parallel,
    _known,
)
_FIRM = (
    _numbers,
    _rating,
    _offered,
    _certain,
)  # words of the data can look like a request for a text


def _rated(grades: tuple[str, ...]) -> Closed:
    because = f"the prompt asks for a rating from {grades[0]} to {grades[-1]}"
    return Closed(Offer(grades), because, "labels", certain=True)


def _counts_options(found: list[Printed]) -> bool:
    """Whether a list begins as options do: a review may number its complaints from 1."""
    return any({"0", "A"} & set(one.labels) for one in found)


def _words(named: Named, question: Question, verb: str = "says") -> Closed:
    count = several(question.asked, len(named.texts), question.words) or (1, 1)
    words = " ".join(named.words.split())
    shown = words if len(words) <= 60 else f"{words[:59]}…"
    because = f'the prompt {verb} "{shown}"'
    return Closed(
        Offer(_same_case(named.texts), *count), because, "words", bool(_STRICT.search(words))
    )


_STRICT = re.compile(
    r"\b(?:only|single|exactly one|strictly|nothing else|one word|must be|either \W)", re.IGNORECASE
)


def _labels(read: "_Read", found: Printed, is_certain: bool = False) -> Closed:
    question = read.question
    count = several(question.asked, len(found.items), question.words) or (1, 1)
    because = f"{len(found.items)} {_sort(found)} options are printed"
    if wants_texts(question) or shows_texts(read.prompt, found):
        texts = tuple(names([clean(item.text) for item in found.items]))
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
    least, most = several(question.asked, count, question.words) or (
        1,
        min(count, retrieval.MAX_ITEMS),
    )
    because = f"the prompt asks for some of {count} {_sort(found)} items"
    return Closed(Offer(found.labels, least, most), because, "labels")


def _sort(found: Printed) -> str:
    label = found.items[0].label
    return "numbered" if label.isdecimal() else "lettered" if label.isascii() else "circled"


def _first(found: Iterable[Named]) -> Named | None:
    for one in found:
        if are_answers(one.texts) and not all(map(LABELLED.match, one.texts)):
            return one
    return None


def _are_labels(texts: list[str], found: list[Printed]) -> bool:
    """Whether a request names labels, or texts that have labels: "Answer A, B or C."."""
    if all(len(text) == 1 and text.isalnum() and text.isascii() for text in texts):
        return bool(found) and set(map(str.upper, texts)) <= set(map(str.upper, found[-1].labels))
    return bool(found) and _prints(found[-1], texts)


def _prints(found: Printed, texts: list[str]) -> bool:
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
