"""Reads the questions that a recipe names, in either format.

file, folder, pattern, .zip ─► raw.files ─► row ─► to_query ─┬► (place, Query or Rejected, row)
EcomInstruct task folders ───► ecominstruct ─────────────────┤
what `write` has written ────► every field of a Query ───────┘
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ecom import ecominstruct
from ecom.forms.offer import Choose
from ecom.raw import reading
from ecom.rows import Query, to_dict
from ecom.shopbench import Place, Rejected, from_cells, question_fault, row_id, skill_of

Row = dict[str, Any]  # as the file has it; {} where it cannot be read
WHOLE = ".queries.jsonl"  # how the name of a file ends that `write` has written


def read(path: str | Path) -> Iterator[tuple[Place, Query | Rejected, Row]]:
    """Yield the questions that `path` names: ShopBench rows, or EcomInstruct's task folders.

    Raises DataError where they cannot be read.
    """
    if str(path).endswith(WHOLE):
        yield from _whole(Path(path))
        return
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


def write(path: Path, queries: Iterable[Query]) -> None:
    """Write questions with all their fields, form and token limit too, for `read`."""
    assert path.name.endswith(WHOLE)
    with path.open("w", encoding="utf-8") as stream:
        for query in queries:
            stream.write(json.dumps(to_dict(query), ensure_ascii=False) + "\n")


def _whole(path: Path) -> Iterator[tuple[Place, Query, Row]]:
    with path.open(encoding="utf-8") as stream:
        for line, text in enumerate(stream, start=1):
            row = json.loads(text)
            fields: dict[str, Any] = {
                name: tuple(value) if isinstance(value, list) else value
                for name, value in row.items()
            }
            yield Place(line), Query(**fields), row


def to_query(row: Mapping[str, Any], place: Place) -> Query | str:
    """Return the question that a row asks, or why it asks none.

    Every column that a question may have is read here. The answer and all else that a hidden test
    row lacks is left aside.
    """
    if place.in_table:
        row = from_cells(row)
    if fault := question_fault(row) or _offer_fault(row):
        return fault
    return Query(
        prompt=row["input_field"],
        is_multiple_choice=row.get("is_multiple_choice"),
        id=row_id(row, place),
        skill=skill_of(_text(row, "skill", "track") or ""),
        task=_text(row, "task", "task_name"),
        options=_listed(row.get("options")),
        labels=_listed(row.get("labels")),
        choose=_choose(row.get("choose")),
        order=row.get("order"),
    )


def _listed(value: Any) -> tuple[str, ...] | None:
    """Return the texts of a list; in a table it is JSON, or has "|" between its texts.

    >>> _listed(["a", "b"]), _listed('["a", "b"]'), _listed("a | b"), _listed([])
    (('a', 'b'), ('a', 'b'), ('a', 'b'), None)
    """
    if isinstance(value, str):
        value = json.loads(value) if value.startswith("[") else re.split(r"\s*\|\s*", value)
    return tuple(value) or None if value is not None else None


def _choose(value: Any) -> Choose | None:
    """Return how many are chosen; a table's numbers may be texts, pandas' are 2.0."""
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    chosen: Choose | None = int(value) if isinstance(value, float) else value
    return chosen


def _offer_fault(row: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the fields that say what may be answered, or None."""
    for name in ("options", "labels"):
        texts: tuple[Any, ...]
        try:
            texts = _listed(row.get(name)) or ()
        except (ValueError, TypeError):
            texts = (None,)
        if not all(isinstance(text, str) for text in texts):
            return f"{name} is {row[name]!r:.60}; give a list of texts"
    try:
        chosen = _choose(row.get("choose"))
    except (ValueError, OverflowError):
        chosen = "?"  # type: ignore[assignment]
    if isinstance(chosen, bool) or not (isinstance(chosen, int | None) or chosen in ("one", "any")):
        return f"choose is {row['choose']!r:.60}; give one, any or a number"
    if not isinstance(row.get("order"), bool | None):
        return f"order is {row['order']!r:.60}; give true or false"
    return None


def _text(row: Mapping[str, Any], *names: str) -> str | None:
    """Return the first text in these columns."""
    return next((row[name] for name in names if isinstance(row.get(name), str)), None)
