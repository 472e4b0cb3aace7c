"""Rows of all five ShopBench forms over all four skills, made from the sample shop's tables.

Each task is a function from (tables, random generator) to an endless stream of rows in ShopBench's
development format: `input_field, output_field, task_name, task_type, metric, is_multiple_choice,
track`. `TASKS` is the catalogue.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ecom.forms import FORMS, FormName
from ecom.quickstart.shop import Product, Tables
from ecom.quickstart.words import (
    ASPECTS,
    COLOURS,
    LANGS,
    LANGUAGE_NAMES,
    MATERIAL_KINDS,
    TYPE_BY_NAME,
)
from ecom.rows import Skill

DEPARTMENTS = sorted({kind.department for kind in TYPE_BY_NAME.values()})
RELATIONS = ("irrelevant", "substitute", "complement", "narrowing")
Answered = tuple[str, Any]


@dataclass(frozen=True)
class Task:
    """A name, how it is scored, and `draw(tables, rng) -> (input_field, output_field)`."""

    name: str
    form: FormName
    skill: Skill
    metric: str
    draw: Callable[[Tables, random.Random], Answered]


def rows(tables: Tables, per_task: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield `per_task` rows of every task, no prompt twice, the same for the same seed."""
    for task in TASKS:
        rng = random.Random(f"{seed}/{task.name}")
        seen: set[str] = set()
        for _ in range(20 * per_task):
            prompt, gold = task.draw(tables, rng)
            if prompt in seen:
                continue
            seen.add(prompt)
            yield {
                "input_field": prompt,
                "output_field": gold,
                "task_name": task.name,
                "task_type": task.form,
                "metric": task.metric,
                "is_multiple_choice": not FORMS[task.form].open_ended,
                "track": task.skill,
            }
            if len(seen) == per_task:
                break


def _numbered(items: Sequence[str], start: int) -> str:
    return "\n".join(f"{number}. {item}" for number, item in enumerate(items, start))


def _choice(question: str, right: str, wrong: Sequence[str], rng: random.Random) -> Answered:
    """A question with the right option at a uniformly drawn index, from 0."""
    index = rng.randrange(len(wrong) + 1)
    options = [*wrong[:index], right, *wrong[index:]]
    return f"{question}\n{_numbered(options, 0)}\nAnswer:", index


def _pick(
    question: str, heading: str, right: Sequence[str], wrong: Sequence[str], rng: random.Random
) -> Answered:
    """A retrieval question: the gold is the 1-based numbers of the right items, ascending."""
    items = [*right, *wrong]
    rng.shuffle(items)
    gold = sorted(items.index(item) + 1 for item in right)
    return f"{question}\n{heading}:\n{_numbered(items, 1)}\nOutput:", gold


def _classify(question: str, labels: Sequence[str], right: str) -> Answered:
    """A question with the shop's fixed label set as its options, counted from 0."""
    return f"{question}\n{_numbered(labels, 0)}\nAnswer:", labels.index(right)


def department(tables: Tables, rng: random.Random) -> Answered:
    """Which department sells this product?"""
    product = rng.choice(tables.products)
    question = f"Which category does the product '{product.titles['en']}' belong to?"
    return _classify(question, DEPARTMENTS, product.department)


def relation(tables: Tables, rng: random.Random) -> Answered:
    """How does one query relate to another? The labels are ShopBench's."""
    product = rng.choice(tables.products)
    kind, label = TYPE_BY_NAME[product.type], rng.choice(RELATIONS)
    if label == "irrelevant":
        strange = [
            k.en
            for k in TYPE_BY_NAME.values()
            if k.department != kind.department and k.en not in kind.complements
        ]
        other = f"{rng.choice(sorted(COLOURS))} {rng.choice(strange)}"
    elif label == "substitute":
        other = f"{rng.choice(sorted(set(COLOURS) - {product.colour}))} {kind.en}"
    elif label == "complement":
        other = f"{product.colour} {rng.choice(kind.complements)}"
    else:
        other = f"{product.material} {product.colour} {kind.en} {product.brand}"
    question = (
        "Which of the following statements best describes the relation from query "
        f'"{product.colour} {kind.en}" to query "{other}"?'
    )
    return _classify(question, RELATIONS, label)


def material(tables: Tables, rng: random.Random) -> Answered:
    """What kind of material is the product made of? Its title names the material."""
    product = rng.choice([p for p in tables.products if p.material in MATERIAL_KINDS])
    question = (
        f"The product '{product.titles['en']}' appears on an e-commerce website. "
        "What is it made of?"
    )
    labels = sorted(set(MATERIAL_KINDS.values()))
    return _classify(question, labels, MATERIAL_KINDS[product.material])


def same_product(tables: Tables, rng: random.Random) -> Answered:
    """Which German or French title is the same product?"""
    product, *others = rng.sample(tables.products, 4)
    lang = rng.choice(LANGS[1:])
    question = (
        f"Which of the following titles is the product '{product.titles['en']}' "
        f"in {LANGUAGE_NAMES[lang]}?"
    )
    return _choice(question, product.titles[lang], [p.titles[lang] for p in others], rng)


def _rating(tables: Tables, rng: random.Random, langs: Sequence[str]) -> Answered:
    review = rng.choice([r for r in tables.reviews if r.lang in langs])
    title = next(p.titles["en"] for p in tables.products if p.id == review.product_id)
    return (
        "Evaluate the following product review on a scale of 1 to 5, with 1 being very negative "
        f"and 5 being very positive.\nProduct: {title}\nReview: {review.text}\nAnswer:"
    ), review.rating


def rating(tables: Tables, rng: random.Random) -> Answered:
    """How many stars does an English review give?"""
    return _rating(tables, rng, ("en",))


def rating_abroad(tables: Tables, rng: random.Random) -> Answered:
    """How many stars does a German or French review give?"""
    return _rating(tables, rng, ("de", "fr"))


def aspects(tables: Tables, rng: random.Random) -> Answered:
    """Which three of the shop's ten aspects does the review talk about?"""
    review = rng.choice([r for r in tables.reviews if r.aspects])
    labels = sorted(ASPECTS)
    question = (
        "You are given a review and a numbered list of ten aspects. Choose three aspects that the "
        f"review covers. Output only three numbers, separated by comma.\nReview: {review.text}\n"
        f"Aspect List:\n{_numbered(labels, 1)}\nOutput:"
    )
    return question, sorted(labels.index(aspect) + 1 for aspect in review.aspects)


def also_bought(tables: Tables, rng: random.Random) -> Answered:
    """Which three of eight product types are bought with this product?"""
    product = rng.choice(tables.products)
    kind = TYPE_BY_NAME[product.type]
    other = [
        k.en
        for k in TYPE_BY_NAME.values()
        if k.en not in kind.complements and k.department != kind.department
    ]
    question = (
        f"A user has just purchased '{product.titles['en']}'. Select 3 items from the numbered "
        "list that the user may also purchase. Output only three numbers, separated by comma."
    )
    return _pick(question, "Product List", kind.complements, rng.sample(other, 5), rng)


def query_ranking(tables: Tables, rng: random.Random) -> Answered:
    """Rank five products by relevance to a query."""
    query = rng.choice(tables.queries)
    titles = {p.id: p.titles["en"] for p in tables.products}
    listed = _numbered([titles[i] for i in query.product_ids], 1)
    return (
        f"A user has made a query with keyword '{query.text}'. Rank the following 5 products by "
        f"their relevance to the query.\nProduct List:\n{listed}\n"
        "Output a permutation of 1 to 5, separated by comma.\nOutput:"
    ), list(query.relevances)


_ENTITIES: dict[str, Callable[[Product], str]] = {
    "brand": lambda p: p.brand,
    "color": lambda p: p.colour,
    "material": lambda p: p.material,
    "product type": lambda p: p.type,
}


def entities(tables: Tables, rng: random.Random) -> Answered:
    """Find the brand, colour, material or product type in a product's title."""
    product = rng.choice(tables.products)
    wanted = rng.choice(list(_ENTITIES))
    return (
        "Please extract phrases from the product title that correspond to the entity type "
        f"'{wanted}'. Separate several with comma.\nProduct Title: {product.titles['en']}\nOutput:"
    ), [_ENTITIES[wanted](product)]


def describe(tables: Tables, rng: random.Random) -> Answered:
    """Write the description of a product from its title."""
    product = rng.choice(tables.products)
    return (
        "Write a one-sentence description of the following product.\n"
        f"Product Title: {product.titles['en']}\nOutput:"
    ), product.description


def translate(tables: Tables, rng: random.Random) -> Answered:
    """Translate a title between English, German and French."""
    product = rng.choice(tables.products)
    source, target = rng.sample(LANGS, 2)
    return (
        f"Translate the product title '{product.titles[source]}' into "
        f"{LANGUAGE_NAMES[target]}.\nOutput:"
    ), product.titles[target]


TASKS = (
    Task("department", "multiple-choice", "concepts", "accuracy", department),
    Task("entities", "named_entity_recognition", "concepts", "micro f1", entities),
    Task("aspects", "retrieval", "concepts", "hit rate@3", aspects),
    Task("describe", "generation", "concepts", "rougel", describe),
    Task("relation", "multiple-choice", "reasoning", "accuracy", relation),
    Task("material", "multiple-choice", "reasoning", "accuracy", material),
    Task("rating", "multiple-choice", "behavior", "accuracy", rating),
    Task("query_ranking", "ranking", "behavior", "ndcg", query_ranking),
    Task("also_bought", "retrieval", "behavior", "hit rate@3", also_bought),
    Task("translate", "generation", "multilingual", "bleu", translate),
    Task("rating_abroad", "multiple-choice", "multilingual", "accuracy", rating_abroad),
    Task("same_product", "multiple-choice", "multilingual", "accuracy", same_product),
)
