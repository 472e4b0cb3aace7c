"""A shop's own reviews, with the products that they are of."""

from pathlib import Path
from typing import Any

from tests.corpus.bazaar import csv_file, reviews


def write(folder: Path) -> dict[str, Any]:
    known = {one.product.id: one.product for one in reviews(60) if one.product}
    table = [
        {
            "id": id,
            "title": product.title,
            "brand": product.brand,
            "lang": "en",
            "category": " > ".join(product.category),
        }
        for id, product in known.items()
    ]
    rows = [
        {
            "id": one.id,
            "product_id": one.product.id,
            "title": one.title,
            "text": one.text,
            "rating": one.rating,
            "lang": "en",
        }
        for one in reviews(60)
        if one.product
    ]
    return {
        "path": csv_file(folder / "shop_reviews.csv", rows),
        "products": csv_file(folder / "reviewed.csv", table),
    }
