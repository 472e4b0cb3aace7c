"""Relations and operations: most transforms ask one of a few questions about two things.

A relation gives the two sides of a record, and options that soundly do not belong to one of them:

    SUMMARISED    text ─► summary       "Steel kettle. It boils …" ─► "Fast steel kettle"
                                                                  not: "Lamp that can be dimmed"

An operation makes rows from a relation:

    .match()      do these two belong together?       Yes | No, equally often
    .confirm()    the same question                   the word Yes or No
    .choose(n)    which one belongs to it, not n?     multiple choice
    .name(n)      the same question                   the text of the right one
    .retrieve(n)  which ones of n belong to it?       one to three numbers
    .write()      what belongs to it?                 free text
    .flip()       the same relation, read from the other side (task reversal)

On labels, `match`, `confirm` and a shorter list are task simplification. On texts and products,
which are split and combined with those of other records, all but `write` are sample recombination
(EcomGPT, arXiv 2308.06966). The name in a declaration says which.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Generic, TypedDict, TypeVar, Unpack

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Known, Made, Option, enter
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.shelves import Path
from ecom.corpus.atomic.texts import besides, one_line, opening
from ecom.corpus.records import Product, Record
from ecom.forms import FormName
from ecom.rows import Skill

R = TypeVar("R", bound=Record)


class _Shown(TypedDict):
    input: str
    slots: Mapping[str, str]
    parents: Sequence[str]


@dataclass(frozen=True, slots=True)
class Case:
    """A relation applied to one record.

    given   the side that is shown
    right   what belongs to it; where one is requested, the first
    wrong   n -> up to n options that soundly do not belong to it
    slots   of the wording
    parents ids of other records that the shown side is from
    """

    given: str
    right: Sequence[Option]
    wrong: Callable[[int], Sequence[Option]]
    slots: Mapping[str, str] = field(default_factory=dict)
    parents: tuple[str, ...] = ()

    def shown(self) -> "_Shown":
        """Return the arguments for an answer."""
        return {"input": self.given, "slots": self.slots, "parents": self.parents}


Find = Callable[[R, Pool, Random], Case | None]
Where = Callable[[R], bool]


def _anywhere(record: Record) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Relation(Generic[R]):
    """Two sides of a record.

    asked    name of the requested side, in `words` or `slots` of the wording; "" where its texts
             need none
    find     shows the given side and asks for the other
    given    name of the given side, if it is ever requested
    back     shows the other side and asks for the given one
    in_slot  a match names the requested side in the prompt, not in the input
    longest  characters to which an option is cut, at a sentence
    """

    reads: type[R]
    asked: str
    find: Find[R]
    given: str = ""
    back: Find[R] | None = None
    in_slot: bool = False
    longest: int | None = None
    skill: Skill = "concepts"
    is_flipped: bool = False

    def flip(self) -> "Relation[R]":
        """Return the relation read from the other side."""
        if self.back is None:
            raise ValueError(f"{self.asked}: a relation is flipped that has no `back`; write one")
        return replace(
            self,
            asked=self.given,
            given=self.asked,
            find=self.back,
            back=self.find,
            is_flipped=not self.is_flipped,
        )

    def match(
        self, name: str, doc: str, *, where: Where[R] = _anywhere, **known: Unpack[Known]
    ) -> None:
        """Ask whether two things belong together, for records `where` the question is sound.

        Yes and no are equally likely. A record that could give only one of them would upset the
        balance, so it gives none.
        """

        def make(record: R, case: Case, pool: Pool, rng: Random) -> Iterator[Made]:
            for truth, shown in self._drawn(record, case, pool, rng):
                yield from answers.yes_no(truth, pool.words(record), rng, **shown)

        self._enter(name, "multiple-choice", make, doc, known, where)

    def confirm(
        self, name: str, doc: str, *, where: Where[R] = _anywhere, **known: Unpack[Known]
    ) -> None:
        """Ask the question of `match`, answered with the word yes or no."""

        def make(record: R, case: Case, pool: Pool, rng: Random) -> Iterator[Made]:
            for truth, shown in self._drawn(record, case, pool, rng):
                yield from answers.yes_or_no(truth, pool.words(record), **shown)

        self._enter(name, "classification", make, doc, known, where)

    def choose(
        self,
        name: str,
        doc: str,
        n: int = 3,
        *,
        fewest: int | None = None,
        drawn: int = 0,
        where: Where[R] = _anywhere,
        **known: Unpack[Known],
    ) -> None:
        """Ask for the one that belongs to the shown side, among `n` that do not.

        It uses only records `where` the question is sound, and that have at least `fewest` wrong
        options (`n`, if not given). Of `drawn` wrong ones those are taken whose length does not
        reveal the right one.
        """

        def make(record: R, case: Case, pool: Pool, rng: Random) -> Iterator[Made]:
            least = n if fewest is None else fewest
            for right, wrong in self._options(case, n, drawn, rng):
                yield from answers.choice(right, wrong, rng, fewest=least, **case.shown())

        self._enter(name, "multiple-choice", make, doc, known, where)

    def name(
        self,
        name: str,
        doc: str,
        n: int = answers.OTHERS,
        *,
        fewest: int = 3,
        drawn: int = 0,
        where: Where[R] = _anywhere,
        **known: Unpack[Known],
    ) -> None:
        """Ask the question of `choose`, answered with the text of the right option.

        A heading stands above the options: without numbers they could be more of the input.
        """

        def make(record: R, case: Case, pool: Pool, rng: Random) -> Iterator[Made]:
            headed = replace(case, given=f"{case.given}\n{pool.words(record)['options']}:".strip())
            for right, wrong in self._options(case, n, drawn, rng):
                yield from answers.named(right, wrong, rng, fewest=fewest, **headed.shown())

        self._enter(name, "classification", make, doc, known, where)

    def retrieve(
        self,
        name: str,
        doc: str,
        n: int = 10,
        *,
        fewest: int = 5,
        **known: Unpack[Known],
    ) -> None:
        """Ask for the one to three of up to `n` options that belong to the shown side."""

        def make(record: R, case: Case, pool: Pool, rng: Random) -> Iterator[Made]:
            wrong = case.wrong(n - len(case.right))
            yield from answers.numbers(case.right, wrong, rng, fewest=fewest, **case.shown())

        self._enter(name, "retrieval", make, doc, known)

    def write(self, name: str, doc: str, **known: Unpack[Known]) -> None:
        """Ask for a free text that belongs to the shown side."""

        def make(record: R, case: Case, pool: Pool, rng: Random) -> Iterator[Made]:
            for right in case.right[:1]:
                yield from answers.text(
                    one_line(right.text), case.given, slots=case.slots, parents=[right.parent]
                )

        self._enter(name, "generation", make, doc, known)

    def _drawn(
        self, record: R, case: Case, pool: Pool, rng: Random
    ) -> Iterator[tuple[bool, _Shown]]:
        """Yield whether the two sides belong together, and what is shown of them."""
        wrong = case.wrong(1)
        if case.right and wrong:
            truth = rng.random() < 0.5
            option = case.right[0] if truth else wrong[0]
            input, slots = case.given, case.slots
            if self.in_slot:
                slots = {**slots, self.asked: one_line(option.text)}
            else:
                asked = {self.asked: option.text}
                lines = [case.given, pool.show(record, **asked) if self.asked else option.text]
                input = "\n".join(reversed(lines) if self.is_flipped else lines)
            parents = [*case.parents, option.parent]
            yield truth, {"input": input, "slots": slots, "parents": parents}

    def _options(
        self, case: Case, n: int, drawn: int, rng: Random
    ) -> Iterator[tuple[Option, Sequence[Option]]]:
        """Yield the right option and up to `n` wrong ones."""
        if case.right:
            right = self._cut(case.right[0])
            wrong = list(map(self._cut, case.wrong(drawn or n)))
            yield right, answers.evened(right, wrong, n, rng) if drawn else wrong

    def _cut(self, option: Option) -> Option:
        if self.longest is None:
            return option
        return option._replace(text=opening(option.text, self.longest))

    def _enter(
        self,
        name: str,
        form: FormName,
        make: Callable[[R, Case, Pool, Random], Iterator[Made]],
        doc: str,
        known: Known,
        where: Where[R] = _anywhere,
    ) -> None:
        def of_record(record: R, pool: Pool, rng: Random) -> Iterator[Made]:
            if where(record) and (case := self.find(record, pool, rng)):
                yield from make(record, case, pool, rng)

        known.setdefault("skill", self.skill)
        enter(name, self.reads, form, of_record, doc, **known)


def label_case(
    given: str,
    right: Sequence[str],
    candidates: Sequence[str],
    also: Sequence[str],
    rng: Random,
    slots: Mapping[str, str] | None = None,
) -> Case:
    """Return the case of a text and its labels out of `candidates`.

    `also` are the labels of other records for the same text: neither requested nor wrong.
    """
    wrong = besides([*right, *also], candidates)
    return Case(
        given,
        [Option(label) for label in rng.sample(right, len(right))],
        lambda n: [Option(label) for label in rng.sample(wrong, min(n, len(wrong)))],
        slots or {},
    )


def product_option(product: Product) -> Option:
    """Return a product's title as an option."""
    return Option(product.title, product.id)


def near_products(
    product: Product,
    pool: Pool,
    rng: Random,
    unlike: Callable[[Product], bool],
    text: Callable[[Product], str] = lambda product: product.title,
) -> Callable[[int], list[Option]]:
    """Return n -> texts of up to n near products that are `unlike` the right answer."""
    return lambda n: [Option(text(o), o.id) for o in pool.products_like(product, n, rng, unlike)]


def near_categories(
    path: Path,
    lang: str,
    pool: Pool,
    rng: Random,
    unlike: Callable[[Path], bool],
    text: Callable[[Path], str] = lambda path: path[-1],
) -> Callable[[int], list[Option]]:
    """Return n -> the last names, or other texts, of up to n categories near `path`."""
    return lambda n: [Option(text(one)) for one in pool.categories_like(path, lang, n, rng, unlike)]
