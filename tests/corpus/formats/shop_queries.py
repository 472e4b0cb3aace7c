"""A shop's own queries, with products that were judged for them."""

from pathlib import Path
from typing import Any

from tests.corpus.bazaar import csv_file, searches


def write(folder: Path) -> dict[str, Any]:
    found = searches(50)
    known = {product.id: product for search in found for product, _ in search.judged}
    table = [
        {"id": id, "title": product.title, "lang": "en", "category": " > ".join(product.category)}
        for id, product in known.items()
    ]
    rows = [
        {"query": search.query, "product_id": product.id, "relevance": how, "lang": "en"}
        for search in found
        for product, how in search.judged
    ]
    return {
        "path": csv_file(folder / "shop_queries.csv", rows),
        "products": csv_file(folder / "searched.csv", table),
    }
