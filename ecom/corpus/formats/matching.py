"""Pairs of products in ECInstruct and EC-Guide: title, description, manufacturer, price.

{"title": "winzip 11", "manufacturer": "nan", "price": "29.95"} ─► Product(price=29.95)
"""

from collections.abc import Mapping
from typing import Any

from ecom.corpus.records import Paired, Product


def paired(
    left: Mapping[str, Any],
    right: Mapping[str, Any],
    *,
    same: bool,
    id: str,
    source: str,
    lang: str,
) -> Paired | None:
    """Return the pair, or None where a product has no title."""
    products = [
        _product(fields, f"{id}:{side}", source, lang)
        for side, fields in (("left", left), ("right", right))
    ]
    if not all(product.title for product in products):
        return None
    first, second = products
    return Paired(id=id, source=source, left=first, right=second, same=same, lang=lang)


def _product(fields: Mapping[str, Any], id: str, source: str, lang: str) -> Product:
    texts = {name: _text(fields.get(name)) for name in ("title", "description", "manufacturer")}
    return Product(
        id=id,
        source=source,
        lang=lang,
        title=texts["title"],
        description=texts["description"],
        brand=texts["manufacturer"],
        price=_price(_text(fields.get("price"))),
    )


def _text(value: Any) -> str:
    """Return the text; pandas writes nan for none."""
    text = "" if value is None else str(value).strip()
    return "" if text.casefold() == "nan" else text


def _price(text: str) -> float | None:
    try:
        price = float(text)
    except ValueError:
        return None
    return price if 0 < price < float("inf") else None
