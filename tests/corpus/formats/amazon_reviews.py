"""Amazon Reviews 2023: reviews, with the products that they are of."""

from pathlib import Path
from typing import Any

from tests.corpus.bazaar import json_lines
from tests.corpus.formats.amazon_meta import meta

_OPINIONS = ("Broke at once", "Not what I hoped for", "It does its job", "Good value", "I love it")


def write(folder: Path) -> dict[str, Any]:
    rows = [
        {
            "rating": float(number % 5 + 1),
            "title": f"{_OPINIONS[number % 5]}, number {number}",
            "text": f"I have had this {one['title'].split()[2]} for {number} weeks now. "
            f"{_OPINIONS[number % 5]}.",
            "asin": one["parent_asin"],
            "parent_asin": one["parent_asin"],
            "user_id": f"U{number}",
            "timestamp": 1_600_000_000_000 + number,
            "helpful_vote": 0,
            "verified_purchase": True,
        }
        for number, one in enumerate(meta(80))
    ]
    return {
        "path": json_lines(folder / "amazon_reviews.jsonl", rows),
        "products": json_lines(folder / "sold.jsonl", meta(80)),
    }
