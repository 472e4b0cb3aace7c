import csv
import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecom import shopbench
from ecom.errors import DataError
from ecom.evaluate.gold import Answered, raise_all, read_gold, read_predictions, reasons
from ecom.shopbench import Place

ROW: dict[str, Any] = {
    "input_field": "Which?\n0. a\n1. b",
    "output_field": 1,
    "task_name": "t",
    "task_type": "multiple-choice",
    "metric": "accuracy",
    "is_multiple_choice": True,
    "track": "amazon-kdd-cup-24-user-behavior-alignment",
}


def write(path: Path, rows: list[Any]) -> Path:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def complaint(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_gold(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"output_field": "1"}, "'1' is not an int from 0 to 9"),
        ({"output_field": True}, "True is not an int from 0 to 9"),
        ({"output_field": 12}, "12 is not an int from 0 to 9"),
        ({"metric": "bool"}, "metric 'bool' is not one of accuracy, hit rate@3"),
        (
            {"metric": "ndcg"},
            "metric 'ndcg' scores ranking and ordering answers, not",
        ),
        ({"task_type": "mcq"}, "task_type 'mcq' is not one of multiple-choice"),
        ({"task_name": 7}, "task_name is 7"),
        ({"track": 5}, "track is 5"),
        ({"input_field": 3}, "input_field is 3"),
        ({"is_multiple_choice": "yes"}, "is_multiple_choice is 'yes'"),
        ({"id": [1]}, "id is [1]"),
        ({"task_type": "retrieval", "metric": "hit rate@3", "output_field": []}, "1 to 3 distinct"),
    ],
)
def test_a_wrong_field_is_named_with_its_line(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    path = write(tmp_path / "g.jsonl", [ROW, "", {**ROW, **change}])
    assert f"{path}:3: " in (text := complaint(path))
    assert said in text


def test_all_offenders_are_listed_lines_with_the_same_fault_together(tmp_path: Path) -> None:
    wrong = {**ROW, "metric": "bool"}
    rows = [wrong, wrong, ROW, wrong, {**ROW, "output_field": "x"}]
    path = write(tmp_path / "g.jsonl", rows)
    text = complaint(path)
    assert "4 faults" in text
    assert f"{path}:1-2,4: metric 'bool' is not one of" in text
    assert f"{path}:5: output_field 'x'" in text


def test_an_unknown_metric_can_be_mapped(tmp_path: Path) -> None:
    row = {**ROW, "metric": "bool", "output_field": "yes"}
    path = write(tmp_path / "g.jsonl", [row])
    golds, _ = read_gold(path, {"bool": "rougel"})
    assert (golds[0].metric, golds[0].form, golds[0].answer) == ("rougel", "generation", "yes")
    with pytest.raises(DataError, match="output_field 'yes' is not an int"):
        read_gold(path, {"bool": "accuracy"})
    with pytest.raises(DataError, match="metric 'acuracy' is not one of"):
        read_gold(path, {"bool": "acuracy"})


def test_training_rows_without_task_or_track_are_scored_by_file_and_form(tmp_path: Path) -> None:
    row = {name: ROW[name] for name in ("input_field", "output_field", "task_type", "metric")}
    text = {**row, "output_field": "a", "task_type": "generation", "metric": "rougel"}
    golds, _ = read_gold(write(tmp_path / "mcq.jsonl", [row, text]))
    assert [gold.task for gold in golds] == ["mcq-multiple-choice", "mcq-generation"]
    assert {gold.track for gold in golds} == {"no track"}


def test_a_task_has_one_form_and_one_track(tmp_path: Path) -> None:
    text = complaint(write(tmp_path / "g.jsonl", [ROW, {**ROW, "track": "concepts"}]))
    assert "task 't' is multiple-choice of track 'concepts', but on line 1" in text


@pytest.mark.parametrize("lines", [[], ["", ""], ["{broken"]])
def test_a_file_without_golds_is_refused(tmp_path: Path, lines: list[Any]) -> None:
    assert "no gold row" in complaint(write(tmp_path / "g.jsonl", lines))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "no such file" in complaint(tmp_path / "none.jsonl")


def test_broken_lines_are_handed_back_and_tracks_get_their_skill(tmp_path: Path) -> None:
    rows = [ROW, "{broken", {**ROW, "task_name": "u", "track": "garden"}]
    golds, rejected = read_gold(write(tmp_path / "g.jsonl", rows))
    assert [gold.track for gold in golds] == ["behavior", "garden"]
    assert [(one.place, one.row.text) for one in rejected] == [(Place(2), "{broken")]


BAD = [{**ROW, "id": "b", "metric": "bool"}, "{broken", {**ROW, "id": "d", "output_field": "x"}]
MIXED = [{**ROW, "id": "a"}, *BAD, {**ROW, "id": "e"}, {**ROW, "id": "f", "task_type": "ranking"}]


def test_bad_golds_are_left_out_when_asked_with_their_reasons(tmp_path: Path) -> None:
    golds, left_out = read_gold(write(tmp_path / "g.jsonl", MIXED), skip_bad=True)
    assert [gold.id for gold in golds] == ["a", "e"]
    assert [one.place.line for one in left_out] == [2, 3, 4, 6]
    assert list(reasons(left_out).values()) == [1, 1, 1, 1]
    with pytest.raises(DataError, match="skip_bad=true, or --skip-bad"):
        read_gold(tmp_path / "g.jsonl")


@pytest.mark.parametrize(
    ("ids", "has_ids"),
    [("abdef", True), ("ae", True), ("fdeba", True), ("abcdef", False), ("ae", False)],
)
def test_answers_to_bad_golds_may_be_there_or_not(tmp_path: Path, ids: str, has_ids: bool) -> None:
    golds, left_out = read_gold(write(tmp_path / "g.jsonl", MIXED), skip_bad=True)
    made = [{"prediction": id, **({"id": id} if has_ids else {})} for id in ids]
    answers, faults = read_predictions(write(tmp_path / "p.jsonl", made), golds, left_out)
    assert not faults
    assert [answer.text for answer in answers] == ["a", "e"]


def test_a_bad_gold_that_shares_its_id_is_told_apart_by_line(tmp_path: Path) -> None:
    rows = [{**ROW, "id": "s"}, {**ROW, "id": "s", "metric": "bool"}]
    golds, left_out = read_gold(write(tmp_path / "g.jsonl", rows), skip_bad=True)
    made = [{"id": "s", "line": line, "prediction": str(line)} for line in (2, 1)]
    answers, faults = read_predictions(write(tmp_path / "p.jsonl", made), golds, left_out)
    assert (answers, faults) == ([Answered("1")], [])


def test_predictions_are_matched_by_id_else_by_order(tmp_path: Path) -> None:
    golds, _ = read_gold(write(tmp_path / "g.jsonl", [ROW, ROW, {**ROW, "id": "x"}]))
    first, second = (shopbench.row_id(ROW, Place(line)) for line in (1, 2))
    by_id = [{"id": i, "prediction": t} for i, t in ((second, "b"), ("x", "c"), (first, "a"))]
    expected = [Answered(text) for text in "abc"]
    assert read_predictions(write(tmp_path / "p.jsonl", by_id), golds) == (expected, [])
    by_order = [{"prediction": text} for text in "abc"]
    assert read_predictions(write(tmp_path / "p.jsonl", by_order), golds) == (expected, [])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"id": "a", "prediction": "1"}], "no prediction for gold lines 2 (ids 'b')"),
        ([{"id": i, "prediction": "1"} for i in "abc"], ":3: id 'c' has no gold row"),
        (
            [{"id": i, "prediction": "1"} for i in "aba"],
            ":3: id 'a' was already predicted on line 1",
        ),
        ([{"id": "a", "prediction": "1"}, {"prediction": "1"}], ":2: no id, though line 1 has one"),
        ([{"prediction": "1"}], "1 predictions without ids for 2 gold rows: none for gold lines 2"),
        (
            [{"prediction": "1"}] * 4,
            ":3-4: 4 predictions without ids for 2 gold rows: one too many",
        ),
        ([{"prediction": "1", "confidence": "high"}], ":1: confidence is 'high'"),
        ([{"id": "a", "prediction": 3}, "{"], ":1: prediction is 3, which is not a text"),
        ([{"id": "a", "prediction": "1"}, "{"], ":2: not valid JSON"),
    ],
)
def test_predictions_that_do_not_fit(tmp_path: Path, rows: list[Any], said: str) -> None:
    golds, _ = read_gold(write(tmp_path / "g.jsonl", [{**ROW, "id": "a"}, {**ROW, "id": "b"}]))
    texts, faults = read_predictions(write(tmp_path / "p.jsonl", rows), golds)
    assert texts == []
    with pytest.raises(DataError, match=re.escape(said)):
        raise_all(faults, "wrong")


SHARED = [{**ROW, "id": id, "input_field": text} for id, text in (("s", "a?"), ("t", "b?"))]


def test_golds_that_share_an_id_are_matched_by_line_as_well(tmp_path: Path) -> None:
    """Each answer's line names its question; an id of two questions says nothing about it."""
    golds, _ = read_gold(write(tmp_path / "g.jsonl", [SHARED[0], SHARED[1], SHARED[0]]))
    rows = [("s", 3, "third"), ("t", 9, "second"), ("s", 1, "first")]
    made = [{"id": id, "line": line, "prediction": text} for id, line, text in rows]
    answers, faults = read_predictions(write(tmp_path / "p.jsonl", made), golds)
    assert not faults
    assert [answer.text for answer in answers] == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{}, {}], ":1-2: id 's' is on gold lines 1,3, and this answer names no line; let predict"),
        ([{"line": 1}, {"line": 2}], ":2: id 's' is on gold lines 1,3, and this answer names line"),
        ([{"line": 1}, {"line": 1}], ":2: id 's' was already predicted on line 1"),
        ([{"line": 1, "file": "a.csv"}, {"line": 3}], "names a.csv, line 1"),
        ([{"line": 1}], "no prediction for gold lines 3 (ids 's')"),
        ([{"line": "one"}, {"line": 3}], ":1: line is 'one', which is not the number of a line"),
    ],
)
def test_a_shared_id_is_never_guessed(
    tmp_path: Path, rows: list[dict[str, Any]], said: str
) -> None:
    golds, _ = read_gold(write(tmp_path / "g.jsonl", [SHARED[0], SHARED[1], SHARED[0]]))
    made = [{"id": "s", "prediction": "1", **row} for row in rows]
    made.append({"id": "t", "prediction": "1", "line": 2})
    _, faults = read_predictions(write(tmp_path / "p.jsonl", made), golds)
    with pytest.raises(DataError, match=re.escape(said)):
        raise_all(faults, "wrong")


def test_golds_of_a_folder_of_tables_are_those_of_json_lines(tmp_path: Path) -> None:
    """A column of a table has one type: a number or list is read as JSON or Python writes it."""
    kinds: list[tuple[str, str, Any, str]] = [
        ("multiple-choice", "accuracy", 1, "1"),
        ("retrieval", "hit rate@3", [1, 3], "[1, 3]"),
        ("named_entity_recognition", "micro f1", ["red", "blue"], "['red', 'blue']"),
        ("generation", "rougel", "17", "17"),
    ]
    rows = [
        {**ROW, "task_name": form, "task_type": form, "metric": metric, "output_field": gold}
        for form, metric, gold, _ in kinds
    ]
    plain, _ = read_gold(write(tmp_path / "g.jsonl", rows))
    (tmp_path / "gold").mkdir()
    for (form, _, _, cell), row in zip(kinds, rows, strict=True):
        column = pa.Table.from_pylist([{**row, "output_field": cell}])
        pq.write_table(column, tmp_path / "gold" / f"{len(form)}.parquet")
        with (tmp_path / "gold" / f"{len(form)}.csv").open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(row), delimiter=";")
            writer.writeheader()
            writer.writerow({**row, "output_field": cell})
    golds, rejected = read_gold(tmp_path / "gold")
    assert not rejected
    for kind, line in (("csv", 2), ("parquet", 1)):
        found = [gold for gold in golds if gold.file.endswith(kind)]
        assert {gold.task: gold.answer for gold in found} == {g.task: g.answer for g in plain}
        assert {gold.line for gold in found} == {line}
    made = ["id,file,line,prediction,confidence"]
    made += [f"{gold.id},{gold.file},2.0,{gold.task},0.5" for gold in golds]
    (tmp_path / "p.csv").write_text("\n".join(made))
    answers, faults = read_predictions(tmp_path / "p.csv", golds)
    assert (answers, faults) == ([Answered(gold.task, 0.5) for gold in golds], [])


def test_a_fault_in_a_folder_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "g").mkdir()
    write(tmp_path / "g" / "a.jsonl", [ROW])
    write(tmp_path / "g" / "b.jsonl", [ROW, {**ROW, "track": 5}])
    assert f"{tmp_path}/g/b.jsonl:2: track is 5" in complaint(tmp_path / "g")
