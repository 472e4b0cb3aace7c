import json
import multiprocessing
import pickle
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecom.corpus.config import Source
from ecom.corpus.lookup import Products
from ecom.corpus.records import Product
from ecom.errors import DataError

ROWS = [
    {
        "id": f"B{n}",
        "locale": locale,
        "title": f"{locale} lamp {n}",
        "price": 10.0 + n,
        "color": "red",
        "desc": "<b>Lit</b>",
    }
    for n in range(50)
    for locale in ("UK", "DE")
]


def products(tmp_path: Path, rows: list[dict[str, Any]], name: str = "p.parquet") -> Products:
    table = tmp_path / name
    if name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(rows), table)
    else:
        table.write_text("".join(json.dumps(row) + "\n" for row in rows))
    source = Source(format="amazon_m2_sessions", path="s.csv", products=str(table))
    return Products(source, tmp_path / "cache")


@pytest.mark.parametrize("name", ["p.parquet", "p.jsonl"])
def test_only_the_asked_products_come_and_they_are_whole(tmp_path: Path, name: str) -> None:
    table = products(tmp_path, ROWS, name)
    found = table.of(["UK/B7", "DE/B7", "UK/B7", "UK/B99", "B7", "x\0'"])
    assert found == {
        f"{locale}/B7": Product(
            id=f"{locale}/B7",
            source=name,
            title=f"{locale} lamp 7",
            lang=lang,
            price=17.0,
            currency=currency,
            attributes=(("color", "red"),),
            description="<b>Lit</b>",
        )
        for locale, lang, currency in (("UK", "en", "GBP"), ("DE", "de", "EUR"))
    }
    assert table.of([]) == {}


def test_every_field_survives(tmp_path: Path) -> None:
    row = {"id": "1", "title": "ランプ", "category": "a>b", "also_bought": "2 3", "brand": "é"}
    (tmp_path / "p.jsonl").write_text(json.dumps(row))
    source = Source(format="shop_queries", path="q", products=str(tmp_path / "p.jsonl"), lang="ja")
    assert Products(source, tmp_path / "cache").of(["1"])["1"] == Product(
        id="1",
        source="p.jsonl",
        title="ランプ",
        lang="ja",
        category=("a", "b"),
        also_bought=("2", "3"),
        brand="é",
    )


@pytest.mark.parametrize(
    ("format_", "row", "id_"),
    [
        ("amazon_reviews", {"parent_asin": "B1", "title": "x"}, "B1"),
        ("esci", {"product_id": "B1", "product_title": "x", "product_locale": "es"}, "es/B1"),
        ("shop_reviews", {"id": 1, "title": "x"}, "1"),
    ],
)
def test_the_source_says_how_its_products_are_read(
    tmp_path: Path, format_: str, row: dict[str, Any], id_: str
) -> None:
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "p.parquet")
    source = Source(format=format_, path="x", products=str(tmp_path / "p.parquet"))
    assert Products(source, tmp_path / "cache").of([id_])[id_].title == "x"


def test_a_folder_of_tables_is_one_and_the_first_row_of_an_id_stays(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    products(folder, [{"id": "B1", "locale": "UK", "title": "first"}], "a.jsonl")
    products(folder, [{"id": f"B{n}", "locale": "UK", "title": "later"} for n in (1, 2)], "b.jsonl")
    source = Source(format="amazon_m2_sessions", path="s.csv", products=str(folder))
    found = Products(source, tmp_path / "cache").of(["UK/B1", "UK/B2"])
    assert {id_: product.title for id_, product in found.items()} == {
        "UK/B1": "first",
        "UK/B2": "later",
    }


def test_bad_rows_of_the_table_are_kept_with_their_reason(tmp_path: Path) -> None:
    table = products(tmp_path, [*ROWS, {"id": "B99", "locale": "UK", "title": ""}], "p.jsonl")
    ((file, row),) = table.rejected()
    assert (file, row.line, row.reason) == (str(tmp_path / "p.jsonl"), 101, "title is missing")


def test_a_changed_table_is_read_again_and_an_unchanged_one_is_not(tmp_path: Path) -> None:
    first = products(tmp_path, ROWS)
    first.build()
    (file,) = (tmp_path / "cache").glob("*.sqlite")
    written = file.stat().st_mtime_ns
    assert Products(first.source, tmp_path / "cache").of(["UK/B7"])
    assert file.stat().st_mtime_ns == written
    assert products(tmp_path, ROWS[:3]).of(["UK/B7"]) == {}


def test_a_table_without_one_product_is_an_error_that_says_why(tmp_path: Path) -> None:
    row = {"id": "B1", "locale": "US", "title": "x"}
    with pytest.raises(DataError, match=r"p\.parquet:1: locale must be one of .*'US'"):
        products(tmp_path, [row]).of(["B1"])
    with pytest.raises(DataError, match=r"p\.parquet: the table lacks 'title'"):
        products(tmp_path, [{"id": "B1", "locale": "UK"}]).build()
    assert not list((tmp_path / "cache").glob("*.sqlite")), "nothing half is left"
    missing = Source(format="esci", path="e", products=str(tmp_path / "none.parquet"))
    with pytest.raises(DataError, match=r"none\.parquet: no such file"):
        Products(missing, tmp_path / "cache").build()


def test_a_format_without_look_ups_takes_no_table(tmp_path: Path) -> None:
    source = Source(format="shop_products", path="p.csv", products="q.csv")
    with pytest.raises(DataError, match="shop_products does not use `products`"):
        Products(source, tmp_path).build()


def _titles(table: Products) -> list[str]:
    return [product.title for product in table.of(["UK/B7", "DE/B9"]).values()]


def test_processes_that_start_at_once_all_find_their_products(tmp_path: Path) -> None:
    table = pickle.loads(pickle.dumps(products(tmp_path, ROWS)))
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        found = pool.map(_titles, [table] * 6, chunksize=1)
    assert found == [["DE lamp 9", "UK lamp 7"]] * 6
    assert [file.suffix for file in sorted((tmp_path / "cache").iterdir())] == [".lock", ".sqlite"]


def _peak_growth(table: Products) -> int:
    """Return by how many MiB the process grows while it builds the table and reads from it."""

    def peak() -> int:
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) // 1024

    before = peak()
    for chunk in range(5):
        ids = {f"UK/B{n}" for n in range(chunk, 50_000, 50)}
        assert len(table.of(ids)) == len(ids)
    return peak() - before


def test_a_big_table_is_not_held_in_memory(tmp_path: Path) -> None:
    words = "a lamp of glass and steel " * 60
    with (tmp_path / "p.jsonl").open("w") as stream:
        for n in range(50_000):
            row = {"id": f"B{n}", "locale": "UK", "title": f"lamp {n}", "desc": words}
            stream.write(json.dumps(row) + "\n")
    size = (tmp_path / "p.jsonl").stat().st_size // 2**20
    source = Source(format="amazon_m2_sessions", path="s.csv", products=str(tmp_path / "p.jsonl"))
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        (growth,) = pool.map(_peak_growth, [Products(source, tmp_path / "cache")])
    assert growth < size / 2, f"{growth} MiB for a table of {size} MiB"
