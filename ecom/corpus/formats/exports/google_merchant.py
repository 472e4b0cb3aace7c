"""Google Merchant Center: product data as TSV, RSS or Atom.

Attributes have Google's names, in XML with the prefix g:. The offers of an `item_group_id` are one
product: its title is what theirs begin with. `product_type`, the shop's own category, comes before
`google_product_category`.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Any

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
    path,
)

_SOME = (
    "link",
    "image link",
    "additional image link",
    "availability",
    "condition",
    "google product category",
    "product type",
    "item group id",
    "identifier exists",
    "gtin",
    "mpn",
)
_OURS = {"category", "lang", "also_bought", "currency"}  # of a table with our names
_ATTRIBUTES = (
    *("color", "size", "material", "pattern", "gender", "age group", "size type", "size system"),
    *("energy efficiency class", "multipack", "unit pricing measure", "product weight"),
    *("product length", "product width", "product height"),
)
_PRICE = re.compile(r"(.*?\d.*?)\s*([A-Z]{3})|([A-Z]{3})\s*(.*\d.*)")
_END = " -–—|,/:("  # of what is left of a title


def _fits(row: Row) -> bool:
    return not _OURS & row.keys() and has(row, "id, title", *_SOME, at_least=3)


def is_offer(row: Row) -> bool:
    """Whether an item of a feed is an offer, however little it says; a blog's has no price."""
    return has(row, "id, title, price", at_least=0)


def _rows(lines: Rows) -> Iterator[Taken]:
    listings: dict[str, Listing] = {}
    titles: dict[str, list[str]] = {}

    def take(line: int, row: Row) -> None:
        offer = ids(row, "id")
        if not offer:
            raise CellError("id is missing")
        group = ids(row, "item group id")
        key = f"group {group[0]}" if group else offer[0]
        one = _listing(line, (group or offer)[0], row)
        one.also(*offer, *ids(row, "gtin", "mpn"))
        if key in listings:
            listings[key].merge(one)
        else:
            listings[key] = one
        titles.setdefault(key, []).append(one.title)

    yield from each(lines, take)
    for key, one in listings.items():
        one.title = _shared(titles[key])
        yield one.taken("title")


def _shared(titles: list[str]) -> str:
    """Return the words that all titles begin with, or the first title where these are too few."""
    known = [title for title in titles if title]
    if len(set(known)) < 2:
        return known[0] if known else ""
    alike = zip(*(title.split() for title in known), strict=False)
    words = [word for word, *_ in takewhile(lambda words: len({*words}) == 1, alike)]
    begin = " ".join(words).rstrip(_END)
    return begin if len(words) > 1 else known[0]


def _listing(line: int, id_: str, row: Row) -> Listing:
    one = Listing(line, id_, title=_one(row, "title"), brand=_one(row, "brand"))
    one.description = first(
        {name: _one(row, name) for name in ("description", "summary", "content")},
        *("description", "summary", "content"),
    )
    highlights = [value for value in _all(row, "product highlight") if value not in one.description]
    one.description = "\n".join(filter(None, (one.description, *highlights)))
    google = _one(row, "google product category")
    types = [path(value) for value in _all(row, "product type")]
    one.category = max(types, key=len, default=()) or path("" if google.isdigit() else google)
    one.lang = _one(row, "content language").lower()
    amount, one.currency = _price(_one(row, "price"))
    one.priced(amount)
    for name in _ATTRIBUTES:
        one.add(name.capitalize(), *_all(row, name))
    for name, value in _details(row):
        one.add(name, value)
    return one


def _price(written: str) -> tuple[str, str]:
    """Return amount and currency of "15.00 USD"; a currency that is a sign stays in the amount."""
    found = _PRICE.fullmatch(written)
    if not found:
        return written, ""
    return found[1] or found[4], found[2] or found[3]


def _details(row: Row) -> Iterator[tuple[str, str]]:
    """Yield (name, value) of the product details: elements, or "section:name:value, …"."""
    found = row.get("product detail")
    for detail in found if isinstance(found, list) else [found]:
        if isinstance(detail, Mapping):
            yield text(detail, "attribute_name"), text(detail, "attribute_value")
        elif isinstance(detail, str):
            for written in re.split(r",(?=[^,:]*:[^,:]*:)", detail):
                bare = re.fullmatch(r'\s*"(.*)"\s*', written, re.DOTALL)
                parts = (bare[1] if bare else written).split(":", 2)
                if len(parts) == 3:
                    yield parts[1].strip(), parts[2].strip()


def _one(row: Row, name: str) -> str:
    return next(iter(_all(row, name)), "")


def _all(row: Row, name: str) -> list[str]:
    """Return the texts of an attribute that may occur several times."""
    found = row.get(name)
    cells: list[Any] = found if isinstance(found, list) else [found]
    texts = (_flat(cell) if isinstance(cell, Mapping) else cell for cell in cells)
    return [one for cell in texts if (one := text({name: cell}, name))]


def _flat(cell: Row) -> str:
    return "\n".join(str(part) for part in cell.values() if part)


PRODUCTS = Export(name="a Google Merchant feed", fits=_fits, rows=_rows)
