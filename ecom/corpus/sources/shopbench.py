"""ShopBench's development format, for training rows.

`input_field, output_field, task_type, metric`, maybe `task_name` and `track`. A file of training
rows often has no task name: its own name stands in.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ecom.errors import DataError
from ecom.forms import FORMS, ranking
from ecom.rows import SKILLS, Example, FormName, Paradigm, Skill
from ecom.shopbench import Rejected, question_fault, read

_PARADIGMS: dict[FormName, Paradigm] = {
    "multiple-choice": "CLS",
    "retrieval": "EXT",
    "ranking": "OTHER",
    "named_entity_recognition": "OTHER",
    "generation": "GEN",
}


def files(path: Path) -> list[Path]:
    """Return the files that `path` names: itself, or the JSON-lines files below a folder.

    Raises DataError where there is none.
    """
    if path.is_file():
        return [path]
    kinds = ("*.json", "*.jsonl", "*.json.gz", "*.jsonl.gz")
    found = sorted(file for kind in kinds for file in path.rglob(kind))
    if not found:
        raise DataError(
            f"{path}: no file of JSON lines there; name a file, or a folder that holds "
            "*.json or *.jsonl (or .gz of them)"
        )
    return found


def read_examples(file: Path) -> Iterator[Example | Rejected]:
    """Yield every row of one file as an Example, or as Rejected with line number and reason."""
    for line, row in read(file):
        if isinstance(row, Rejected):
            yield row
            continue
        fault = question_fault(row) or _answer_fault(row)
        if fault:
            yield Rejected(line, fault, str(row)[:200])
        else:
            yield to_example(row, source=file.name, task=file.name.split(".")[0])


def to_example(row: dict[str, Any], *, source: str, task: str) -> Example:
    """Return a sound row as an Example; `task` names it where the row has no `task_name`."""
    form: FormName = row["task_type"]
    gold = row["output_field"]
    return Example(
        source=source,
        task=row.get("task_name") or task,
        form=form,
        paradigm=_PARADIGMS[form],
        skill=_skill(str(row.get("track", ""))),
        prompt=row["input_field"].strip(),
        output=FORMS[form].emit(ranking.order(gold) if form == "ranking" else gold),
        metric=row.get("metric", ""),
    )


def _answer_fault(row: dict[str, Any]) -> str | None:
    form = row.get("task_type")
    if form not in FORMS:
        return f"task_type is {form!r:.60}, not one of {', '.join(FORMS)}"
    if not FORMS[form].is_gold(row.get("output_field")):
        return f"output_field is {row.get('output_field')!r:.60}, not {FORMS[form].gold_rule}"
    if not FORMS[form].emit(row["output_field"]).strip():
        return "output_field is empty"
    return None


def _skill(track: str) -> Skill | None:
    """Tracks end in their skill: 'amazon-kdd-cup-24-understanding-shopping-concepts'."""
    names: dict[str, Skill] = {
        "reasoning": "reasoning",
        "alignment": "behavior",
        "abilities": "multilingual",
        **{skill: skill for skill in SKILLS},
    }
    return names.get(track.rsplit("-", 1)[-1])
