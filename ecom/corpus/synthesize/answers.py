"""From the fields of a teacher's row to an Example, in the form that the contest reads for sure.

    {"question": "How many …?", "a": "8", "b": "64", "right": "64"}  ─►  options (8, 64), output "1"

The answer's form says how options and items are laid out (`Form.teacher`). A fault is returned as
its reason.
"""

import re
import unicodedata
from collections.abc import Mapping
from random import Random

from ecom.corpus.synthesize.prompt import TeacherRecord, fill
from ecom.corpus.synthesize.template import DIFFICULTIES, Template
from ecom.forms import FORMS, OneLabel
from ecom.forms.teacher import Laid, Written, fold, listed
from ecom.rows import Difficulty, Example

Values = dict[str, str]


def make(
    fields: Mapping[str, str],
    template: Template,
    record: TeacherRecord,
    known: Mapping[str, str],
    rng: Random,
) -> Example | str:
    """Return the Example that a row of a sound structure is, or what its answer lacks."""
    values = {**known, **fields}
    answer = fill(template.make.answer, values)
    if fault := _answer_fault(answer, template, fields, values):
        return fault
    form = FORMS[template.form]
    laid = form.teacher.lay_out(_written(answer, template, values), rng)
    if not isinstance(laid, Laid):
        return laid
    if not form.is_gold(laid.gold):
        return f"the answer is not {form.gold_rule}"
    ideal = form.ideal(laid.gold)
    output = form.emit(ideal)
    if form.official(output) != ideal:
        return "the contest's parser would not read the answer back"
    make, values = template.make, {**values, "items": laid.items}
    return Example(
        source=record.source,
        task=template.name,
        form=template.form,
        paradigm=template.paradigm,
        skill=template.skill,
        description=fill(make.description, values),
        prompt=fill(rng.choice(make.prompt), values),
        input=fill(make.input, values),
        options=laid.options,
        constraint=fill(make.constraint, values),
        output=output,
        lang=record.lang,
        metric=template.metric,
        label="pseudo",
        transform=f"teacher:{template.name}",
        parents=(record.id,),
        difficulty=difficulty(fields),
    )


def _written(answer: str, template: Template, values: Values) -> Written:
    make = template.make
    return Written(
        answer,
        [values[name] for name in make.options],
        make.labels,
        values[make.wrong] if make.wrong else "",
        make.unanswerable,
        template.checks.covers,
    )


def difficulty(fields: Mapping[str, str]) -> Difficulty | None:
    """Return the difficulty that a row names, in any case; None where it is none of the four."""
    name = fields["difficulty"].casefold()
    return next((level for level in DIFFICULTIES if level.casefold() == name), None)


def _answer_fault(
    answer: str, template: Template, fields: Mapping[str, str], values: Values
) -> str | None:
    """Return which of the template's checks the answer fails, or None."""
    checks = template.checks
    if any(letters(answer) == letters(fill(text, values)) for text in checks.differs_from):
        return "the answer copies what was given"
    others = [values[name] for name in template.make.options if fold(values[name]) != fold(answer)]
    for name in checks.hidden_in:
        # a question that names all options ("red or blue?") tells nothing
        if _stands_in(answer, fields[name]) and not any(
            _stands_in(other, fields[name]) for other in others
        ):
            return f"the answer stands in {name}"
    if not checks.stands_in:
        return None
    text = fill(checks.stands_in, values)
    terms = listed(answer) if FORMS[template.form].teacher.is_list else [answer]
    if not all(term in text for term in terms):
        return "the answer does not stand in the text, letter for letter"
    if checks.covers and "".join("".join(terms).split()) != "".join(text.split()):
        return "the answer's pieces are not all of the text, in its order"
    return None


def answers_unanswerable(example: Example, template: Template) -> bool:
    """Whether the row's answer is that the texts do not tell."""
    unanswerable, answer = template.make.unanswerable, example.output
    if example.options and isinstance(FORMS[example.form].decoding, OneLabel):
        answer = example.options[int(answer)]
    return bool(unanswerable) and fold(answer) == fold(unanswerable)


def letters(text: str) -> str:
    """Return the text's letters and digits alone, case folded: what makes one a copy of another."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in plain if character.isalnum())


def _stands_in(answer: str, text: str) -> bool:
    """Whether the answer is a part of the text, as whole words where its script has spaces."""
    inside = re.escape(fold(answer))
    spaced = answer.isascii() or not re.search(r"[\u2e80-\uffef]", answer)
    return bool(re.search(rf"(?<!\w){inside}(?!\w)" if spaced else inside, fold(text)))
