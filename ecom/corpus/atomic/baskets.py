"""Products bought together: the product that goes with another one, and its category.

A product is soundly wrong when neither it nor its category is ever bought with the other.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, Option, transform
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.relations import Case, Relation, near_categories, product_option
from ecom.corpus.atomic.shelves import Path, gathered, varied
from ecom.corpus.atomic.texts import key, words_of
from ecom.corpus.records import Product


def _bought_with(product: Product, pool: Pool) -> list[Product]:
    """Return the known products that are bought with it, one per title, none with its own title."""
    others = pool.find(product.source, product.also_bought, product.lang)
    found = {key(other.title): other for other in others}
    found.pop(key(product.title), None)
    return list(found.values())


def _complement(n: int, product: Product, pool: Pool, rng: Random) -> Case | None:
    """Show a product and ask for up to `n` that are bought with it, of another kind if known."""
    kind = product.category
    bought = [o for o in _bought_with(product, pool) if not kind or o.category != kind]
    if not bought:
        return None
    right = rng.sample(bought, min(n, len(bought)))
    return Case(
        pool.show(product, bought=product.title),
        list(map(product_option, right)),
        lambda count: list(map(product_option, _not_bought(product, right, count, pool, rng))),
    )


def _not_bought(
    product: Product, right: Sequence[Product], n: int, pool: Pool, rng: Random
) -> list[Product]:
    """Return n products that are not bought with one, about half of them of its own kind.

    The others are near a right one and of as many categories as possible, first of categories from
    which nothing is bought with the product's: if only the right one were of another kind, that
    would reveal it. None where kinds are known and there are no others.
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
    """Return the test of a sound wrong answer: it and its category are never bought with it."""
    bought = _bought_with(product, pool)
    titles = pool.together(product) | pool.titles(pool.twins(product, *bought))
    titles |= {words_of(other.title) for other in (product, *bought)}
    leaves = {other.category for other in bought if other.category}
    return lambda other: words_of(other.title) not in titles and other.category not in leaves


def _bought_categories(product: Product, pool: Pool) -> set[Path]:
    """Return all categories of the product's title, and those bought with any of them."""
    own = {product.category, *pool.categories_of(product.title)}
    bought = pool.once(_categories_bought_with)
    return own.union(*(bought[product.lang, path] for path in own))


def _categories_bought_with(pool: Pool) -> dict[tuple[str, Path], set[Path]]:
    """Return (language, category) -> categories of all products bought or viewed with its own."""
    return gathered(
        ((product.lang, product.category), other.category)
        for product in pool.products
        for title in pool.together(product)
        for other in pool.titled(title)
        if other.category
    )


Relation(Product, "bought", partial(_complement, 1), skill="behavior").choose(
    "recombine:complement_choice",
    """The product that is bought with another, among products like either of the two.

    from     Product title <Nordlicht Pegasus road running shoe, red>, also_bought <p8; p9>
    input    Product bought: Nordlicht Pegasus road running shoe, red
    options  Brisa cork sandal, white | Nordlicht winter boot, black | Brisa merino socks, red, 2
             pairs | Card games model 2
    output   2
    """,
)
Relation(Product, "bought", partial(_complement, 3), skill="behavior").retrieve(
    "recombine:complements",
    """One to three products that are bought with another, in a list of up to fifteen.

    from     Product title <Lumo desk lamp with dimmer, white>, also_bought <p11>
    input    Product bought: Lumo desk lamp with dimmer, white
    options  Spades model 1 | Card games model 6 | Card games model 4 | Adler running socks, white,
             3 pairs | Spades model 2 | Card games model 2 | Spades model 3 | Kiruna Glide road
             running shoe, grey | Adler rubber boot, green | Card games model 5 | Lumo LED bulb E27
             | Spades model 6 | Kiruna leather sandal, brown | Brisa merino socks, red, 2 pairs |
             Brisa cork sandal, white
    output   11
    """,
    15,
)


@transform("recombine", Product, skill="reasoning")
def complement_category(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The category of which a product is bought with another, among near categories never so.

    from     Product title <Hearth kettle, steel, 1.7 l>, category <Home > Kitchen > Kettles>,
             also_bought <p13>
    input    Product bought: Hearth kettle, steel, 1.7 l
    options  Robots | Boots | Toasters | Bulbs
    output   2
    """
    right = [o for o in _bought_with(product, pool) if o.category not in ((), product.category)]
    if not right or not product.category:
        return
    other = rng.choice(right)
    names = {key(path[-1]) for path in _bought_categories(product, pool) if path}
    wrong = near_categories(
        other.category,
        product.lang,
        pool,
        rng,
        lambda path: key(path[-1]) not in names and pool.apart(path, product.category),
    )
    given = pool.show(product, bought=product.title)
    yield from answers.choice(Option(other.category[-1], other.id), wrong(3), rng, given)
