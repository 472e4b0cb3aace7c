"""Shopify: the product export (CSV), and products.json.

The lines of a `Handle` are one product: the first has its texts and the options' names, the others
further variants and images. Both headers are read, "Handle, Body (HTML), Variant Price" and "URL
handle, Description, Price", and columns of metafields: "Fit (product.metafields.custom.fit)".
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ecom.corpus.formats.cells import CellError, mapping, text
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

_OPTIONS = ("option1", "option2", "option3")
_GOOGLE = {"Gender": "google shopping gender", "Age group": "google shopping age group"}
_TITLED = re.compile(r"(.+?)\s*\(product\.metafields\..*\)")
_NO_OPTION = "Default Title"


def _is_csv(row: Row) -> bool:
    new = has(row, "title, url handle", "option1 name", "sku", "price", "description", at_least=2)
    usual = ("body html", "variant sku", "variant price", "option1 name", "option1 value")
    return new or has(row, "handle, title", *usual)


def _csv(lines: Rows) -> Iterator[Taken]:
    listings: dict[str, Listing] = {}
    options: dict[str, dict[str, str]] = {}  # by handle: option1 -> its name

    def take(line: int, row: Row) -> None:
        handle = first(row, "handle", "url handle")
        if not handle:
            raise CellError("Handle is missing")
        one = listings.setdefault(handle, Listing(line, handle))
        _texts(one, row)
        names = options.setdefault(handle, {})
        for option in _OPTIONS:
            if name := text(row, f"{option} name"):
                names.setdefault(option, name)
            value = text(row, f"{option} value")
            if value != _NO_OPTION and option in names:
                one.add(names[option], value)
        one.priced(first(row, "variant price", "price"))
        one.also(*ids(row, "variant sku", "sku", "variant barcode", "barcode", "id", "product id"))

    yield from each(_with_metafields(lines), take)
    for one in listings.values():
        yield one.taken("Title")


def _texts(one: Listing, row: Row) -> None:
    """Take what only the product's first line has."""
    one.title = one.title or text(row, "title")
    one.description = one.description or first(row, "body html", "description")
    one.brand = one.brand or text(row, "vendor")
    google = text(row, "google shopping google product category")
    one.category = (
        one.category
        or path(first(row, "product category", "custom product type"))
        or path(google if not google.isdigit() else "")
        or path(first(row, "type", "standard product type"))
    )
    for name, column in _GOOGLE.items():
        one.add(name, text(row, column))
    for name, cell in row.get(_METAFIELDS, {}).items():
        one.add(name, *_metafield(cell))


_METAFIELDS = "metafields"  # our key for all of a row's


def _with_metafields(lines: Rows) -> Rows:
    """Yield the rows with their metafields under one key, by their names as they are written."""
    for line, row in lines:
        if not isinstance(row, dict):
            yield line, row
            continue
        named = {name: found[1] for name in row if (found := _TITLED.fullmatch(name))}
        kept = {name: cell for name, cell in row.items() if name not in named}
        cells = {title: row[name] for name, title in named.items() if row[name]}
        yield line, kept | ({_METAFIELDS: cells} if cells else {})


def _metafield(cell: Any) -> list[str]:
    """Return a metafield's values; references to other objects are none."""
    written = text({"cell": cell}, "cell")
    if not written or written.startswith("gid://"):
        return []
    if written[0] not in "[{":
        return [value.strip() for value in written.split(";")]
    try:
        return list(_plain_values(json.loads(written)))
    except (ValueError, RecursionError):
        return [written]


def _plain_values(found: Any) -> Iterator[str]:
    """Yield the texts in a metafield's JSON: a list, a measurement, a text with styles."""
    match found:
        case list():
            for one in found:
                yield from _plain_values(one)
        case {"value": value, "unit": unit}:
            yield f"{text({'value': value}, 'value')} {str(unit).lower()}"
        case {"value": value}:
            yield from _plain_values(value)
        case {"children": children}:
            yield from _plain_values(children)
        case bool() | dict() | None:
            return
        case _ if not str(found).startswith("gid://"):
            yield text({"value": found}, "value")


def _is_json(row: Row) -> bool:
    return {"handle", "title", "variants"} <= row.keys() and bool(
        {"body_html", "options"} & row.keys()
    )


def _json(lines: Rows) -> Iterator[Taken]:
    listings: dict[str, Listing] = {}

    def take(line: int, row: Row) -> None:
        handle = first(row, "handle", "id")
        if not handle:
            raise CellError("handle is missing")
        one = listings.setdefault(handle, Listing(line, handle))
        one.title = one.title or text(row, "title")
        one.description = one.description or text(row, "body html")
        one.brand = one.brand or text(row, "vendor")
        category = row.get("category")
        named = category.get("full_name") if isinstance(category, Mapping) else category
        one.category = one.category or path(text({"category": named}, "category"))
        one.category = one.category or path(text(row, "product type"))
        one.also(*ids(row, "id"))
        _variants(one, _structs(row, "options"), _structs(row, "variants"))

    yield from each(lines, take)
    for one in listings.values():
        yield one.taken("title")


def _variants(one: Listing, options: list[Row], variants: list[Row]) -> None:
    names = {f"option{number}": text(found, "name") for number, found in enumerate(options, 1)}
    for variant in variants:
        for option, name in names.items():
            value = text(variant, option)
            if value != _NO_OPTION:
                one.add(name, value)
        one.priced(variant.get("price"))
        one.also(*ids(variant, "sku", "id", "barcode"))


def _structs(row: Row, column: str) -> list[Row]:
    found = row.get(column) or []
    if not isinstance(found, list):
        raise CellError(f"{column} must be a list: {type(found).__name__}")
    return [mapping({column: one}, column) for one in found]


CSV = Export(name="Shopify's product export", fits=_is_csv, rows=_csv)
JSON = Export(name="Shopify's products.json", fits=_is_json, rows=_json)
