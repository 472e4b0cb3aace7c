"""A shop's own tables. `columns` of the source maps our names, below, to the table's.

    shop_products    id, title, lang, brand, category, description, price, currency, also_bought,
                     attributes.NAME (any number of them)
    shop_reviews     id, product_id, title, text, rating, lang
    shop_queries     query, product_id, relevance, lang
    shop_dialogues   id, turns, intent, lang
    shop_sessions    viewed, next, id, lang: ids of products, in order, and of the one after them

An unmapped name is itself the column's name. Without `columns`, exports of shop systems are read as
they are, and a note says which one was found:

    shop_products    Shopify's product export (CSV) and products.json; WooCommerce's and Magento's
                     (Adobe Commerce's) product export (CSV); a Google Merchant feed (TSV, RSS or
                     Atom XML); schema.org's Product in JSON-LD (files, also of an @graph; HTML)
    shop_reviews     Judge.me's and Yotpo's reviews (CSV), without what names people

There the variants of a product are one Product: their values are attributes, and it has a price if
all have the same. Its id is Shopify's handle, WooCommerce's ID, the item_group_id, else the sku or
id; `product_id` and the like in other tables may also be a variant's SKU or id, or an EAN. Images,
links, tags, stock and dates are left aside. The last cells of a row may be missing.

The table that `products` names has the format
shop_products; its names are mapped as `products.title` and so on:

    - format: shop_queries
      path: searches.csv
      products: articles.parquet
      columns: {query: Suchwort, product_id: Artikel, products.id: Nummer, products.title: Name}

A category leads from the root to the leaf, separated by >, | or / (the first of these it contains),
or is a list. Commas belong to the names, except in the exports of WooCommerce ("A > B, C" in
Categories) and Magento ("A/B,A/C" in categories): there they separate several categories, of which
the longest is used, or the first of equal ones. A query without product_id is a Search without
judgements.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import partial

from ecom.corpus.formats import exports
from ecom.corpus.formats.base import KNOWN_AS, Format, LookUp, ProductTable, file_spans
from ecom.corpus.formats.base import Row as FileRow
from ecom.corpus.formats.cells import (
    CellError,
    identifier,
    ids,
    lang,
    needed,
    rating,
    text,
    texts,
    value,
)
from ecom.corpus.formats.judgements import Judged, searches, with_words
from ecom.corpus.formats.prices import currency, price
from ecom.corpus.formats.tables import (
    Row,
    Rows,
    each,
    row_id,
    with_columns,
    with_products,
)
from ecom.corpus.formats.turns import turns
from ecom.corpus.markup import without_entities
from ecom.corpus.records import Dialogue, Product, Review, Search, Session
from ecom.corpus.source import RawSource, name_of
from ecom.errors import DataError
from ecom.raw import files
from ecom.shopbench import Rejected

ATTRIBUTE, OF_PRODUCTS, PRODUCT_TITLE = "attributes.", "products.", "product_title"
_COMMA = re.compile(r"(?<!\\),")
# By the column of categories: the separators of their steps, and other columns of the export.
_EXPORTS = {
    "Categories": (">|/", {"SKU", "Type", "Published"}),  # of WooCommerce
    "categories": ("/", {"sku", "attribute_set_code", "product_type", "store_view_code"}),
}


def read_products(rows: Rows, source: RawSource, file: str) -> Iterator[Product | Rejected]:
    """Yield the products of one span."""
    named, name = source.columns, name_of(source, file)
    yield from each(
        _checked(rows, source, file, PRODUCTS), lambda _, row: _product(row, named, source, name)
    )


def read_reviews(
    rows: Rows, source: RawSource, file: str, products: LookUp | None
) -> Iterator[Review | Rejected]:
    """Yield the reviews of one span, with their product where `products` has it."""
    column, name = _column_of(source.columns), name_of(source, file)

    def review(line: int, row: Row, found: Mapping[str, Product]) -> Review:
        words = needed(row, column("text"))
        return Review(
            id=identifier(row, column("id")) or row_id(file, line, words),
            source=name,
            text=words,
            lang=source.lang or lang(row, column("lang")),
            title=text(row, column("title")),
            rating=rating(row, column("rating")),
            product=_reviewed(row, column("product_id"), found, name),
        )

    checked = _checked(rows, source, file, REVIEWS)
    yield from with_products(checked, products, _product_ids(column("product_id")), review)


def _reviewed(row: Row, column: str, found: Mapping[str, Product], name: str) -> Product | None:
    """Return the product of a review: of the second table, else what an export says of it."""
    names = _product_ids(column)(row)
    known = next((found[one] for one in names if one in found), None)
    title = text(row, PRODUCT_TITLE) if KNOWN_AS in row else ""
    if known or not (names and title):
        return known
    return Product(id=names[0], source=name, title=title)


def read_queries(
    rows: Rows, source: RawSource, file: str, products: LookUp | None
) -> Iterator[Search | Rejected]:
    """Yield one Search for consecutive rows of a query in a span.

    A row whose product is not in the table is Rejected; the query's other rows stay.
    """
    column = _column_of(source.columns)

    def judged(line: int, row: Row, found: Mapping[str, Product]) -> Judged:
        query, item = needed(row, column("query")), identifier(row, column("product_id"))
        language, relevance = source.lang or lang(row, column("lang")), row[column("relevance")]
        if item and relevance is None:
            raise CellError(f"{column('relevance')} is missing")
        if item and item not in found:
            raise CellError(
                f"{column('product_id')} is not in the products table", f"product {item}"
            )
        return Judged(
            line=line,
            key=(query, language),
            id=row_id(file, line, query),
            query=query,
            lang=language,
            product=found.get(item),
            relevance=relevance,
        )

    worded = with_words(_checked(rows, source, file, QUERIES), column("relevance"))
    pairs = with_products(worded, products, _product_ids(column("product_id")), judged)
    yield from searches(pairs, name_of(source, file))


def read_dialogues(rows: Rows, source: RawSource, file: str) -> Iterator[Dialogue | Rejected]:
    """Yield the dialogues of one span. `intents` stays empty: transforms find them in the chunk."""
    column, name = _column_of(source.columns), name_of(source, file)

    def dialogue(line: int, row: Row) -> Dialogue:
        spoken = turns(row, column("turns"))
        return Dialogue(
            id=identifier(row, column("id")) or row_id(file, line, spoken),
            source=name,
            turns=spoken,
            intent=text(row, column("intent")),
            lang=source.lang or lang(row, column("lang")),
        )

    yield from each(_checked(rows, source, file, DIALOGUES), dialogue)


def read_sessions(
    rows: Rows, source: RawSource, file: str, products: LookUp | None
) -> Iterator[Session | Rejected]:
    """Yield the sessions of one span, in the given language, else that of their first product.

    Viewed products that are not in the table are left out if at least one stays.
    """
    column, name = _column_of(source.columns), name_of(source, file)

    def session(line: int, row: Row, found: Mapping[str, Product]) -> Session:
        viewed, following = ids(row, column("viewed")), identifier(row, column("next"))
        known = tuple(found[item] for item in viewed if item in found)
        if not known:
            raise CellError(
                f"none of {column('viewed')} is in the products table", f"products {viewed}"
            )
        if following and following not in found:
            raise CellError(
                f"{column('next')} is not in the products table", f"product {following}"
            )
        return Session(
            id=identifier(row, column("id")) or row_id(file, line, viewed, following),
            source=name,
            viewed=known,
            next=found.get(following),
            lang=source.lang or lang(row, column("lang")) or known[0].lang,
        )

    def wanted(row: Row) -> tuple[str, ...]:
        return (*ids(row, column("viewed")), identifier(row, column("next")))

    yield from with_products(_checked(rows, source, file, SESSIONS), products, wanted, session)


def product(row: Row, source: RawSource, name: str) -> Product:
    """Return a row of the table that the source's `products` names. Raises CellError."""
    return _product(row, _columns_of_products(source), source, name)


def product_columns(source: RawSource) -> tuple[str, ...]:
    """Return the columns that the source's `products` table must have."""
    named = _columns_of_products(source)
    return (*map(_column_of(named), ("id", "title")), *named.values())


def check_names(source: RawSource, format_: Format) -> None:
    """Raise one DataError for all unknown names in `columns`."""
    faults = []
    for ours in source.columns:
        table, name = format_, ours
        if ours.startswith(OF_PRODUCTS) and source.products:
            table, name = PRODUCTS, ours.removeprefix(OF_PRODUCTS)
        is_attribute = table is PRODUCTS and name.removeprefix(ATTRIBUTE) not in ("", name)
        if name not in table.names and not is_attribute:
            near = ", ".join(get_close_matches(name, table.names, n=1)) or "none"
            faults.append(
                f"columns.{ours}: not a name of {table.name} (near: {near}); its names are "
                + ", ".join(table.names)
            )
    if faults:
        raise DataError(
            "\n".join([f"{source.path}: wrong names in the `columns` of {source.format}:", *faults])
        )


def _checked(rows: Rows, source: RawSource, file: str, format_: Format) -> Rows:
    """Yield the rows of a table, which must have all required and all mapped columns.

    Other columns are left out: they may name customers, and rejected rows are shown.
    """
    check_names(source, format_)
    own = _own_columns(source)
    needed_ = (*map(_column_of(own), format_.columns[0]), *own.values())
    known = {*map(_column_of(own), format_.names), *own.values(), KNOWN_AS, PRODUCT_TITLE}
    known |= {column for _, columns in _EXPORTS.values() for column in columns}
    for line, row in with_columns(rows, file, needed_):
        if isinstance(row, dict):
            row = {key: row[key] for key in row if key in known or _is_attribute(key, format_)}
        yield line, row


def _is_attribute(name: str, format_: Format) -> bool:
    return format_ is PRODUCTS and name.startswith(ATTRIBUTE)


def _column_of(columns: Mapping[str, str]) -> Callable[[str], str]:
    """Return the function from our name of a column to the table's."""
    return lambda ours: columns.get(ours, ours)


def _own_columns(source: RawSource) -> dict[str, str]:
    return {
        ours: theirs for ours, theirs in source.columns.items() if not ours.startswith(OF_PRODUCTS)
    }


def _columns_of_products(source: RawSource) -> dict[str, str]:
    return {
        ours.removeprefix(OF_PRODUCTS): theirs
        for ours, theirs in source.columns.items()
        if ours.startswith(OF_PRODUCTS)
    }


def _product_ids(column: str) -> Callable[[Row], tuple[str, ...]]:
    """Return the function from a row to the ids that may name its product, the best first."""
    return lambda row: tuple(filter(None, [identifier(row, column), *row.get(KNOWN_AS, ())]))


def _product_rows(span: files.Span, source: RawSource) -> Iterator[FileRow]:
    return exports.rows(span, () if _own_columns(source) else exports.PRODUCTS)


def _review_rows(span: files.Span, source: RawSource) -> Iterator[FileRow]:
    """Yield the rows. A line that cannot be read is not shown: it may name a customer."""
    for line, row in exports.rows(span, () if _own_columns(source) else exports.REVIEWS):
        yield line, replace(row, text="") if isinstance(row, Rejected) else row


def _table_rows(span: files.Span, source: RawSource) -> Iterator[FileRow]:
    return exports.rows(span, () if _columns_of_products(source) else exports.PRODUCTS)


def _product(row: Row, columns: Mapping[str, str], source: RawSource, name: str) -> Product:
    column = _column_of(columns)
    amount = price(row, column("price"))
    unit = text(row, column("currency")).upper() or currency(row, column("price"))
    return Product(
        id=needed(row, column("id"), identifier),
        source=name,
        title=needed(row, column("title")),
        lang=source.lang or lang(row, column("lang")),
        brand=text(row, column("brand")),
        category=_category(row, column("category")),
        description=text(row, column("description")),
        attributes=tuple(_attributes(row, columns)),
        price=amount,
        currency=unit,
        also_bought=ids(row, column("also_bought")),
    )


def _category(row: Row, column: str) -> tuple[str, ...]:
    steps, found = texts(row, column), value(row, column)
    if not isinstance(found, str) or steps != (text(row, column),):  # a list
        return steps
    written = _without_entities(steps[0])
    between = next((mark for mark in ">|/" if mark in written), "")
    marks, others = _EXPORTS.get(column, ("", set[str]()))
    several = between in marks and not others.isdisjoint(row)
    paths = _COMMA.split(written) if several else [written]
    parted = [path.replace("\\,", ",").split(between or ">") for path in paths]
    return max((tuple(filter(None, map(str.strip, path))) for path in parted), key=len)


def _without_entities(found: str) -> str:
    """Return the text without entities, even those escaped twice."""
    while (plain := without_entities(found)) != found:
        found = plain
    return found


def _attributes(row: Row, columns: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (name, value) of the mapped attributes, and of columns with our names for them."""
    own = {name: name for name in row if name not in columns.values()}
    for ours, theirs in {**own, **columns}.items():
        if ours.startswith(ATTRIBUTE) and (found := ", ".join(texts(row, theirs))):
            yield ours.removeprefix(ATTRIBUTE), found


_TABLE = ProductTable(
    columns=product_columns, product=product, exports=exports.PRODUCTS, rows=_table_rows
)
PRODUCTS = Format(
    name="shop_products",
    about="a shop's own products: id, title, brand, category, description, price, …",
    read=read_products,
    columns=(("id", "title"),),
    also=("lang", "brand", "category", "description", "price", "currency", "also_bought"),
    spans=partial(file_spans, exports=True),
    rows=_product_rows,
    exports=exports.PRODUCTS,
)
REVIEWS = Format(
    name="shop_reviews",
    about="a shop's own reviews: title, text, rating; product_id leads to `products`",
    read=read_reviews,
    columns=(("text",),),
    also=("id", "product_id", "title", "rating", "lang"),
    products=_TABLE,
    spans=partial(file_spans, exports=True),
    rows=_review_rows,
    exports=exports.REVIEWS,
)
QUERIES = Format(
    name="shop_queries",
    about="a shop's own queries; judged ones: product_id, relevance, and `products`",
    read=read_queries,
    columns=(("query",),),
    also=("product_id", "relevance", "lang"),
    products=_TABLE,
)
DIALOGUES = Format(
    name="shop_dialogues",
    about="a shop's own dialogues: turns, intent",
    read=read_dialogues,
    columns=(("turns",),),
    also=("id", "intent", "lang"),
)
SESSIONS = Format(
    name="shop_sessions",
    about="a shop's own sessions: viewed, next; `products` is the second table",
    read=read_sessions,
    columns=(("viewed",),),
    also=("next", "id", "lang"),
    products=replace(_TABLE, required=True),
)
