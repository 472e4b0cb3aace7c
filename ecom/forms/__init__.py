"""The five answer forms of ShopBench: how each is asked for, emitted and read back."""

from ecom.forms import entities, generation, multiple_choice, ranking, retrieval
from ecom.forms.base import PARSERS, Form, Parser, safe_answer
from ecom.forms.infer import infer_form
from ecom.forms.prompting import Prompting, messages
from ecom.rows import FormName

FORMS: dict[FormName, Form] = {
    module.FORM.name: module.FORM
    for module in (multiple_choice, retrieval, ranking, entities, generation)
}

__all__ = [
    "FORMS",
    "PARSERS",
    "Form",
    "Parser",
    "Prompting",
    "infer_form",
    "messages",
    "safe_answer",
]
