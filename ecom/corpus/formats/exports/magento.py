"""Magento and Adobe Commerce: the product export (CSV).

A configurable product names its simple ones in `configurable_variations`, sku=A-1,size=M|sku=…;
they are taken into it. `additional_attributes` holds name=value pairs with commas between them. The
lines of a `store_view_code` repeat a product for one view, and are left aside.
"""

import re
from collections.abc import Iterator

from ecom.corpus.formats.cells import CellError, text
from ecom.corpus.formats.exports.base import (
    Export,
    Listing,
    Row,
    Rows,
    Taken,
    each,
    first,
    has,
    ids,
    longest,
)

_SOME = (
    "attribute set code",
    "product type",
    "additional attributes",
    "configurable variations",
    "product websites",
    "store view code",
    "visibility",
)
_PAIR = re.compile(r",(?=\"?[a-z][a-z0-9_]*=)", re.IGNORECASE)
# Of the shop's machinery.
_NO_ATTRIBUTES = re.compile(
    "has_options|required_options|.*_id|.*_ids|url_.*|.*_url|image.*|.*_image|.*_label|ts_.*|"
    "msrp.*|gift_.*|options_container|sku_type|price_type|price_view|weight_type|shipment_type|"
    "tax_.*|.*_date|quantity.*|status|visibility|is_.*|.*_hosts|samples_title|links_.*"
)


def _fits(row: Row) -> bool:
    return has(row, "sku, name", *_SOME, at_least=3)


def _rows(lines: Rows) -> Iterator[Taken]:
    listings: dict[str, Listing] = {}
    variants: dict[str, list[tuple[str, dict[str, str]]]] = {}  # by sku: (sku, labels -> values)

    def take(line: int, row: Row) -> None:
        if text(row, "store view code"):
            return
        names = ids(row, "sku")
        if not names:
            raise CellError("sku is missing")
        one = _listing(line, names[0], row)
        if names[0] in listings:
            listings[names[0]].merge(one)
            return
        listings[names[0]] = one
        if written := text(row, "configurable variations"):
            labels = _pairs(text(row, "configurable variation labels"))
            variants[names[0]] = list(_variations(written, labels))

    yield from each(lines, take)
    taken: set[str] = set()
    for sku, of_it in variants.items():
        for variant, options in of_it:
            for name, value in options.items():
                listings[sku].add(name, value)
            if variant != sku and (simple := listings.get(variant)):
                _take_in(listings[sku], simple, set(options))
                taken.add(variant)
            listings[sku].also(variant)
    for sku, one in listings.items():
        if sku not in taken:
            yield one.taken("name")


def _take_in(one: Listing, simple: Listing, options: set[str]) -> None:
    """Take in a simple product: what the configurable one lacks, but not its options again."""
    known = {name.lower() for name in (*one.attributes, *options)}
    for name in [name for name in simple.attributes if name.lower() in known]:
        del simple.attributes[name]
    simple.title = ""
    one.merge(simple)


def _listing(line: int, sku: str, row: Row) -> Listing:
    one = Listing(line, sku, title=text(row, "name"))
    one.category = longest(text(row, "categories"), "/")
    one.description = first(row, "description", "short description")
    one.priced(text(row, "price"))
    for name, value in _pairs(text(row, "additional attributes")).items():
        if not _NO_ATTRIBUTES.fullmatch(name):
            one.add(name.replace("_", " "), *value.split("|"))
    return one


def _variations(written: str, labels: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    for variation in written.split("|"):
        pairs = _pairs(variation)
        sku = pairs.pop("sku", "")
        if sku:
            yield (
                sku,
                {labels.get(code, code.replace("_", " ")): value for code, value in pairs.items()},
            )


def _pairs(written: str) -> dict[str, str]:
    """Return name -> value of "a=b,c=d"; a comma before no name belongs to a value."""
    found = (pair.strip().strip('"').partition("=") for pair in _PAIR.split(written))
    return {name.strip(): value.strip().strip('"') for name, _, value in found if value}


PRODUCTS = Export(name="Magento's product export", fits=_fits, rows=_rows)
