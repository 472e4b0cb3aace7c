"""Sample recombination of products by category, and by what is bought together."""

from collections.abc import Callable, Iterator, Sequence
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, transform
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.texts import key, labelled, one_line, stands_in
from ecom.corpus.records import Product

ENOUGH = 5  # products of a category, from which what none of them has is taken as foreign to it


@transform("recombine", reads=Product, form="multiple-choice", paradigm="CLS",
           skill="concepts", metric="accuracy")  # fmt: skip
def category_with_attribute(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The category whose products have an attribute, among categories where none of five has it.

    from     Product category <Clothing > Socks>, attributes <color: red; material: merino>
    slots    attribute: material
    options  Spades | Robots | Socks | Puzzles
    output   2
    """
    if not product.category or not product.attributes:
        return
    name = one_line(rng.choice(product.attributes)[0])

    def without_it(path: tuple[str, ...]) -> bool:
        known = [names for names in pool.attribute_names(product.lang, path) if names]
        return len(known) >= ENOUGH and not any(key(name) in names for names in known)

    if stands_in(name, product.category[-1]):
        return
    wrong = pool.categories_like(product.category, product.lang, 3, rng, without_it)
    yield from answers.choice(
        product.category[-1], [path[-1] for path in wrong], rng, slots={"attribute": name}
    )  # fmt: skip


@transform("recombine", reads=Product, form="multiple-choice", paradigm="CLS",
           skill="concepts", metric="accuracy")  # fmt: skip
def odd_one_out(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The product that is of another branch of the catalogue than three of one category.

    from     Product title <Adler Swift trail running shoe, blue>, category <Clothing > Shoes >
             Running>
    options  PEGASUS runner by Nordlicht (red) | Adler Swift trail running shoe, blue | Kiruna
             Glide road running shoe, grey | Brisa merino socks, red, 2 pairs
    output   3
    """
    if not product.category:
        return
    alike = pool.products_like(product, 2, rng, lambda other: other.category == product.category)
    branch = product.category[: max(1, len(product.category) - 1)]
    odd = pool.products_like(
        product, 1, rng,
        lambda other: bool(other.category) and other.category[: len(branch)] != branch
        and not pool.categories_of(other.title) & pool.categories_of(product.title)
        and key(other.category[-1]) != key(product.category[-1]),
    )  # fmt: skip
    if odd and len(alike) == 2:
        yield from answers.choice(
            odd[0].title, [product.title, *(other.title for other in alike)], rng,
            parents=[other.id for other in (*odd, *alike)],
        )  # fmt: skip


@transform("recombine", reads=Product, form="retrieval", paradigm="CLS",
           skill="concepts", metric="hit rate@3")  # fmt: skip
def products_of_category(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """One to three products of a category, in a list of up to ten.

    from     Product title <Adler running socks, white, 3 pairs>, category <Clothing > Socks>
    slots    category: Socks
    options  Brisa cork sandal, white | Nordlicht Pegasus road running shoe, red | Nordlicht
             winter boot, black | Adler running socks, white, 3 pairs | Kiruna leather sandal,
             brown | PEGASUS runner by Nordlicht (red) | Adler Swift trail running shoe, blue |
             Hearth toaster, black | Adler rubber boot, green | Kiruna Glide road running shoe,
             grey
    output   4
    """
    if not product.category:
        return
    path = product.category
    right = pool.products_like(product, rng.randint(0, 2), rng, lambda o: o.category == path)

    def elsewhere(other: Product) -> bool:
        paths = pool.categories_of(other.title)
        named = stands_in(path[-1], other.title)
        return bool(paths) and not named and all(pool.apart(one, path) for one in paths)

    wrong = pool.products_like(product, 9 - len(right), rng, elsewhere)
    yield from answers.numbers(
        [product.title, *(other.title for other in right)], [other.title for other in wrong], rng,
        slots={"category": one_line(path[-1])}, parents=[o.id for o in (*right, *wrong)],
    )  # fmt: skip


@transform("recombine", reads=Product, form="multiple-choice", paradigm="CLS",
           skill="behavior", metric="accuracy")  # fmt: skip
def complement_choice(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The product that is bought with another, among products like that other.

    from     Product title <Nordlicht Pegasus road running shoe, red>, also_bought <p8; p9>
    input    Product bought: Nordlicht Pegasus road running shoe, red
    options  Adler rubber boot, green | Brisa cork sandal, white | Nordlicht winter boot, black
             | Adler running socks, white, 3 pairs
    output   3
    """
    if bought := _bought_with(product, pool):
        right = rng.choice(bought)
        wrong = pool.products_like(product, 3, rng, _no_complement(product, bought, pool))
        yield from answers.choice(
            right.title, [other.title for other in wrong], rng,
            input=labelled(pool.words(product), bought=product.title),
            parents=[right.id, *(other.id for other in wrong)],
        )  # fmt: skip


@transform("recombine", reads=Product, form="retrieval", paradigm="CLS",
           skill="behavior", metric="hit rate@3")  # fmt: skip
def complements(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """One to three products that are bought with another, in a list of up to fifteen.

    from     Product title <Lumo desk lamp with dimmer, white>, also_bought <p11>
    input    Product bought: Lumo desk lamp with dimmer, white
    options  Card games model 4 | Card games model 1 | Card games model 3 | Wooden train for
             children | Tea pot of glass, 1 l | Kiruna Glide road running shoe, grey | Wool
             blanket, blue | Adler rubber boot, green | Spades model 3 | Brisa cork sandal,
             white | Nordlicht Pegasus road running shoe, red | Brisa merino socks, red, 2
             pairs | Card games model 6 | Spades model 5 | Lumo LED bulb E27
    output   15
    """
    if bought := _bought_with(product, pool):
        right = rng.sample(bought, min(3, len(bought)))
        wrong = pool.products_like(
            product, 15 - len(right), rng, _no_complement(product, bought, pool)
        )
        yield from answers.numbers(
            [other.title for other in right], [other.title for other in wrong], rng, fewest=5,
            input=labelled(pool.words(product), bought=product.title),
            parents=[other.id for other in (*right, *wrong)],
        )  # fmt: skip


@transform("recombine", reads=Product, form="multiple-choice", paradigm="CLS",
           skill="reasoning", metric="accuracy")  # fmt: skip
def complement_category(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The category of which a product is bought with another, among near categories never so.

    from     Product title <Hearth kettle, steel, 1.7 l>, category <Home > Kitchen > Kettles>,
             also_bought <p13>
    input    Product bought: Hearth kettle, steel, 1.7 l
    options  Robots | Boots | Toasters | Bulbs
    output   2
    """
    bought = [other for other in _bought_with(product, pool) if other.category]
    right = [other for other in bought if other.category != product.category]
    if not right or not product.category:
        return
    other = rng.choice(right)
    known = pool.bought_with_leaf(product.lang, product.category) | {product.category}
    near = pool.categories_like(
        other.category, product.lang, 3, rng,
        lambda path: path not in known and pool.apart(path, product.category),
    )  # fmt: skip
    yield from answers.choice(
        other.category[-1], [path[-1] for path in near], rng,
        input=labelled(pool.words(product), bought=product.title), parents=[other.id],
    )  # fmt: skip


def _bought_with(product: Product, pool: Pool) -> list[Product]:
    """Return the known products that are bought with it, one a title, none of its own title."""
    found = {
        key(other.title): other
        for other in pool.find(product.source, product.also_bought, product.lang)
    }
    found.pop(key(product.title), None)
    return list(found.values())


def _no_complement(
    product: Product, bought: Sequence[Product], pool: Pool
) -> Callable[[Product], bool]:
    """Return what tells a sound wrong answer: it and its category are never bought with it."""
    together = pool.together(product) | pool.twins(product, *bought)
    leaves = {other.category for other in bought if other.category}
    titles = {key(other.title) for other in bought}
    return lambda other: (
        (other.source, other.id) not in together
        and other.category not in leaves
        and key(other.title) not in titles
    )
