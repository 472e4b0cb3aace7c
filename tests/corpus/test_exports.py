"""Exports of shop systems, read as they are. exports.py writes whole ones, with the usual mess."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ecom.corpus.config import Source
from ecom.corpus.reading import guesses, items, tasks
from ecom.corpus.records import Product, Review
from ecom.errors import DataError
from ecom.shopbench import Rejected
from tests.corpus import exports

COUNT = 120


def read(path: Path, format_: str = "shop_products", **settings: Any) -> list[Any]:
    source = Source(format=format_, path=str(path), **settings)
    cache = path.parent / "cache"
    return [item for task in tasks([source], None) for _, item in items(task, cache, 0)]


def written(tmp_path: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def reasons(found: list[Any]) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in found if isinstance(row, Rejected)]


def only(found: list[Any]) -> Product:
    (product,) = found
    assert isinstance(product, Product)
    return product


# ------------------------------------------------------------------------------- whole exports


@pytest.mark.parametrize("name", [name for name in exports.WRITERS if name not in exports.REVIEWS])
def test_a_whole_export_gives_its_products_and_rejects_its_faults(
    tmp_path: Path, name: str
) -> None:
    found = read(exports.WRITERS[name](tmp_path, COUNT))
    products = {one.title: one for one in found if isinstance(one, Product)}
    known = exports.items(COUNT)
    for one in known:
        if one.is_faulty:
            continue
        product = products[one.title]
        assert product.brand.lower() in (one.brand.lower(), ""), product
        leaf = one.category.rpartition(" > ")[2]
        assert product.category[-1] in (leaf, leaf.partition(",")[0])
        values = {value for _, all_ in product.attributes for value in all_.split(", ")}
        assert {value.replace("⅔", "?") for _, all_ in one.options for value in all_} <= {
            value.replace("⅔", "?") for value in values
        }
        assert product.price == (one.price if one.same_price or not one.options else None)
        assert one.said[0] in product.description
        shown = str((product.attributes, product.category, product.brand))
        assert "http" not in shown
        assert "<" not in shown
    assert len(products) == sum(isinstance(one, Product) for one in found), "none twice"
    faulty = sum(one.is_faulty for one in known)
    assert len([row for row in found if isinstance(row, Rejected)]) == faulty


@pytest.mark.parametrize(
    ("name", "table"), [("judge_me", "shopify"), ("yotpo", "woocommerce"), ("yotpo", "magento")]
)
def test_reviews_lead_to_products_and_name_nobody(tmp_path: Path, name: str, table: str) -> None:
    products = exports.WRITERS[table](tmp_path, COUNT)
    found = read(exports.WRITERS[name](tmp_path, COUNT), "shop_reviews", products=str(products))
    reviews = [one for one in found if isinstance(one, Review)]
    assert len(reviews) > 0.9 * COUNT
    known = {one.title for one in exports.items(COUNT) if not one.is_faulty}
    with_text = [one for one in reviews if one.text.startswith("The ")]
    assert len(with_text) > 0.8 * COUNT
    for one in with_text:
        title = next((title for title in known if f" {title} " in one.text), None)
        assert title is None or (one.product and one.product.title == title)
    for personal in ("Erika", "mail.example", "203.0.113", "Berlin", "Thank you"):
        assert personal not in str(found)


def test_a_note_names_the_export_and_how_to_read_it_otherwise(tmp_path: Path) -> None:
    path = exports.shopify(tmp_path, 3)
    source = Source(format="shop_products", path=str(path))
    (note,) = guesses([source], tasks([source], None))
    assert note.startswith(f"{path}: read as Shopify's product export")
    assert "`columns`" in note


def test_a_mapping_of_columns_is_all_that_counts(tmp_path: Path) -> None:
    columns = {"id": "Variant SKU", "title": "Handle"}
    found = read(exports.shopify(tmp_path, 3), columns=columns)
    skus = {one.id for one in found if isinstance(one, Product)}
    assert skus == {
        f"'{one.sku(at)}" for one in exports.items(3) for at in range(len(one.variants))
    }
    source = Source(format="shop_products", path=str(tmp_path), columns=columns)
    assert guesses([source], tasks([source], None)) == []


def test_a_limit_draws_products_not_lines(tmp_path: Path) -> None:
    found = read(exports.shopify(tmp_path, 40), limit_rows=10)
    whole = read(tmp_path / "products_export_1.csv")
    assert len(found) == 10
    assert all(one in whole for one in found)


def test_an_export_of_the_other_kind_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Judge\.me's reviews; its format is shop_reviews"):
        read(exports.judge_me(tmp_path, 3))
    with pytest.raises(DataError, match="Shopify's product export; its format is shop_products"):
        read(exports.shopify(tmp_path, 3), "shop_reviews")


# ------------------------------------------------------------------------------- ragged tables


def test_cells_may_be_missing_at_the_end_of_a_line(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "p.csv",
        "Handle,Title,Body (HTML),Vendor,Option1 Name,Option1 Value,Variant Price,Status\r\n"
        "cup,Cup,<p>Blue</p>,Oak,Colour,Blue,5.00,active\r\n"
        "cup,,,,,Red\r\n"
        "pan,Pan,,Oak\r\n"
        ",,,,,,,\r\n"
        "pot,Pot,Round,and deep,Oak,Colour,Red,5.00,active\r\n",
    )
    cup, pan = (one for one in read(path) if isinstance(one, Product))
    assert (cup.attributes, cup.price) == ((("Colour", "Blue, Red"),), 5.0)
    assert (pan.title, pan.brand) == ("Pan", "Oak")
    assert reasons(read(path)) == [(6, "9 columns where the header has 8")]


def test_a_text_with_a_line_break_outside_of_quotes_makes_no_product(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "p.csv",
        "Handle,Title,Body (HTML),Vendor,Type,Variant Price\n"
        "cup,Cup,<p>Blue\n"
        "and round.</p>,Oak,Cups,5.00\n"
        "pan,Pan,<p>Black</p>,Oak,Pans,9.00\n",
    )
    assert [one.title for one in read(path) if isinstance(one, Product)] == ["Pan"]
    assert [line for line, reason in reasons(read(path)) if "outside of quotes" in reason] == [2, 3]


# ---------------------------------------------------------------------------- each system's own


def test_shopifys_newer_header_and_metafields_are_read(tmp_path: Path) -> None:
    text = json.dumps({"type": "root", "children": [{"type": "text", "value": "Air dry"}]})
    cells = {
        "Title": "Cup",
        "URL handle": "cup",
        "Description": "Blue",
        "Product category": "Home & Garden > Cups",
        "SKU": "C-1",
        "Option1 name": "Colour",
        "Option1 value": "Blue",
        "Price": "5.00",
        "Fit (product.metafields.custom.fit)": '["slim", "long"]',
        "Width (product.metafields.custom.width)": '{"value": 5.0, "unit": "CENTIMETERS"}',
        "Care (product.metafields.custom.care)": text,
        "Colour family (product.metafields.shopify.color-pattern)": "blue; white",
        "Made by (product.metafields.custom.by)": "gid://shopify/Metaobject/1",
    }
    quoted = ('"' + cell.replace('"', '""') + '"' for cell in cells.values())
    path = written(tmp_path, "p.csv", f"{','.join(cells)}\n{','.join(quoted)}\n")
    product = only(read(path))
    assert (product.id, product.category, product.price) == (
        "cup",
        ("Home & Garden", "Cups"),
        5.0,
    )
    assert product.attributes == (
        ("Fit", "slim, long"),
        ("Width", "5 centimeters"),
        ("Care", "Air dry"),
        ("Colour family", "blue, white"),
        ("Colour", "Blue"),
    )


def test_variations_join_their_product_by_sku_or_id(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "wc.csv",
        "ID,Type,SKU,Name,Short description,Regular price,Categories,Parent,"
        "Attribute 1 name,Attribute 1 value(s)\n"
        "12,variation,S-1,Shirt - S,,'-5,,S,Size,S\n"
        '11,variable,S,Shirt,Soft,,"Sale, Clothing > Shirts, Uncategorized",,'
        'Size,"S, M\\, wide"\n'
        '13,variation,S-2,Shirt - M,,"1.005,50",,id:11,Size,"M\\, wide"\n'
        "14,variation,S-3,Shirt - L,,7,,gone,Size,L\n"
        "15,variation,S-4,Shirt - L,,7,,,Size,L\n"
        "11,simple,X,Another,,7,,,,\n",
    )
    found = read(path)
    product = only([one for one in found if isinstance(one, Product)])
    assert (product.id, product.title, product.price) == ("11", "Shirt", 1005.5)
    assert product.category == ("Clothing", "Shirts")
    assert product.attributes == (("Size", "S, M, wide"),)
    assert sorted(reasons(found)) == [
        (5, "Parent of a variation is not in the file"),
        (6, "Parent of a variation is missing"),
        (7, "ID occurs again"),
    ]


def test_magentos_simple_products_are_taken_into_their_configurable_one(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "m.csv",
        "sku,store_view_code,attribute_set_code,product_type,categories,name,visibility,price,"
        "additional_attributes,configurable_variations,configurable_variation_labels\n"
        'S-1,,Top,simple,,Shirt-S,Not Visible Individually,9.000000,"size=S,material=Wool|Silk",,\n'
        'S-2,,Top,simple,,Shirt-M,Not Visible Individually,9.000000,"size=M",,\n'
        "P,,Top,simple,,Part of a set,Not Visible Individually,3.000000,,,\n"
        'S,,Top,configurable,"Default Category,Default Category/Shirts, fine",Shirt,'
        '"Catalog, Search",,"manufacturer=Oak,has_options=1,care=Wash, then dry",'
        '"sku=S-1,size=S|sku=S-2,size=M",size=Size\n'
        "S,de,Top,configurable,,Hemd,,,,,\n",
    )
    part, shirt = read(path)
    assert part.title == "Part of a set"
    assert (shirt.id, shirt.title, shirt.brand, shirt.price) == ("S", "Shirt", "Oak", 9.0)
    assert shirt.category == ("Shirts",)
    assert shirt.attributes == (
        ("care", "Wash, then dry"),
        ("Size", "S, M"),
        ("material", "Wool, Silk"),
    )


@pytest.mark.parametrize(
    ("price", "amount", "currency"),
    [
        ("15.00 USD", 15.0, "USD"),
        ("1299,00 CHF", 1299.0, "CHF"),
        ("EUR 1.299,00", 1299.0, "EUR"),
        ("1.299,00 €", 1299.0, "EUR"),
        ("free", None, ""),
    ],
)
def test_a_feeds_price_has_its_currency(
    tmp_path: Path, price: str, amount: float | None, currency: str
) -> None:
    names = "id\ttitle\tlink\timage link\tavailability\tprice\n"
    path = written(tmp_path, "f.tsv", f"{names}1\tCup\thttps://a.example\tx\tin_stock\t{price}\n")
    product = only(read(path))
    assert (product.price, product.currency) == (amount, currency)


FEED = (
    '<rss xmlns:g="http://base.google.com/ns/1.0"><channel>'
    "<item><g:id>1</g:id><title>Cup</title><g:price>5 EUR</g:price><g:link>x</g:link>"
    "<g:availability>in_stock</g:availability><g:condition>new</g:condition></item>"
)


def test_offers_that_say_little_are_read_with_all_they_say(tmp_path: Path) -> None:
    """Fewer of Google's names than tell a table of its own: in a feed the price is enough."""
    entry = (
        "<entry><g:id>1</g:id><title>Pan</title><summary>Cast iron.</summary><g:price>19.90 EUR"
        "</g:price><g:product_type>Home &gt; Pans</g:product_type><g:gender>unisex</g:gender>"
        "</entry>"
    )
    feed = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">'
    pan = only(read(written(tmp_path, "atom.xml", f"{feed}{entry}</feed>")))
    assert (pan.category, pan.description) == (("Home", "Pans"), "Cast iron.")
    assert (pan.price, pan.currency, pan.attributes) == (19.9, "EUR", (("Gender", "unisex"),))


def test_a_feed_that_breaks_keeps_what_was_before(tmp_path: Path) -> None:
    path = written(tmp_path, "f.xml", f"{FEED}\n<item><g:id>2</g:id><title>Pan</item>")
    broken, cup = read(path)
    assert (cup.title, cup.price) == ("Cup", 5.0)
    assert (broken.line, broken.reason) == (
        2,
        "not valid XML: mismatched tag; nothing after it is read",
    )


def test_entities_that_a_feed_declares_are_never_expanded(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    path = written(tmp_path, "f.xml", bomb + FEED.replace("Cup", "&b;&f;") + "</channel></rss>")
    (refused,) = read(path)
    assert refused.reason.startswith("declares an entity, which is never expanded")


def test_a_file_that_is_no_feed_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, "sitemap.xml", "<urlset><url><loc>x</loc></url></urlset>")
    with pytest.raises(DataError, match=r"sitemap\.xml: a feed without <item> and <entry>"):
        read(path)


def test_products_in_linked_data_stand_for_themselves(tmp_path: Path) -> None:
    node = {"@context": "https://schema.org", "@type": "Product"}
    rows: list[Any] = [
        {"@context": "https://schema.org", "@graph": [
            {"@type": "WebPage", "mainEntity": {"@id": "#p"}},
            {"@type": "https://schema.org/ProductGroup", "@id": "#g", "productGroupID": "G",
             "name": "Shirt"},
            {"@type": "Product", "sku": "1", "name": "Shirt S", "size": "S",
             "isVariantOf": {"@id": "#g"}, "offers": {"price": "9", "priceCurrency": "EUR"}},
        ]},
        {"@context": "https://schema.org", "@graph": [
            {"@type": "Product", "@id": "#v", "name": "Sock S", "size": "S"},
            {"@type": "ProductGroup", "@id": "#g", "name": "Sock", "hasVariant": {"@id": "#v"}},
        ]},
        node | {"sku": "2", "name": {"@value": "Tasse", "@language": "de"},
                "category": ["https://a.example/c", {"name": "Haus > Tassen"}],
                "isSimilarTo": node | {"name": "Pan"}, "offers": {
                    "@type": "AggregateOffer", "lowPrice": 3, "highPrice": 5,
                    "priceCurrency": "EUR"}},
        node | {"sku": "2", "color": "blau", "name": "Tasse"},
        node | {"sku": "3"},
        {"@type": "ItemList", "itemListElement": [
            {"@type": "ListItem", "item": node | {"sku": "4", "name": "Pot", "offers": [
                {"priceSpecification": {"price": 7.5, "priceCurrency": "GBP"}}]}}]},
    ]  # fmt: skip
    path = written(tmp_path, "p.jsonld", "\n".join(json.dumps(row) for row in rows))
    found = read(path)
    shirt, sock, tasse, pot = (one for one in found if isinstance(one, Product))
    assert (shirt.id, shirt.title, shirt.price) == ("G", "Shirt", 9.0)
    assert shirt.attributes == (("Size", "S"),)
    assert (sock.title, sock.attributes) == ("Sock", (("Size", "S"),))
    assert (tasse.title, tasse.lang, tasse.category) == ("Tasse", "de", ("Haus", "Tassen"))
    assert (tasse.price, tasse.attributes) == (None, (("Color", "blau"),))
    assert (pot.price, pot.currency) == (7.5, "GBP")
    assert reasons(found) == [(5, "name is missing")]


def test_a_json_object_over_many_lines_is_read(tmp_path: Path) -> None:
    node = {"@context": "https://schema.org", "@type": "Product", "sku": "1", "name": "Cup"}
    assert only(read(written(tmp_path, "p.json", json.dumps(node, indent=2)))).title == "Cup"
    shop = {"products": [{"id": 1, "title": "Cup"}, {"id": 2, "title": "Pan"}]}
    path = written(tmp_path, "own.json", json.dumps(shop, indent=2))
    assert [one.title for one in read(path)] == ["Cup", "Pan"]
    assert reasons(read(written(tmp_path, "cut.json", '{"products": [{"id": 1'))) == [
        (1, "not valid JSON: Expecting ',' delimiter")
    ]


def test_reviews_say_why_they_are_left_out(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "r.csv",
        "title,body,rating,review_date,curated,reviewer_email,product_handle\n"
        ",Good,5,46085,ok,a@mail.example,cup\n"
        "Only a title,,4,46085,ok,a@mail.example,cup\n"
        ",,4,46085,ok,a@mail.example,cup\n"
        "Buy now,Cheap,5,46085,spam,a@mail.example,cup\n"
        "Bad,Bad,five,46085,ok,a@mail.example,cup\n"
        "a@mail.example,one,too,many,cells,b@mail.example,cup,more\n",
    )
    found = read(path, "shop_reviews")
    good, title = (one for one in found if isinstance(one, Review))
    assert (good.text, good.rating, title.text, title.title) == ("Good", 5, "Only a title", "")
    assert reasons(found) == [
        (4, "body and title are missing: not for training"),
        (5, "curated is spam: not for training"),
        (6, "rating must be a whole number from 1 to 5: 'five'"),
        (7, "8 columns where the header has 7"),
    ]
    assert "mail.example" not in str(found)


# --------------------------------------------------------------------------------------- zips


def test_the_files_in_a_zip_are_read(tmp_path: Path) -> None:
    first, second = exports.shopify(tmp_path, 3), exports.google_rss(tmp_path, 3)
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as packed:
        packed.write(first, "a folder/products #1.csv")
        packed.write(second, "feed.xml")
        packed.writestr("notes.pdf", "x")
    assert len(read(tmp_path / "all.zip")) == 6


def test_a_zip_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, "p.zip", "PK cut")
    with pytest.raises(DataError, match=r"p\.zip: not a complete zip"):
        read(path)
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a.pdf", "x")
    with pytest.raises(DataError, match=r"p\.zip: no file of a kind that is read"):
        read(path)
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a.csv", "id,title\n1,Cup\n")
    locked = path.read_bytes().replace(
        b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\1\0"
    )
    path.write_bytes(locked)
    with pytest.raises(DataError, match=r"a\.csv has a password"):
        read(path)
