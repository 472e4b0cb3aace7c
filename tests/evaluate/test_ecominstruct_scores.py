"""The scores against a plain restatement of docs/domain.md, and against seqeval and rouge."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom.ecominstruct import Row, Task, read_rows
from ecom.errors import DataError
from ecom.evaluate.config import EvaluateConfig
from ecom.evaluate.ecominstruct.metrics import METRICS, rouge_l, rouge_l_chars, statistics, values
from ecom.evaluate.job import score_files
from ecom.forms import Paradigm

Rows = list[tuple[str, str, str]]  # sentence, right answer, answer given

LABELS = st.sampled_from(["Food", "Price", "not match", "圆领", "a.b", "红"])
ANSWERS = st.lists(LABELS, min_size=1, max_size=3).map(", ".join)
TEXTS = (
    ANSWERS
    | st.sampled_from(["", " ", ".", "Food.", " Food, Price.\n", "Food,Price", "Food, ", "..."])
    | st.text(st.sampled_from("ab,. \n红"), max_size=12)
)
WORDS = st.sampled_from(["red", "shoe", "lamp", "红", "灯"])


def task(paradigm: Paradigm) -> Task:
    labels = ("Brand", "Product") if paradigm == "OTHER" else ()
    return Task("T", Path(), "en", paradigm, "test", "{sentences}", labels, "en", ", ")


def scores(paradigm: Paradigm, rows: Rows) -> dict[str, float]:
    kind = task(paradigm)
    golds = [Row(str(i), i, kind, s, (), s, gold) for i, (s, gold, _) in enumerate(rows)]
    return score(golds, [text for *_, text in rows])


def score(golds: list[Row], texts: list[str]) -> dict[str, float]:
    found = statistics(golds, texts)
    whole = values(golds[0].task.paradigm, found.sum(axis=0), len(found))
    return {**{name: float(value) for name, value in whole.items()}, "n": len(found)}


def score_folder(gold: Path, predictions: Path) -> Any:
    return score_files(gold, predictions, EvaluateConfig(gold="unused"))["ecominstruct"]


def f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def longest_common(a: Any, b: Any) -> int:
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1][j + 1] = (
                table[i][j] + 1 if x == y else max(table[i][j + 1], table[i + 1][j])
            )
    return table[-1][-1]


@pytest.mark.parametrize("paradigm", ["CLS", "EXT", "GEN"])
@given(rows=st.lists(st.tuples(st.just("s"), ANSWERS, TEXTS), min_size=1, max_size=6))
def test_answers_are_sets_of_pieces(paradigm: Paradigm, rows: Rows) -> None:
    hits = found = wanted = 0
    precisions, recalls = [], []
    for _, gold, text in rows:
        text = text.strip()
        if paradigm == "CLS":
            text = text.replace(".", "")
        given_pieces, right = set(text.split(", ")), set(gold.split(", "))
        same = sum(1 for piece in given_pieces if piece in right)
        hits, found, wanted = hits + same, found + len(given_pieces), wanted + len(right)
        precisions.append(same / len(given_pieces))
        recalls.append(same / len(right))
    result = scores(paradigm, rows)
    assert result["micro_precision"] == pytest.approx(hits / found)
    assert result["micro_recall"] == pytest.approx(hits / wanted)
    assert result["micro_f1"] == pytest.approx(f1(hits / found, hits / wanted))
    n = len(rows)
    assert result["macro_precision"] == pytest.approx(sum(precisions) / n)
    assert result["macro_recall"] == pytest.approx(sum(recalls) / n)
    assert result["macro_f1"] == pytest.approx(f1(sum(precisions) / n, sum(recalls) / n))
    assert result["n"] == n


def test_full_stops_count_in_every_paradigm_but_classification() -> None:
    rows = [("s", "Food", "Food.")]
    assert scores("CLS", rows)["micro_f1"] == 1
    assert scores("EXT", rows)["micro_f1"] == scores("GEN", rows)["micro_f1"] == 0


def test_micro_and_macro_by_hand() -> None:
    # Precisions 1/1 and 1/2, recalls 1/2 and 1/1; 2 hits of 3 given and 3 wanted.
    result = scores("CLS", [("s", "Food, Price", "Food"), ("s", "Food", "Food, Price")])
    assert result["micro_f1"] == pytest.approx(2 / 3)
    assert result["macro_f1"] == pytest.approx(0.75)


@pytest.mark.parametrize("text", ["", "  \n", ".", ". . ."])
@pytest.mark.parametrize("paradigm", ["CLS", "EXT", "GEN", "OTHER"])
def test_an_answer_without_a_word_is_one_wrong_answer(paradigm: Paradigm, text: str) -> None:
    gold = "Brand: Nord\nProduct: None" if paradigm == "OTHER" else "Food"
    empty = scores(paradigm, [("a Nord", gold, gold), ("a Nord", gold, text)])
    assert empty["micro_f1"] == pytest.approx(2 / 3 if paradigm == "OTHER" else 0.5)
    assert empty["rouge_l"] == pytest.approx(0.5)
    assert empty["n"] == 2


SENTENCES = st.text(st.sampled_from("ab 红"), min_size=1, max_size=12)
# Mentions of one length: nested mentions of one type are settled by another test.
NAMES = st.lists(st.text(st.sampled_from("ab红"), min_size=2, max_size=2), max_size=3, unique=True)
TYPES = st.lists(st.tuples(st.sampled_from(["Brand", "Product", "Odd-Type"]), NAMES), max_size=3)


def lines(types: list[tuple[str, list[str]]]) -> str:
    return "\n".join(f"{kind}: {', '.join(sorted(names)) or 'None'}" for kind, names in types)


def plain_tags(sentence: str, answer: str) -> list[str]:
    found: dict[str, list[str]] = {}
    for line in answer.split("\n"):
        if ": " in line:
            kind, rest = line.split(": ", 1)
            found.setdefault(kind, []).extend(rest.split(", "))
    tags = ["O"] * len(sentence)
    for kind, names in found.items():
        for name in sorted(names):
            if name == "None":
                continue
            for i in range(len(sentence)):
                if sentence[i : i + len(name)] == name:
                    tags[i] = f"B-{kind}"
                    for k in range(i + 1, i + len(name)):
                        tags[k] = f"I-{kind}"
    return tags


def plain_entities(tags: list[str]) -> list[tuple[str, int, int]]:
    found: list[tuple[str, int, int]] = []
    start = 0
    for i in range(len(tags) + 1):
        inside = i < len(tags) and i > start and tags[i] == f"I-{tags[start][2:]}"
        if not inside:
            if start < i and tags[start] != "O":
                found.append((tags[start][2:], start, i))
            start = i
    return found


ENTITY_ROWS = st.lists(
    st.tuples(SENTENCES, TYPES.map(lines), TYPES.map(lines)), min_size=1, max_size=5
)


@given(ENTITY_ROWS)
def test_entities_are_found_again_in_the_sentence(rows: Rows) -> None:
    wanted, found = [], []
    for i, (sentence, gold, text) in enumerate(rows):
        wanted += [(i, *entity) for entity in plain_entities(plain_tags(sentence, gold))]
        found += [(i, *entity) for entity in plain_entities(plain_tags(sentence, text))]
    by_type = []
    for kind in {entity[1] for entity in wanted + found}:
        right = [e for e in wanted if e[1] == kind]
        said = [e for e in found if e[1] == kind]
        hits = len([e for e in said if e in right])
        by_type.append(f1(hits / len(said) if said else 0, hits / len(right) if right else 0))
    hits = len([e for e in found if e in wanted])
    result = scores("OTHER", rows)
    micro = f1(hits / len(found) if found else 0, hits / len(wanted) if wanted else 0)
    assert result["micro_f1"] == pytest.approx(micro)
    assert result["macro_f1"] == pytest.approx(sum(by_type) / len(by_type) if by_type else 0)


@settings(deadline=None)  # its first run imports scikit-learn
@given(ENTITY_ROWS)
def test_entities_are_counted_as_seqeval_counts_them(rows: Rows) -> None:
    metrics = pytest.importorskip("seqeval.metrics")
    golds = [plain_tags(sentence, gold) for sentence, gold, _ in rows]
    texts = [plain_tags(sentence, text) for sentence, _, text in rows]
    if {"O"} == {tag for tags in golds + texts for tag in tags}:
        return  # seqeval takes the mean of no types
    result = scores("OTHER", rows)
    for average in ("micro", "macro"):
        for name in ("precision", "recall", "f1"):
            count = getattr(metrics, f"{name}_score")
            expected = count(golds, texts, average=average, zero_division=0)
            assert result[f"{average}_{name}"] == pytest.approx(expected)


def test_entities_by_hand() -> None:
    gold = "Brand: Nord\nProduct: lamp, red lamp"
    rows = [("a red lamp by Nord , Nord", gold, "Product: lamp, Nord\nBrand: None, ")]
    # Wanted: Nord twice, red lamp. Found: lamp, Nord twice, all three as Product.
    result = scores("OTHER", rows)
    assert result["micro_f1"] == result["macro_f1"] == 0
    half = scores("OTHER", [("a red lamp by Nord", gold, "Brand: Nord\nProduct: lamp")])
    assert half["micro_f1"] == pytest.approx(0.5)  # Nord; lamp is not red lamp
    assert half["macro_f1"] == pytest.approx((1 + 0) / 2)


def test_none_is_no_mention_even_where_the_sentence_says_it() -> None:
    gold = "Brand: Nord\nProduct: None"
    assert scores("OTHER", [("None by Nord", gold, "Brand: Nord")])["micro_f1"] == 1


def test_of_nested_mentions_the_longest_counts_whatever_their_order() -> None:
    gold = "Brand: None\nProduct: lamp, red lamp"
    for text in ("Product: red lamp, lamp", "Product: red lamp"):
        assert scores("OTHER", [("a red lamp", gold, text)])["micro_f1"] == 1


@given(TEXTS | st.lists(WORDS).map(" ".join), TEXTS | st.lists(WORDS).map(" ".join))
def test_rouge_l_is_the_packages(text: str, gold: str) -> None:
    from rouge import Rouge

    if text.replace(".", "").strip() and gold.replace(".", "").strip():
        expected = Rouge().get_scores(text, gold)[0]["rouge-l"]["f"]
        assert rouge_l(text, gold) == pytest.approx(expected)
    else:
        assert rouge_l(text, gold) == 0


@given(st.permutations(["a", "b", "c", "d", "e"]), st.permutations(["a", "b", "c", "x", "y"]))
def test_rouge_l_is_f1_of_the_longest_common_subsequence(a: list[str], b: list[str]) -> None:
    assert rouge_l(" ".join(a), " ".join(b)) == pytest.approx(longest_common(a, b) / 5)


@given(TEXTS | st.text(), TEXTS | st.text())
def test_rouge_l_chars_is_the_same_on_characters(text: str, gold: str) -> None:
    a, b = "".join(text.split()), "".join(gold.split())
    expected = 2 * longest_common(a, b) / (len(a) + len(b)) if a + b else 0
    assert rouge_l_chars(text, gold) == pytest.approx(expected)


def test_a_chinese_answer_is_one_word_but_many_characters() -> None:
    result = scores("GEN", [("s", "红色台灯", "红台灯")])
    assert result["rouge_l"] == 0
    assert result["rouge_l_chars"] == pytest.approx(6 / 7)


def test_an_endless_answer_is_scored() -> None:
    result = scores("GEN", [("s", "red lamps", "red lamps " * 100_000)])
    assert result["rouge_l"] == pytest.approx(1)  # the package counts a word once
    assert 0 < result["rouge_l_chars"] < 0.01


def write_task(folder: Path, count: int) -> Path:
    folder.mkdir(parents=True)
    meta = {
        "defi": "review topic",
        "test_prompt": {"instruction": "{sentences}\nOne of: {label_set}."},
        "label_set": {"en": ["Food", "Price"]},
        "label_key": "en",
        "label_sep": ", ",
    }
    (folder / "meta-info.json").write_text(json.dumps(meta))
    rows = [{"sentences": f"Row {i}", "labels": {"en": ["Food"]}} for i in range(count)]
    (folder / "test.json").write_text("\n".join(map(json.dumps, rows)))
    return folder


def write_predictions(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_folder_is_scored_task_by_task_and_their_mean(tmp_path: Path) -> None:
    write_task(tmp_path / "gold" / "EN-A-CLS-x", 1)
    write_task(tmp_path / "gold" / "EN-B-CLS-y", 3)
    texts = ["Food", "Price", "Price", "Price"]
    by_order = write_predictions(tmp_path / "p.jsonl", [{"prediction": text} for text in texts])
    result = score_folder(tmp_path / "gold", by_order)
    assert {name: part["n"] for name, part in result["tasks"].items()} == {
        "EN-A-CLS-x": 1,
        "EN-B-CLS-y": 3,
    }
    assert result["mean"] == pytest.approx(
        {**dict.fromkeys(METRICS, 0.5), "rouge_l_chars": (1 + rouge_l_chars("Food", "Price")) / 2}
    )
    rows = [row for row in read_rows(tmp_path / "gold") if isinstance(row, Row)]
    named = [{"id": row.id, "prediction": text} for row, text in zip(rows, texts, strict=True)]
    by_id = write_predictions(tmp_path / "q.jsonl", named[::-1])
    assert score_folder(tmp_path / "gold", by_id) == result


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (["a", 0, 1], "'a'"),
        ([0, 0, 1], "was already predicted"),
        ([0], "no prediction"),
        ([None, None, None], "3 predictions without ids for 2 gold rows"),
    ],
)
def test_predictions_that_do_not_fit_are_refused(tmp_path: Path, ids: list[Any], said: str) -> None:
    folder = write_task(tmp_path / "EN-A-CLS-x", 2)
    known = [row.id for row in read_rows(folder) if isinstance(row, Row)]
    rows: list[dict[str, Any]] = [
        {"id": known[i] if isinstance(i, int) else i, "prediction": "Food"} for i in ids
    ]
    path = write_predictions(tmp_path / "p.jsonl", rows)
    with pytest.raises(DataError) as caught:
        score_folder(folder, path)
    assert str(path) in str(caught.value)
    assert said in str(caught.value)


def test_all_bad_golds_are_named_with_file_and_line(tmp_path: Path) -> None:
    for name in ("EN-A-CLS-x", "EN-B-CLS-y"):
        file = write_task(tmp_path / "gold" / name, 2) / "test.json"
        file.write_text(file.read_text() + "\n{broken")
    write_task(tmp_path / "gold" / "EN-C-CLS-z", 0)
    predictions = write_predictions(tmp_path / "p.jsonl", [])
    with pytest.raises(DataError) as caught:
        score_folder(tmp_path / "gold", predictions)
    for name, index in (("EN-A-CLS-x", ":3:"), ("EN-B-CLS-y", ":3:"), ("EN-C-CLS-z", ": no row")):
        assert f"{tmp_path / 'gold' / name / 'test.json'}{index}" in str(caught.value)


def test_the_right_answers_of_the_public_tasks_score_one(ecom_data: Path, tmp_path: Path) -> None:
    gold = ecom_data / "ecominstruct"
    rows = [row for row in read_rows(gold) if isinstance(row, Row)]
    random.Random(0).shuffle(rows)
    named = [{"id": row.id, "prediction": row.answer} for row in rows]
    result = score_folder(gold, write_predictions(tmp_path / "p.jsonl", named))
    assert len(result["tasks"]) == 6
    for part in [*result["tasks"].values(), result["mean"]]:
        assert {name: part[name] for name in METRICS} == pytest.approx(
            dict.fromkeys(METRICS, 1.0), abs=1e-8
        )


def test_the_first_candidate_alone_scores_its_share_of_the_public_rows(ecom_data: Path) -> None:
    folder = "Multi_CPR/tasks/ZH-Multi_CPR-CLS-query_item_matching"
    found = read_rows(ecom_data / "ecominstruct" / folder)
    rows = [row for row in found if isinstance(row, Row)]
    share = sum(row.answer == "not match" for row in rows) / len(rows)
    result = score(rows, ["not match."] * len(rows))
    assert result["micro_f1"] == result["macro_f1"] == pytest.approx(share)
