import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecom.corpus.config import Source
from ecom.corpus.formats import amazon_reviews
from ecom.corpus.lookup import Products
from ecom.corpus.records import Product, Review
from ecom.raw import files
from ecom.shopbench import Rejected

META: dict[str, Any] = {
    "main_category": "All Beauty",
    "title": "Herbal shampoo",
    "average_rating": 4.8,
    "features": ["Mild", "500 ml"],
    "description": ["For all hair.<br />"],
    "price": 12.99,
    "images": [{"thumb": "https://x/y.jpg"}],
    "store": "Kräuterhaus GmbH",
    "categories": ["Beauty & Personal Care", "Hair Care", "Shampoos"],
    "details": {
        "Brand": "Kräuterhaus",
        "Scent": "Mint",
        "Unit Count": 1,
        "UPC": "17",
        "Best Sellers Rank": {"Beauty": 7},
        "Sensitive": True,
    },
    "parent_asin": "B07",
    "bought_together": None,
}
REVIEW: dict[str, Any] = {
    "rating": 5.0,
    "title": "Good",
    "text": "Smells of mint.<br />Again!",
    "images": [],
    "asin": "B06",
    "parent_asin": "B07",
    "user_id": "AGK",
    "timestamp": 1588687728923,
    "helpful_vote": 0,
    "verified_purchase": True,
}


def write(path: Path, *rows: dict[str, Any]) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(list(rows)), path)
    else:
        with gzip.open(path, "wt", encoding="utf-8") as stream:
            stream.writelines(json.dumps(row) + "\n" for row in rows)
    return path


def meta(path: Path) -> list[Product | Rejected]:
    source = Source(format="amazon_meta", path=str(path))
    (span,) = files.spans(str(path))
    return list(amazon_reviews.read_meta(files.rows(span), source, str(path)))


def reviews(path: Path, table: Path | None = None) -> list[Review | Rejected]:
    source = Source(
        format="amazon_reviews", path=str(path), products=str(table) if table else None, name="ar"
    )
    (span,) = files.spans(str(path))
    products = Products(source, path.parent / "cache") if table else None
    return list(amazon_reviews.read_reviews(files.rows(span), source, str(path), products))


@pytest.mark.parametrize("details", ["as it is", "json"])
@pytest.mark.parametrize("name", ["meta.jsonl.gz", "meta.parquet"])
def test_a_row_of_meta_becomes_a_product(tmp_path: Path, name: str, details: str) -> None:
    row = META if details == "as it is" else {**META, "details": json.dumps(META["details"])}
    assert meta(write(tmp_path / name, row)) == [
        Product(
            id="B07",
            source=name,
            title="Herbal shampoo",
            brand="Kräuterhaus",
            category=("Beauty & Personal Care", "Hair Care", "Shampoos"),
            description="For all hair.<br />\nMild\n500 ml",
            attributes=(("Scent", "Mint"), ("Unit Count", "1")),
            price=12.99,
            currency="USD",
        )
    ]


def test_where_meta_is_thin_the_next_best_stands_in(tmp_path: Path) -> None:
    thin = {**META, "details": {}, "categories": [], "price": "None", "description": []}
    (product,) = meta(write(tmp_path / "meta.jsonl.gz", {**thin, "bought_together": ["B1", "B2"]}))
    assert isinstance(product, Product)
    assert (product.brand, product.category) == ("Kräuterhaus GmbH", ("All Beauty",))
    assert (product.price, product.currency, product.also_bought) == (None, "", ("B1", "B2"))


def test_bad_rows_of_meta_are_rejected(tmp_path: Path) -> None:
    bad: list[dict[str, Any]] = [
        {"title": ""},
        {"features": {"a": 1}},
        {"details": "{cut"},
        {"parent_asin": None},
    ]
    rows = meta(write(tmp_path / "m.jsonl.gz", META, *({**META, **change} for change in bad)))
    assert [(row.line, row.reason) for row in rows if isinstance(row, Rejected)] == [
        (2, "title is missing"),
        (3, "features must be a list of texts: a struct"),
        (4, "details must be a JSON object"),
        (5, "parent_asin is missing"),
    ]


def test_a_review_comes_with_its_product_where_the_table_has_it(tmp_path: Path) -> None:
    table = write(tmp_path / "meta.jsonl.gz", META)
    file = write(tmp_path / "r.jsonl.gz", REVIEW, {**REVIEW, "parent_asin": "B99"})
    first, second = reviews(file, table)
    assert isinstance(first, Review)
    assert isinstance(second, Review)
    assert first.product is not None
    assert (first.product.id, first.product.title) == ("B07", "Herbal shampoo")
    assert (first.rating, first.title, first.source) == (5, "Good", "ar")
    assert first.text == "Smells of mint.<br />Again!", "markup is for `clean`"
    assert second.product is None
    assert first.id != second.id


@pytest.mark.parametrize("name", ["r.jsonl.gz", "r.parquet"])
def test_bad_reviews_are_rejected(tmp_path: Path, name: str) -> None:
    bad: list[dict[str, Any]] = [{"text": "  "}, {"rating": 6.0}, {"rating": 4.5}]
    file = write(tmp_path / name, REVIEW, *({**REVIEW, **change} for change in bad))
    first, *rejected = reviews(file)
    assert isinstance(first, Review)
    assert first.product is None
    assert [(row.line, row.reason) for row in rejected if isinstance(row, Rejected)] == [
        (2, "text is missing"),
        (3, "rating must be a whole number from 1 to 5: 6.0"),
        (4, "rating must be a whole number from 1 to 5: 4.5"),
    ]


def test_stars_as_text_and_no_stars_are_read(tmp_path: Path) -> None:
    file = write(tmp_path / "r.jsonl.gz", {**REVIEW, "rating": "5.0"}, {**REVIEW, "rating": None})
    assert [row.rating for row in reviews(file) if isinstance(row, Review)] == [5, None]
