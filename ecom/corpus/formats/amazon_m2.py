"""Amazon-M2 (KDD Cup 2023): products of six shops, and sessions of viewed products.

    products_train.csv   id, locale, title, price, brand, color, size, model, material, author, desc
    sessions_train.csv   prev_items "['B09W9FND7K' 'B09JSPLN1M']", next_item, locale

An id is unique within its locale only, so a Product's id is "UK/B09W9FND7K". The test files have no
next_item: their sessions have no known end.
"""

from collections.abc import Iterator, Mapping

from ecom.corpus.formats.base import Format, LookUp, ProductTable
from ecom.corpus.formats.cells import CellError, identifier, ids, needed, text
from ecom.corpus.formats.prices import price
from ecom.corpus.formats.tables import (
    Row,
    Rows,
    each,
    row_id,
    with_columns,
    with_products,
)
from ecom.corpus.records import Product, Session
from ecom.corpus.source import RawSource, name_of
from ecom.shopbench import Rejected

LOCALES = {
    "UK": ("en", "GBP"),
    "DE": ("de", "EUR"),
    "JP": ("ja", "JPY"),
    "ES": ("es", "EUR"),
    "FR": ("fr", "EUR"),
    "IT": ("it", "EUR"),
}
PRODUCT_COLUMNS = ("id", "locale", "title")
SESSION_COLUMNS = ("prev_items", "locale")
_ATTRIBUTES = ("color", "size", "model", "material", "author")
_NO_PRICE = 40_000_000  # the set has 40000000.07 for an unknown price


def read_products(rows: Rows, source: RawSource, file: str) -> Iterator[Product | Rejected]:
    """Yield the products of one span."""
    name = name_of(source, file)
    yield from each(
        with_columns(rows, file, PRODUCT_COLUMNS), lambda _, row: product(row, source, name)
    )


def read_sessions(
    rows: Rows, source: RawSource, file: str, products: LookUp | None
) -> Iterator[Session | Rejected]:
    """Yield the sessions of one span.

    Viewed products that are not in the table are left out if at least one stays; a session whose
    next product is not in it is Rejected.
    """
    assert products is not None, "config.Source refuses amazon_m2_sessions without `products`"
    name = name_of(source, file)

    def session(line: int, row: Row, found: Mapping[str, Product]) -> Session:
        viewed, following = _viewed(row), _next(row)
        if not viewed:
            raise CellError("prev_items is empty")
        if following and following not in found:
            raise CellError("next_item is not in the products table", f"product {following}")
        known = tuple(found[item] for item in viewed if item in found)
        if not known:
            shown = f"product {', '.join(viewed)}"
            raise CellError("none of prev_items is in the products table", shown)
        return Session(
            id=row_id(file, line, viewed, following),
            source=name,
            viewed=known,
            next=found[following] if following else None,
            lang=source.lang or LOCALES[_locale(row)][0],
        )

    checked = with_columns(rows, file, SESSION_COLUMNS)
    yield from with_products(checked, products, lambda row: (*_viewed(row), _next(row)), session)


def product(row: Row, source: RawSource, name: str) -> Product:
    """Return a row of the products table. Raises CellError."""
    locale = _locale(row)
    lang, currency = LOCALES[locale]
    amount = price(row, "price")
    return Product(
        id=f"{locale}/{needed(row, 'id', identifier)}",
        source=name,
        title=needed(row, "title"),
        lang=source.lang or lang,
        brand=text(row, "brand"),
        description=text(row, "desc"),
        attributes=tuple((key, found) for key in _ATTRIBUTES if (found := text(row, key))),
        price=amount if amount and amount < _NO_PRICE else None,
        currency=currency,
    )


def _locale(row: Row) -> str:
    locale = needed(row, "locale")
    if locale not in LOCALES:
        raise CellError(f"locale must be one of {', '.join(LOCALES)}: {locale!r:.20}")
    return locale


def _viewed(row: Row) -> list[str]:
    locale = _locale(row)
    return [f"{locale}/{item}" for item in ids(row, "prev_items")]


def _next(row: Row) -> str:
    item = identifier(row, "next_item")
    return f"{_locale(row)}/{item}" if item else ""


PRODUCTS = Format(name="amazon_m2_products", about="KDD Cup 2023's products", read=read_products)
SESSIONS = Format(
    name="amazon_m2_sessions",
    about="KDD Cup 2023's sessions; `products` is the second table",
    read=read_sessions,
    products=ProductTable(columns=lambda _: PRODUCT_COLUMNS, product=product, required=True),
)
