"""WooCommerce: the product export (CSV).

A product of type variable has its variations in lines of their own, which name it in `Parent` by
SKU or as id:7. Of several `Categories` the longest counts. The header is that of an English shop;
one in another language needs `columns`.
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
    listed,
    longest,
)
from ecom.shopbench import Rejected

_SOME = (
    *("id", "type", "sku", "published"),
    "visibility in catalog",
    "regular price",
    "short description",
    "categories",
    "parent",
    "is featured",
    "attribute 1 name",
)
_ATTRIBUTE = re.compile(r"attribute (\d+) name")
_MEASURE = re.compile(r"(weight|length|width|height) (\w+)")
_FORMULA = re.compile(r"'(?=[=+\-@])")  # before what a spreadsheet would calculate


def _fits(row: Row) -> bool:
    return has(row, "name", *_SOME, at_least=5)


def _rows(lines: Rows) -> Iterator[Taken]:
    listings: dict[str, Listing] = {}  # by "id:7"
    by_name: dict[str, Listing] = {}  # by SKU and "id:7"
    variations: list[tuple[str, Listing]] = []

    def take(line: int, row: Row) -> None:
        names = ids(row, "id", "sku")
        if not names:
            raise CellError("ID and SKU are missing")
        one = _listing(line, names[0], row)
        one.also(*ids(row, "sku", "gtin upc ean or isbn"))
        if "variation" in listed(text(row, "type").lower()):
            parent = text(row, "parent")
            if not parent:
                raise CellError("Parent of a variation is missing")
            variations.append((parent, one))
            return
        if names[0] in listings:
            raise CellError("ID occurs again", names[0])
        listings[names[0]] = by_name[f"id:{names[0]}"] = one
        for sku in ids(row, "sku"):
            by_name.setdefault(sku, one)

    yield from each(lines, take)
    for parent, variation in variations:
        if of := by_name.get(parent.replace("id: ", "id:")):
            variation.title = variation.description = ""
            of.merge(variation)
        else:
            reason = "Parent of a variation is not in the file"
            yield variation.line, Rejected(variation.line, reason, f"Parent {parent}"[:200])
    for one in listings.values():
        yield one.taken("Name")


def _listing(line: int, id_: str, row: Row) -> Listing:
    brands = listed(first(row, "brands", "brand"))
    one = Listing(line, id_, title=_text(row, "name"), brand=brands[0])
    one.category = longest(text(row, "categories"))
    one.description = _text(row, "description") or _text(row, "short description")
    one.priced(first(row, "regular price", "sale price"))
    for column in row:
        if found := _ATTRIBUTE.fullmatch(column):
            values = first(row, f"attribute {found[1]} value s", f"attribute {found[1]} value")
            one.add(_text(row, column), *listed(_FORMULA.sub("", values)))
        elif (found := _MEASURE.fullmatch(column)) and (size := text(row, column)):
            one.add(found[1].capitalize(), f"{size} {found[2]}")
    return one


def _text(row: Row, column: str) -> str:
    found = text(row, column)
    return found[1:] if _FORMULA.match(found) else found


PRODUCTS = Export(name="WooCommerce's product export", fits=_fits, rows=_rows)
