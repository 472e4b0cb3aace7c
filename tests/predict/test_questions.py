import datetime
import json
import math
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecom.errors import DataError, InputError
from ecom.forms import FORMS, Offer
from ecom.lanes import read
from ecom.predict import columns
from ecom.predict.questions import put_down
from ecom.rows import Query
from ecom.shopbench import Place, row_id

SHOP = "You are asked by a customer of an outdoor shop, who looks for one thing and no other. " * 3
ROWS: list[dict[str, Any]] = [
    {"input_field": f"{SHOP}Which is a tent?\n0. a\n1. b\nAnswer:", "is_multiple_choice": True},
    {"input_field": "Explain the lamp – für Zelte.\nOutput:", "is_multiple_choice": False},
    {"input_field": "Which is a lamp?\n0. a\n1. b\nAnswer:", "is_multiple_choice": True},
    {"input_field": f"{SHOP}Which is a sock?\n0. a\n1. b\nAnswer:", "id": 7},
]


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_every_question_can_be_read_again(tmp_path: Path) -> None:
    asked = put_down(lines(tmp_path / "q.jsonl", ROWS), tmp_path)
    assert len(asked) == 4
    for row, given in enumerate(ROWS):
        query = asked.query(row)
        assert (query.prompt, query.id) == (given["input_field"], row_id(given, Place(row + 1)))
        assert query.is_multiple_choice == given.get("is_multiple_choice")


def test_every_field_of_a_question_is_kept(tmp_path: Path) -> None:
    row = {**ROWS[0], "id": "a", "track": "shopping-reasoning", "task_name": "Tents"}
    asked = put_down(lines(tmp_path / "q.jsonl", [row]), tmp_path)
    query = asked.query(0)
    assert replace(query, found=None) == Query(
        row["input_field"], True, "a", "multiple-choice", skill="reasoning", task="Tents"
    )
    assert query.found == read(replace(query, found=None, form=None))


def test_what_may_be_answered_is_kept_as_it_was_read(tmp_path: Path) -> None:
    row = {"input_field": "Which fit?", "options": ["a", "b", "c"], "choose": "any", "order": False}
    asked = put_down(lines(tmp_path / "q.jsonl", [row]), tmp_path)
    query = asked.query(0)
    assert query.found
    assert query.found.offer == Offer(("a", "b", "c"), 1, 3)
    assert query.found == read(replace(query, found=None, form=None))


def test_a_repeated_id_is_a_question_and_a_bad_row_is_rejected_with_what_it_held(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = pa.table({"input_field": ["a?", None, "b?"], "id": ["x", "y", "x"]})
    pq.write_table(table, tmp_path / "q.parquet")
    asked = put_down(tmp_path / "q.parquet", tmp_path)
    assert (len(asked), asked.rejected, asked.repeated) == (2, 1, 1)
    assert list(asked.beside()) == [{"line": 1}, {"line": 3}]
    [bad] = (tmp_path / "rejected" / "queries.jsonl").read_text().splitlines()
    found = json.loads(bad)
    assert (found["line"], json.loads(found["text"])["id"]) == (2, "y")
    said = capsys.readouterr().err
    assert "1 rows are no questions (rejected/queries.jsonl); the first is line 2: input" in said
    assert "1 questions have the id of an earlier one, the first is 'x' on line 3" in said


def test_columns_keep_their_values_as_json(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {**ROWS[0], "price": 1.50, "tags": ["a", {"b": None}], "note": "é"},
        {**ROWS[1], "price": "n/a", "big": 2**70},
        {**ROWS[2], "price": math.nan},
    ]
    names = ("price", "tags", "note", "big", "is_multiple_choice")
    asked = put_down(lines(tmp_path / "q.jsonl", rows), tmp_path, names)
    none = dict.fromkeys(names)
    assert list(asked.beside()) == [
        {**none, "line": 1, "price": 1.5, "tags": ["a", {"b": None}], "note": "é"}
        | {"is_multiple_choice": True},
        {**none, "line": 2, "price": "n/a", "big": 2**70, "is_multiple_choice": False},
        {**none, "line": 3, "is_multiple_choice": True},
    ]


def test_columns_of_parquet_are_json_that_loses_nothing(tmp_path: Path) -> None:
    values = {
        "at": datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC),
        "price": Decimal("12.50"),
        "raw": b"\xff",
        "text": b"abc",
    }
    row = {"input_field": "a?", **values}
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "q.parquet")
    asked = put_down(tmp_path / "q.parquet", tmp_path, tuple(values))
    assert list(asked.beside()) == [
        {
            "line": 1,
            "at": "2026-03-01T12:00:00+00:00",
            "price": "12.50",
            "raw": "/w==",
            "text": "abc",
        }
    ]


def test_a_column_that_no_row_has_is_named_at_once(tmp_path: Path) -> None:
    path = lines(tmp_path / "q.jsonl", [{**ROWS[0], "category": "tents"}])
    with pytest.raises(DataError, match=r"has 'categroy' \(near: 'category'\); the columns are"):
        put_down(path, tmp_path, ("category", "categroy"))


@pytest.mark.parametrize("second", ["x", [1], True])
def test_values_that_no_column_of_parquet_holds_are_refused_at_once(
    tmp_path: Path, second: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lines(tmp_path / "q.jsonl", [{**ROWS[0], "c": 1}, {**ROWS[1], "c": second}])
    assert len(put_down(path, tmp_path, ("c",))) == 2
    for rows in (10, 1):  # in one chunk of values, and in two
        monkeypatch.setattr(columns, "CHUNK_ROWS", rows)
        with pytest.raises(InputError, match=r"keep_columns: .*; set predict\.output=jsonl"):
            put_down(path, tmp_path, ("c",), typed=True)


def test_ids_that_pandas_made_float_are_ids(tmp_path: Path) -> None:
    ids = [float(n) if n % 4 else None for n in range(20)]
    rows = [{"input_field": f"Which is {n}?", "id": own} for n, own in enumerate(ids)]
    rows += [{"input_field": "Why?", "id": 2.5}, {"input_field": "Who?", "id": float("nan")}]
    for name in ("q.jsonl", "q.parquet"):
        if name == "q.parquet":
            pq.write_table(pa.Table.from_pylist(rows), tmp_path / name)
        else:
            lines(tmp_path / name, rows)
        asked = put_down(tmp_path / name, tmp_path)
        assert (len(asked), asked.rejected) == (21, 1)
        assert [asked.query(row).id for row in (1, 2, 3, 5)] == ["1", "2", "3", "5"]


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "q.parquet").write_text("{}")
    with pytest.raises(DataError, match=r"q\.parquet: not a complete Parquet file"):
        put_down(tmp_path / "q.parquet", tmp_path)


def test_forms_stand_together_and_so_do_questions_that_begin_alike(tmp_path: Path) -> None:
    asked = put_down(lines(tmp_path / "q.jsonl", ROWS * 3), tmp_path)
    order = asked.sort(np.arange(len(asked)))
    assert sorted(order) == list(range(len(asked)))
    forms = [list(FORMS)[form] for form in asked.forms[order]]
    assert forms == sorted(forms, key=list(FORMS).index)
    shop = [asked.query(int(row)).prompt.startswith(SHOP) for row in order]
    assert sum(a != b for a, b in pairwise(shop)) <= 2
