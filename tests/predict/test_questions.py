import gzip
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecom.errors import DataError
from ecom.forms import FORMS
from ecom.predict.questions import put_down
from ecom.shopbench import row_id

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
        assert (query.prompt, query.id) == (given["input_field"], row_id(given, row + 1))
        assert query.is_multiple_choice == given.get("is_multiple_choice")


@pytest.mark.parametrize("name", ["q.jsonl.gz", "q.parquet"])
def test_other_formats_hold_the_same_questions(tmp_path: Path, name: str) -> None:
    plain = put_down(lines(tmp_path / "q.jsonl", ROWS), tmp_path)
    expected = [plain.query(row) for row in range(4)]
    rows = [{**row, "id": None if row.get("id") is None else str(row["id"])} for row in ROWS]
    if name.endswith("gz"):
        (tmp_path / name).write_bytes(gzip.compress((tmp_path / "q.jsonl").read_bytes()))
    else:
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / name)
    asked = put_down(tmp_path / name, tmp_path)
    assert [asked.query(row) for row in range(4)] == expected


def test_bad_rows_of_parquet_are_rejected_with_what_they_held(tmp_path: Path) -> None:
    table = pa.table({"input_field": ["a?", None, "b?"], "id": ["x", "y", "x"]})
    pq.write_table(table, tmp_path / "q.parquet")
    asked = put_down(tmp_path / "q.parquet", tmp_path)
    assert (len(asked), asked.rejected) == (1, 2)
    found = (tmp_path / "rejected" / "queries.jsonl").read_text().splitlines()
    assert [json.loads(line)["line"] for line in found] == [2, 3]
    assert "id 'x' was already used on line 1" in found[1]


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
    with pytest.raises(DataError, match=r"q\.parquet: cannot be read to its end: .*Parquet"):
        put_down(tmp_path / "q.parquet", tmp_path)


def test_forms_stand_together_and_so_do_questions_that_begin_alike(tmp_path: Path) -> None:
    asked = put_down(lines(tmp_path / "q.jsonl", ROWS * 3), tmp_path)
    order = asked.sort(np.arange(len(asked)))
    assert sorted(order) == list(range(len(asked)))
    forms = [list(FORMS)[form] for form in asked.forms[order]]
    assert forms == sorted(forms, key=list(FORMS).index)
    shop = [asked.query(int(row)).prompt.startswith(SHOP) for row in order]
    assert sum(a != b for a, b in pairwise(shop)) <= 2
