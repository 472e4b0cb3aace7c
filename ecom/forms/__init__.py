"""The answer forms of ShopBench: how each is asked for, decoded, read, scored and guessed."""

from ecom.forms.base import (
    PARSERS,
    Form,
    FormName,
    ItemNumbers,
    OneLabel,
    Paradigm,
    Parser,
    Score,
    safe_answer,
)
from ecom.forms.infer import infer_form
from ecom.forms.prompting import Prompting, messages
from ecom.forms.registry import FORMS

__all__ = [
    "FORMS",
    "PARSERS",
    "Form",
    "FormName",
    "ItemNumbers",
    "OneLabel",
    "Paradigm",
    "Parser",
    "Prompting",
    "Score",
    "infer_form",
    "messages",
    "safe_answer",
]
