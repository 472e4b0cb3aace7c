"""The answer forms: how each is asked for, decoded, read, scored and guessed."""

from ecom.forms.base import (
    PARSERS,
    Form,
    FormName,
    ItemNumbers,
    OneLabel,
    OneText,
    Paradigm,
    Parser,
    Score,
    SeveralTexts,
    safe_answer,
)
from ecom.forms.infer import Inferred, infer, infer_form
from ecom.forms.offer import Offer
from ecom.forms.prompting import Prompting, messages
from ecom.forms.registry import FORMS

__all__ = [
    "FORMS",
    "PARSERS",
    "Form",
    "FormName",
    "Inferred",
    "ItemNumbers",
    "Offer",
    "OneLabel",
    "OneText",
    "Paradigm",
    "Parser",
    "Prompting",
    "Score",
    "SeveralTexts",
    "infer",
    "infer_form",
    "messages",
    "safe_answer",
]
