import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecom.corpus.config import Source
from ecom.corpus.formats import shop_tables
from ecom.corpus.reading import items, tasks
from ecom.corpus.records import Dialogue, Product, Review, Search, Session
from ecom.errors import DataError
from ecom.shopbench import Rejected

ARTICLES = [{"id": f"A{n}", "title": f"lamp {n}", "lang": "en"} for n in range(1, 6)]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif path.suffix == ".csv":
        lines: list[Any] = [rows[0].keys(), *(row.values() for row in rows)]
        path.write_text("".join(",".join(map(str, line)) + "\n" for line in lines), "utf-8")
    else:
        with gzip.open(path, "wt", encoding="utf-8") as stream:
            stream.writelines(json.dumps(row) + "\n" for row in rows)
    return path


def read(format_: str, path: Path, rows: list[dict[str, Any]], **settings: Any) -> list[Any]:
    write(path, rows)
    source = Source(format=format_, path=str(path), **settings)
    (task,) = tasks([source], None)
    return [item for _, item in items(task, path.parent / "cache", 0)]


def queries(tmp_path: Path, rows: list[dict[str, Any]], **columns: str) -> list[Search | Rejected]:
    table = write(tmp_path / "articles.jsonl.gz", ARTICLES)
    path = tmp_path / "queries.jsonl.gz"
    return read("shop_queries", path, rows, products=str(table), columns=columns)


def reasons(rows: list[Any]) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in rows if isinstance(row, Rejected)]


def test_a_table_with_our_names_needs_no_mapping(tmp_path: Path) -> None:
    row = {
        "id": 7,
        "title": "Red lamp",
        "lang": "EN-gb",
        "brand": "Nordlicht",
        "category": ["Home", "Light / Lamps"],
        "description": "Lit.",
        "price": 12.5,
        "currency": "eur",
        "also_bought": ["8", "9"],
        "attributes.color": "red",
    }
    assert read("shop_products", tmp_path / "p.parquet", [row]) == [
        Product(
            id="7",
            source="p.parquet",
            title="Red lamp",
            lang="en",
            brand="Nordlicht",
            category=("Home", "Light / Lamps"),
            description="Lit.",
            price=12.5,
            currency="EUR",
            also_bought=("8", "9"),
            attributes=(("color", "red"),),
        )
    ]


def test_a_mapping_leads_to_the_tables_own_names(tmp_path: Path) -> None:
    row = {
        "Nr": "7",
        "Name": "Rote Lampe",
        "Gruppe": "Haus > Bad/Licht",
        "Preis": "1.012\u202f€",
        "Auch": "8|9",
        "Farbe": "rot",
        "Watt": 60,
        "title": "not this one",
    }
    columns = {
        "id": "Nr",
        "title": "Name",
        "category": "Gruppe",
        "price": "Preis",
        "also_bought": "Auch",
        "attributes.color": "Farbe",
        "attributes.power (W)": "Watt",
    }
    rows = read("shop_products", tmp_path / "p.csv", [row], columns=columns, lang="de", name="own")
    assert rows == [
        Product(
            id="7",
            source="own",
            title="Rote Lampe",
            lang="de",
            category=("Haus", "Bad/Licht"),
            price=1012.0,
            currency="EUR",
            also_bought=("8", "9"),
            attributes=(("color", "rot"), ("power (W)", "60")),
        )
    ]


@pytest.mark.parametrize("category", ["Home > Light", "Home|Light", "Home/Light", " Home /Light/"])
def test_a_category_is_split_at_its_separator(tmp_path: Path, category: str) -> None:
    row = {"id": "1", "title": "x", "category": category}
    (product,) = read("shop_products", tmp_path / "p.csv", [row])
    assert product.category == ("Home", "Light")


@pytest.mark.parametrize(
    ("category", "path"),
    [
        ("Food, Beverages & Tobacco > Food Items", ("Food, Beverages & Tobacco", "Food Items")),
        (
            "Alimentation, boissons et tabac > Boissons",
            ("Alimentation, boissons et tabac", "Boissons"),
        ),
        ("Books > Art, Music, Photo > Prints", ("Books", "Art, Music, Photo", "Prints")),
        ("Meubles > Tables, bureaux", ("Meubles", "Tables, bureaux")),
        ("Home/Lamps, small/Desk", ("Home", "Lamps, small", "Desk")),
        (r"Home > Lamps\, small > Desk", ("Home", "Lamps, small", "Desk")),
        ("Home &gt; Beds &amp; Sofas", ("Home", "Beds & Sofas")),
        ("Home &amp;gt; Beds", ("Home", "Beds")),
    ],
)
@pytest.mark.parametrize("column", ["category", "Categories", "categories"])
def test_a_comma_belongs_to_a_categorys_name(
    tmp_path: Path, category: str, path: tuple[str, ...], column: str
) -> None:
    row = {"id": "1", "title": "x", column: category}
    columns = {"category": column}
    (product,) = read("shop_products", tmp_path / "p.jsonl.gz", [row], columns=columns)
    assert product.category == path


@pytest.mark.parametrize(
    ("category", "path"),
    [
        ("A > B, C", ("A", "B")),
        ("C, A > B", ("A", "B")),
        ("Home > Light, Home > Light > Lamps, Sale", ("Home", "Light", "Lamps")),
        (r"Hats\, Caps > Wool, Sale", ("Hats, Caps", "Wool")),
        (r"Hats\, Caps", ("Hats, Caps",)),
        ("Shoes, Boots", ("Shoes",)),
        ("Sale, Shoes/Boots", ("Shoes", "Boots")),
    ],
)
def test_of_woocommerces_categories_the_longest_is_taken(
    tmp_path: Path, category: str, path: tuple[str, ...]
) -> None:
    row = {"ID": "1", "Type": "simple", "SKU": "", "Name": "x", "Categories": category}
    columns = {"id": "ID", "title": "Name", "category": "Categories"}
    (product,) = read("shop_products", tmp_path / "p.jsonl.gz", [row], columns=columns)
    assert product.category == path


@pytest.mark.parametrize(
    ("category", "path"),
    [
        ("Default/Bags,Default/Sale", ("Default", "Bags")),
        ("Default,Default/Bags/Totes", ("Default", "Bags", "Totes")),
        ("Default", ("Default",)),
        ("Default,Sale", ("Default",)),
        ("Home > Lamps, small", ("Home", "Lamps, small")),
    ],
)
def test_of_magentos_categories_the_longest_is_taken(
    tmp_path: Path, category: str, path: tuple[str, ...]
) -> None:
    row = {"sku": "1", "product_type": "simple", "categories": category, "name": "x"}
    columns = {"id": "sku", "title": "name", "category": "categories"}
    (product,) = read("shop_products", tmp_path / "p.jsonl.gz", [row], columns=columns)
    assert product.category == path


def test_ids_that_pandas_made_float_lead_to_their_products(tmp_path: Path) -> None:
    table = write(tmp_path / "articles.csv", [{"id": "17", "title": "lamp"}])
    rows: list[dict[str, Any]] = [
        {"text": "Good", "product_id": "17.0"},
        {"text": "Bad", "product_id": ""},
    ]
    good, bad = read("shop_reviews", tmp_path / "r.csv", rows, products=str(table))
    assert (good.product and good.product.id, bad.product) == ("17", None)


def test_a_session_leads_to_the_product_whose_id_pandas_made_float(tmp_path: Path) -> None:
    table = write(tmp_path / "articles.csv", [{"id": "17", "title": "lamp"}])
    rows: list[dict[str, Any]] = [
        {"id": 3.0, "viewed": "17", "next": "17.0"},
        {"id": 4.0, "viewed": "17", "next": ""},
    ]
    first, second = read("shop_sessions", tmp_path / "s.csv", rows, products=str(table))
    assert (first.next and first.next.id, second.next) == ("17", None)
    assert (first.id, second.id) == ("3", "4")


def test_all_columns_that_a_table_lacks_are_one_error(tmp_path: Path) -> None:
    columns = {"title": "Titel", "brand": "Marke", "lang": "Sprache"}
    row = {"id": "1", "Tittel": "x", "marke": "y", "Sprache": "de"}
    with pytest.raises(DataError) as caught:
        read("shop_products", tmp_path / "p.csv", [row], columns=columns)
    assert f"{tmp_path / 'p.csv'}: the table lacks 'Titel' (near: 'Tittel'), 'Marke' " in str(
        caught.value
    )
    assert "(near: 'marke'); it has 'id', 'Tittel', 'marke', 'Sprache'" in str(caught.value)


def test_all_names_that_are_not_ours_are_one_error(tmp_path: Path) -> None:
    columns = {"titel": "Name", "attributes.": "Farbe", "products.id": "Nr"}
    with pytest.raises(DataError) as caught:
        read("shop_products", tmp_path / "p.csv", [{"id": 1, "title": "x"}], columns=columns)
    lines = str(caught.value).splitlines()[1:]
    assert [line.partition(":")[0] for line in lines] == [f"columns.{name}" for name in columns]
    assert "near: title" in lines[0]


def test_a_json_row_may_leave_a_column_out(tmp_path: Path) -> None:
    rows = [{"id": "1", "title": "x"}, {"id": "2", "title": "y", "brand": "b"}, {"id": "3"}]
    found = read("shop_products", tmp_path / "p.jsonl.gz", rows, columns={"brand": "brand"})
    assert [product.brand for product in found[:2]] == ["", "b"]
    assert reasons(found) == [(3, "title is missing")]


def test_a_piece_from_the_middle_of_a_json_file_proves_nothing() -> None:
    source = Source(format="shop_products", path="p.jsonl", columns={"brand": "brand"})
    rows = [(501, {"id": "1", "title": "x"})]
    assert len(list(shop_tables.read_products(rows, source, "p.jsonl"))) == 1
    with pytest.raises(DataError, match=r"p\.csv: the table lacks 'brand'"):
        list(shop_tables.read_products(rows, source, "p.csv"))


def test_a_rejected_cell_is_named_as_the_table_names_it(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"Nr": "1", "Name": {"de": "x"}, "lang": "de"},
        {"Nr": "2", "Name": "x", "lang": "deutsch"},
    ]
    columns = {"id": "Nr", "title": "Name"}
    found = read("shop_products", tmp_path / "p.jsonl.gz", rows, columns=columns)
    assert reasons(found) == [
        (1, "Name must be a text: a struct"),
        (2, "lang must be a language code of two letters: 'deutsch'"),
    ]


def test_reviews_are_read_with_their_products(tmp_path: Path) -> None:
    table = write(tmp_path / "articles.csv", [{"Nr": 1, "Name": "lamp"}])
    rows: list[dict[str, Any]] = [
        {"text": "Good", "stars": "5.0", "product_id": 1},
        {"text": "Bad", "stars": "1", "product_id": 2},
        {"text": " ", "stars": "1", "product_id": 1},
        {"text": "Bad", "stars": "6", "product_id": 1},
    ]
    columns = {"rating": "stars", "products.id": "Nr", "products.title": "Name"}
    good, bad, *rejected = read(
        "shop_reviews", tmp_path / "r.csv", rows, products=str(table), columns=columns
    )
    assert isinstance(good, Review)
    assert (good.rating, good.product and good.product.title) == (5, "lamp")
    assert (bad.rating, bad.product) == (1, None)
    assert reasons(rejected) == [
        (4, "text is missing"),
        (5, "stars must be a whole number from 1 to 5: '6'"),
    ]


@pytest.mark.parametrize(
    "scale",
    [
        ["exact", "substitute", "complement", "irrelevant"],
        ["E", "s", "C", "I"],
        [3, 2, 1, 0],
        ["3", "2.0", "1", "0"],
        [1, 0.1, 0.01, 0],
        ["1.0", "0.1", "0.01", "0"],
        [1.0, 0.10000000149, 0.0099999998, 0.0],
    ],
)
def test_relevance_is_read_on_every_scale(tmp_path: Path, scale: list[Any]) -> None:
    rows = [
        {"query": "lamp", "product_id": f"A{n}", "relevance": relevance}
        for n, relevance in enumerate(scale, start=1)
    ]
    (search,) = queries(tmp_path, rows)
    assert isinstance(search, Search)
    assert [(product.id, relevance) for product, relevance in search.judged] == [
        ("A1", "exact"),
        ("A2", "substitute"),
        ("A3", "complement"),
        ("A4", "irrelevant"),
    ]


def test_a_one_of_unknown_scale_is_rejected_never_guessed(tmp_path: Path) -> None:
    rows = [{"query": "lamp", "product_id": f"A{n}", "relevance": n % 2} for n in (1, 2)]
    search, *_ = (row for row in queries(tmp_path, rows) if isinstance(row, Search))
    assert [relevance for _, relevance in search.judged] == ["irrelevant"]
    ((_, reason),) = reasons(queries(tmp_path, rows))
    assert reason.startswith("relevance 1 is exact as a gain and complement as a grade")


def test_rows_of_a_query_that_follow_each_other_are_one_search(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"query": "lamp", "product_id": "A1", "relevance": "E"},
        {"query": "lamp", "product_id": "A99", "relevance": "E"},
        {"query": "lamp", "product_id": "A2", "relevance": None},
        {"query": "lamp", "product_id": "A3", "relevance": "perhaps"},
        {"query": "lamp", "product_id": "A4", "relevance": 7},
        {"query": "lamp", "product_id": "A5", "relevance": "C"},
        {"query": "lamp", "lang": "de", "product_id": "A1", "relevance": "I"},
        {"query": "chair"},
        {"query": " "},
    ]
    found = queries(tmp_path, rows)
    searches = [row for row in found if isinstance(row, Search)]
    assert [(s.query, s.lang, [p.id for p, _ in s.judged]) for s in searches] == [
        ("lamp", "", ["A1", "A5"]),
        ("lamp", "de", ["A1"]),
        ("chair", "", []),
    ]
    rule = (
        "relevance must be exact, substitute, complement, irrelevant, E, S, C, I, "
        "a grade 0 to 3, or a gain 0, 0.01, 0.1, 1"
    )
    assert sorted(reasons(found)) == [
        (2, "product_id is not in the products table"),
        (3, "relevance is missing"),
        (4, f"{rule}: 'perhaps'"),
        (5, f"{rule}: 7"),
        (9, "query is missing"),
    ]


def test_a_table_of_queries_alone_needs_no_judgements(tmp_path: Path) -> None:
    found = queries(tmp_path, [{"q": "lamp"}, {"q": "chair"}], query="q")
    assert [row.query for row in found if isinstance(row, Search)] == ["lamp", "chair"]


@pytest.mark.parametrize(
    "turns",
    [
        [
            {"speaker": "customer", "text": "Hello.\nIs it red?"},
            {"speaker": "Shop", "text": "Yes."},
        ],
        '[{"speaker": "user", "text": "Hello.\\nIs it red?"}, {"speaker": "agent", "text": "Yes."}'
        "]",
        "Customer: Hello.\nIs it red?\n\nShop: Yes.",
        "  CUSTOMER : Hello.\nIs it red?\nshop：Yes.\nShop:",
    ],
)
def test_turns_are_read_from_lists_and_from_lines(tmp_path: Path, turns: Any) -> None:
    row = {"turns": turns, "intent": "colour", "lang": "en"}
    (dialogue,) = read("shop_dialogues", tmp_path / "d.jsonl.gz", [row])
    assert isinstance(dialogue, Dialogue)
    assert dialogue.turns == (("customer", "Hello.\nIs it red?"), ("shop", "Yes."))
    assert (dialogue.intent, dialogue.lang) == ("colour", "en")


def test_bad_dialogues_are_rejected(tmp_path: Path) -> None:
    turns: list[Any] = [
        None,
        [],
        "Hello.",
        [{"speaker": "robot", "text": "Hi"}],
        ["Hi"],
        5,
        "[cut",
        "Shop:",
        [{"speaker": "shop", "text": {"en": "Hi"}}],
    ]
    found = read("shop_dialogues", tmp_path / "d.jsonl.gz", [{"turns": each} for each in turns])
    assert reasons(found) == [
        (1, "turns is missing"),
        (2, "turns holds no words"),
        (3, "turns must begin with Customer: or Shop:"),
        (4, "turns.speaker must be customer or shop: 'robot'"),
        (5, "turns must be structs of speaker and text"),
        (6, "turns must be a list or a text: a int"),
        (7, "turns must be a list of turns in JSON"),
        (8, "turns holds no words"),
        (9, "text must be a text: a struct"),
    ]


def test_sessions_lead_to_products_and_say_what_they_lack(tmp_path: Path) -> None:
    table = write(tmp_path / "articles.jsonl.gz", ARTICLES)
    rows: list[dict[str, Any]] = [
        {"seen": ["A2", "gone", "A1"], "then": "A3"},
        {"seen": "A1, A2", "then": None},
        {"seen": "['gone']", "then": "A1"},
        {"seen": ["A1"], "then": "gone"},
        {"seen": None, "then": "A1"},
    ]
    columns = {"viewed": "seen", "next": "then"}
    path = tmp_path / "s.jsonl.gz"
    found = read("shop_sessions", path, rows, products=str(table), columns=columns)
    sessions = [row for row in found if isinstance(row, Session)]
    assert [[product.id for product in one.viewed] for one in sessions] == [
        ["A2", "A1"],
        ["A1", "A2"],
    ]
    assert [one.next and one.next.title for one in sessions] == ["lamp 3", None]
    assert {one.lang for one in sessions} == {"en"}
    assert reasons(found) == [
        (3, "none of seen is in the products table"),
        (4, "then is not in the products table"),
        (5, "none of seen is in the products table"),
    ]
