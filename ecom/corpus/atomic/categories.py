"""The catalogue: a product's category, what else is in it, and what does not belong to it."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, Option, transform
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.relations import (
    Case,
    Relation,
    near_categories,
    near_products,
    product_option,
)
from ecom.corpus.atomic.shelves import Path
from ecom.corpus.atomic.texts import besides, key, one_line, stands_in
from ecom.corpus.records import Product

MANY = 24  # categories to draw wrong ones from
ENOUGH = 5  # products of a category: an attribute that none of so many has is foreign to it


def _leaf(path: Path) -> str:
    return path[-1]


def _spelled(path: Path) -> str:
    """Return the whole category, as shops write it."""
    return " > ".join(map(one_line, path))


def _category(
    product: Product, pool: Pool, rng: Random, text: Callable[[Path], str] = _leaf
) -> Case | None:
    """Show a title and ask for its category: the last name, or another text of it.

    A category that the title names, or that has another product of this title, is not wrong.
    """
    if not (path := product.category):
        return None
    also = pool.categories_of(product.title)

    def elsewhere(other: Path) -> bool:
        apart = all(pool.apart(other, one) for one in also)
        return apart and not stands_in(other[-1], product.title)

    given = pool.show(product, title=product.title)
    wrong = near_categories(path, product.lang, pool, rng, elsewhere, text)
    return Case(given, [Option(text(path))], wrong)


def _products(product: Product, pool: Pool, rng: Random) -> Case | None:
    """Name a category and ask for products of it."""
    if not (path := product.category):
        return None
    alike = near_products(product, pool, rng, lambda other: other.category == path)(
        rng.randint(0, 2)
    )

    def elsewhere(other: Product) -> bool:
        paths = pool.categories_of(other.title)
        named = stands_in(path[-1], other.title)
        return bool(paths) and not named and all(pool.apart(one, path) for one in paths)

    right, slots = [product_option(product), *alike], {"category": one_line(path[-1])}
    return Case("", right, near_products(product, pool, rng, elsewhere), slots)


FILED = Relation(Product, "category", _category, back=_products, in_slot=True)
FILED.choose(
    "plain:product_category",
    """A product's leaf category, among the categories nearest to it.

    from     Product title <Lumo LED bulb E27>, category <Home > Lighting > Bulbs>
    input    Product title: Lumo LED bulb E27
    options  Toasters | Bulbs | Kettles | Lamps
    output   1
    """,
)
replace(FILED, find=partial(_category, text=_spelled)).name(
    "plain:name_category",
    """A product's whole category, written out, among up to nine other ones.

    from     Product title <Lumo LED bulb E27>, category <Home > Lighting > Bulbs>
    input    Product title: Lumo LED bulb E27 / Options:
    options  Clothing > Shoes > Running | Home > Lighting > Lamps | Home > Kitchen > Toasters |
             Clothing > Shoes > Sandals | Home > Lighting > Bulbs | Garden > Tools > Spades | Toys >
             Games > Card games | Home > Kitchen > Kettles | Clothing > Shoes > Boots | Clothing >
             Socks
    output   Home > Lighting > Bulbs
    """,
    drawn=MANY,
)
FILED.match(
    "simplify:in_category",
    """Whether a product belongs to one category, its own or a near one; drawn alike.

    from     Product title <Lumo LED bulb E27>, category <Home > Lighting > Bulbs>
    input    Product title: Lumo LED bulb E27
    slots    category: Lamps
    options  Yes | No
    output   1
    """,
)
FILED.flip().retrieve(
    "recombine:products_of_category",
    """One to three products of a category, in a list of up to ten.

    from     Product title <Adler running socks, white, 3 pairs>, category <Clothing > Socks>
    slots    category: Socks
    options  Brisa cork sandal, white | Nordlicht Pegasus road running shoe, red | Nordlicht winter
             boot, black | Adler running socks, white, 3 pairs | Kiruna leather sandal, brown |
             PEGASUS runner by Nordlicht (red) | Adler Swift trail running shoe, blue | Hearth
             toaster, black | Adler rubber boot, green | Kiruna Glide road running shoe, grey
    output   4
    """,
    fewest=3,
)


@transform("simplify", Product)
def top_category(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """A product's department, which is the first name of its category.

    from     Product title <Lumo LED bulb E27>, category <Home > Lighting > Bulbs>
    input    Product title: Lumo LED bulb E27
    options  Garden | Toys | Clothing | Home
    output   3
    """
    if len(product.category) > 1:
        tops = {path[0] for path in pool.categories_of(product.title)}
        known = sorted(pool.known(Product, _departments)[product.lang])
        wrong = [Option(name) for name in besides([product.category[0], *tops], known)]
        wrong = rng.sample(wrong, min(3, len(wrong)))
        given = pool.show(product, title=product.title)
        yield from answers.choice(Option(product.category[0]), wrong, rng, given, fewest=1)


def _departments(product: Product) -> Iterator[tuple[str, str]]:
    if product.category:
        yield product.lang, product.category[0]


@transform("simplify", Product, "ordering")
def order_categories(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The levels of a product's category, three or more, from the widest to the narrowest.

    from     Product title <Lumo LED bulb E27>, category <Home > Lighting > Bulbs>
    input    Product title: Lumo LED bulb E27 / A. Bulbs / B. Lighting / C. Home
    output   C, B, A
    """
    path, above = product.category, pool.known(Product, _levels_above)
    levels = [(product.lang, key(name)) for name in path]
    turned = any(
        narrow in above.get(wide, ())
        for index, wide in enumerate(levels)
        for narrow in levels[index + 1 :]
    )
    if not turned:  # no other product has two of the levels the other way round
        given = pool.show(product, title=product.title)
        yield from answers.order([Option(name) for name in path], rng, given)


def _levels_above(product: Product) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Yield each level of a category, and each level above it; both with the language."""
    names = [(product.lang, key(name)) for name in product.category]
    for index, name in enumerate(names):
        yield from ((name, wide) for wide in names[:index])


@transform("recombine", Product)
def odd_one_out(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The product that is of another branch of the catalogue than three of one category.

    from     Product title <Adler Swift trail running shoe, blue>, category <Clothing > Shoes >
             Running>
    options  Kiruna Glide road running shoe, grey | PEGASUS runner by Nordlicht (red) | Adler Swift
             trail running shoe, blue | Adler running socks, white, 3 pairs
    output   3
    """
    if not product.category:
        return
    alike = near_products(product, pool, rng, lambda other: other.category == product.category)(2)
    branch = product.category[: max(1, len(product.category) - 1)]

    def elsewhere(other: Product) -> bool:
        paths = pool.categories_of(other.title)
        return bool(other.category) and not any(
            path[: len(branch)] == branch or key(path[-1]) == key(product.category[-1])
            for path in paths
        )

    foreign = near_products(product, pool, rng, elsewhere)(6)
    if foreign and len(alike) == 2:
        rest = [product_option(product), *alike]
        longer = rng.randint(0, 3)  # so that length does not reveal the odd one
        odd = min(
            foreign, key=lambda o: abs(longer - sum(len(one.text) > len(o.text) for one in rest))
        )
        yield from answers.choice(odd, rest, rng)


@transform("recombine", Product)
def category_with_attribute(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The category whose products have an attribute, among categories where none of five has it.

    from     Product category <Clothing > Socks>, attributes <color: red; material: merino>
    slots    attribute: material
    options  Spades | Robots | Socks | Puzzles
    output   2
    """
    path, lang = product.category, product.lang
    if not path or not product.attributes:
        return
    name = one_line(rng.choice(product.attributes)[0])
    having = pool.known(Product, _attributes_of_leaves)[lang]

    def without_it(other: Path) -> bool:
        enough = pool.once(_described)[lang, other] >= ENOUGH
        return enough and (key(other[-1]), key(name)) not in having

    if not stands_in(name, path[-1]):
        wrong = near_categories(path, lang, pool, rng, without_it)(3)
        yield from answers.choice(Option(path[-1]), wrong, rng, slots={"attribute": name})


def _described(pool: Pool) -> Counter[tuple[str, Path]]:
    """Return (language, category) -> number of its products with attributes."""
    return Counter((one.lang, one.category) for one in pool.products if one.attributes)


def _attributes_of_leaves(product: Product) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield a language and (last name of the category, name of an attribute), both as keys."""
    for name, _ in product.attributes if product.category else ():
        yield product.lang, (key(product.category[-1]), key(name))
