"""A shop's own products, with names of columns of its own."""

from pathlib import Path
from typing import Any

from tests.corpus.bazaar import csv_file, products

_BOUGHT_WITH = {"sneaker": "cap", "sandal": "cap", "lamp": "candle", "kettle": "lamp"}
_COLUMNS = {
    "id": "Number",
    "title": "Name",
    "lang": "Language",
    "brand": "Maker",
    "category": "Shelf",
    "description": "Text",
    "price": "Price",
    "currency": "Currency",
    "also_bought": "With",
    "attributes.color": "Colour",
    "attributes.sole": "Sole",
    "attributes.power": "Power",
}


def write(folder: Path) -> dict[str, Any]:
    rows, by_kind = [], {one.title.split()[2]: one.id for one in products(90)}
    for number, one in enumerate(products(90)):
        _, color, kind, _ = one.title.split()
        rows.append(
            {
                "Number": one.id,
                "Name": one.title,
                "Language": "en",
                "Maker": one.brand,
                "Shelf": " > ".join(one.category),
                "Text": one.description,
                "Price": one.price,
                "Currency": one.currency,
                "With": by_kind.get(_BOUGHT_WITH.get(kind, ""), ""),
                "Colour": color,
                "Sole": f"{number} mm" if "Shoes" in one.category else "",
                "Power": f"{number} W" if kind == "lamp" else "",
            }
        )
    return {"path": csv_file(folder / "shop_products.csv", rows), "columns": _COLUMNS}
