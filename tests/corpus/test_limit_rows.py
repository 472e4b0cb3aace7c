"""`limit_rows: N` draws N rows, whatever the format and however they lie in files."""

import json
from pathlib import Path
from typing import Any

import pytest

from ecom.corpus.config import Source
from ecom.corpus.formats.base import Fixed
from ecom.corpus.reading import items, tasks
from ecom.quickstart import shop
from ecom.rows import Example
from ecom.shopbench import Rejected

LIMIT = 20
SHOPBENCH = {"output_field": 0, "task_type": "multiple-choice", "metric": "accuracy"}
META = {
    "defi": "review topic",
    "test_prompt": {"instruction": "{sentences}\nOne of: {label_set}."},
    "label_set": {"en": ["Food", "Price"]},
    "label_key": "en",
    "label_sep": ", ",
}
PRODUCTS: dict[str, list[dict[str, Any]]] = {
    "esci": [{"product_id": "B1", "product_title": "lamp", "product_locale": "us"}],
    "amazon_m2_sessions": [
        {"id": f"B{n}", "locale": "UK", "title": f"lamp {n}"} for n in range(1, 4)
    ],
    "shop_sessions": [{"id": f"B{n}", "title": f"lamp {n}"} for n in range(1, 4)],
}


def rows_of_formats(n: int) -> dict[str, dict[str, Any]]:
    """Return a row of each format; every row is of a text, query and id of its own."""
    text = f"the lamp number {n}"
    return {
        "shopbench": {"input_field": f"Which is {n}?\n0. {n}\n1. none\nAnswer:", **SHOPBENCH},
        "ecinstruct": {
            "split": "train",
            "task": "Sentiment_Analysis",
            "setting": "IND_Single_Instruction",
            "instruction": "Name the sentiment.",
            "input": text,
            "output": "A: very positive",
            "options": '["A: very positive", "B: very negative"]',
            "few_shot_example": None,
        },
        "ecominstruct": {"sentences": text, "labels": {"en": ["Food"]}},
        "chat": {"instruction": text, "input": "", "output": "yes"},
        "esci": {
            "query": text,
            "query_id": n,
            "product_id": "B1",
            "product_locale": "us",
            "esci_label": "E",
        },
        "amazon_m2_products": {"id": f"B{n}", "locale": "UK", "title": text},
        "amazon_m2_sessions": {"prev_items": "['B1' 'B2']", "next_item": "B3", "locale": "UK"},
        "amazon_meta": {"parent_asin": f"B{n}", "title": text},
        "amazon_reviews": {
            "parent_asin": f"B{n}",
            "rating": 5.0,
            "title": "Good",
            "text": text,
            "user_id": "A",
            "timestamp": n,
        },
        "shop_products": {"id": n, "title": text},
        "shop_reviews": {"rating": 4, "text": text},
        "shop_queries": {"query": text},
        "shop_dialogues": {
            "turns": [{"speaker": "customer", "text": text}, {"speaker": "shop", "text": "Yes."}]
        },
        "shop_sessions": {"viewed": "B1, B2", "next": "B3"},
        "ner": {"tokens": text.split(), "tags": ["O", "B-product", "O", "O"]},
        "qa": {"question": text, "answers": ["yes"]},
        "labels": {"text": text, "label": "good"},
        "pairs": {"first": text, "second": "a lamp", "label": "match"},
        "dialogues": {"session": n, "role": "customer", "text": text, "intent": "buy"},
        "summaries": {"text": text, "summary": "a lamp"},
        "rewrites": {"query": text, "rewritten": "lamp"},
    }


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return path


def source(kind: str, folder: Path, *sizes: int) -> Source:
    """Return a source of files of so many rows each."""
    numbers = iter(range(1, sum(sizes) + 1))
    for index, size in enumerate(sizes):
        rows = [rows_of_formats(next(numbers))[kind] for _ in range(size)]
        if kind == "ecominstruct":
            task = folder / "rows" / f"EN-D{index}-CLS-topic"
            write(task / "test.json", rows)
            (task / "meta-info.json").write_text(json.dumps(META))
        else:
            write(folder / "rows" / f"{index}.jsonl", rows)
    table = write(folder / "products.jsonl", PRODUCTS[kind]) if kind in PRODUCTS else None
    return Source(
        format=kind,
        path=str(folder / "rows"),
        products=str(table) if table else None,
        limit_rows=LIMIT,
    )


def drawn(source: Source, cache: Path, sample: Path | None = None) -> list[int]:
    """Return how many rows are drawn of each file: of what a row gives, one item is counted."""
    found = []
    for task in tasks([source], sample):
        read = [item for _, item in items(task, cache, 1)]
        examples = [item for item in read if isinstance(item, Example | Fixed)]
        assert not [item for item in read if isinstance(item, Rejected)]
        found.append(len(examples or read))
    return found


@pytest.mark.parametrize("kind", sorted(rows_of_formats(0)))
def test_so_many_rows_are_drawn_of_a_source_in_any_format(kind: str, tmp_path: Path) -> None:
    few = source(kind, tmp_path / "few", 3, 40, 5, 40)
    assert drawn(few, tmp_path / "c1") == [3, 6, 5, 6]
    enough = source(kind, tmp_path / "enough", 30, 30)
    assert drawn(enough, tmp_path / "c2") == [10, 10]
    scarce = source(kind, tmp_path / "scarce", 4, 7)
    assert drawn(scarce, tmp_path / "c3") == [4, 7]


def test_so_many_rows_are_made_of_the_sample_shop(tmp_path: Path) -> None:
    shop.save(shop.build(60, 50, seed=3), tmp_path / "shop")
    source = Source(format="sample_shop", path="sample", limit_rows=LIMIT)
    assert drawn(source, tmp_path / "cache", tmp_path) == [LIMIT]
