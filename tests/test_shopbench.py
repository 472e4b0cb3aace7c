import gzip
import json
import math
from pathlib import Path
from typing import Any

import pytest

from ecom import shopbench
from ecom.errors import DataError
from ecom.rows import Query
from ecom.shopbench import Rejected, read, read_queries, row_id


def test_lines_are_numbered_and_bad_ones_say_why(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    lines = [b'\xef\xbb\xbf{"a": 1}', b"", b'{"a": "\xff"}', b"[1]", b'{"a": ', b'{"a": 2}']
    path.write_bytes(b"\r\n".join(lines))
    found = dict(read(path))
    assert found[1] == {"a": 1}
    assert found[6] == {"a": 2}
    reasons = {n: row.reason for n, row in found.items() if isinstance(row, Rejected)}
    assert list(reasons) == [3, 4, 5]
    assert reasons[3] == "not UTF-8: byte 0xff"
    assert reasons[4] == "not a JSON object"
    assert reasons[5].startswith("not valid JSON")


@pytest.mark.parametrize("line", ["[" * 100_000, '{"a": ' + "9" * 5_000 + "}"])
def test_lines_that_break_the_json_reader_are_rejected(tmp_path: Path, line: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f'{line}\n{{"a": 1}}\n')
    (_, first), (_, second) = read(path)
    assert isinstance(first, Rejected)
    assert len(first.text) == 200
    assert second == {"a": 1}


def test_gz_is_read_and_a_cut_one_refused(tmp_path: Path) -> None:
    whole, cut = tmp_path / "rows.jsonl.gz", tmp_path / "cut.jsonl.gz"
    whole.write_bytes(gzip.compress(b'{"a": 1}\n{"a": 2}'))
    assert [row for _, row in read(whole)] == [{"a": 1}, {"a": 2}]
    cut.write_bytes(whole.read_bytes()[:-10])
    with pytest.raises(DataError, match=r"cut.jsonl.gz: cannot be read to its end"):
        list(read(cut))


def test_missing_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        list(read(tmp_path / "none.jsonl"))
    with pytest.raises(DataError, match="cannot be read"):
        list(read(tmp_path))


def test_ids_are_the_rows_own_else_of_prompt_and_line() -> None:
    row = {"input_field": "Which?"}
    assert row_id({**row, "id": 7}, 1) == "7"
    assert row_id({**row, "id": 7.0}, 1) == "7", "as pandas writes it beside a null"
    assert row_id({**row, "id": math.nan}, 1) == row_id(row, 1)
    assert row_id(row, 1) == row_id({**row, "output_field": 3}, 1)
    assert len({row_id(row, 1), row_id(row, 2), row_id({"input_field": "What?"}, 1)}) == 3


def test_queries_take_nothing_but_the_question(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows: list[dict[str, Any]] = [
        {"input_field": "Which?", "is_multiple_choice": True, "output_field": [], "metric": 3},
        {"input_field": "Why?"},
        {"input_field": "  "},
        {"input_field": "Why?", "is_multiple_choice": 1},
        {"input_field": "\ud800"},
        {"input_field": "Who?", "id": "a"},
        {"input_field": "When?", "id": "a"},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = dict(read_queries(path))
    assert found[1] == Query("Which?", True, row_id(rows[0], 1))
    assert found[2] == Query("Why?", None, row_id(rows[1], 2))
    assert found[6] == Query("Who?", None, "a")
    assert {n: row.reason for n, row in found.items() if isinstance(row, Rejected)} == {
        3: "input_field is '  ', which is not a text",
        4: "is_multiple_choice is 1, not true or false",
        5: "input_field holds a lone surrogate (\\ud800 to \\udfff), which is no character",
        7: "id 'a' was already used on line 6",
    }


def test_rejected_lines_are_written_with_their_reason(tmp_path: Path) -> None:
    path = tmp_path / "new" / "rows.jsonl"
    shopbench.write_rejected(path, [Rejected(3, "why", "\ufffd text")])
    assert json.loads(path.read_text()) == {"line": 3, "reason": "why", "text": "\ufffd text"}
