import json
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from ecom import contamination
from ecom.forms import FORMS, infer_form, ranking
from ecom.quickstart import job, shop, tasks, texts


@pytest.fixture(scope="module")
def tables() -> shop.Tables:
    return shop.build(train_products=400, test_products=100, seed=3)


def test_the_seed_alone_decides_the_shop(tables: shop.Tables) -> None:
    assert shop.build(400, 100, seed=3) == tables
    assert shop.build(400, 100, seed=4) != tables


def test_saved_tables_come_back_the_same(tables: shop.Tables, tmp_path: Path) -> None:
    shop.save(tables, tmp_path)
    assert shop.load(tmp_path) == tables


def test_no_test_product_is_known_to_the_training_split(tables: shop.Tables) -> None:
    train, test = tables.of("train"), tables.of("test")
    assert {p.titles["en"] for p in train.products}.isdisjoint(
        p.titles["en"] for p in test.products
    )
    known = {p.id for p in train.products}
    assert {r.product_id for r in train.reviews} <= known
    assert known.isdisjoint(i for q in test.queries for i in q.product_ids)


def test_no_training_row_holds_a_test_questions_answer(tables: shop.Tables, tmp_path: Path) -> None:
    asked = job.unknown_questions(tables, 10, seed=1)
    assert Counter(row["task_name"] for row in asked) == {task.name: 10 for task in tasks.TASKS}
    learnt = list(tasks.rows(tables.of("train"), 1_000, seed=1))
    train = {row["input_field"] for row in learnt}
    assert train.isdisjoint(row["input_field"] for row in asked)
    for name, rows in (("train", learnt), ("test", asked)):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(lines)
    found = contamination.find(tmp_path / "train.jsonl", tmp_path / "test.jsonl").overlaps
    assert found == ()


def test_rows_cover_all_forms_and_skills_with_golds_the_contest_could_score(
    tables: shop.Tables,
) -> None:
    rows = list(tasks.rows(tables.of("test"), 20, seed=2))
    assert {row["task_type"] for row in rows} == {
        "multiple-choice",
        "retrieval",
        "ranking",
        "named_entity_recognition",
        "generation",
    }
    assert {row["track"] for row in rows} == {"concepts", "reasoning", "behavior", "multilingual"}
    for row in rows:
        form, gold = FORMS[row["task_type"]], row["output_field"]
        assert form.is_gold(gold), row
        ideal = ranking.order(gold) if form.name == "ranking" else gold
        assert form.official(form.emit(ideal)) == ideal, row


def test_the_form_of_a_row_is_inferred_from_its_text(tables: shop.Tables) -> None:
    for row in tasks.rows(tables.of("test"), 20, seed=2):
        assert infer_form(row["input_field"]) == row["task_type"], row["input_field"]
        form = infer_form(row["input_field"], row["is_multiple_choice"])
        assert form == row["task_type"], row["input_field"]


def test_pages_are_the_same_for_the_same_seed_and_hold_no_answered_question(
    tables: shop.Tables,
) -> None:
    pages = list(texts.pages(tables.of("train"), 240, seed=5))
    assert pages == list(texts.pages(tables.of("train"), 240, seed=5))
    asked = [page for page in pages if page.endswith(("Answer:", "Output:"))]
    assert asked, "questions are among the pages"
    assert not any("Answer: " in page or "Output: " in page for page in pages)


def test_an_orange_thing_has_its_article(tables: shop.Tables) -> None:
    said = [product.description for product in tables.products]
    assert any(text.startswith("An orange ") for text in said)
    assert not any(text.startswith("A orange ") for text in said)
    pages = "\n".join(texts.chat(tables, Random(seed)) for seed in range(2_000))
    assert "an orange " in pages
    assert "a orange " not in pages.lower()
