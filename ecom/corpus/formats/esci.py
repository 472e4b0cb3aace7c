"""ESCI, Amazon's shopping queries: how well products fit a query.

    examples   example_id, query, query_id, product_id, product_locale (us, es, jp),
               esci_label (E, S, C, I), split
    products   product_id, product_title, product_description, product_bullet_point, product_brand,
               product_color, product_locale

Only the split `train` is read: the other one is for tests. An id is unique within its locale only,
so a Product's id is "us/B079VKKJN7".
"""

from collections.abc import Iterator, Mapping

from ecom.corpus.formats.base import Format, LookUp, ProductTable
from ecom.corpus.formats.cells import CellError, identifier, needed, text
from ecom.corpus.formats.judgements import WORDS, Judged, searches
from ecom.corpus.formats.tables import Row, Rows, row_id, with_columns, with_products
from ecom.corpus.records import Product, Search
from ecom.corpus.source import RawSource, name_of
from ecom.shopbench import Rejected

LOCALES = {"us": "en", "es": "es", "jp": "ja"}
COLUMNS = ("query", "query_id", "product_id", "product_locale", "esci_label")
PRODUCT_COLUMNS = ("product_id", "product_title", "product_locale")


def read(
    rows: Rows, source: RawSource, file: str, products: LookUp | None
) -> Iterator[Search | Rejected]:
    """Yield one Search for consecutive rows of a query in a span.

    A row whose product is not in the table is Rejected; the query's other rows stay.
    """
    assert products is not None, "config.Source refuses esci without `products`"

    def judged(line: int, row: Row, found: Mapping[str, Product]) -> Judged:
        locale, query, item = _locale(row), needed(row, "query"), _product_id(row)
        label = needed(row, "esci_label")
        if label.lower() not in WORDS:
            raise CellError(f"esci_label must be E, S, C or I: {label!r:.20}")
        if item not in found:
            raise CellError("product_id is not in the products table", f"product {item}")
        return Judged(
            line=line,
            key=(locale, needed(row, "query_id", identifier)),
            id=identifier(row, "example_id") or row_id(file, line, query),
            query=query,
            lang=source.lang or LOCALES[locale],
            product=found[item],
            relevance=WORDS[label.lower()],
        )

    checked = with_columns(rows, file, COLUMNS)
    pairs = with_products(checked, products, lambda row: [_product_id(row)], judged)
    yield from searches(pairs, name_of(source, file))


def product(row: Row, source: RawSource, name: str) -> Product:
    """Return a row of the products table. Raises CellError."""
    texts = (text(row, "product_description"), text(row, "product_bullet_point"))
    color = text(row, "product_color")
    return Product(
        id=f"{_locale(row)}/{needed(row, 'product_id', identifier)}",
        source=name,
        title=needed(row, "product_title"),
        lang=source.lang or LOCALES[_locale(row)],
        brand=text(row, "product_brand"),
        description="\n".join(filter(None, texts)),
        attributes=(("color", color),) if color else (),
    )


def _product_id(row: Row) -> str:
    split = text(row, "split")
    if split not in ("", "train"):
        raise CellError(f"split {split:.20}: not for training")
    return f"{_locale(row)}/{needed(row, 'product_id', identifier)}"


def _locale(row: Row) -> str:
    locale = needed(row, "product_locale")
    if locale not in LOCALES:
        raise CellError(f"product_locale must be one of {', '.join(LOCALES)}: {locale!r:.20}")
    return locale


FORMAT = Format(
    name="esci",
    about="Amazon's shopping queries with judged products; `products` is the second table",
    read=read,
    products=ProductTable(columns=lambda _: PRODUCT_COLUMNS, product=product, required=True),
)
