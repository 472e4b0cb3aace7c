import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ecom.predict.kept import WRITERS, Kept, to_json
from ecom.rows import PREDICTION_SCHEMA, Prediction


def said(text: str) -> str:
    return to_json(Prediction(f"id {text}", text, text, "generation"))


def test_answers_come_out_in_the_order_of_the_rows_each_once(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "a.kept", 4)
    assert kept.add([2, 0], [said("two"), said("null – ö\n")]) == 2
    assert kept.add([0, 3], [said("again"), said("three")]) == 1
    assert kept.missing().tolist() == [1]
    assert list(kept.predictions()) == [said("null – ö\n"), None, said("two"), said("three")]


@pytest.mark.parametrize("cut", [1, 9, 30])
def test_a_killed_run_keeps_every_whole_line(tmp_path: Path, cut: int) -> None:
    """A kill leaves the last line short; what was answered before it is not asked again."""
    kept = Kept(tmp_path / "a.kept", 3)
    kept.add([1, 0], [said("one"), said("zero")])
    whole = (tmp_path / "a.kept").read_bytes()
    (tmp_path / "a.kept").write_bytes(whole[:-cut])

    again = Kept(tmp_path / "a.kept", 3)
    assert again.missing().tolist() == [0, 2]
    again.add([0, 2], [said("zero"), said("two")])
    assert list(again.predictions()) == [said("zero"), said("one"), said("two")]


def test_nothing_kept_is_nothing(tmp_path: Path) -> None:
    assert list(Kept(tmp_path / "a.kept", 2).predictions()) == [None, None]


def test_both_formats_hold_the_same_rows(tmp_path: Path) -> None:
    made = [said("a"), said("b"), to_json(Prediction("c", "", "", "ranking", 0.5, "why"))]
    rows = [{**json.loads(text), "file": "q.csv", "line": n} for n, text in enumerate(made, 2)]
    for name, write in WRITERS.items():
        write(tmp_path / f"p.{name}", iter(rows), None)
    table = pq.read_table(tmp_path / "p.parquet")
    assert table.schema.names == [*PREDICTION_SCHEMA.names, "file", "line"]
    assert table.to_pylist() == rows
    assert [json.loads(row) for row in (tmp_path / "p.jsonl").read_text().splitlines()] == rows
