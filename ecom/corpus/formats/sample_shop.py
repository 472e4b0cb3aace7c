"""The quickstart's sample shop: its train-split tables become rows of ShopBench's five forms.

The tables' English records come first: transforms make further rows of them, if a recipe has any.
"""

from collections.abc import Iterator
from pathlib import Path

from ecom.corpus.formats.base import Format
from ecom.corpus.formats.shopbench import to_example
from ecom.corpus.records import Product, Record, Relevance, Review, Search
from ecom.quickstart import shop, tasks
from ecom.rows import Example

NAME = "sample_shop"
_RELEVANCES: dict[float, Relevance] = {
    1.0: "exact",
    0.1: "substitute",
    0.01: "complement",
    0.0: "irrelevant",
}


def read_examples(tables: Path, count: int, seed: int) -> Iterator[Example | Record]:
    """Yield the records, then `count` rows, spread evenly over the tasks.

    The first tasks may have one row more.
    """
    train = shop.load(tables).of("train")
    yield from _records(train)
    each, rest = divmod(count, len(tasks.TASKS))
    shares = {task.name: each + (index < rest) for index, task in enumerate(tasks.TASKS)}
    for row in tasks.rows(train, each + (rest > 0), seed):
        shares[row["task_name"]] -= 1
        if shares[row["task_name"]] >= 0:
            yield to_example(row, source=NAME, task=row["task_name"], lang="")


def _records(tables: shop.Tables) -> Iterator[Record]:
    products = {product.id: _product(product) for product in tables.products}
    yield from products.values()
    for review in tables.reviews:
        if review.lang == "en":
            product = products[review.product_id]
            yield Review(
                id=f"review of {product.id}",
                source=NAME,
                lang="en",
                text=review.text,
                rating=review.rating,
                product=product,
            )
    for number, query in enumerate(tables.queries):
        judged = zip(query.product_ids, query.relevances, strict=True)
        yield Search(
            id=f"query {number}",
            source=NAME,
            lang="en",
            query=query.text,
            judged=tuple((products[id], _RELEVANCES[relevance]) for id, relevance in judged),
        )


def _product(product: shop.Product) -> Product:
    return Product(
        id=product.id,
        source=NAME,
        lang="en",
        title=product.titles["en"],
        brand=product.brand,
        category=(product.department, product.type),
        description=product.description,
        attributes=(("colour", product.colour), ("material", product.material)),
        price=product.price_eur,
        currency="EUR",
    )


FORMAT = Format(
    name=NAME,
    about="`path: sample`: the tables that the quickstart stage made",
    read=read_examples,
    is_made=True,
    own_name=True,
)
