"""From the fields of a teacher's row to an Example, in the form that the contest reads for sure.

    {"question": "How many …?", "a": "8", "b": "64", "right": "64"}  ─►  options (8, 64), output "1"

Options, items and candidates are put in random order: a teacher writes the right one first far too
often, and places shall be uniform. A fault is returned as its reason.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from ecom.corpus.synthesize.prompt import TeacherRecord, fill
from ecom.corpus.synthesize.template import DIFFICULTIES, Template
from ecom.forms import FORMS, ranking
from ecom.rows import Difficulty, Example

Values = dict[str, str]
Given = tuple[Any, tuple[str, ...], str]  # gold, options, items


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
    given = _GIVEN[template.form](answer, template, values, rng)
    if isinstance(given, str):
        return given
    gold, options, items = given
    form = FORMS[template.form]
    if not form.is_gold(gold):
        return f"the answer is not {form.gold_rule}"
    output = form.emit(ranking.order(gold) if template.form == "ranking" else gold)
    if not _reads_back(template.form, output, gold):
        return "the contest's parser would not read the answer back"
    make, values = template.make, {**values, "items": items}
    return Example(
        source=record.source,
        task=template.name,
        form=template.form,
        paradigm=template.paradigm,
        skill=template.skill,
        description=fill(make.description, values),
        prompt=fill(rng.choice(make.prompt), values),
        input=fill(make.input, values),
        options=options,
        constraint=fill(make.constraint, values),
        output=output,
        lang=record.lang,
        metric=template.metric,
        label="pseudo",
        transform=f"teacher:{template.name}",
        parents=(record.id,),
        difficulty=difficulty(fields),
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
    terms = listed(answer) if template.form == "named_entity_recognition" else [answer]
    if not all(term in text for term in terms):
        return "the answer does not stand in the text, letter for letter"
    if checks.covers and "".join("".join(terms).split()) != "".join(text.split()):
        return "the answer's pieces are not all of the text, in its order"
    return None


def _generation(answer: str, template: Template, values: Values, rng: Random) -> Given | str:
    return answer, (), ""


def _entities(answer: str, template: Template, values: Values, rng: Random) -> Given | str:
    entities = listed(answer)
    distinct = {entity.casefold() for entity in entities}
    if len(distinct) < len(entities) and not template.checks.covers:
        return "an entity is named twice"
    return entities, (), ""


def _choice(answer: str, template: Template, values: Values, rng: Random) -> Given | str:
    make = template.make
    options = list(make.labels) or [values[name] for name in make.options]
    if len({fold(option) for option in options}) < len(options):
        return "two options are the same"
    if make.unanswerable:
        _offer_unanswerable(options, answer, make.unanswerable, rng)
    places = [fold(option) for option in options]
    if fold(answer) not in places:
        return "the answer is not among the options"
    right = options[places.index(fold(answer))]
    if not make.labels:
        rng.shuffle(options)
    return options.index(right), tuple(options), ""


def _offer_unanswerable(options: list[str], answer: str, unanswerable: str, rng: Random) -> None:
    """Put `unanswerable` in an option's place where it is the answer, and in half of the rest.

    If it stood in no other row it would be right wherever it stands, and nothing would be learned.
    """
    if any(fold(option) == fold(unanswerable) for option in options):
        return
    is_right = fold(answer) == fold(unanswerable)
    wrong = [place for place, option in enumerate(options) if fold(option) != fold(answer)]
    if wrong and (is_right or rng.random() < 0.5):
        options[rng.choice(wrong)] = unanswerable


def answers_unanswerable(example: Example, template: Template) -> bool:
    """Whether the row's answer is that the texts do not tell."""
    unanswerable, answer = template.make.unanswerable, example.output
    if example.form == "multiple-choice":
        answer = example.options[int(answer)]
    return bool(unanswerable) and fold(answer) == fold(unanswerable)


def _retrieval(answer: str, template: Template, values: Values, rng: Random) -> Given | str:
    right, wrong = listed(answer), listed(values[template.make.wrong])
    items = [*right, *wrong]
    if len({fold(item) for item in items}) < len(items):
        return "an item is named twice"
    if len(wrong) < len(right):
        return "fewer wrong items than right ones"
    rng.shuffle(items)
    return sorted(items.index(item) + 1 for item in right), (), _numbered(items)


def _ranking(answer: str, template: Template, values: Values, rng: Random) -> Given | str:
    """The candidates are written best first; the n-th of m has relevance 1 - n/m, n from 0."""
    best = [values[name] for name in template.make.options]
    if len({fold(item) for item in best}) < len(best):
        return "two candidates are the same"
    items = rng.sample(best, len(best))
    relevances = [1 - best.index(item) / len(best) for item in items]
    return relevances, (), _numbered(items)


_GIVEN = {
    "generation": _generation,
    "named_entity_recognition": _entities,
    "multiple-choice": _choice,
    "retrieval": _retrieval,
    "ranking": _ranking,
}


def fold(text: str) -> str:
    """Return the text with single spaces, case folded: what makes two answers the same."""
    return " ".join(text.casefold().split())


def letters(text: str) -> str:
    """Return the text's letters and digits alone, case folded: what makes one a copy of another."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in plain if character.isalnum())


def _reads_back(name: str, output: str, gold: Any) -> bool:
    read = FORMS[name].official(output)  # type: ignore[index]
    return bool(read == (ranking.order(gold) if name == "ranking" else gold))


def _stands_in(answer: str, text: str) -> bool:
    """Whether the answer is a part of the text, as whole words where its script has spaces."""
    inside = re.escape(fold(answer))
    spaced = answer.isascii() or not re.search(r"[\u2e80-\uffef]", answer)
    return bool(re.search(rf"(?<!\w){inside}(?!\w)" if spaced else inside, fold(text)))


def listed(text: str) -> list[str]:
    """Return the items of a field that holds several, parted by ";"."""
    return [item.strip() for item in re.split(r"[;；]", text) if item.strip()]


def _numbered(items: Sequence[str]) -> str:
    return "\n".join(f"{number}. {item}" for number, item in enumerate(items, start=1))
