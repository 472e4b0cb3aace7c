"""Which form does a prompt ask for? ShopBench's hidden rows say only whether it is multiple choice.

Each form has cues by which a question asks for it (`Form.cues`). They match what any such prompt
must say, not known templates. They are tried by rank, and the first match decides.
"""

from dataclasses import dataclass

from ecom.forms.base import FormName
from ecom.forms.offer import Offer
from ecom.forms.question import Question
from ecom.forms.registry import FORMS

_CUES = sorted(
    ((rank, name, asks) for name, form in FORMS.items() for rank, asks in form.cues.items()),
    key=lambda cue: cue[0],
)


@dataclass(frozen=True, slots=True)
class Inferred:
    """The form that a prompt asks for, what it offers, and why it is read so."""

    form: FormName
    offer: Offer | None
    because: str


def infer(prompt: str, is_multiple_choice: bool | None = None) -> Inferred:
    """Return the form, with the texts that may be written where the prompt says which."""
    return Inferred(infer_form(prompt, is_multiple_choice), None, "")


def infer_form(prompt: str, is_multiple_choice: bool | None = None) -> FormName:
    """Return the form's name as ShopBench's `task_type` gives it.

    `is_multiple_choice` settles that form either way; None lets the text decide.
    """
    if is_multiple_choice:
        return "multiple-choice"
    question = Question.of(prompt, may_choose=is_multiple_choice is None)
    return next((name for _, name, asks in _CUES if asks(question)), "generation")
