"""Amazon Reviews 2023: products (`meta`) and reviews (`review`).

    meta     main_category, title, features […], description […], price (number, text or null),
             store, categories […], details {…} (or its JSON), parent_asin, bought_together
    review   rating, title, text, asin, parent_asin, user_id, timestamp, helpful_vote, …

`parent_asin` links a review to its product. The set gives no language: it is detected.
"""

from collections.abc import Iterator, Mapping

from ecom.corpus.formats.base import Format, LookUp, ProductTable
from ecom.corpus.formats.cells import identifier, ids, mapping, needed, rating, text, texts
from ecom.corpus.formats.prices import price
from ecom.corpus.formats.tables import (
    Row,
    Rows,
    each,
    row_id,
    with_columns,
    with_products,
)
from ecom.corpus.records import Product, Review
from ecom.corpus.source import RawSource, name_of
from ecom.shopbench import Rejected

PRODUCT_COLUMNS = ("parent_asin", "title")
REVIEW_COLUMNS = ("text",)
# Entries of `details` about the offer, not the product; the brand has its own field.
_NO_ATTRIBUTES = {
    "ASIN",
    "Best Sellers Rank",
    "Brand",
    "Customer Reviews",
    "Date First Available",
    "Is Discontinued By Manufacturer",
    "UPC",
}


def read_meta(rows: Rows, source: RawSource, file: str) -> Iterator[Product | Rejected]:
    """Yield the products of one span."""
    name = name_of(source, file)
    yield from each(
        with_columns(rows, file, PRODUCT_COLUMNS), lambda _, row: product(row, source, name)
    )


def read_reviews(
    rows: Rows, source: RawSource, file: str, products: LookUp | None
) -> Iterator[Review | Rejected]:
    """Yield the reviews of one span, with their product where `products` has it."""
    name = name_of(source, file)

    def review(line: int, row: Row, found: Mapping[str, Product]) -> Review:
        words = needed(row, "text")
        return Review(
            id=row_id(file, line, text(row, "user_id"), words),
            source=name,
            text=words,
            lang=source.lang or "",
            title=text(row, "title"),
            rating=rating(row, "rating"),
            product=found.get(_product_id(row)),
        )

    checked = with_columns(rows, file, REVIEW_COLUMNS)
    yield from with_products(checked, products, lambda row: [_product_id(row)], review)


def product(row: Row, source: RawSource, name: str) -> Product:
    """Return a row of `meta`. Raises CellError."""
    details = mapping(row, "details")
    categories = texts(row, "categories") or texts(row, "main_category")
    amount = price(row, "price")
    return Product(
        id=needed(row, "parent_asin", identifier),
        source=name,
        title=needed(row, "title"),
        lang=source.lang or "",
        brand=_plain(details.get("Brand")) or text(row, "store"),
        category=categories,
        description="\n".join((*texts(row, "description"), *texts(row, "features"))),
        attributes=tuple(_attributes(details)),
        price=amount,
        currency="USD" if amount else "",
        also_bought=ids(row, "bought_together"),
    )


def _product_id(row: Row) -> str:
    return identifier(row, "parent_asin") or identifier(row, "asin")


def _attributes(details: Row) -> Iterator[tuple[str, str]]:
    for key, detail in details.items():
        if key not in _NO_ATTRIBUTES and (plain := _plain(detail)):
            yield key, plain


def _plain(detail: object) -> str:
    """Return a detail that is a text or a number; "" for nested ones (ranks by category)."""
    if isinstance(detail, bool) or not isinstance(detail, str | int | float):
        return ""
    return text({"details": detail}, "details")


META = Format(
    name="amazon_meta",
    about="Amazon Reviews 2023: products (meta)",
    read=read_meta,
)
REVIEWS = Format(
    name="amazon_reviews",
    about="Amazon Reviews 2023: reviews; `products` may name the meta file",
    read=read_reviews,
    products=ProductTable(columns=lambda _: PRODUCT_COLUMNS, product=product),
)
