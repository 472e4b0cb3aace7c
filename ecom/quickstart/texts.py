"""What the tiny base reads: the shop's own pages, plain texts without a single instruction.

Product pages, reviews, search logs, packing lists and a little dictionary. Packing lists number
their items and refer back to them, which is where the base learns what a numbered list is.
"""

import random
from collections.abc import Callable, Iterator

from ecom.quickstart.shop import Product, Tables
from ecom.quickstart.words import COLOURS, LANGS, MATERIALS, TYPE_BY_NAME, TYPES

Page = Callable[[Tables, random.Random], str]


def pages(tables: Tables, count: int, seed: int) -> Iterator[str]:
    """Yield `count` pages of all kinds in equal shares, the same for the same seed."""
    rng = random.Random(f"{seed}/pages")
    for number in range(count):
        yield _PAGES[number % len(_PAGES)](tables, rng)


def product_page(tables: Tables, rng: random.Random) -> str:
    """Title in three languages, properties, description."""
    product = rng.choice(tables.products)
    facts = [
        f"Category: {product.department}",
        f"Brand: {product.brand}",
        f"Color: {product.colour}",
        f"Material: {product.material}",
        f"Type: {product.type}",
        f"Price: {product.price_eur}",
    ]
    rng.shuffle(facts)
    titles = [f"{lang}: {product.titles[lang]}" for lang in rng.sample(LANGS, 3)]
    lines = [*titles, *facts[:3], product.description]
    return "\n".join(lines)


def review_page(tables: Tables, rng: random.Random) -> str:
    """A review, its stars and what it is about."""
    review = rng.choice(tables.reviews)
    about = f"\nAbout: {', '.join(review.aspects)}" if review.aspects else ""
    return f"Review: {review.text}\nStars: {review.rating}{about}"


def bought_together(tables: Tables, rng: random.Random) -> str:
    """What goes with a product type."""
    kind = TYPE_BY_NAME[rng.choice(tables.products).type]
    return f"With the {kind.en} from {kind.department} people buy: {', '.join(kind.complements)}"


def packing_list(tables: Tables, rng: random.Random) -> str:
    """Numbered items, then each looked up again: by its name, or by its number."""
    start, by_name = rng.choice((0, 1)), rng.random() < 0.7
    items = _items(tables, rng)
    numbered = list(enumerate(items, start))
    lines = [f"{number}. {item}" for number, item in numbered]
    rng.shuffle(numbered)
    checks = [f"{item}: {number}" if by_name else f"{number}: {item}" for number, item in numbered]
    return "\n".join(["Packing list:", *lines, "Check:", *checks])


def search_log(tables: Tables, rng: random.Random) -> str:
    """A query and its results from best to worst."""
    query = rng.choice(tables.queries)
    titles = {p.id: p.titles["en"] for p in tables.products}
    ranked = sorted(zip(query.relevances, query.product_ids, strict=True), reverse=True)
    lines = [f"{number}. {titles[i]}" for number, (_, i) in enumerate(ranked, 1)]
    return "\n".join([f"Search: {query.text}", *lines])


def dictionary(tables: Tables, rng: random.Random) -> str:
    """Words in English, German and French."""
    words = rng.sample(
        [*(k.name for k in TYPES), *(_word(c) for c in COLOURS.values()),
         *(_word(m) for m in MATERIALS.values())], 5
    )  # fmt: skip
    return "\n".join(" = ".join(word(lang) for lang in LANGS) for word in words)


def _word(names: tuple[str, str, str]) -> Callable[[str], str]:
    return dict(zip(LANGS, names, strict=True)).__getitem__


def _items(tables: Tables, rng: random.Random) -> list[str]:
    """Four to eight distinct items: titles, or bare product types, in one language."""
    count, lang = rng.randint(4, 8), rng.choice(LANGS)
    if rng.random() < 0.7:
        return [kind.name(lang) for kind in rng.sample(TYPES, count)]
    return [product.titles[lang] for product in _distinct(tables, rng, count // 2)]


def _distinct(tables: Tables, rng: random.Random, count: int) -> list[Product]:
    """Products whose types differ, so that a type names one of them."""
    chosen: dict[str, Product] = {}
    while len(chosen) < count:
        product = rng.choice(tables.products)
        chosen.setdefault(product.type, product)
    return list(chosen.values())


_PAGES: tuple[Page, ...] = (
    product_page,
    packing_list,
    review_page,
    packing_list,
    search_log,
    bought_together,
    packing_list,
    dictionary,
)
