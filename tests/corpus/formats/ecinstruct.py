"""eCeLLM's tasks, those whose rows tell records among them."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from tests.corpus.bazaar import BRANDS, products, searches

_SENTIMENT = ("very positive", "positive", "neutral", "negative", "very negative")
_RELEVANCE = (
    "The product is relevant to the query, and satisfies all the query specifications.",
    "The product is somewhat relevant. It could be used as a substitute.",
    "The product does not fulfil the query, but could be used in combination with an exact one.",
    "The product is irrelevant to the query.",
)


def _row(task: str, asked: str, given: Any, output: str, options: Any = None) -> dict[str, Any]:
    return {
        "split": "train",
        "task": task,
        "setting": "IND_Diverse_Instruction",
        "instruction": asked,
        "input": given if isinstance(given, str) else json.dumps(given),
        "options": options and json.dumps(options),
        "output": output,
        "few_shot_example": None,
    }


def _lettered(options: Any) -> list[str]:
    return [f"{chr(65 + index)}: {option}" for index, option in enumerate(options)]


def _of_products() -> Iterator[dict[str, Any]]:
    rng = Random(0)
    for number, one in enumerate(products(50)):
        brand, color, kind, mark = one.title.split()
        yield _row(
            "Sentiment_Analysis",
            "What sentiment does the review express?",
            f"The {kind} came after {number} days. It is {_SENTIMENT[number % 5]} news.",
            "ABCDE"[number % 5],
            _lettered(_SENTIMENT),
        )
        answer = f"{brand} made the {kind} in {color}"
        found = answer if number % 3 else f"{brand} is on it and it is {color}"  # in other words
        yield _row(
            "Answer_Generation",
            "Answer the question with the document.",
            {
                "question": f"Who made the {kind} number {mark}?",
                "document": f"I looked it up. Indeed {found}. It came after {number} days.",
            },
            answer,
        )
        same = number % 2 == 0
        maker = brand if same else BRANDS[BRANDS.index(brand) - 1]
        pair = {
            f"product {n}": {"title": title, "description": "", "manufacturer": by, "price": ""}
            for n, title, by in ((1, one.title, brand), (2, f"{kind} {mark} by {maker}", maker))
        }
        yield _row(
            "Product_Matching", "Are the two products the same?", pair, "yes" if same else "no"
        )
        values = [
            {"attribute": name, "value": value, "source": "product title"}
            for name, value in (("Brand", brand), ("Color", color), ("Kind", kind))
        ]
        yield _row(
            "Attribute_Value_Extraction",
            "Extract the values of the attributes.",
            {"product title": one.title},
            json.dumps(values),
        )
        shelf = rng.sample(products(50), 20)
        yield _row(
            "Sequential_Recommendation",
            "Which product comes next?",
            json.dumps([other.title for other in rng.sample(products(50), 3)]),
            chr(65 + number % 20),
            _lettered(other.title for other in shelf),
        )


def _of_searches() -> Iterator[dict[str, Any]]:
    for number, search in enumerate(searches(40)):
        product, _ = search.judged[number % 4]
        yield _row(
            "Multiclass_Product_Classification",
            "How relevant is the product?",
            {"query": search.query, "product title": product.title},
            "ABCD"[number % 4],
            _lettered(_RELEVANCE),
        )
        shown = Random(number).sample(range(4), 4)
        options = [search.judged[index][0].title for index in shown]
        order = ",".join("ABCD"[shown.index(index)] for index in range(4))
        yield _row(
            "Query_Product_Ranking",
            "Rank the products A, B, C by relevance to the query.",
            {"query": search.query, "product list": _lettered(options)},
            order,
        )


def write(folder: Path) -> dict[str, Any]:
    path = folder / "ecinstruct.json"
    path.write_text(json.dumps([*_of_products(), *_of_searches()]))
    return {"path": str(path)}
