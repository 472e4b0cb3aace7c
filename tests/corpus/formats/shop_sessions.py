"""A shop's own sessions: ids of what was looked at, and of what came next."""

from pathlib import Path
from random import Random
from typing import Any

from tests.corpus.bazaar import csv_file, products


def write(folder: Path) -> dict[str, Any]:
    table = [
        {"id": one.id, "title": one.title, "lang": "en", "category": " > ".join(one.category)}
        for one in products(60)
    ]
    rng, rows = Random(0), []
    for number in range(60):
        *viewed, following = rng.sample([row["id"] for row in table], rng.randint(3, 6))
        rows.append({"id": f"s{number}", "viewed": " ".join(viewed), "next": following})
    return {
        "path": csv_file(folder / "shop_sessions.csv", rows),
        "products": csv_file(folder / "shelf.csv", table),
    }
