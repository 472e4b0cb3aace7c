import json
import math
from pathlib import Path

from ecom import shopbench
from ecom.shopbench import Place, Rejected, row_id


def test_ids_are_the_rows_own_else_of_prompt_and_line() -> None:
    row = {"input_field": "Which?"}
    one, two = Place(1), Place(2)
    assert row_id({**row, "id": 7}, one) == "7"
    assert row_id({**row, "id": 7.0}, one) == "7", "as pandas writes it beside a null"
    assert row_id({**row, "id": math.nan}, one) == row_id(row, one)
    assert row_id(row, one) == row_id({**row, "output_field": 3}, one)
    others = [row_id(row, two), row_id({"input_field": "What?"}, one), row_id(row, Place(1, "b"))]
    assert len({row_id(row, one), *others}) == 4


def test_rejected_rows_are_written_with_their_place_and_reason(tmp_path: Path) -> None:
    path = tmp_path / "new" / "rows.jsonl"
    row = Rejected(3, "why", "\ufffd text")
    shopbench.write_rejected(path, [(Place(3), row), (Place(3, "b/c.csv"), row)])
    first, second = map(json.loads, path.read_text().splitlines())
    assert first == {"line": 3, "reason": "why", "text": "\ufffd text"}
    assert second == {"file": "b/c.csv", **first}
