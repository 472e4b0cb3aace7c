import json
from pathlib import Path

import pytest

from ecom.errors import DataError
from ecom.serve.job import one_per_form


def test_one_question_of_each_form_is_asked(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    choice = "Is a boot a shoe?\n0. yes\n1. no\nAnswer:"
    title = "Write a short title for this product: a red boot of soft leather.\nTitle:"
    rows = [
        {"input_field": choice, "is_multiple_choice": True, "id": "a"},
        {"input_field": choice + " ", "is_multiple_choice": True, "id": "b"},
        {"input_field": ""},
        {"input_field": title, "is_multiple_choice": False, "id": "c"},
        {"input_field": "What is it?", "options": ["lamp"], "id": "no offer"},
        {"input_field": "What is it?", "options": ["lamp", "boot"], "id": "d"},
        {"input_field": "What is it?", "labels": ["A", "B"], "order": True, "id": "e"},
    ]
    file.write_text("\n".join(map(json.dumps, rows)))
    found = one_per_form(file)
    assert {form: q["id"] for form, q in found.items()} == {
        "multiple-choice": "a",
        "generation": "c",
        "classification": "d",
        "ordering": "e",
    }
    assert found["multiple-choice"]["prompt"] == choice
    assert found["classification"]["options"] == ("lamp", "boot")
    assert (found["ordering"]["labels"], found["ordering"]["order"]) == (("A", "B"), True)


def test_questions_of_ecominstruct_can_be_served_too(ecom_data: Path) -> None:
    found = one_per_form(ecom_data / "ecominstruct" / "ABSA")
    assert list(found) == ["generation"]


def test_a_file_without_a_question_is_named(tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text('{"input_field": ""}\n')
    with pytest.raises(DataError, match=r"q\.jsonl: no readable question"):
        one_per_form(tmp_path / "q.jsonl")
