"""ShopBench's development format: rows of all forms, and prompts that tell records."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from tests.corpus.bazaar import BRANDS, COLORS, json_lines, products

_ENTITY = (
    "A customer has made the following query. Please extract phrases from the query that "
    "correspond to the entity type '{}'.\nQuery: {}"
)


def _row(asked: str, gold: Any, form: str, metric: str) -> dict[str, Any]:
    return {"input_field": asked, "output_field": gold, "task_type": form, "metric": metric}


def _listed(options: list[str], first: int) -> str:
    return "\n".join(f"{number}. {option}" for number, option in enumerate(options, first))


def _questions() -> Iterator[dict[str, Any]]:
    rng = Random(0)
    for number, one in enumerate(products(60)):
        brand, color, kind, _ = one.title.split()
        wrong = rng.sample([other for other in BRANDS if other != brand], 3)
        brands = rng.sample([brand, *wrong], 4)
        yield _row(
            f"Which brand is {one.title} of?\n{_listed(brands, 0)}\nAnswer:",
            brands.index(brand),
            "multiple-choice",
            "accuracy",
        )
        yield _row(
            f"Which three of these brands begin like {brand}, number {number}? "
            f"Output three numbers.\n{_listed(list(BRANDS), 1)}",
            [index for index, other in enumerate(BRANDS, 1) if other[:3] == brand[:3]],
            "retrieval",
            "hit rate@3",
        )
        others = [other.title for other in rng.sample(products(60), 5)]
        yield _row(
            f"Rank the 5 products by how well they fit the query {color} {kind} {number}. "
            f"Output a permutation of 1 to 5.\n{_listed(others, 1)}",
            [1.0, 0.0, 0.1, 0.01, 0.0],
            "ranking",
            "ndcg",
        )
        said = f"This {kind} of {brand} is number {number} of mine."
        yield _row(
            "Rate the review on a scale of 1 to 5, 1 is very negative and 5 very positive.\n"
            f"Review: {said}\nRating: ",
            number % 5 + 1,
            "multiple-choice",
            "accuracy",
        )
        yield _row(
            f"Write a headline for number {number}: {said}", f"My {kind}", "generation", "rougel"
        )


def _entities() -> Iterator[dict[str, Any]]:
    for one in products(40):
        brand, color, kind, _ = one.title.split()
        for type_, term in (("brand", brand), ("color", color), ("product type", kind)):
            yield _row(
                _ENTITY.format(type_, one.title), [term], "named_entity_recognition", "micro f1"
            )


def _pairs() -> Iterator[dict[str, Any]]:
    def shown(number: int, title: str, brand: str) -> str:
        return (
            f'product {number}: {{title: "{title}", description: "", manufacturer: "{brand}", '
            f'price: "{number}0.00"}}'
        )

    for number, one in enumerate(products(30)):
        brand, _, kind, mark = one.title.split()
        same = number % 2 == 0
        color = COLORS[number % len(COLORS)]
        other = f"{kind} {mark} by {brand}" if same else f"{kind} {color} {mark}0 by {brand}"
        yield _row(
            "Are the two the same thing? Answer yes or no.\n"
            f"{shown(1, one.title, brand)}\n{shown(2, other, brand)}",
            "yes" if same else "no",
            "generation",
            "rougel",
        )


def _of_texts() -> Iterator[dict[str, Any]]:
    for number, one in enumerate(products(20)):
        brand, color, kind, _ = one.title.split()
        brands = [brand, BRANDS[BRANDS.index(brand) - 1]]
        asked = f"Number {number} is a {color} {kind} by {brand}."
        for form, gold, more in (
            ("classification", brand, {"options": brands}),
            ("multi-label", [color], {"options": list(COLORS), "choose": "any"}),
            ("ordering", brands, {"options": sorted(brands), "order": True}),
        ):
            metric = {"classification": "accuracy", "multi-label": "set f1"}.get(form, "ndcg")
            yield {**_row(f"{asked} {form}?", gold, form, metric), **more}


def write(folder: Path) -> dict[str, Any]:
    rows = [*_questions(), *_entities(), *_pairs(), *_of_texts()]
    return {"path": json_lines(folder / "shopbench.jsonl", rows)}
