import csv
import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecom.corpus.config import Source
from ecom.corpus.formats import amazon_m2
from ecom.corpus.lookup import Products
from ecom.corpus.records import Product, Session
from ecom.errors import DataError
from ecom.raw import files
from ecom.shopbench import Rejected

LAMP: dict[str, Any] = {
    "id": "B01",
    "locale": "DE",
    "title": "Rote Lampe",
    "price": 12.5,
    "brand": "Nordlicht",
    "color": "Rot",
    "size": "30 cm",
    "model": "",
    "material": "Glas",
    "author": "",
    "desc": "Ein <b>Licht</b>.",
}


def write_csv(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    rows = list(rows)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def products(path: Path) -> list[Product | Rejected]:
    source = Source(format="amazon_m2_products", path=str(path))
    (span,) = files.spans(str(path))
    return list(amazon_m2.read_products(files.rows(span), source, str(path)))


def sessions(tmp_path: Path, path: Path) -> list[Session | Rejected]:
    table = tmp_path / "products.csv"
    if not table.exists():
        write_csv(table, [{**LAMP, "id": f"B0{n}", "title": f"Lampe {n}"} for n in range(1, 6)])
    source = Source(format="amazon_m2_sessions", path=str(path), products=str(table))
    (span,) = files.spans(str(path))
    looked_up = Products(source, tmp_path / "cache")
    return list(amazon_m2.read_sessions(files.rows(span), source, str(path), looked_up))


def test_a_row_of_the_csv_becomes_a_product(tmp_path: Path) -> None:
    assert products(write_csv(tmp_path / "products_train.csv", [LAMP])) == [
        Product(
            id="DE/B01",
            source="products_train.csv",
            title="Rote Lampe",
            lang="de",
            brand="Nordlicht",
            description="Ein <b>Licht</b>.",
            price=12.5,
            currency="EUR",
            attributes=(("color", "Rot"), ("size", "30 cm"), ("material", "Glas")),
        )
    ]


@pytest.mark.parametrize(
    ("locale", "lang", "currency"),
    [
        ("UK", "en", "GBP"),
        ("JP", "ja", "JPY"),
        ("ES", "es", "EUR"),
        ("FR", "fr", "EUR"),
        ("IT", "it", "EUR"),
    ],
)
def test_the_locale_gives_language_and_currency(
    tmp_path: Path, locale: str, lang: str, currency: str
) -> None:
    (product,) = products(write_csv(tmp_path / "p.csv", [{**LAMP, "locale": locale}]))
    assert isinstance(product, Product)
    assert (product.id, product.lang, product.currency) == (f"{locale}/B01", lang, currency)


def test_parquet_with_nan_and_numbers_for_texts_is_read(tmp_path: Path) -> None:
    rows = [
        {"id": 17, "locale": "UK", "title": "Desk", "price": float("nan"), "model": 4.0},
        {"id": 18, "locale": "UK", "title": "Chair", "price": 40000000.07, "model": None},
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "p.parquet")
    desk, chair = products(tmp_path / "p.parquet")
    assert isinstance(desk, Product)
    assert (desk.id, desk.price, desk.attributes) == ("UK/17", None, (("model", "4"),))
    assert isinstance(chair, Product)
    assert chair.price is None, "the set's mark of an unknown price"


def test_bad_products_are_rejected_with_line_column_and_value(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl.gz"
    bad: list[dict[str, Any]] = [
        {"title": None},
        {"locale": "US"},
        {"title": {"en": "Lamp"}},
        {"price": [3]},
    ]
    with gzip.open(path, "wt") as stream:
        stream.writelines(json.dumps({**LAMP, **change}) + "\n" for change in [{}, *bad])
    good, *rejected = products(path)
    assert isinstance(good, Product)
    assert [(row.line, row.reason) for row in rejected if isinstance(row, Rejected)] == [
        (2, "title is missing"),
        (3, "locale must be one of UK, DE, JP, ES, FR, IT: 'US'"),
        (4, "title must be a text: a struct"),
        (5, "price must be a price: a list"),
    ]
    assert isinstance(rejected[2], Rejected)
    assert rejected[2].text.startswith("{'en': 'Lamp'}"), "the value at fault stands first"


def test_the_wrong_file_is_one_error_that_names_it_and_its_columns(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "s.csv", [{"prev_items": "['B01']", "locale": "DE", "Titel": "x"}])
    with pytest.raises(
        DataError, match=r"s\.csv: .*lacks 'id', 'title' \(near: 'Titel'\).*prev_items"
    ):
        products(path)


@pytest.mark.parametrize(
    "viewed",
    [
        "['B01' 'B02']",
        "['B01', 'B02']",
        '["B01", "B02"]',
        "['B01'\n 'B02']",
        str(np.array(["B01", "B02"])),
    ],
)
def test_a_session_holds_its_products_in_order(tmp_path: Path, viewed: str) -> None:
    row = {"prev_items": viewed, "next_item": "B05", "locale": "DE"}
    (session,) = sessions(tmp_path, write_csv(tmp_path / "s.csv", [row]))
    assert isinstance(session, Session)
    assert [product.title for product in session.viewed] == ["Lampe 1", "Lampe 2"]
    assert session.next is not None
    assert (session.next.title, session.lang, session.source) == ("Lampe 5", "de", "s.csv")


def test_sessions_from_parquet_hold_real_lists(tmp_path: Path) -> None:
    rows = [{"prev_items": ["B02", "B03"], "locale": "DE"}] * 2
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "s.parquet")
    first, second = sessions(tmp_path, tmp_path / "s.parquet")
    assert isinstance(first, Session)
    assert isinstance(second, Session)
    assert [product.id for product in first.viewed] == ["DE/B02", "DE/B03"]
    assert first.next is None, "a test file tells no next product"
    assert first.id != second.id, "two shoppers may do the same"


def test_unknown_products_are_left_out_while_one_stays(tmp_path: Path) -> None:
    rows = [
        {"prev_items": "['B77' 'B01']", "next_item": "B02", "locale": "DE"},
        {"prev_items": "['B77' 'B78']", "next_item": "B02", "locale": "DE"},
        {"prev_items": "['B01']", "next_item": "B99", "locale": "DE"},
        {"prev_items": "['B01']", "next_item": "B02", "locale": "UK"},
        {"prev_items": "[]", "next_item": "B02", "locale": "DE"},
        {"prev_items": "['B01' ... 'B02']", "next_item": "B02", "locale": "DE"},
    ]
    first, *rejected = sessions(tmp_path, write_csv(tmp_path / "s.csv", rows))
    assert isinstance(first, Session)
    assert [product.id for product in first.viewed] == ["DE/B01"]
    assert [(row.line, row.reason) for row in rejected if isinstance(row, Rejected)] == [
        (3, "none of prev_items is in the products table"),
        (4, "next_item is not in the products table"),
        (5, "next_item is not in the products table"),
        (6, "prev_items is empty"),
        (7, "prev_items must be a list of ids"),
    ]
    assert isinstance(rejected[1], Rejected)
    assert rejected[1].text.startswith("product DE/B99 "), "the reason alone can be counted"


def test_ten_thousand_sessions_come_out_in_order(tmp_path: Path) -> None:
    rows = ({"prev_items": f"['B0{n % 5 + 1}']", "locale": "DE"} for n in range(10_001))
    read = sessions(tmp_path, write_csv(tmp_path / "s.csv", rows))
    ids = [session.viewed[0].id for session in read if isinstance(session, Session)]
    assert ids == [f"DE/B0{n % 5 + 1}" for n in range(10_001)]
    assert len({session.id for session in read if isinstance(session, Session)}) == 10_001
