"""Sample recombination of products by category, and by what is bought together."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, transform
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.shelves import gathered, varied
from ecom.corpus.atomic.texts import key, labelled, one_line, stands_in, words_of
from ecom.corpus.records import Product

ENOUGH = 5  # products of a category, from which what none of them has is taken as foreign to it


@transform(
    "recombine",
    reads=Product,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
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
        return len(known) >= ENOUGH and (key(path[-1]), key(name)) not in having

    having = pool.once(_attributes_of_leaves)[product.lang]
    if stands_in(name, product.category[-1]):
        return
    wrong = pool.categories_like(product.category, product.lang, 3, rng, without_it)
    yield from answers.choice(
        product.category[-1], [path[-1] for path in wrong], rng, slots={"attribute": name}
    )


@transform(
    "recombine",
    reads=Product,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
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
    alike = pool.products_like(product, 2, rng, lambda other: other.category == product.category)
    branch = product.category[: max(1, len(product.category) - 1)]

    def elsewhere(other: Product) -> bool:
        paths = pool.categories_of(other.title)
        return bool(other.category) and not any(
            path[: len(branch)] == branch or key(path[-1]) == key(product.category[-1])
            for path in paths
        )

    foreign = pool.products_like(product, 6, rng, elsewhere)
    if foreign and len(alike) == 2:
        rest = [product.title, *(other.title for other in alike)]
        longer = rng.randint(0, 3)  # of the others than the odd one, which must not be known by it
        odd = min(foreign, key=lambda o: abs(longer - sum(len(t) > len(o.title) for t in rest)))
        yield from answers.choice(
            odd.title, rest, rng, parents=[other.id for other in (odd, *alike)]
        )


@transform(
    "recombine",
    reads=Product,
    form="retrieval",
    paradigm="CLS",
    skill="concepts",
    metric="hit rate@3",
)
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
        [product.title, *(other.title for other in right)],
        [other.title for other in wrong],
        rng,
        slots={"category": one_line(path[-1])},
        parents=[o.id for o in (*right, *wrong)],
    )


@transform(
    "recombine",
    reads=Product,
    form="multiple-choice",
    paradigm="CLS",
    skill="behavior",
    metric="accuracy",
)
def complement_choice(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The product that is bought with another, among products like either of the two.

    from     Product title <Nordlicht Pegasus road running shoe, red>, also_bought <p8; p9>
    input    Product bought: Nordlicht Pegasus road running shoe, red
    options  Brisa cork sandal, white | Nordlicht winter boot, black | Brisa merino socks, red, 2
             pairs | Card games model 2
    output   2
    """
    if bought := _complements(product, pool):
        right = rng.choice(bought)
        wrong = _not_bought(product, [right], 3, pool, rng)
        yield from answers.choice(
            right.title,
            [other.title for other in wrong],
            rng,
            input=labelled(pool.words(product), bought=product.title),
            parents=[right.id, *(other.id for other in wrong)],
        )


@transform(
    "recombine",
    reads=Product,
    form="retrieval",
    paradigm="CLS",
    skill="behavior",
    metric="hit rate@3",
)
def complements(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """One to three products that are bought with another, in a list of up to fifteen.

    from     Product title <Lumo desk lamp with dimmer, white>, also_bought <p11>
    input    Product bought: Lumo desk lamp with dimmer, white
    options  Spades model 1 | Card games model 6 | Card games model 4 | Adler running socks, white,
             3 pairs | Spades model 2 | Card games model 2 | Spades model 3 | Kiruna Glide road
             running shoe, grey | Adler rubber boot, green | Card games model 5 | Lumo LED bulb E27
             | Spades model 6 | Kiruna leather sandal, brown | Brisa merino socks, red, 2 pairs |
             Brisa cork sandal, white
    output   11
    """
    if bought := _complements(product, pool):
        right = rng.sample(bought, min(3, len(bought)))
        wrong = _not_bought(product, right, 15 - len(right), pool, rng)
        yield from answers.numbers(
            [other.title for other in right],
            [other.title for other in wrong],
            rng,
            fewest=5,
            input=labelled(pool.words(product), bought=product.title),
            parents=[other.id for other in (*right, *wrong)],
        )


@transform(
    "recombine",
    reads=Product,
    form="multiple-choice",
    paradigm="CLS",
    skill="reasoning",
    metric="accuracy",
)
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
    known = _bought_categories(product, pool)
    names = {key(path[-1]) for path in known}
    near = pool.categories_like(
        other.category,
        product.lang,
        3,
        rng,
        lambda path: key(path[-1]) not in names and pool.apart(path, product.category),
    )
    yield from answers.choice(
        other.category[-1],
        [path[-1] for path in near],
        rng,
        input=labelled(pool.words(product), bought=product.title),
        parents=[other.id],
    )


def _bought_with(product: Product, pool: Pool) -> list[Product]:
    """Return the known products that are bought with it, one a title, none of its own title."""
    found = {
        key(other.title): other
        for other in pool.find(product.source, product.also_bought, product.lang)
    }
    found.pop(key(product.title), None)
    return list(found.values())


def _complements(product: Product, pool: Pool) -> list[Product]:
    """Return what is bought with it and is of another kind, as far as the kinds are known."""
    kind = product.category
    return [o for o in _bought_with(product, pool) if not kind or o.category != kind]


def _not_bought(
    product: Product, right: Sequence[Product], n: int, pool: Pool, rng: Random
) -> list[Product]:
    """Return n products that are not bought with one, about half of them of its own kind.

    The others are near a right one, of as many categories as there are, first of those from which
    nothing is bought with the product's own: a list in which the right one is the only one of
    another kind would tell it. None where kinds are known and there are no others.
    """
    sound = _no_complement(product, pool)
    if not product.category:
        return pool.products_like(product, n, rng, sound)
    known = _bought_categories(product, pool)
    others = pool.products_like(
        rng.choice(right),
        3 * n,
        rng,
        lambda other: bool(other.category) and other.category != product.category and sound(other),
    )
    alike = pool.products_like(
        product, n, rng, lambda other: other.category == product.category and sound(other)
    )
    others.sort(key=lambda other: other.category in known)
    count = min(len(others), max(n - len(alike), n // 2 + (rng.random() < n % 2 / 2)))
    return [*varied(others, count), *alike[: n - count]] if count else []


def _no_complement(product: Product, pool: Pool) -> Callable[[Product], bool]:
    """Return what tells a sound wrong answer: it and its category are never bought with it."""
    bought = _bought_with(product, pool)
    titles = pool.together(product) | pool.titles(pool.twins(product, *bought))
    titles |= {words_of(other.title) for other in (product, *bought)}
    leaves = {other.category for other in bought if other.category}
    return lambda other: words_of(other.title) not in titles and other.category not in leaves


def _bought_categories(product: Product, pool: Pool) -> set[tuple[str, ...]]:
    """Return all categories of the product's title, and of what is bought with any of them."""
    own = {product.category, *pool.categories_of(product.title)}
    return own.union(*(pool.bought_with_leaf(product.lang, path) for path in own))


def _attributes_of_leaves(pool: Pool) -> Mapping[str, set[tuple[str, str]]]:
    """Return language -> (last name of a category, name of an attribute), both as keys."""
    return gathered(
        (lang, (key(path[-1]), key(name)))
        for (lang, path), products in pool.by_leaf.items()
        for product in products
        for name, _ in product.attributes
    )
