"""ShopBench rows: one question a row, read by corpus, predict and evaluate.

    {"id"?: …, "input_field": "the whole prompt", "is_multiple_choice"?: true, …}

`ecom.raw` reads them from files. A row that cannot be read, or breaks a rule, is `Rejected` with
the reason, and reading continues.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ecom.rows import SKILLS, Skill, content_id

_TRUTH = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
_PANDAS_ID = re.compile(r"(-?\d+)\.0")  # a whole number in a column that has nulls


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row is.

    line      its line from 1, or its number in Parquet and in a JSON array
    file      its file below the folder that was named, "" where a single file was
    in_table  whether its columns have one type each, so that other values are texts: CSV, Parquet
    """

    line: int
    file: str = ""
    in_table: bool = False

    def columns(self) -> dict[str, Any]:
        """Return the columns that name the place: `line`, and `file` where there are several."""
        return {**({"file": self.file} if self.file else {}), "line": self.line}

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}" if self.file else f"line {self.line}"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line that was left out: its number, the reason, and its first 200 characters."""

    line: int
    reason: str
    text: str


def row_id(row: Mapping[str, Any], place: Place) -> str:
    """Return the row's id or, for a row without one, a hash of its prompt and place.

    The place distinguishes two rows with the same question. It has the physical line, so a file of
    questions and a file of golds agree as long as they keep the same lines.
    """
    given = own_id(row.get("id"))
    if given is not None:
        return given
    where = (place.file, place.line) if place.file else (place.line,)
    return content_id(row["input_field"], *where)


def from_cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of a table, where values may be texts, with the values that JSON would have.

    An empty cell is no value. Other rules are those of `question_fault`.

    >>> from_cells({"id": "17.0", "input_field": "Why?", "is_multiple_choice": "FALSE", "task": ""})
    {'id': '17', 'input_field': 'Why?', 'is_multiple_choice': False, 'task': None}
    """
    found = {name: None if isinstance(v, str) and not v.strip() else v for name, v in row.items()}
    for name in ("is_multiple_choice", "order"):
        if isinstance(given := found.get(name), str):
            found[name] = _TRUTH.get(given.strip().lower(), given)
    if isinstance(given := found.get("id"), str) and (number := _PANDAS_ID.fullmatch(given)):
        found["id"] = number[1]
    return found


def own_id(value: Any) -> str | None:
    """Return an id as text, None for no id. pandas turns 17 into 17.0, and null into NaN."""
    if value is None or value != value:
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def question_fault(row: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the fields that ask a question, or None."""
    prompt = row.get("input_field")
    if "input_field" not in row:
        return "input_field is missing"
    if not isinstance(prompt, str) or not prompt.strip():
        return f"input_field is {_show(prompt)}, which is not a text"
    if not _encodable(prompt):
        return "input_field holds a lone surrogate (\\ud800 to \\udfff), which is no character"
    if not isinstance(row.get("is_multiple_choice"), bool | None):
        return f"is_multiple_choice is {_show(row['is_multiple_choice'])}, not true or false"
    given = row.get("id")
    if isinstance(given, bool) or not isinstance(given, str | int | float | None):
        return f"id is {_show(given)}, which is not a text or a number"
    if isinstance(given, float) and given == given and not given.is_integer():
        return f"id is {_show(given)}, which is not a whole number"
    return None


def skill_of(track: str) -> Skill | None:
    """Return the skill in which a track's name ends; None where there is none.

    >>> skill_of("amazon-kdd-cup-24-understanding-shopping-concepts")
    'concepts'
    """
    names: dict[str, Skill] = {
        "reasoning": "reasoning",
        "alignment": "behavior",
        "abilities": "multilingual",
        **{skill: skill for skill in SKILLS},
    }
    return names.get(track.rsplit("-", 1)[-1])


def write_rejected(path: Path, rejected: Iterable[tuple[Place, Rejected]]) -> None:
    """Write rejected rows as JSON lines {file?, line, reason, text}; create the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as stream:
        for place, row in rejected:
            stream.write(json.dumps({**place.columns(), **asdict(row)}) + "\n")


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _show(value: Any) -> str:
    return f"{value!r:.60}"
