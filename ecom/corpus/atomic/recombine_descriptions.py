"""Sample recombination of titles and descriptions, split and put together again."""

from collections.abc import Iterator, Mapping
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, transform
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.shelves import gathered
from ecom.corpus.atomic.texts import (
    key,
    labelled,
    opening,
    shared,
    stands_in,
    telling,
    without,
    words_of,
)
from ecom.corpus.records import Product

MAX_OPTION = 240  # characters of a text that is an option


@transform(
    "recombine",
    reads=Product,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def title_description_match(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether a title and a description are of one product; the others say less of the title.

    from     Product title <Lumo LED bulb E27>, description <A bulb that needs little power and
             lasts for years.>
    input    Product title: Lumo LED bulb E27 / Product description: Desk lamp with warm light
             that is easy to dim.
    options  Yes | No
    output   1
    """
    if not (own := _described(product)):
        return
    near = pool.products_like(product, 1, rng, lambda other: _says_less(other, product, own, pool))
    if near:
        truth = rng.random() < 0.5
        source = product if truth else near[0]
        words = pool.words(product)
        yield from answers.yes_no(
            truth,
            words,
            rng,
            input=labelled(words, title=product.title, description=_described(source)),
            parents=[] if truth else [source.id],
        )


@transform(
    "recombine",
    reads=Product,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def title_of_description(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The title that a description is of, among near titles of which it says less.

    from     Product title <Hearth toaster, black>, description <Toaster with two slots and a
             tray for crumbs.>
    input    Product description: Toaster with two slots and a tray for crumbs.
    options  Tea pot of glass, 1 l | Hearth toaster, black | Lumo LED bulb E27 | Hearth kettle,
             steel, 1.7 l
    output   1
    """
    if own := _described(product):
        match = shared(product.title, own)
        also = pool.once(_titles)[key(own)]
        wrong = pool.products_like(
            product,
            3,
            rng,
            lambda other: (
                shared(other.title, own) < match
                and not stands_in(other.title, own)
                and words_of(other.title) not in also
            ),
        )
        yield from answers.choice(
            product.title,
            [other.title for other in wrong],
            rng,
            input=labelled(pool.words(product), description=own),
            parents=[other.id for other in wrong],
        )


@transform(
    "recombine",
    reads=Product,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def description_of_title(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The description of a title, among near ones that say less of it.

    from     Product title <Adler rubber boot, green>, description <Rubber boot for rain and
             garden, knee high.>
    input    Product title: Adler rubber boot, green
    options  Glide has a soft sole for daily training. | Rubber boot for rain and garden, knee
             high. | Winter boot with a warm lining for ice and snow. | A summer sandal of soft
             leather with a cork bed.
    output   1
    """
    if own := _described(product):
        wrong = pool.products_like(
            product, 3, rng, lambda other: _says_less(other, product, own, pool)
        )
        yield from answers.choice(
            own,
            [_described(other) for other in wrong],
            rng,
            input=labelled(pool.words(product), title=product.title),
            parents=[other.id for other in wrong],
        )


def _described(product: Product) -> str:
    """Return the beginning of a description that speaks of the title without holding it."""
    own = opening(without(product.title, product.description), MAX_OPTION)
    return own if telling(own) and shared(product.title, own) else ""


def _titles(pool: Pool) -> Mapping[str, set[tuple[str, ...]]]:
    """Return key of a description, as it is shown -> the words of each title that it is of."""
    said = ((product, _described(product)) for product in pool.products)
    return gathered((key(text), words_of(product.title)) for product, text in said if text)


def _says_less(other: Product, product: Product, own: str, pool: Pool) -> bool:
    """Whether the other's description is not the product's: it shares less of the title.

    Nor is it that of another product of this title.
    """
    text = _described(other)
    return (
        bool(text)
        and shared(product.title, text) < shared(product.title, own)
        and not stands_in(product.title, other.description)
        and words_of(product.title) not in pool.once(_titles)[key(text)]
    )
