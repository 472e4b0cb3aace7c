"""What an export is: how its rows are known, and how they become rows with our names.

    a file's rows ─► fits ─► rows ─► {"id", "title", "brand", "category": […], "description", …,
                                      "attributes.Size": ["M", "L"], "price", "(known as)": […]}

The lines of one product are gathered in a Listing; where several say something, the first counts.
All listings of a file are in memory, since a variant may be far from its product.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ecom.corpus.formats.base import KNOWN_AS, Export
from ecom.corpus.formats.cells import CellError, identifier, text
from ecom.corpus.formats.prices import currency, price
from ecom.corpus.markup import without_entities
from ecom.shopbench import Rejected

__all__ = ["Export"]

Row = Mapping[str, Any]
Rows = Iterable[tuple[int, dict[str, Any] | Rejected]]
Taken = tuple[int, dict[str, Any] | Rejected]

_WORD = re.compile(r"[^\W_]+")
_COMMA = re.compile(r"(?<!\\),")
_NO_VALUES = frozenset(("-", "–", "—", "/", "."))
_NO_CATEGORIES = frozenset(("uncategorized", "uncategorised", "default category"))
_BRANDS = frozenset(
    "brand brands manufacturer marke hersteller marque fabricant marca fabricante produttore "
    "品牌 ブランド".split()
)


@dataclass(slots=True)
class Listing:
    """A product as its lines describe it. `line` is its first line."""

    line: int
    id: str
    title: str = ""
    brand: str = ""
    category: tuple[str, ...] = ()
    description: str = ""
    lang: str = ""
    currency: str = ""
    prices: dict[float, None] = field(default_factory=dict)
    attributes: dict[str, dict[str, None]] = field(default_factory=dict)
    known_as: dict[str, None] = field(default_factory=dict)

    def add(self, name: str, *values: str) -> None:
        """Add values of an attribute, each once; a brand is the product's brand."""
        kept = [one for value in values if (one := value.strip()) and one not in _NO_VALUES]
        name = " ".join(name.split())
        if not kept or not name:
            return
        if name.lower() in _BRANDS:
            self.brand = self.brand or kept[0]
            return
        self.attributes.setdefault(name, {}).update(dict.fromkeys(kept))

    def priced(self, found: Any) -> None:
        """Add the price of a variant, where it is one, and its currency."""
        row = {"price": found}
        if amount := price(row, "price"):
            self.prices[amount] = None
            self.currency = self.currency or currency(row, "price")

    def also(self, *ids: str) -> None:
        """Add further ids by which other tables may name the product."""
        self.known_as.update(dict.fromkeys(one for one in ids if one and one != self.id))

    def merge(self, variant: "Listing") -> None:
        """Take in what a variant has: its attributes, price and ids."""
        for name in ("title", "brand", "category", "description", "lang", "currency"):
            if not getattr(self, name):
                setattr(self, name, getattr(variant, name))
        for name, values in variant.attributes.items():
            self.add(name, *values)
        self.prices.update(variant.prices)
        self.also(variant.id, *variant.known_as)

    def taken(self, title: str) -> Taken:
        """Return the row with our names; Rejected where it has no title, by its column's name.

        Variants of different prices leave the product without one.
        """
        if not self.title:
            return self.line, Rejected(self.line, f"{title} is missing", self.id[:200])
        row = {
            "id": self.id,
            "title": self.title,
            "brand": self.brand,
            "category": list(self.category),
            "description": self.description,
            "lang": self.lang,
            "price": next(iter(self.prices)) if len(self.prices) == 1 else None,
            "currency": self.currency,
            KNOWN_AS: list(self.known_as),
        }
        many = {f"attributes.{name}": list(found) for name, found in self.attributes.items()}
        return self.line, row | many


def plainly(row: Row) -> dict[str, Any]:
    """Return the row with plain names: "body html" for "Body (HTML)", also for "body_html"."""
    found: dict[str, Any] = {}
    for name, cell in row.items():
        found.setdefault(plain(name), cell)
    return found


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """Return a column's name in lower case, its words with single blanks between them."""
    return " ".join(_WORD.findall(name.lower()))


def has(row: Row, needed: str, *some: str, at_least: int = 1) -> bool:
    """Whether a row has all columns of a list and some of another; names are plain, with commas."""
    names = {plain(str(name)) for name in row}
    return names.issuperset(needed.split(", ")) and len(names.intersection(some)) >= at_least


def first(row: Row, *names: str) -> str:
    """Return the first text among these columns, "" where there is none."""
    return next(filter(None, (text(row, name) for name in names)), "")


def ids(row: Row, *names: str) -> list[str]:
    """Return the ids in these columns; Excel's apostrophe before a number is none of it."""
    return [one for name in names if (one := identifier(row, name).lstrip("'"))]


def is_blank(row: Row) -> bool:
    """Whether a row has no value at all, as spreadsheets leave them."""
    return not any((isinstance(cell, str) and cell.strip()) or cell for cell in row.values())


def path(written: str, between: str = ">") -> tuple[str, ...]:
    """Return the steps of a category, without those that only say that there is none."""
    plain_text = without_entities(without_entities(written)).replace("\\,", ",")
    steps = (" ".join(step.split()) for step in plain_text.split(between))
    return tuple(step for step in steps if step and step.lower() not in _NO_CATEGORIES)


def longest(written: str, between: str = ">") -> tuple[str, ...]:
    """Return the longest of categories with commas between them, the first of equal ones."""
    return max((path(one, between) for one in _COMMA.split(written)), key=len)


def listed(written: str) -> list[str]:
    """Return values with commas between them; one with a backslash before it belongs to a value."""
    return [value.replace("\\,", ",").strip() for value in _COMMA.split(written)]


def each(lines: Rows, take: Callable[[int, Row], None]) -> Iterator[Taken]:
    """Call `take` with every row that is not blank, its names plain; yield the Rejected ones."""
    for line, raw in lines:
        if isinstance(raw, Rejected):
            yield line, raw
            continue
        row = plainly(raw)
        if is_blank(row):
            continue
        try:
            take(line, row)
        except CellError as fault:
            yield line, Rejected(line, str(fault), f"{fault.shown} {raw}".strip()[:200])
