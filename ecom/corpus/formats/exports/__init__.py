"""A shop's own tables as shop systems export them: known by their columns, read with no mapping.

    products    Shopify (CSV, products.json), WooCommerce, Google Merchant (TSV, RSS, Atom),
                schema.org's Product in JSON-LD (files, HTML pages), Magento and Adobe Commerce
    reviews     Judge.me, Yotpo

A span's first rows say which export it is; where they fit none, the rows stay as they are.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from ecom.corpus.formats.base import Export, Row
from ecom.corpus.formats.exports import (
    google_merchant,
    json_ld,
    magento,
    reviews,
    shopify,
    woocommerce,
)
from ecom.errors import DataError
from ecom.raw import files
from ecom.shopbench import Rejected

PRODUCTS = (
    shopify.JSON,
    shopify.CSV,
    woocommerce.PRODUCTS,
    magento.PRODUCTS,
    json_ld.PRODUCTS,
    google_merchant.PRODUCTS,
)
REVIEWS = (reviews.JUDGE_ME, reviews.YOTPO)
_FIRST_ROWS = 100


def found(span: files.Span, exports: Sequence[Export]) -> Export | None:
    """Return the export that the first rows of a span fit, None where they fit none."""
    if not exports:
        return None
    head = [row for _, row in islice(files.rows(span, ragged=True), _FIRST_ROWS)]
    rows = [row for row in head if not isinstance(row, Rejected)]
    known = next((export for row in rows for export in exports if export.fits(row)), None)
    if not known and span.kind == "feed" and google_merchant.PRODUCTS in exports:
        return google_merchant.PRODUCTS if any(map(google_merchant.is_offer, rows)) else None
    return known


def rows(span: files.Span, exports: Sequence[Export]) -> Iterator[Row]:
    """Yield a span's rows with our names where they are one of the exports, else as they are.

    Raises DataError for an export of the other kind, and for a feed without items.
    """
    if export := found(span, exports):
        yield from export.rows(files.rows(span, ragged=True))
        return
    for others, format_ in ((PRODUCTS, "shop_products"), (REVIEWS, "shop_reviews")):
        if exports and others is not exports and (other := found(span, others)):
            raise DataError(f"{span.file}: it is {other.name}; its format is {format_}")
    if span.kind == "feed" and not any(True for _ in files.rows(span)):
        raise DataError(f"{span.file}: a feed without <item> and <entry>; leave it out")
    yield from files.rows(span)
