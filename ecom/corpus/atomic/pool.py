"""What a transform may look at beside its record: the other records of the chunk.

Wrong options come from here. They shall be hard (same shelf, near price) and never right by
accident: every caller says by `unlike` what makes a candidate soundly wrong, and gets fewer than it
asked for where there are not so many. One chunk is one piece of a file, so what is near in the file
is what is compared; nothing here looks beyond it.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from random import Random
from typing import Protocol, TypeVar, cast

from ecom.corpus.atomic.shelves import LOOK, Path, Shelves, grouped
from ecom.corpus.atomic.texts import key, words_of
from ecom.corpus.records import (
    RELEVANCES,
    Answered,
    Dialogue,
    Paired,
    Product,
    Record,
    Relevance,
    Review,
    Search,
    Session,
)

_LOCALE_ID = re.compile(r"[A-Za-z]{2}/(.+)")
Mark = tuple[str, str]  # source, id
Title = tuple[str, ...]  # its words
Words = Mapping[str, str]
T = TypeVar("T")
R = TypeVar("R", bound=Record)


class _HasLang(Protocol):
    @property
    def lang(self) -> str: ...


class Pool(Shelves):
    """The records of one chunk; its products are those inside other records as well.

    `words` returns the fixed words of the prompt for a row in a language.
    """

    def __init__(self, records: Sequence[Record], words: Callable[[str], Words]) -> None:
        found: dict[tuple[str, str, str], Product] = {}
        for record in records:
            for product in _products_in(record):
                if product.title.strip():
                    found.setdefault((product.source, product.id, product.lang), product)
        super().__init__(list(found.values()))
        self.records = records
        self._words = words
        self._once: dict[Callable[[Pool], object], object] = {}

    def once(self, look: Callable[["Pool"], T]) -> T:
        """Return what `look` finds in the pool; it looks once a chunk.

        Transforms find there what else is right for what they show: the same text may stand in
        several records, and what fits one of them fits the others.
        """
        if look not in self._once:
            self._once[look] = look(self)
        return cast(T, self._once[look])

    def words(self, record: _HasLang) -> Words:
        """Return the fixed words ("Yes", "Product title", …) that a question on `record` uses."""
        return self._words(record.lang)

    def products_like(
        self, product: Product, n: int, rng: Random, unlike: Callable[[Product], bool]
    ) -> list[Product]:
        """Return up to `n` other products, the nearest first that are `unlike` what is asked.

        No two have titles of the same words, and none has a title of the product or of what is
        known to be the same thing.
        """
        found: list[Product] = []
        twins = self.twins(product)
        titles = self.titles(twins) | {words_of(product.title)}
        for candidate in self.near(product, rng) if n else ():
            title = words_of(candidate.title)
            if title not in titles and _mark(candidate) not in twins and unlike(candidate):
                titles.add(title)
                found.append(candidate)
                if len(found) == n:
                    break
        return found

    def find(self, source: str, ids: Iterable[str], lang: str) -> list[Product]:
        """Return the products with these ids, in the order of the ids; unknown ones are left out.

        Of several in different languages that share an id, the one in `lang`.
        """
        known = (self._by_mark.get((source, one), {}) for one in ids)
        return [by_lang[lang] for by_lang in known if lang in by_lang]

    def translations(self, product: Product) -> list[Product]:
        """Return the same product in other languages: the same source and `shared_id`."""
        alike = self._by_shared_id.get((product.source, shared_id(product)), [])
        return [other for other in alike if other.lang != product.lang]

    def twins(self, *products: Product) -> set[Mark]:
        """Return (source, id) of the products and of all that were paired as the same things.

        What is the same as a twin is a twin.
        """
        marks = set(map(_mark, products))
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

    def together(self, product: Product) -> set[Title]:
        """Return the titles of what was viewed in a session with a product of this title.

        Or bought with it.
        """
        return self._together.get(words_of(product.title), set())

    def bought_with_leaf(self, lang: str, path: Path) -> set[Path]:
        """Return the categories of all that was bought or viewed with products of a category."""
        return self._bought_with_leaf.get((lang, path), set())

    def titled(self, title: str) -> list[Product]:
        """Return all products of one title, whatever their ids."""
        return self._by_title.get(words_of(title), [])

    def reviews_of(self, product: Product, lang: str) -> list[Review]:
        """Return the reviews of the product in one language: several may share its id."""
        return self._reviews.get((_mark(product), lang), [])

    def searches_to(self, product: Product, lang: str) -> list[Search]:
        """Return the searches in one language for which the product was judged exact."""
        return self._searches.get((_mark(product), lang), [])

    def judged(self, query: str) -> dict[str, Relevance]:
        """Return title key -> relevance of what was judged for this query, by any search.

        Twins of a judged product count as judged alike. Of several judgements the best counts.
        """
        return self._judged.get(key(query), {})

    def agreed(self, search: Search) -> list[tuple[Product, Relevance]]:
        """Return what was judged for the search, without what another judged to be better."""
        best = self.judged(search.query)
        return [(p, how) for p, how in search.judged if best[key(p.title)] == how]

    def intents(self, dialogue: Dialogue) -> tuple[str, ...]:
        """Return the intents that a dialogue may have: the source's list, else those of the chunk.

        A table of dialogues says what each one wants, and nowhere what there is to want.
        """
        return dialogue.intents or self._intents.get((dialogue.source, dialogue.lang), ())

    def about(self, answered: Answered) -> list[Answered]:
        """Return the questions on the same text of the same source that are answered by it."""
        return self._answered.get((answered.source, answered.context), [])

    def others(
        self, record: R, n: int, rng: Random, unlike: Callable[[R], bool], topic: str = ""
    ) -> list[R]:
        """Return up to `n` other records of the record's class and language, drawn at random.

        `topic` is that of Classified records.
        """
        shelf: list[R] = self._by_class.get((type(record), record.lang, topic), [])  # type: ignore[assignment]
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
            found[_mark(product)].setdefault(product.lang, product)
        return found

    @cached_property
    def _by_title(self) -> dict[Title, list[Product]]:
        return grouped((words_of(product.title), product) for product in self.products)

    @cached_property
    def _by_shared_id(self) -> dict[Mark, list[Product]]:
        return grouped(((p.source, shared_id(p)), p) for p in self.products if p.lang)

    @cached_property
    def _by_class(self) -> dict[tuple[type, str, str], list[Record]]:
        return grouped(((type(r), r.lang, getattr(r, "topic", "")), r) for r in self.records)

    @cached_property
    def _intents(self) -> dict[Mark, tuple[str, ...]]:
        found: dict[Mark, dict[str, None]] = defaultdict(dict)
        for record in self.records:
            if isinstance(record, Dialogue) and record.intent:
                found[record.source, record.lang][record.intent] = None
        return {mark: tuple(sorted(intents)) for mark, intents in found.items()}

    @cached_property
    def _answered(self) -> dict[Mark, list[Answered]]:
        found = (r for r in self.records if isinstance(r, Answered) and r.answer)
        return grouped(((one.source, one.context), one) for one in found)

    @cached_property
    def _reviews(self) -> dict[tuple[Mark, str], list[Review]]:
        reviews = (record for record in self.records if isinstance(record, Review))
        return grouped(((_mark(one.product), one.lang), one) for one in reviews if one.product)

    @cached_property
    def _searches(self) -> dict[tuple[Mark, str], list[Search]]:
        return grouped(
            ((_mark(product), search.lang), search)
            for search in self.records
            if isinstance(search, Search)
            for product, how in search.judged
            if how == "exact"
        )

    @cached_property
    def _judged(self) -> dict[str, dict[str, Relevance]]:
        found: dict[str, dict[str, Relevance]] = defaultdict(dict)
        for search in self.records:
            if isinstance(search, Search):
                known = found[key(search.query)]
                for product, how in search.judged:
                    twins = (self._by_mark.get(mark, {}) for mark in self.twins(product))
                    names = {key(twin.title) for by_lang in twins for twin in by_lang.values()}
                    for name in {key(product.title), *names}:
                        known[name] = min(how, known.get(name, how), key=RELEVANCES.index)
        return found

    @cached_property
    def _same(self) -> dict[Mark, set[Mark]]:
        found: dict[Mark, set[Mark]] = defaultdict(set)
        for record in self.records:
            if isinstance(record, Paired) and record.same:
                found[_mark(record.left)].add(_mark(record.right))
                found[_mark(record.right)].add(_mark(record.left))
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

    @cached_property
    def _bought_with_leaf(self) -> dict[tuple[str, Path], set[Path]]:
        found: dict[tuple[str, Path], set[Path]] = defaultdict(set)
        for product in self.products:
            for title in self.together(product):
                for other in self._by_title.get(title, ()):
                    if other.category:
                        found[product.lang, product.category].add(other.category)
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


def _mark(product: Product) -> Mark:
    return product.source, product.id
