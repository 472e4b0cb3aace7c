"""KDD Cup 2023's products: one id in several locales is one thing under translated titles."""

from pathlib import Path
from typing import Any

from tests.corpus.bazaar import csv_file, products

_KINDS = {
    "UK": ("red", "blue", "green", "black", "white", "grey"),
    "DE": ("rote Ware", "blaue Ware", "grüne Ware", "schwarze Ware", "weiße Ware", "graue Ware"),
    "JP": ("赤い品物", "青い品物", "緑の品物", "黒い品物", "白い品物", "灰色の品物"),
}


def m2_products(count: int) -> list[dict[str, Any]]:
    rows = []
    for number, one in enumerate(products(count)):
        for locale, colors in _KINDS.items():
            color, nth = colors[number % len(colors)], f"No {number}"
            title = f"{one.brand} {one.title.split()[2]} {color} {nth}"
            rows.append(
                {
                    "id": f"B{number:05}",
                    "locale": locale,
                    "title": title,
                    "price": one.price,
                    "brand": one.brand,
                    "color": color,
                    "size": f"{number} cm",
                    "model": "",
                    "material": "",
                    "author": "",
                    "desc": f"{title}: {one.brand} {color}.",
                }
            )
    return rows


def write(folder: Path) -> dict[str, Any]:
    return {"path": csv_file(folder / "amazon_m2_products.csv", m2_products(25))}
