"""The column `ecom`: all that an exported row has beside the texts in its format's columns.

    Example ──► column ──► a file that `ecom corpus --export` wrote ──► restored ──► Example

Every value is text, "" for none: some JSON readers infer a column's type from its first rows. Rows
without the column are left unchanged.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError

from ecom.corpus.formats.base import Fixed, Item
from ecom.forms import FormName, Paradigm
from ecom.rows import Difficulty, Example, Skill
from ecom.shopbench import Rejected

COLUMN = "ecom"
INSTRUCTION = {"instruction", "input", "output"}  # columns of ECInstruct's format


class _Column(BaseModel):
    """The values that are read back. The texts of the row itself may have been edited since.

    suffix                   in chats: what the recipe's prompting added after the question
    examples                 in chats: few-shot examples that it added before the question
    description, constraint  in ECInstruct's format: the beginning and the end of `instruction`
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    task: str
    form: FormName
    paradigm: Paradigm
    skill: Skill | Literal[""] = ""
    lang: str = ""
    metric: str = ""
    label: Literal["gold", "pseudo"] = "gold"
    transform: str = ""
    parents: str = ""
    difficulty: Difficulty | Literal[""] = ""
    suffix: str | None = None
    examples: NonNegativeInt = 0
    description: str | None = None
    constraint: str | None = None


def column(example: Example, **more: str) -> dict[str, str]:
    """Return the column's value for a row, with `more` that its format needs."""
    return {
        "id": example.id,
        "source": example.source,
        "task": example.task,
        "form": example.form,
        "paradigm": example.paradigm,
        "skill": example.skill or "",
        "lang": example.lang,
        "metric": example.metric,
        "label": example.label,
        "transform": example.transform or "",
        "parents": " ".join(example.parents),
        "difficulty": example.difficulty or "",
        **more,
    }


def restored(item: Item, row: Mapping[str, Any], line: int) -> Item:
    """Return a row as its reader made it, with the values of its column `ecom`.

    The source stays that of the file, and the id depends on it. Rejected where the column is wrong.
    """
    if not isinstance(item, Example | Fixed) or not isinstance(row.get(COLUMN), dict):
        return item
    try:
        given = _Column.model_validate(row[COLUMN])
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(map(str, (COLUMN, *fault["loc"])))
        return Rejected(line, f"{where}: {fault['msg']}", f"{row[COLUMN]!r:.200}")
    if isinstance(item, Fixed):
        return Fixed(_with(item.example, given, row), item.fixes)
    return _with(item, given, row)


def _with(example: Example, given: _Column, row: Mapping[str, Any]) -> Example:
    changed: dict[str, Any] = {
        "task": given.task,
        "form": given.form,
        "paradigm": given.paradigm,
        "skill": given.skill or None,
        "lang": given.lang,
        "metric": given.metric,
        "label": given.label,
        "transform": given.transform or None,
        "parents": tuple(given.parents.split()),
        "difficulty": given.difficulty or None,
    }
    if given.suffix is not None:
        if given.examples:
            example = replace(example, **_last_question(row))
        changed |= _without_prompting(example, given.suffix)
    if None not in (given.description, given.constraint) and row.keys() >= INSTRUCTION:
        changed |= _own_texts(example, row, given.description or "", given.constraint or "")
    return replace(example, id="", **changed)


def _without_prompting(example: Example, suffix: str) -> dict[str, Any]:
    """Remove from a chat what rendering will add again: the system message and the suffix."""
    last = "input" if example.input else "prompt"
    return {"description": "", last: getattr(example, last).removesuffix(suffix).rstrip()}


def _last_question(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the question of an exported chat that follows the few-shot examples."""
    turns = row.get("messages") or row.get("conversations")
    if not isinstance(turns, list):
        return {"prompt": row["instruction"].strip(), "input": (row.get("input") or "").strip()}
    users = [turn for turn in turns if turn.get("role", turn.get("from")) in ("user", "human")]
    return {"prompt": users[-1].get("content", users[-1].get("value")).strip(), "input": ""}


def _own_texts(
    example: Example, row: Mapping[str, Any], description: str, constraint: str
) -> dict[str, Any]:
    """Return the exact texts of ECInstruct's columns, the instruction in its three parts.

    The format's reader would add its own description and constraint, and reformat JSON.
    """
    prompt = str(row["instruction"]).strip()
    own = {"description": "", "constraint": ""}
    if description and prompt.startswith(f"{description}\n"):
        own["description"], prompt = description, prompt.removeprefix(f"{description}\n")
    if constraint and prompt.endswith(f"\n{constraint}"):
        own["constraint"], prompt = constraint, prompt.removesuffix(f"\n{constraint}")
    if example.options:  # lettered, so without the constraint that asks for a number
        own["constraint"] = constraint
    output = example.output if example.options else str(row["output"]).strip()
    return {**own, "prompt": prompt, "input": str(row["input"] or "").strip(), "output": output}
