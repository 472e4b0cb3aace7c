"""KDD Cup 2023's sessions, with the table of its products."""

from pathlib import Path
from random import Random
from typing import Any

from tests.corpus.bazaar import csv_file
from tests.corpus.formats.amazon_m2_products import m2_products


def write(folder: Path) -> dict[str, Any]:
    table, rng, rows = m2_products(60), Random(0), []
    for number in range(120):
        locale = ("UK", "UK", "DE", "JP")[number % 4]
        ids = [row["id"] for row in table if row["locale"] == locale]
        *viewed, following = rng.sample(ids, rng.randint(3, 6))
        listed = " ".join(f"'{one}'" for one in viewed)
        rows.append({"prev_items": f"[{listed}]", "next_item": following, "locale": locale})
    return {
        "path": csv_file(folder / "amazon_m2_sessions.csv", rows),
        "products": csv_file(folder / "viewed.csv", table),
    }
