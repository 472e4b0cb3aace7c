"""Questions in the files that people have, read as the corpus reads them."""

import codecs
import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecom.errors import DataError
from ecom.queries import read
from ecom.rows import Query
from ecom.shopbench import Place, Rejected, row_id

ROWS: list[dict[str, Any]] = [
    {"id": "7", "input_field": "Größe?\n0. S\n1. M", "is_multiple_choice": True, "task": "fit"},
    {"id": None, "input_field": 'Was heißt "sale"?', "is_multiple_choice": None, "task": None},
    {"id": "9", "input_field": "Why; or, why not?", "is_multiple_choice": False, "task": None},
]


def lines(path: Path) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))


def packed(path: Path) -> None:
    path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in ROWS).encode()))


def array(path: Path) -> None:
    path.write_text(json.dumps(ROWS, indent=1, ensure_ascii=False), encoding="utf-8-sig")


def parquet(path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(ROWS), path)


def table(path: Path, delimiter: str = ",", encoding: str = "utf-8") -> None:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(ROWS[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(ROWS)
    path.write_text(stream.getvalue(), encoding=encoding, newline="")


def excel(path: Path) -> None:
    table(path, ";", "cp1252")


def tabs(path: Path) -> None:
    table(path, "\t", "utf-16")


def archive(path: Path) -> None:
    lines(path.with_suffix(".jsonl"))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as to:
        to.write(path.with_suffix(".jsonl"), "rows/q.jsonl")
        to.writestr("__MACOSX/rows/._q.jsonl", b"\0")
        to.writestr("README", "not rows")
    path.with_suffix(".jsonl").unlink()


KINDS: dict[str, Callable[[Path], None]] = {
    "q.jsonl": lines,
    "q.JSONL.GZ": packed,
    "q.json": array,
    "q.PARQUET": parquet,
    "q.csv": table,
    "Q.CSV": excel,
    "q.tsv": tabs,
    "q.zip": archive,
}


def asked(path: Path | str) -> list[tuple[str, str, bool | None, str | None]]:
    found = []
    for place, query, row in read(path):
        assert isinstance(query, Query), query
        assert query.id == (row["id"] or row_id({"input_field": query.prompt}, place))
        found.append((query.id, query.prompt, query.is_multiple_choice, query.task))
    return found


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_file_asks_the_same(tmp_path: Path, name: str) -> None:
    KINDS[name](tmp_path / name)
    found = asked(tmp_path / name)
    assert [(found[0][0], found[2][0])] == [("7", "9")]
    assert [row[1:] for row in found] == [
        (row["input_field"], row["is_multiple_choice"], row["task"]) for row in ROWS
    ]


def test_folders_and_patterns_name_many_files_in_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("0.parquet", "1.PARQUET"):
        parquet(tmp_path / "b" / name)
    empty = pa.Table.from_pylist(ROWS).slice(0, 0)
    pq.write_table(empty, tmp_path / "b" / "2.parquet")  # as Spark leaves them
    lines(tmp_path / "a.jsonl")
    (tmp_path / "b" / "_SUCCESS").touch()
    (tmp_path / "notes.txt").write_text("not rows")
    files = ["a.jsonl", "b/0.parquet", "b/1.PARQUET"]
    expected = [Place(n, file, "parquet" in file.lower()) for file in files for n in (1, 2, 3)]
    assert [place for place, _, _ in read(tmp_path)] == expected
    assert len({id for id, *_ in asked(tmp_path)}) == 2 + 3, "a row without one has its place's"
    assert [place for place, _, _ in read(f"{tmp_path}/**/*.[pP]*")] == expected[3:]
    assert [place.file for place, _, _ in read(f"{tmp_path}/b/0*")] == ["0.parquet"] * 3


@pytest.mark.parametrize("name", ["q.txt", "q", "q.xlsx", "q.parquet.bak"])
def test_a_file_of_an_unknown_kind_is_refused_with_those_that_are_known(
    tmp_path: Path, name: str
) -> None:
    lines(tmp_path / name)
    with pytest.raises(DataError, match=rf"{name}: files of this kind .*\*\.csv.*\*\.parquet"):
        list(read(tmp_path / name))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("none.jsonl", "no such file"),
        ("*.csv", "no file of a kind"),
        ("cut.zip", "not a complete zip"),
    ],
)
def test_what_is_not_there_or_not_whole_is_one_error(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "cut.zip").write_bytes(b"PK\x03\x04cut")
    with pytest.raises(DataError, match=said):
        list(read(tmp_path / name))


def test_a_row_that_asks_nothing_says_why(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"input_field": "Which?", "is_multiple_choice": True, "output_field": [], "metric": 3},
        {"input_field": "Why?", "track": "amazon-kdd-cup-24-user-behavior-alignment"},
        {"input_field": "  "},
        {"input_field": "Why?", "is_multiple_choice": 1},
        {"input_field": "Who?", "id": 2.5},
        {"input_field": "Who?", "id": "a"},
        {"input_field": "When?", "id": "a"},
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"input_field": "\\ud800"}')
    found = {place.line: query for place, query, _ in read(path)}
    assert found[1] == Query("Which?", True, row_id(rows[0], Place(1)))
    assert found[2] == Query("Why?", None, row_id(rows[1], Place(2)), skill="behavior")
    assert [found[n] for n in (6, 7)] == [Query("Who?", None, "a"), Query("When?", None, "a")]
    assert {n: row.reason for n, row in found.items() if isinstance(row, Rejected)} == {
        3: "input_field is '  ', which is not a text",
        4: "is_multiple_choice is 1, not true or false",
        5: "id is 2.5, which is not a whole number",
        8: "holds a lone surrogate (\\ud800 to \\udfff), which is no character",
    }


def test_cells_of_a_table_are_values_as_spreadsheets_and_pandas_write_them(tmp_path: Path) -> None:
    cells = ["id,input_field,is_multiple_choice,task"]
    cells += ["1.0,a?,TRUE,t", ",b?,0.0,", "x.0,c?,, ", "4,d?,yes,"]
    (tmp_path / "q.csv").write_bytes(codecs.BOM_UTF8 + "\r\n".join(cells).encode())
    *good, bad = (query for _, query, _ in read(tmp_path / "q.csv"))
    assert good == [
        Query("a?", True, "1", task="t"),
        Query("b?", False, row_id({"input_field": "b?"}, Place(3))),
        Query("c?", None, "x.0"),
    ]
    assert isinstance(bad, Rejected)
    assert bad.reason == "is_multiple_choice is 'yes', not true or false"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"options": ["a", "b"], "choose": 2, "order": True}, (("a", "b"), None, 2, True)),
        ({"options": '["a, c", "b"]', "order": False}, (("a, c", "b"), None, None, False)),
        ({"options": "a | b", "labels": "1|2"}, (("a", "b"), ("1", "2"), None, None)),
        ({"options": [], "labels": None, "choose": "any"}, (None, None, "any", None)),
    ],
)
def test_a_row_says_what_may_be_answered(
    tmp_path: Path, cells: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    (tmp_path / "q.jsonl").write_text(json.dumps({"input_field": "Which?", **cells}))
    [(_, query, _)] = read(tmp_path / "q.jsonl")
    assert isinstance(query, Query)
    assert (query.options, query.labels, query.choose, query.order) == expected


def test_in_a_table_it_is_text(tmp_path: Path) -> None:
    table = "input_field,options,choose,order\nWhich?,a|b|c,2,TRUE\nWhat?,,,\n"
    (tmp_path / "q.csv").write_text(table)
    (_, first, _), (_, second, _) = read(tmp_path / "q.csv")
    assert isinstance(first, Query)
    assert isinstance(second, Query)
    assert (first.options, first.choose, first.order) == (("a", "b", "c"), 2, True)
    assert (second.options, second.choose, second.order) == (None, None, None)


@pytest.mark.parametrize(
    ("cells", "named"),
    [
        ({"options": 3}, "options is 3"),
        ({"options": ["a", 3]}, "options is ['a', 3]"),
        ({"labels": "[1, 2"}, "labels is '[1, 2'"),
        ({"choose": "all"}, "choose is 'all'"),
        ({"choose": True}, "choose is True"),
        ({"order": "up"}, "order is 'up'"),
    ],
)
def test_an_offer_that_is_none_is_rejected_with_its_field(
    tmp_path: Path, cells: dict[str, Any], named: str
) -> None:
    (tmp_path / "q.jsonl").write_text(json.dumps({"input_field": "Which?", **cells}))
    [(_, rejected, _)] = read(tmp_path / "q.jsonl")
    assert isinstance(rejected, Rejected)
    assert named in rejected.reason
