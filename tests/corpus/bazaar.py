"""A small shop for the files of formats/, the same each time, and how its rows become a file.

A title is "BRAND COLOUR KIND NUMBER", so what is right and wrong can be read from it.
"""

import csv
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from ecom.corpus.records import Product, Review, Search
from tests.corpus.atomic.conftest import BRANDS, COLORS, build_bazaar

__all__ = ["BRANDS", "COLORS", "csv_file", "json_lines", "products", "reviews", "searches"]


@cache
def products(count: int) -> tuple[Product, ...]:
    return tuple(one for one in build_bazaar(count) if isinstance(one, Product))


@cache
def reviews(count: int) -> tuple[Review, ...]:
    return tuple(one for one in build_bazaar(3 * count) if isinstance(one, Review))


@cache
def searches(count: int) -> tuple[Search, ...]:
    """Return searches with five judged products of falling relevance, none judged twice."""
    rng, found = Random(0), {}
    for product in rng.sample(products(3 * count), 3 * count):
        _, color, kind, _ = product.title.split()
        of = {"exact": [product], "substitute": [], "complement": [], "irrelevant": []}
        for other in products(3 * count):
            _, its_color, its_kind, _ = other.title.split()
            if its_kind == kind and its_color != color:
                of["substitute"].append(other)
            elif other.category[:1] == product.category[:1] and its_kind != kind:
                of["complement"].append(other)
            elif other.category[:1] != product.category[:1]:
                of["irrelevant"].append(other)
        if all(of.values()):
            judged = tuple((rng.choice(some), how) for how, some in of.items())
            query = f"{color} {kind}"
            found[query] = Search(
                id=query,
                source="bazaar",
                lang="en",
                query=query,
                judged=judged,  # type: ignore[arg-type]
            )
    return tuple(found.values())[:count]


def csv_file(path: Path, rows: Sequence[dict[str, Any]]) -> str:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def json_lines(path: Path, rows: Sequence[dict[str, Any]]) -> str:
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)
