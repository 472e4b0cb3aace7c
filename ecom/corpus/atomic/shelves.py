"""The products of one chunk by category, price and attribute, to find wrong options.

Shoes ─┬─ Running   89.90  94.50 │ 97.00 │ 99.90 129.00     near: this shelf around the price,
       └─ Sandals   39.50  49.00                            then all of Shoes, then all there is
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from random import Random
from typing import TypeVar

from ecom.corpus.atomic.texts import key, stands_in
from ecom.corpus.records import Product

LOOK = 24  # candidates on each level of the catalogue
BRANCHES = 8  # of the catalogue that they are taken from, at most
Path = tuple[str, ...]
K = TypeVar("K")
V = TypeVar("V")


class Shelves:
    """Products, each once, with cached look-ups."""

    def __init__(self, products: list[Product]) -> None:
        self.products = products

    def near(self, product: Product, rng: Random) -> Iterator[Product]:
        """Yield candidates: same leaf category, then its parents', then same language.

        Each level gives up to LOOK new ones: those with the nearest prices in a few branches,
        shuffled.
        """
        lang, path = product.lang, product.category
        yield from _around(self._shelves.get((lang, path), []), product, LOOK, rng)
        for depth in range(len(path) - 1, -1, -1):
            known = self._branches.get((lang, path[:depth]), [])
            others = [branch for branch in known if branch != path[: depth + 1]]
            taken = rng.sample(others, min(BRANCHES, len(others)))
            found = [
                candidate
                for branch in taken
                for candidate in _around(
                    self._shelves[lang, branch], product, LOOK // len(taken), rng
                )
            ]
            yield from rng.sample(found, len(found))

    def categories_like(
        self, path: Path, lang: str, n: int, rng: Random, unlike: Callable[[Path], bool]
    ) -> list[Path]:
        """Return up to `n` whole categories: siblings of `path` first, then cousins, then any.

        Each is `apart` from `path`, and no two have the same last name.
        """
        found: list[Path] = []
        names = {key(name) for name in path}
        for depth in range(len(path) - 1, -1, -1):
            shelf = self._leaves.get((lang, path[:depth]), [])
            for leaf in rng.sample(shelf, min(LOOK, len(shelf))):
                if key(leaf[-1]) not in names and self.apart(leaf, path) and unlike(leaf):
                    names.add(key(leaf[-1]))
                    found.append(leaf)
                    if len(found) == n:
                        return found
        return found

    @staticmethod
    def apart(one: Path, other: Path) -> bool:
        """Whether a product of one category is certainly not in the other, by their names.

        Neither is above the other, and no last name contains the other's: Shoes, Running Shoes.
        """
        shorter = min(len(one), len(other))
        nested = one[:shorter] == other[:shorter]
        return not (nested or stands_in(one[-1], other[-1]) or stands_in(other[-1], one[-1]))

    def categories_of(self, title: str) -> set[Path]:
        """Return every category that a product of this title has in the chunk."""
        return self._paths.get(key(title), set())

    @cached_property
    def _by_leaf(self) -> dict[tuple[str, Path], list[Product]]:
        """(language, whole category) -> its products."""
        return grouped(((p.lang, p.category), p) for p in self.products if p.category)

    @cached_property
    def _shelves(self) -> dict[tuple[str, Path], list[Product]]:
        """(language, beginning of the category) -> products below it by price, unpriced last.

        A category that ends with "" has only those that are in no category below it.
        """
        found = grouped(
            ((p.lang, path[:depth]), p)
            for p in self.products
            for path in [(*p.category, "")]
            for depth in range(len(path) + 1)
        )
        for shelf in found.values():
            shelf.sort(key=_by_price)
        return found

    @cached_property
    def _branches(self) -> dict[tuple[str, Path], list[Path]]:
        """(language, category) -> the beginnings of categories one level below it, sorted."""
        return grouped(((lang, path[:-1]), path) for lang, path in sorted(self._shelves) if path)

    @cached_property
    def _leaves(self) -> dict[tuple[str, Path], list[Path]]:
        """(language, beginning of a category) -> whole categories below it, sorted."""
        return grouped(
            ((lang, path[:depth]), path)
            for lang, path in sorted(self._by_leaf)
            for depth in range(len(path))
        )

    @cached_property
    def _paths(self) -> dict[str, set[Path]]:
        found: dict[str, set[Path]] = defaultdict(set)
        for product in self.products:
            if product.category:
                found[key(product.title)].add(product.category)
        return found


def grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """Return key -> all its values, in their order."""
    found: dict[K, list[V]] = defaultdict(list)
    for name, value in pairs:
        found[name].append(value)
    return found


def gathered(pairs: Iterable[tuple[K, V]]) -> defaultdict[K, set[V]]:
    """Return key -> the set of its values; a missing key has none."""
    found: defaultdict[K, set[V]] = defaultdict(set)
    for name, value in pairs:
        found[name].add(value)
    return found


def varied(products: Sequence[Product], n: int) -> list[Product]:
    """Return the first `n`, from as many categories as possible: one of each, then a second.

    A right answer would stand out if all others shared another category.
    """
    seen: Counter[Path] = Counter()
    turns = []
    for product in products:
        turns.append(seen[product.category])
        seen[product.category] += 1
    order = sorted(range(len(products)), key=turns.__getitem__)
    return [products[index] for index in order[:n]]


def _by_price(product: Product) -> tuple[bool, float, str, str]:
    return product.price is None, product.price or 0.0, product.source, product.id


def _around(shelf: list[Product], product: Product, n: int, rng: Random) -> list[Product]:
    """Return up to `n` of a shelf, around the product's price or any, shuffled."""
    if product.price is None:
        return rng.sample(shelf, min(n, len(shelf)))
    index = bisect_left(shelf, _by_price(product), key=_by_price)
    start = max(0, min(index - n // 2, len(shelf) - n))
    window = shelf[start : start + n]
    return rng.sample(window, len(window))
