"""All answer forms. A new one has a module beside this one and a line here."""

from ecom.forms import (
    classification,
    entities,
    generation,
    multi_label,
    multiple_choice,
    ordering,
    ranking,
    retrieval,
)
from ecom.forms.base import Form, FormName

FORMS: dict[FormName, Form] = {
    module.FORM.name: module.FORM
    for module in (
        multiple_choice,
        retrieval,
        ranking,
        entities,
        generation,
        classification,
        multi_label,
        ordering,
    )
}
