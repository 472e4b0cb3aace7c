"""What a transform may use besides its record: the other records of the chunk.

Wrong options come from here. They must be hard (same shelf, similar price) and never right by
accident: callers pass `unlike`, the test of a soundly wrong candidate, and may get fewer than they
asked for. One chunk is one piece of a file, so only records near each other in the file are
compared.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from functools import cached_property
from random import Random
from typing import TypeVar, cast

from ecom.corpus.atomic.shelves import LOOK, Shelves, gathered, grouped
from ecom.corpus.atomic.texts import key, labelled, words_of
from ecom.corpus.records import (
    Paired,
    Product,
    Record,
    Review,
    Search,
    Session,
)

_LOCALE_ID = re.compile(r"[A-Za-z]{2}/(.+)")
Mark = tuple[str, str]  # source, id
Title = tuple[str, ...]  # its words
Words = Mapping[str, str]
T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")
R = TypeVar("R", bound=Record)


class Pool(Shelves):
    """The records of one chunk; its products include those inside other records.

    `words` returns the fixed words of the prompt for a row in a language.
    """

    def __init__(self, records: Sequence[Record], words: Callable[[str], Words]) -> None:
        found: dict[tuple[str, str, str], Product] = {}
        for record in records:
            for product in _products_in(record):
                if product.title.strip():
                    found.setdefault((*mark(product), product.lang), product)
        super().__init__(list(found.values()))
        self.records = records
        self._words = words
        self._once: dict[Callable[..., object], object] = {}

    def once(self, look: Callable[["Pool"], T]) -> T:
        """Return the result of `look` for the pool; it is called once per chunk."""
        if look not in self._once:
            self._once[look] = look(self)
        return cast(T, self._once[look])

    def known(
        self, kind: type[R], facts: Callable[[R], Iterable[tuple[K, V]]]
    ) -> Mapping[K, set[V]]:
        """Return all values of each key that `facts` yields for the records of a class.

        A fact of one record about a text is true of every record that shows the same text: an
        answer to its question, a label, a summary. It is never a wrong option for any of them.
        """
        if facts not in self._once:
            records = self.products if kind is Product else self.records
            found = (record for record in records if isinstance(record, kind))
            self._once[facts] = gathered(fact for one in found for fact in facts(one))
        return cast(Mapping[K, set[V]], self._once[facts])

    def words(self, record: Record) -> Words:
        """Return the fixed words ("Yes", "Product title", …) of a question about `record`."""
        return self._words(record.lang)

    def show(self, record: Record, **values: str) -> str:
        """Return a line "Product title: value" for each value that is not empty."""
        return labelled(self.words(record), **values)

    def in_words(self, words: Callable[[str], Words]) -> "Pool":
        """Return the same pool for questions in other words."""
        found = copy(self)
        found._words = words
        return found

    def products_like(
        self, product: Product, n: int, rng: Random, unlike: Callable[[Product], bool]
    ) -> list[Product]:
        """Return up to `n` other products that are `unlike` the right answer, the nearest first.

        No two have titles of the same words, and none has a title of the product or of a product
        known to be the same.
        """
        found: list[Product] = []
        twins = self.twins(product)
        titles = self.titles(twins) | {words_of(product.title)}
        for candidate in self.near(product, rng) if n else ():
            title = words_of(candidate.title)
            if title not in titles and mark(candidate) not in twins and unlike(candidate):
                titles.add(title)
                found.append(candidate)
                if len(found) == n:
                    break
        return found

    def find(self, source: str, ids: Iterable[str], lang: str) -> list[Product]:
        """Return the products with these ids, in the order of the ids; unknown ones are left out.

        If several in different languages share an id, the one in `lang` is returned.
        """
        known = (self._by_mark.get((source, one), {}) for one in ids)
        return [by_lang[lang] for by_lang in known if lang in by_lang]

    def translations(self, product: Product) -> list[Product]:
        """Return the same product in other languages: the same source and `shared_id`."""
        alike = self._by_shared_id.get((product.source, shared_id(product)), [])
        return [other for other in alike if other.lang != product.lang]

    def twins(self, *products: Product) -> set[Mark]:
        """Return (source, id) of the products and of all products paired as the same.

        A twin of a twin is a twin.
        """
        marks = set(map(mark, products))
        ends = list(marks)
        while ends:
            more = self._same.get(ends.pop(), set()) - marks
            marks |= more
            ends += more
        return marks

    def titles(self, marks: Iterable[Mark]) -> set[Title]:
        """Return the words of the titles of products, in every language."""
        known = (self._by_mark.get(mark, {}).values() for mark in marks)
        return {words_of(product.title) for products in known for product in products}

    def twin_titles(self, product: Product) -> set[str]:
        """Return the keys of the titles of the product and its `twins`."""
        known = (self._by_mark.get(mark, {}).values() for mark in self.twins(product))
        return {key(twin.title) for twins in known for twin in twins}

    def together(self, product: Product) -> set[Title]:
        """Return the titles of products viewed in a session with a product of this title.

        Those bought with it are included.
        """
        return self._together.get(words_of(product.title), set())

    def titled(self, title: Title) -> list[Product]:
        """Return all products whose title has these words, whatever their ids."""
        return self._by_title.get(title, [])

    def others(
        self, record: R, n: int, rng: Random, unlike: Callable[[R], bool] = lambda _: True
    ) -> list[R]:
        """Return up to `n` other records of the record's class, language and topic, at random."""
        shelf: list[R] = self._by_class.get(_class_of(record), [])  # type: ignore[assignment]
        found: list[R] = []
        for candidate in rng.sample(shelf, min(2 * LOOK, len(shelf))) if n else ():
            same = (candidate.source, candidate.id) == (record.source, record.id)
            if not same and unlike(candidate):
                found.append(candidate)
                if len(found) == n:
                    break
        return found

    @cached_property
    def _by_mark(self) -> dict[Mark, dict[str, Product]]:
        found: dict[Mark, dict[str, Product]] = defaultdict(dict)
        for product in self.products:
            found[mark(product)].setdefault(product.lang, product)
        return found

    @cached_property
    def _by_title(self) -> dict[Title, list[Product]]:
        return grouped((words_of(product.title), product) for product in self.products)

    @cached_property
    def _by_shared_id(self) -> dict[Mark, list[Product]]:
        return grouped(((p.source, shared_id(p)), p) for p in self.products if p.lang)

    @cached_property
    def _by_class(self) -> dict[tuple[type, str, str], list[Record]]:
        return grouped((_class_of(record), record) for record in self.records)

    @cached_property
    def _same(self) -> dict[Mark, set[Mark]]:
        found: dict[Mark, set[Mark]] = defaultdict(set)
        for record in self.records:
            if isinstance(record, Paired) and record.same:
                found[mark(record.left)].add(mark(record.right))
                found[mark(record.right)].add(mark(record.left))
        return found

    @cached_property
    def _together(self) -> dict[Title, set[Title]]:
        found: dict[Title, set[Title]] = defaultdict(set)
        for record in self.records:
            if isinstance(record, Session):
                titles = {words_of(product.title) for product in _products_in(record)}
                for title in titles:
                    found[title] |= titles - {title}
        for product in self.products:
            bought = self.titles((product.source, other) for other in product.also_bought)
            for title in bought:
                found[words_of(product.title)].add(title)
                found[title].add(words_of(product.title))
        return found


def shared_id(product: Product) -> str:
    """Return the id that a product has in every country: "B0X" of "UK/B0X" and "DE/B0X"."""
    found = _LOCALE_ID.fullmatch(product.id)
    return found[1] if found else product.id


def _products_in(record: Record) -> tuple[Product, ...]:
    match record:
        case Product():
            return (record,)
        case Review():
            return (record.product,) if record.product else ()
        case Search():
            return tuple(product for product, _ in record.judged)
        case Session():
            return (*record.viewed, record.next) if record.next else record.viewed
        case Paired():
            return (record.left, record.right)
        case _:
            return ()


def mark(product: Product) -> Mark:
    """Return what identifies a product: its source and id."""
    return product.source, product.id


def _class_of(record: Record) -> tuple[type, str, str]:
    return type(record), record.lang, getattr(record, "topic", "")
