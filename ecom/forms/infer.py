"""Which form does a prompt ask for? ShopBench's hidden rows say only whether it is multiple choice.

Each form has cues by which a question asks for it (`Form.cues`). They match what any such prompt
must say, not known templates. They are tried by rank, and the first match decides. What may be
answered is read by closed.py; a prompt of which that is not clear asks for a text.
"""

from dataclasses import dataclass

from ecom.forms import ranking
from ecom.forms.base import FormName
from ecom.forms.closed import Closed, closed
from ecom.forms.offer import Offer
from ecom.forms.question import Question
from ecom.forms.registry import FORMS

_CUES = sorted(
    ((rank, name, asks) for name, form in FORMS.items() for rank, asks in form.cues.items()),
    key=lambda cue: cue[0],
)
_OPEN = {
    "generation": "nothing in the prompt says what may be answered",
    "named_entity_recognition": "the prompt asks for words of a text",
}


@dataclass(frozen=True, slots=True)
class Inferred:
    """A prompt's form, what it may be answered with (None: any text), and why, for users."""

    form: FormName
    offer: Offer | None
    because: str


def infer_form(prompt: str, is_multiple_choice: bool | None = None) -> FormName:
    """Return the name of the form for which a prompt asks."""
    return infer(prompt, is_multiple_choice).form


def infer(prompt: str, is_multiple_choice: bool | None = None) -> Inferred:
    """Return the form for which a prompt asks, and what it may be answered with.

    `is_multiple_choice` says whether one of several answers is right; None lets the text decide.

    >>> found = infer("Is it a shoe? Answer yes or no.")
    >>> found.form, found.offer.texts, found.because
    ('classification', ('yes', 'no'), 'the prompt says "Answer yes or no"')
    """
    question = Question.of(prompt, may_choose=is_multiple_choice is None)
    found = closed(prompt, question, is_multiple_choice)
    if is_multiple_choice:
        return _choice(found)
    if found and found.kind == "words":
        return _in_words(found)
    cued = next((name for _, name, asks in _CUES if asks(question)), None)
    form = _form(found, cued, question.may_choose) if found else None
    if found and form:
        return Inferred(form, found.offer, found.because)
    if cued in ("multiple-choice", "retrieval", "ranking"):
        return Inferred("generation", None, "a list is printed, but nothing asks to choose from it")
    form = cued or "generation"
    return Inferred(form, None, _OPEN[form])


def _choice(found: Closed | None) -> Inferred:
    """Return the form of a prompt that is known to be a multiple choice."""
    if not found:
        return Inferred("multiple-choice", None, "the caller says so; the prompt prints no options")
    if found.kind == "words":
        return _in_words(found)
    if found.offer.texts[0].isdecimal():
        return Inferred("multiple-choice", Offer(found.offer.texts), found.because)
    form: FormName = "multiple-choice" if found.offer.most == 1 else "multi-label"
    return Inferred(form, found.offer, found.because)


def _in_words(found: Closed) -> Inferred:
    name: FormName = "classification" if found.offer.most == 1 else "multi-label"
    if found.offer.ordered:
        name = "ordering"
    return Inferred(name, found.offer, found.because)


def _form(found: Closed, cued: FormName | None, may_choose: bool) -> FormName | None:
    """Return the form of a question answered with labels; None where an open form's cues decide.

    `may_choose`: it is not known to be no multiple choice.
    """
    offer = found.offer
    if offer.ordered:
        if cued not in ("ranking", "multiple-choice", "retrieval") and not found.certain:
            return None
        few = len(offer.texts) <= ranking.MAX_ITEMS  # the contest's parser reads no more
        return "ranking" if few and offer.texts[0].isdecimal() else "ordering"
    if cued in ("generation", "named_entity_recognition") and not found.certain:
        return None
    if offer.most > 1:
        return "retrieval" if offer.texts[0].isdecimal() else "multi-label"
    return "multiple-choice" if may_choose else None
