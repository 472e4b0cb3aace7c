import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ecom.corpus.sources import shopbench
from ecom.errors import DataError
from ecom.rows import Example
from ecom.shopbench import Rejected

ROW: dict[str, Any] = {
    "input_field": "Which is a shoe?\n0. boot\n1. lamp\nAnswer: ",
    "output_field": 0,
    "task_type": "multiple-choice",
    "metric": "accuracy",
}


def read(tmp_path: Path, *lines: str) -> list[Example | Rejected]:
    file = tmp_path / "mcq_shoes.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return list(shopbench.read_examples(file))


def test_a_row_becomes_an_example_named_after_its_file(tmp_path: Path) -> None:
    (example,) = read(tmp_path, json.dumps(ROW))
    assert isinstance(example, Example)
    assert (example.task, example.form, example.output) == ("mcq_shoes", "multiple-choice", "0")
    assert example.skill is None, "the row does not say, so nobody may guess"
    assert example.prompt == ROW["input_field"].strip()


def test_a_bad_line_is_rejected_with_its_number_and_the_rest_goes_on(tmp_path: Path) -> None:
    good = json.dumps(ROW)
    bad = json.dumps({**ROW, "output_field": "no", "metric": "bool"})
    result = read(tmp_path, good, '{"input_field": "trunc', "", bad, good)
    rejected = [row for row in result if isinstance(row, Rejected)]
    assert [row.line for row in rejected] == [2, 4]
    assert "not valid JSON" in rejected[0].reason
    assert "'no'" in rejected[1].reason
    assert "int from 0 to 9" in rejected[1].reason
    assert sum(isinstance(row, Example) for row in result) == 2


def test_a_ranking_teaches_the_ideal_order(tmp_path: Path) -> None:
    row = {**ROW, "task_type": "ranking", "output_field": [0.1, 1, 0, 0.01, 1]}
    (example,) = read(tmp_path, json.dumps(row))
    assert isinstance(example, Example)
    assert example.output == "2,5,1,4,3"


def test_a_folder_without_rows_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=str(tmp_path)):
        shopbench.files(tmp_path)


def test_all_public_contest_items_are_read_with_their_skill(ecom_data: Path) -> None:
    rows = list(shopbench.read_examples(ecom_data / "shopbench" / "development.json"))
    examples = [row for row in rows if isinstance(row, Example)]
    assert len(rows) == len(examples) == 96
    assert {e.skill for e in examples} == {"concepts", "reasoning", "behavior", "multilingual"}
    assert Counter(e.form for e in examples)["multiple-choice"] == 52


def test_the_known_faults_of_the_real_rows_are_rejected_and_nothing_else(ecom_data: Path) -> None:
    def golds(name: str) -> list[Any]:
        lines = (ecom_data / "ec_guide" / name).read_text(encoding="utf-8").splitlines()
        return [json.loads(line)["output_field"] for line in lines]

    def rejected(name: str) -> int:
        rows = shopbench.read_examples(ecom_data / "ec_guide" / name)
        return sum(isinstance(row, Rejected) for row in rows)

    # NOTICE.txt: yes/no answers in PRP and QPRJ, golds that are strings in SAP, 0 in 1-based lists
    for name in ("mcq_prp.jsonl", "mcq_qprj.jsonl", "mcq_sap.jsonl"):
        strings = sum(isinstance(gold, str) for gold in golds(name))
        assert rejected(name) == strings > 0, name
    zeros = sum(0 in gold for gold in golds("retrieval_rrs.jsonl"))
    assert rejected("retrieval_rrs.jsonl") == zeros > 0
