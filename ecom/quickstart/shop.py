"""The sample shop: products, reviews and queries with relevances, the same for the same seed.

    tables = build(train_products=1500, test_products=300, seed=7)

A product's split is drawn once; reviews and queries follow their product, so no training row shows
anything of a test row.
"""

import itertools
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from ecom.quickstart.words import (
    ASPECTS,
    BRANDS,
    COLOURS,
    LANGS,
    MATERIALS,
    OPINIONS,
    TYPES,
    Lang,
    ProductType,
)

Split = Literal["train", "test"]


@dataclass(frozen=True)
class Product:
    """One product. Titles and descriptions come in English, German and French."""

    id: str
    split: Split
    type: str
    department: str
    brand: str
    colour: str
    material: str
    price_eur: float
    titles: dict[Lang, str]
    description: str


@dataclass(frozen=True)
class Review:
    """A review in one language: an opinion, and in English ones three aspects as well."""

    product_id: str
    split: Split
    lang: Lang
    rating: int
    aspects: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class ShopQuery:
    """A search with five products of falling relevance: 1, 0.1, 0.01 or 0, as in ShopBench."""

    split: Split
    text: str
    product_ids: tuple[str, ...]
    relevances: tuple[float, ...]


@dataclass(frozen=True)
class Tables:
    """The shop's raw data."""

    products: tuple[Product, ...]
    reviews: tuple[Review, ...]
    queries: tuple[ShopQuery, ...]

    def of(self, split: Split) -> "Tables":
        """Return the rows of one split."""
        return Tables(
            tuple(p for p in self.products if p.split == split),
            tuple(r for r in self.reviews if r.split == split),
            tuple(q for q in self.queries if q.split == split),
        )


def build(train_products: int, test_products: int, seed: int) -> Tables:
    """Draw a shop. Each product is a unique combination of type, brand, colour and material."""
    rng = random.Random(seed)
    kinds = [
        (kind, brand, colour, material)
        for kind in TYPES
        for brand, colour, material in itertools.product(BRANDS, COLOURS, kind.materials)
    ]
    chosen = rng.sample(kinds, train_products + test_products)
    products = [
        _product(number, "train" if number < train_products else "test", *kind, rng=rng)
        for number, kind in enumerate(chosen)
    ]
    reviews = [_review(p, lang, rng) for p in products for lang in LANGS]
    queries = [
        query
        for split in ("train", "test")
        for query in _queries([p for p in products if p.split == split], rng)
    ]
    return Tables(tuple(products), tuple(reviews), tuple(queries))


def _product(
    number: int,
    split: Split,
    kind: ProductType,
    brand: str,
    colour: str,
    material: str,
    rng: random.Random,
) -> Product:
    titles: dict[Lang, str] = {}
    for index, lang in enumerate(LANGS):
        colour_word, material_word = COLOURS[colour][index], MATERIALS[material][index]
        titles[lang] = f"{brand} {kind.name(lang)}, {material_word}, {colour_word}"
    thing = with_article(f"{colour} {kind.en}")
    return Product(
        id=f"P{number:05d}",
        split=split,
        type=kind.en,
        department=kind.department,
        brand=brand,
        colour=colour,
        material=material,
        price_eur=rng.randrange(5, 200) - 0.01,
        titles=titles,
        description=f"{thing.capitalize()} made of {material} by {brand} for {kind.use}.",
    )


def with_article(noun: str) -> str:
    """Return the noun after "a" or "an".

    >>> with_article("orange mug"), with_article("red mug")
    ('an orange mug', 'a red mug')
    """
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _review(product: Product, lang: Lang, rng: random.Random) -> Review:
    rating = rng.randint(1, 5)
    opinion = rng.choice(OPINIONS[rating][lang])
    if lang != "en":
        return Review(product.id, product.split, lang, rating, (), opinion)
    aspects = tuple(rng.sample(sorted(ASPECTS), 3))
    phrases = ", ".join(rng.choice(ASPECTS[aspect]) for aspect in aspects)
    return Review(product.id, product.split, lang, rating, aspects, f"{opinion} And {phrases}.")


def _queries(products: Sequence[Product], rng: random.Random) -> Iterable[ShopQuery]:
    """Yield a query for each product, e.g. "COLOUR TYPE", with graded candidates.

    1: right type and property; 0.1: right type; 0.01: same department; 0: another department.
    """
    for product in products:
        by = rng.choice(("colour", "material", "brand"))
        wish = getattr(product, by)
        same = [p for p in products if p.type == product.type and getattr(p, by) != wish]
        near = [
            p for p in products if p.department == product.department and p.type != product.type
        ]
        far = [p for p in products if p.department != product.department]
        if not same or not near or len(far) < 2:
            continue
        graded = [(product, 1.0), (rng.choice(same), 0.1), (rng.choice(near), 0.01)]
        graded += [(p, 0.0) for p in rng.sample(far, 2)]
        rng.shuffle(graded)
        yield ShopQuery(
            split=product.split,
            text=f"{wish} {product.type}",
            product_ids=tuple(p.id for p, _ in graded),
            relevances=tuple(r for _, r in graded),
        )


def save(tables: Tables, path: Path) -> None:
    """Write products.jsonl, reviews.jsonl and queries.jsonl."""
    path.mkdir(parents=True, exist_ok=True)
    for name, rows in (
        ("products", tables.products),
        ("reviews", tables.reviews),
        ("queries", tables.queries),
    ):
        lines = [json.dumps(asdict(row), ensure_ascii=False) for row in rows]
        (path / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def load(path: Path) -> Tables:
    """Read what `save` wrote."""

    def rows(name: str) -> Iterable[dict[str, Any]]:
        text = (path / f"{name}.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def freeze(row: dict[str, Any]) -> dict[str, Any]:
        return {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}

    return Tables(
        tuple(Product(**row) for row in rows("products")),
        tuple(Review(**freeze(row)) for row in rows("reviews")),
        tuple(ShopQuery(**freeze(row)) for row in rows("queries")),
    )
