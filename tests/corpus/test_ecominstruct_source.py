import json
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from ecom.corpus.clean import Cleaned, clean
from ecom.corpus.config import Clean
from ecom.corpus.formats import ecominstruct
from ecom.corpus.formats.base import Item
from ecom.corpus.records import Classified, Tagged
from ecom.ecominstruct import Row, read_rows
from ecom.errors import DataError
from ecom.forms import FORMS
from ecom.rows import Example
from ecom.shopbench import Rejected

META: dict[str, Any] = {
    "defi": "review topic",
    "test_prompt": {
        "instruction": "### Instruction:\n{sentences}\n"
        "Sort the above sentences by topic: {label_set}. \n### Response:"
    },
    "label_set": {"en": ["Food", "Price"]},
    "label_key": "en",
    "label_sep": ", ",
}
ROW: dict[str, Any] = {"sentences": "Cheap and good.", "labels": {"en": ["Price", "Food"]}}


def read(folder: Path, meta: dict[str, Any], *rows: Any) -> list[Example | Rejected]:
    return [item for item in items(folder, meta, *rows) if isinstance(item, Example | Rejected)]


def items(folder: Path, meta: dict[str, Any], *rows: Any) -> list[Item]:
    folder.mkdir()
    (folder / "meta-info.json").write_text(json.dumps(meta))
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    (folder / "test.json").write_text("\n".join(lines), encoding="utf-8")
    return list(chain.from_iterable(ecominstruct.read_rows(folder)))


def test_a_classification_is_asked_with_its_candidates_as_options(tmp_path: Path) -> None:
    (example,) = read(tmp_path / "EN-Shop-CLS-topic", META, ROW)
    assert isinstance(example, Example)
    assert example.text() == (
        "Below is an instruction that describes the review topic task. "
        "Write a response that appropriately completes the request.\n"
        "Sort the sentences by topic: the options below.\n"
        "Cheap and good.\n"
        "- Food\n"
        "- Price"
    )
    assert (example.output, example.options) == ("Price, Food", ("Food", "Price"))
    assert example.form == "multi-label"
    assert (example.task, example.paradigm, example.lang) == ("EN-Shop-CLS-topic", "CLS", "en")


def test_labels_that_cannot_be_told_apart_stay_a_text(tmp_path: Path) -> None:
    (example,) = read(tmp_path / "EN-Shop-CLS-topic", {**META, "label_sep": " & "}, ROW)
    assert isinstance(example, Example)
    assert (example.form, example.output) == ("generation", "Price & Food")


def test_words_after_the_input_are_its_constraint(tmp_path: Path) -> None:
    words = "### Instruction:\nPick the match.\n{sentences}\nOutput its name only.\n### Response:"
    meta = {**META, "test_prompt": {"instruction": words}}
    row = {"sentences": "Query: {a}", "spans": [{"term": "a lamp", "start": 7, "end": 3}]}
    (example,) = read(tmp_path / "ZH-Shop-Extract-select", meta, row)
    assert isinstance(example, Example)
    assert (example.prompt, example.input) == ("Pick the match.", "Query: {a}")
    assert example.constraint == "Output its name only."
    assert (example.output, example.paradigm, example.lang) == ("a lamp", "EXT", "zh")


def test_a_classification_is_a_record_too(tmp_path: Path) -> None:
    row = {**ROW, "labels": {"en": ["Price, low", "Food"]}}
    _, record = items(tmp_path / "EN-Shop-CLS-topic", META, row)
    assert isinstance(record, Classified)
    assert record.labels == ("Price, low", "Food"), "not cut at its own comma"
    assert record.candidates == ("Food", "Price", "Price, low")
    assert (record.text, record.topic, record.lang) == ("Cheap and good.", "review topic", "en")


def test_entities_are_a_record_where_they_stand_in_the_text(tmp_path: Path) -> None:
    span = {"term": "good", "type": "Food", "start": 99, "end": 3}
    row = {"sentences": "Cheap and good.", "spans": [span]}
    gone = {"sentences": "Cheap and bad.", "spans": [span]}
    _, record, alone = items(tmp_path / "EN-Shop-NER-food", META, row, gone)
    assert isinstance(record, Tagged)
    assert (record.spans, record.types) == ((("Food", "good"),), ("Food", "Price"))
    assert isinstance(alone, Example)


def test_a_bad_line_is_rejected_with_its_number_and_the_rest_goes_on(tmp_path: Path) -> None:
    good, bad, last = read(tmp_path / "EN-Shop-CLS-topic", META, ROW, '{"sentences": "x"}', ROW)
    assert isinstance(good, Example)
    assert isinstance(last, Example)
    assert isinstance(bad, Rejected)
    assert bad.line == 2
    assert bad.reason.startswith("EN-Shop-CLS-topic: ")
    assert "labels is None" in bad.reason


def test_a_folder_without_tasks_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=str(tmp_path)):
        list(ecominstruct.read_rows(tmp_path))


def test_all_public_rows_become_examples_that_teach_their_answer(ecom_data: Path) -> None:
    folder = ecom_data / "ecominstruct"
    rows = [row for row in read_rows(folder) if isinstance(row, Row)]
    found = list(chain.from_iterable(ecominstruct.read_rows(folder)))
    examples = [e for e in found if isinstance(e, Example)]
    assert Counter(type(item).__name__ for item in found) == {
        "Example": 3_000,
        "Classified": 1_500,
        "Tagged": 1_000,
    }
    assert len(rows) == len(examples) == 3_000
    assert Counter(e.paradigm for e in examples) == {
        "CLS": 1_500,
        "OTHER": 500,
        "EXT": 500,
        "GEN": 500,
    }
    for row, example in zip(rows, examples, strict=True):
        assert example.form == ("multi-label" if row.task.paradigm == "CLS" else "generation")
        form = FORMS[example.form]
        assert form.is_gold(form.read(example.output, example.options))
        assert isinstance(clean(example, Clean()), Cleaned)
        assert example.output == row.answer
        assert example.description
        assert example.input == row.sentences
        assert example.prompt
        assert not set("{}#") & set(example.prompt)
        assert ", ".join(example.options) in row.prompt
        assert (example.split, example.label, example.skill) == ("train", "gold", None)
