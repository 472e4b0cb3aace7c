import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom.ecominstruct import MAX_ANSWER_TOKENS, Row, load_tasks, read_queries, read_rows, read_task
from ecom.errors import DataError
from ecom.rows import Query
from ecom.shopbench import Place, Rejected

CLS_META: dict[str, Any] = {
    "task": "EN-Shop-CLS-topic",
    "defi": "review topic",
    "test_prompt": {
        "instruction": "### Instruction:\n{sentences}\nOne of: {label_set}. \n### Resp:"
    },
    "label_set": {"default": ["Food", "Price"], "zh": ["食物", "价格"]},
    "label_key": "default",
    "label_sep": ", ",
}
CLS_ROW: dict[str, Any] = {"sentences": "Cheap.", "labels": {"default": ["Price"], "zh": ["价格"]}}
NER_META = {
    **CLS_META,
    "task": "ZH-Shop-NER-NER",
    "label_set": {"en": ["Brand", "Product", "Color"]},
    "label_key": "en",
}
NER_ROW: dict[str, Any] = {
    "sentences": "a red Nord lamp",
    "spans": [
        {"term": "lamp", "start": 99, "end": 7, "type": "Product"},
        {"term": "red", "start": 0, "end": 0, "type": "Color"},
        {"term": "Nord lamp", "type": "Product"},
    ],
}
EXT_META: dict[str, Any] = {
    "task": "EN-Shop-Extract-QA",
    "defi": "question answering",
    "test_prompt": {"instruction": "Find the answer.\n{sentences}\nIts words only."},
    "label_sep": ", ",
}
EXT_ROW: dict[str, Any] = {"sentences": "What? A lamp, red.", "spans": [{"term": "lamp, red"}]}


def write(folder: Path, meta: Any, *rows: Any) -> Path:
    folder.mkdir(parents=True)
    if meta is not None:
        text = meta if isinstance(meta, str) else json.dumps(meta)
        (folder / "meta-info.json").write_text(text, encoding="utf-8")
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    (folder / "test.json").write_text("\n".join(lines), encoding="utf-8")
    return folder


def rows_of(path: Path) -> list[Row]:
    rows = list(read_rows(path))
    assert all(isinstance(row, Row) for row in rows), rows
    return [row for row in rows if isinstance(row, Row)]


def test_a_question_is_asked_in_the_authors_words(tmp_path: Path) -> None:
    (row,) = rows_of(write(tmp_path / "EN-Shop-CLS-topic", CLS_META, CLS_ROW))
    assert row.prompt == (
        "Below is an instruction that describes the review topic task. "
        "Write a response that appropriately completes the request.\n"
        "### Instruction:\nCheap.\nOne of: Food, Price. \n### Resp:"
    )
    assert (row.answer, row.candidates, row.line) == ("Price", ("Food", "Price"), 1)
    assert (row.task.name, row.task.lang, row.task.paradigm) == ("EN-Shop-CLS-topic", "en", "CLS")


def test_the_label_key_picks_the_variant_of_candidates_and_answers(tmp_path: Path) -> None:
    meta = {**CLS_META, "label_key": "zh", "label_sep": "; "}
    both = {**CLS_ROW, "labels": {"default": ["Food"], "zh": ["价格", "食物"]}}
    first, second = rows_of(write(tmp_path / "EN-Shop-CLS-topic", meta, CLS_ROW, both))
    assert first.answer == "价格"
    assert second.answer == "价格; 食物"
    assert "One of: 食物; 价格. " in first.prompt


def test_a_right_label_that_the_set_lacks_becomes_a_candidate(tmp_path: Path) -> None:
    row = {**CLS_ROW, "labels": {"default": ["Service", "Price"]}}
    (found,) = rows_of(write(tmp_path / "EN-Shop-CLS-topic", CLS_META, row))
    assert found.candidates == ("Food", "Price", "Service")
    assert "One of: Food, Price, Service. " in found.prompt


@pytest.mark.parametrize("text", ["{label_set}", "{sentences}", "{0} {} }{", "{a[b]} \\1 %s"])
def test_braces_in_the_data_are_data(tmp_path: Path, text: str) -> None:
    row = {**CLS_ROW, "sentences": text}
    (found,) = rows_of(write(tmp_path / "EN-Shop-CLS-topic", CLS_META, row))
    assert f"### Instruction:\n{text}\nOne of: Food, Price. " in found.prompt


def test_entities_are_answered_a_line_a_type_by_their_terms(tmp_path: Path) -> None:
    (row,) = rows_of(write(tmp_path / "ZH-Shop-NER-NER", NER_META, NER_ROW))
    assert row.answer == "Brand: None\nProduct: lamp, Nord lamp\nColor: red"
    assert (row.task.lang, row.task.paradigm) == ("zh", "OTHER")


def test_a_sentence_without_entities_is_a_question_too(tmp_path: Path) -> None:
    (row,) = rows_of(write(tmp_path / "ZH-Shop-NER-NER", NER_META, {**NER_ROW, "spans": []}))
    assert row.answer == "Brand: None\nProduct: None\nColor: None"


def test_spans_without_types_and_labels_are_joined(tmp_path: Path) -> None:
    row = {**EXT_ROW, "spans": [{"term": "lamp"}, {"term": "red"}], "label_set": [""]}
    for kind, paradigm in (("Extract", "EXT"), ("Condition_Extract", "EXT"), ("Generate", "GEN")):
        folder = tmp_path / f"EN-Shop-{kind}-x"
        (found,) = rows_of(write(folder, EXT_META, row))
        assert (found.answer, found.candidates) == ("lamp, red", ())
        assert found.task.paradigm == paradigm


def test_characters_in_a_list_are_one_sentence(tmp_path: Path) -> None:
    row = {**CLS_ROW, "sentences": ["红", "灯"]}
    (found,) = rows_of(write(tmp_path / "EN-Shop-CLS-topic", CLS_META, row))
    assert found.sentences == "红灯"


def test_a_folder_of_folders_is_read_task_by_task(tmp_path: Path) -> None:
    write(tmp_path / "b" / "tasks" / "EN-Shop-Extract-QA", EXT_META, EXT_ROW)
    write(tmp_path / "a" / "tasks" / "ZH-Shop-NER-NER", NER_META, NER_ROW, NER_ROW)
    write(tmp_path / "a" / "tasks" / "EN-Shop-CLS-topic", CLS_META, CLS_ROW)
    names = [row.task.name for row in rows_of(tmp_path)]
    assert names == ["EN-Shop-CLS-topic", *["ZH-Shop-NER-NER"] * 2, "EN-Shop-Extract-QA"]
    assert [row.task.name for row in rows_of(tmp_path / "b")] == ["EN-Shop-Extract-QA"]


def test_the_folder_names_the_task_and_only_a_renamed_one_asks_the_meta(tmp_path: Path) -> None:
    slip = {**CLS_META, "task": "ZH-Shop-GLS-topic"}
    (task,) = load_tasks(write(tmp_path / "EN-Shop-CLS-topic", slip, CLS_ROW))
    assert (task.name, task.lang) == ("EN-Shop-CLS-topic", "en")
    (task,) = load_tasks(write(tmp_path / "mine", NER_META, NER_ROW))
    assert (task.name, task.lang) == ("ZH-Shop-NER-NER", "zh")


def test_ids_distinguish_rows_and_stay_while_the_question_stays(tmp_path: Path) -> None:
    rows = [CLS_ROW, "", CLS_ROW]
    first, second = rows_of(write(tmp_path / "1" / "EN-Shop-CLS-topic", CLS_META, *rows))
    assert (first.line, second.line) == (1, 3)
    assert first.id != second.id
    relabelled = {**CLS_ROW, "labels": {"default": ["Food"]}}
    (again,) = rows_of(write(tmp_path / "2" / "EN-Shop-CLS-topic", CLS_META, relabelled))
    assert again.id == first.id
    (other,) = rows_of(
        write(tmp_path / "3" / "EN-Shop-CLS-topic", {**CLS_META, "defi": "other"}, CLS_ROW)
    )
    assert other.id != first.id


def test_queries_hold_nothing_but_the_question(tmp_path: Path) -> None:
    folder = write(tmp_path / "EN-Shop-CLS-topic", CLS_META, CLS_ROW, "{")
    (row,) = (row for row in read_rows(folder) if isinstance(row, Row))
    (_, query, _), (place, bad, _) = read_queries(folder)
    task = folder.name
    assert query == Query(
        row.prompt, False, row.id, "generation", MAX_ANSWER_TOKENS, skill=None, task=task
    )
    assert place == Place(2, "test.json")
    assert isinstance(bad, Rejected)


@pytest.mark.parametrize(
    ("meta", "row", "said"),
    [
        (CLS_META, "{broken", "not valid JSON"),
        (CLS_META, "[1]", "not a JSON object"),
        (CLS_META, {**CLS_ROW, "sentences": 3}, "sentences is 3, which is not a text"),
        (CLS_META, {**CLS_ROW, "sentences": [1]}, "sentences is [1], which is not a text"),
        (CLS_META, {**CLS_ROW, "sentences": " "}, "sentences is ' ', which is not a text"),
        (CLS_META, {"labels": {}}, "sentences is 'missing'"),
        (CLS_META, {**CLS_ROW, "sentences": "a\ud800"}, "lone surrogate"),
        (CLS_META, {"sentences": "a"}, "labels is None, without the variant 'default'"),
        (CLS_META, {**CLS_ROW, "labels": {"zh": ["价格"]}}, "without the variant 'default'"),
        (CLS_META, {**CLS_ROW, "labels": {"default": []}}, "labels.default is []"),
        (CLS_META, {**CLS_ROW, "labels": {"default": "Price"}}, "labels.default is 'Price'"),
        (CLS_META, {**CLS_ROW, "labels": {"default": ["\ud800"]}}, "lone surrogate"),
        (EXT_META, {"sentences": "a"}, "spans is 'missing', which is not a list of objects"),
        (EXT_META, {**EXT_ROW, "spans": ["lamp"]}, "spans is ['lamp']"),
        (EXT_META, {**EXT_ROW, "spans": []}, "spans is empty"),
        (EXT_META, {**EXT_ROW, "spans": [{"term": ""}]}, "term is '', which is not a text"),
        (NER_META, {**NER_ROW, "spans": [{"term": "a"}]}, "type is 'missing', which is not one of"),
        (
            NER_META,
            {**NER_ROW, "spans": [{"term": "a", "type": []}]},
            "type is [], which is not one of",
        ),
    ],
)
def test_a_bad_row_says_why_and_the_rest_goes_on(
    tmp_path: Path, meta: dict[str, Any], row: Any, said: str
) -> None:
    good = {"NER": NER_ROW, "CLS": CLS_ROW, "Extract": EXT_ROW}[meta["task"].split("-")[2]]
    first, bad, last = read_rows(write(tmp_path / meta["task"], meta, good, row, good))
    assert isinstance(first, Row)
    assert isinstance(last, Row)
    assert isinstance(bad, Rejected)
    assert bad.line == 2
    assert bad.reason.startswith(f"{meta['task']}: ")
    assert said in bad.reason


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELD = st.fixed_dictionaries(
    {},
    optional={
        "sentences": JSON | st.text(min_size=1),
        "labels": JSON | st.dictionaries(st.just("default"), JSON),
        "spans": JSON
        | st.lists(st.fixed_dictionaries({}, optional={"term": JSON, "type": JSON}), max_size=3),
    },
)


@settings(deadline=None)  # it writes files
@given(rows=st.lists(FIELD, max_size=5))
def test_no_row_ends_the_reading(tmp_path_factory: pytest.TempPathFactory, rows: list[Any]) -> None:
    for meta in (CLS_META, NER_META, EXT_META):
        folder = tmp_path_factory.mktemp("data") / meta["task"]
        (task,) = load_tasks(write(folder, meta, *rows))
        found = list(read_task(task))
        assert [row.line for row in found] == list(range(1, len(rows) + 1))
        for row in found:
            if isinstance(row, Row):
                assert row.answer
                assert row.sentences in row.prompt


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        ("{", "Invalid JSON"),
        ("[]", "not []"),
        ({**CLS_META, "defi": 3}, "defi: Input should be a valid string, not 3; restore"),
        ({**CLS_META, "defi": ""}, "defi is empty"),
        ({**CLS_META, "test_prompt": {}}, "test_prompt.instruction: Field required; restore"),
        ({**CLS_META, "test_prompt": {"instruction": "x"}}, "has no {sentences}: 'x'"),
        ({**CLS_META, "label_sep": ""}, "label_sep is empty"),
        ({**CLS_META, "label_set": ["a"]}, "label_set: Input should be an object, not ['a']"),
        ({**CLS_META, "label_key": "en"}, "label_key is 'en', but label_set has labels for: def"),
        ({**CLS_META, "label_set": {"default": []}}, "label_set has labels for: none"),
        ({k: v for k, v in CLS_META.items() if k != "label_key"}, "label_key is ''"),
        (None, "meta-info.json: no such file"),
    ],
)
def test_a_broken_task_names_file_field_and_remedy(tmp_path: Path, meta: Any, said: str) -> None:
    folder = write(tmp_path / "EN-Shop-CLS-topic", meta, CLS_ROW)
    with pytest.raises(DataError) as caught:
        load_tasks(folder)
    assert str(folder / "meta-info.json") in str(caught.value)
    assert said in str(caught.value)


def test_all_broken_tasks_are_named_at_once(tmp_path: Path) -> None:
    write(tmp_path / "1" / "EN-Shop-CLS-topic", {**CLS_META, "defi": "", "label_sep": ""}, CLS_ROW)
    write(tmp_path / "2" / "EN-Shop-XXX-topic", {**CLS_META, "task": "what"}, CLS_ROW)
    (write(tmp_path / "3" / "ZH-Shop-NER-NER", NER_META) / "test.json").unlink()
    write(tmp_path / "4" / "EN-Shop-Extract-QA", EXT_META, EXT_ROW)
    write(tmp_path / "5" / "EN-Shop-Extract-QA", EXT_META, EXT_ROW)
    with pytest.raises(DataError) as caught:
        load_tasks(tmp_path)
    text = str(caught.value)
    assert "defi is empty" in text
    assert "label_sep is empty" in text
    assert "task, 'what', is LANGUAGE-DATASET-KIND-NAME" in text
    assert str(tmp_path / "3" / "ZH-Shop-NER-NER" / "test.json") in text
    assert f"task EN-Shop-Extract-QA is in {tmp_path / '4' / 'EN-Shop-Extract-QA'} too" in text


def test_a_folder_without_tasks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no task folder in it"):
        load_tasks(tmp_path)
    with pytest.raises(DataError, match="no such folder"):
        load_tasks(tmp_path / "none")


def test_the_public_tasks_are_read_whole(ecom_data: Path) -> None:
    rows = rows_of(ecom_data / "ecominstruct")
    assert set(Counter(row.task.name for row in rows).values()) == {500}
    assert len({row.id for row in rows}) == len(rows) == 3_000
    kinds = Counter((row.task.lang, row.task.paradigm) for row in rows)
    assert kinds == {
        ("en", "CLS"): 500,
        ("en", "OTHER"): 500,
        ("zh", "CLS"): 1_000,
        ("zh", "EXT"): 500,
        ("zh", "GEN"): 500,
    }
    for row in rows:
        assert row.prompt.startswith("Below is an instruction that describes the ")
        assert row.prompt.endswith("### Response:")
        assert "{" not in row.prompt.replace(row.sentences, "")
        assert all(label in row.prompt for label in row.candidates)
        if row.task.paradigm == "CLS":
            assert set(row.answer.split(", ")) <= set(row.task.labels)


def test_the_public_entities_come_back_out_of_the_answer(ecom_data: Path) -> None:
    folder = ecom_data / "ecominstruct" / "Lenovo" / "tasks" / "EN-Lenovo-NER-NER"
    lines = (folder / "test.json").read_text(encoding="utf-8").splitlines()
    for row in random.Random(0).sample(rows_of(folder), 100):
        spans = json.loads(lines[row.line - 1])["spans"]
        expected = []
        for kind in ("Attribute", "Brand", "Component", "Product"):
            terms = [span["term"] for span in spans if span["type"] == kind]
            expected.append(f"{kind}: {', '.join(terms) if terms else 'None'}")
        assert row.answer.split("\n") == expected
