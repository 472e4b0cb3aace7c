from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from ecom.corpus.config import Source
from ecom.corpus.formats import esci
from ecom.corpus.lookup import Products
from ecom.corpus.records import Search
from ecom.errors import DataError
from ecom.raw import files
from ecom.shopbench import Rejected

TABLE = [
    {
        "product_id": f"B{n}",
        "product_title": f"lamp {n}",
        "product_description": "<p>Lit.</p>",
        "product_bullet_point": "light",
        "product_brand": "Nordlicht",
        "product_color": None,
        "product_locale": locale,
    }
    for n in range(1, 6)
    for locale in ("us", "jp")
]


def example(number: int, query: str, item: str, label: str, **changes: Any) -> dict[str, Any]:
    return {
        "example_id": number,
        "query": query,
        "query_id": len(query),
        "product_id": item,
        "product_locale": "us",
        "esci_label": label,
        "small_version": 0,
        "large_version": 1,
        "split": "train",
        **changes,
    }


def read(tmp_path: Path, *rows: dict[str, Any], name: str = "e.parquet") -> list[Search | Rejected]:
    pq.write_table(pa.Table.from_pylist(TABLE), tmp_path / "products.parquet")
    table, path = pa.Table.from_pylist(list(rows)), tmp_path / name
    pq.write_table(table, path) if name == "e.parquet" else pyarrow.csv.write_csv(table, path)
    source = Source(format="esci", path=str(path), products=str(tmp_path / "products.parquet"))
    (span,) = files.spans(str(path))
    products = Products(source, tmp_path / "cache")
    return list(esci.read(files.rows(span), source, str(path), products))


@pytest.mark.parametrize("name", ["e.parquet", "e.csv"])
def test_rows_of_a_query_become_one_search(tmp_path: Path, name: str) -> None:
    first, second = read(
        tmp_path,
        example(0, "red lamp", "B1", "E"),
        example(1, "red lamp", "B2", "S"),
        example(2, "red lamp", "B3", "C"),
        example(3, "red lamp", "B4", "I"),
        example(4, "ランプ", "B1", "E", product_locale="jp"),
        name=name,
    )
    assert isinstance(first, Search)
    assert isinstance(second, Search)
    assert (first.id, first.query, first.lang) == ("0", "red lamp", "en")
    assert [(product.id, relevance) for product, relevance in first.judged] == [
        ("us/B1", "exact"),
        ("us/B2", "substitute"),
        ("us/B3", "complement"),
        ("us/B4", "irrelevant"),
    ]
    product = first.judged[0][0]
    assert (product.title, product.brand, product.attributes) == ("lamp 1", "Nordlicht", ())
    assert product.description == "<p>Lit.</p>\nlight"
    assert (second.lang, second.judged[0][0].id) == ("ja", "jp/B1")


def test_the_test_split_is_never_read(tmp_path: Path) -> None:
    search, *rejected = read(
        tmp_path,
        example(0, "a lamp", "B1", "E"),
        example(1, "a lamp", "B2", "E", split="test"),
        example(2, "test only", "B2", "E", split="test"),
    )[::-1]
    assert isinstance(search, Search)
    assert len(search.judged) == 1
    assert [row.reason for row in rejected if isinstance(row, Rejected)] == [
        "split test: not for training"
    ] * 2


def test_a_bad_row_leaves_the_others_of_its_query(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        example(0, "lamp", "B1", "E"),
        example(1, "lamp", "B99", "E"),
        example(2, "lamp", "B2", "X"),
        example(3, "lamp", "B2", "E", product_locale="de"),
        example(4, "lamp", "B1", "I"),
        example(5, "", "B1", "I", query_id=4),
        example(6, "lamp", "B5", "S"),
    )
    (search,) = [row for row in rows if isinstance(row, Search)]
    assert [product.id for product, _ in search.judged] == ["us/B1", "us/B5"]
    assert [(row.line, row.reason) for row in rows if isinstance(row, Rejected)] == [
        (2, "product_id is not in the products table"),
        (3, "esci_label must be E, S, C or I: 'X'"),
        (4, "product_locale must be one of us, es, jp: 'de'"),
        (5, "product_id is judged twice for the same query"),
        (6, "query is missing"),
    ]


def test_a_query_is_not_cut_where_chunks_meet(tmp_path: Path) -> None:
    rows = [
        example(n, f"query {n // 3:05}", f"B{n % 3 + 1}", "E", query_id=n // 3)
        for n in range(6_000)
    ]
    searches = [row for row in read(tmp_path, *rows) if isinstance(row, Search)]
    assert len(searches) == 2_000
    assert {len(search.judged) for search in searches} == {3}


def test_a_table_of_another_kind_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"e\.parquet: .*lacks .*'esci_label' \(near: 'label'\)"):
        read(tmp_path, {"query": "lamp", "label": "E", "product_id": "B1", "product_locale": "us"})
