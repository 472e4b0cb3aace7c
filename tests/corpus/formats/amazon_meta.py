"""Amazon Reviews 2023: products."""

from pathlib import Path
from typing import Any

from tests.corpus.bazaar import json_lines, products


def meta(count: int) -> list[dict[str, Any]]:
    return [
        {
            "main_category": one.category[0],
            "title": f"{one.title} by the maker {one.brand}",
            "features": [f"It is a {one.title.split()[2]}."],
            "description": [one.description],
            "price": one.price,
            "store": one.brand,
            "categories": list(one.category),
            "details": {"Color": dict(one.attributes)["color"], "Brand": one.brand},
            "parent_asin": f"A{one.id}",
            "bought_together": None,
        }
        for one in products(count)
    ]


def write(folder: Path) -> dict[str, Any]:
    return {"path": json_lines(folder / "amazon_meta.jsonl", meta(40))}
