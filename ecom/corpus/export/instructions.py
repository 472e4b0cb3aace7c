"""ECInstruct's and ShopBench's columns: the row as it is, without the recipe's prompting."""

import json
from dataclasses import replace
from typing import Any

from ecom.corpus.metadata import COLUMN, column
from ecom.forms import FORMS, OneLabel, Prompting, SeveralTexts
from ecom.rows import Example, Skill

LETTERS = "ABCDEFGHIJ"
MAX_OPTIONS = len(LETTERS)  # an answer of multiple choice is one digit
_TRACKS: dict[Skill, str] = {
    "concepts": "amazon-kdd-cup-24-understanding-shopping-concepts",
    "reasoning": "amazon-kdd-cup-24-shopping-knowledge-reasoning",
    "behavior": "amazon-kdd-cup-24-user-behavior-alignment",
    "multilingual": "amazon-kdd-cup-24-multi-lingual-abilities",
}


def ecinstruct(example: Example, _: Prompting) -> dict[str, Any]:
    """Return a row of ECInstruct's columns.

    `options` is a JSON list as text where one of up to ten is chosen: they and the answer have
    letters, and the constraint, which asks for a number, is left out. Items of any other list are
    in the input, numbered. The split is always `train`, the one that the corpus stage reads; the
    file's name shows which rows are for validation.
    """
    if not example.prompt:  # the format's reader requires an instruction
        example = replace(
            example, prompt=example.text(), description="", input="", options=(), constraint=""
        )
    one = isinstance(FORMS[example.form].decoding, OneLabel)
    chosen = one and 2 <= len(example.options) <= MAX_OPTIONS
    texts = (example.description, example.prompt, "" if chosen else example.constraint)
    listed = [f"{letter}: {text}" for letter, text in zip(LETTERS, example.options, strict=False)]
    alone = replace(example, description="", prompt="", input="", constraint="")
    shown = "" if chosen else alone.text()
    return {
        "split": "train",
        "task": example.task,
        "setting": "IND_Single_Instruction",
        "instruction": "\n".join(filter(None, texts)),
        "input": "\n".join(filter(None, (example.input, shown))),
        "options": json.dumps(listed, ensure_ascii=False) if chosen else "",
        "output": LETTERS[int(example.output)] if chosen else example.output,
        "few_shot_example": None,
        COLUMN: column(example, description=example.description, constraint=example.constraint),
    }


def shopbench(example: Example, _: Prompting) -> dict[str, Any]:
    """Return a development row. For a ranking the corpus has the order, not the relevances."""
    form = FORMS[example.form]
    return {
        "input_field": example.text(),
        "output_field": form.to_gold(form.read(example.output, example.options)),
        "task_name": example.task,
        "task_type": example.form,
        "metric": example.metric or form.metric,
        "is_multiple_choice": isinstance(form.decoding, OneLabel),
        "track": _TRACKS[example.skill] if example.skill else None,
        **_offer(example),
        COLUMN: column(example),
    }


def _offer(example: Example) -> dict[str, Any]:
    """Return what may be answered, where that is some of the row's texts."""
    form = FORMS[example.form]
    if not form.chosen or len(example.options) < 2:
        return {}
    fields: dict[str, Any] = {"options": list(example.options)}
    if isinstance(form.decoding, SeveralTexts):
        count = len(form.read(example.output, example.options))
        fields["choose"] = count if form.decoding.ordered else "any"
        fields["order"] = form.decoding.ordered
    return fields
