"""Reads the questions that a recipe names, in either format.

file, folder, pattern, .zip ─► raw.files ─► row ─► to_query ─┬► (place, Query or Rejected, row)
EcomInstruct task folders ───► ecominstruct ─────────────────┘
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ecom import ecominstruct
from ecom.raw import reading
from ecom.rows import Query
from ecom.shopbench import Place, Rejected, from_cells, question_fault, row_id, skill_of

Row = dict[str, Any]  # as the file has it; {} where it cannot be read


def read(path: str | Path) -> Iterator[tuple[Place, Query | Rejected, Row]]:
    """Yield the questions that `path` names: ShopBench rows, or EcomInstruct's task folders.

    Raises DataError where they cannot be read.
    """
    if ecominstruct.is_tasks(path):
        yield from ecominstruct.read_queries(Path(path))
        return
    for place, row in reading.read(path):
        if isinstance(row, Rejected):
            yield place, row, {}
            continue
        made = to_query(row, place)
        if isinstance(made, str):
            yield place, Rejected(place.line, made, json.dumps(row, default=str)[:200]), row
        else:
            yield place, made, row


def to_query(row: Mapping[str, Any], place: Place) -> Query | str:
    """Return the question that a row asks, or why it asks none.

    Every column that a question may have is read here. The answer and all else that a hidden test
    row lacks is left aside.
    """
    if place.in_table:
        row = from_cells(row)
    if fault := question_fault(row):
        return fault
    return Query(
        prompt=row["input_field"],
        is_multiple_choice=row.get("is_multiple_choice"),
        id=row_id(row, place),
        skill=skill_of(_text(row, "skill", "track") or ""),
        task=_text(row, "task", "task_name"),
    )


def _text(row: Mapping[str, Any], *names: str) -> str | None:
    """Return the first text in these columns."""
    return next((row[name] for name in names if isinstance(row.get(name), str)), None)
