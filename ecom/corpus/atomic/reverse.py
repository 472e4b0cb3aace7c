"""Task reversal of a shop's tables: what was asked and what was answered change places.

attributes -> title     title -> attributes     description -> title
product -> query        stars, heading -> review        review -> stars, heading
"""

from collections.abc import Iterator
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, transform
from ecom.corpus.atomic.plain import (
    MAX_WRITTEN,
    has_number,
    headed,
    is_silent,
    is_stock_title,
    stated,
    usually_stated,
)
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.texts import (
    key,
    labelled,
    one_line,
    opening,
    pairs,
    stands_in,
    telling,
)
from ecom.corpus.records import Product, Review, Search


@transform(
    "reverse", reads=Product, form="generation", paradigm="GEN", skill="concepts", metric="rougel"
)
def title_from_attributes(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """A title, from two and more attributes of which one stands in it at least.

    from     Product title <Lumo LED bulb E27>, attributes <base: E27; wattage: 8 W>
    input    Brand: Lumo / Product category: Bulbs / base: E27 / wattage: 8 W
    output   Lumo LED bulb E27
    """
    words = pool.words(product)
    named = labelled(
        words, brand=product.brand, category=product.category[-1] if product.category else ""
    )
    sheet = "\n".join(part for part in (named, pairs(product.attributes)) if part)
    states = len(product.attributes) >= 2 and stated(product, product.title)
    if states and not stands_in(product.title, sheet):
        yield from answers.text(one_line(product.title), input=sheet)


@transform(
    "reverse", reads=Product, form="generation", paradigm="EXT", skill="concepts", metric="rougel"
)
def attributes_from_title(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The brand and the attributes that a title tells, with their names, which are not given.

    None where an attribute is left out that the title may tell in other words.

    from     Product title <Lumo LED bulb E27>, attributes <base: E27; wattage: 8 W>
    input    Product title: Lumo LED bulb E27
    output   Brand: Lumo / base: E27
    """
    words = pool.words(product)
    said = stated(product, product.title)
    sure = all(
        is_silent(product.title, value)
        and (has_number(value) or usually_stated(name, product, pool))
        for name, value in product.attributes
        if (name, value) not in said
    )
    if said and sure:
        named = any(key(value) == key(product.brand) for _, value in said)
        if not named and stands_in(product.brand, product.title):
            said = [(words["brand"], product.brand), *said]
        yield from answers.text(pairs(said), input=labelled(words, title=product.title))


@transform(
    "reverse", reads=Product, form="generation", paradigm="GEN", skill="concepts", metric="rougel"
)
def title_from_description(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """A title, from a description that does not hold it.

    from     Product title <Garden hose, 20 m>, description <A good thing of the kind number
             t2.>
    input    Product description: A good thing of the kind number t2.
    output   Garden hose, 20 m
    """
    if telling(product.description) and not stands_in(product.title, product.description):
        yield from answers.text(
            one_line(product.title),
            input=labelled(pool.words(product), description=one_line(product.description)),
        )


@transform(
    "reverse",
    reads=Review,
    form="generation",
    paradigm="GEN",
    skill="behavior",
    metric="sent-transformer",
)
def review_from_rating(review: Review, pool: Pool, rng: Random) -> Iterator[Made]:
    """A review, from its stars and its heading.

    from     Review rating <2>, title <Burnt>, text <This toaster knows only white and black
             bread.>
    input    Product title: Hearth toaster, black / Rating: 2 / Review title: Burnt
    output   This toaster knows only white and black bread.
    """
    written = opening(review.text, MAX_WRITTEN)
    if review.rating and not is_stock_title(review.title) and telling(written):
        yield from answers.text(
            written,
            input=labelled(
                pool.words(review),
                title=one_line(review.product.title) if review.product else "",
                rating=str(review.rating),
                review_title=one_line(review.title),
            ),
        )


@transform(
    "reverse", reads=Review, form="generation", paradigm="GEN", skill="behavior", metric="rougel"
)
def rating_and_title(review: Review, pool: Pool, rng: Random) -> Iterator[Made]:
    """A review's stars and heading, from its text, which does not hold the heading.

    from     Review rating <2>, title <Burnt>, text <This toaster knows only white and black
             bread.>
    input    Review: This toaster knows only white and black bread.
    output   Rating: 2 / Review title: Burnt
    """
    words = pool.words(review)
    if review.rating and headed(review) and telling(review.text):
        yield from answers.text(
            labelled(words, rating=str(review.rating), review_title=one_line(review.title)),
            input=labelled(words, review=review.text),
        )


@transform(
    "reverse", reads=Search, form="generation", paradigm="GEN", skill="behavior", metric="rougel"
)
def query_from_product(search: Search, pool: Pool, rng: Random) -> Iterator[Made]:
    """A query, from a product that is exactly what it asks for.

    from     Search query <winter boot>, judged <Nordlicht winter boot, black: exact; Adler
             rubber boot, green: substitute>
    input    Product title: Nordlicht winter boot, black
    output   winter boot
    """
    exact = [
        product
        for product, how in search.judged
        if how == "exact" and product.title.strip() and key(product.title) != key(search.query)
    ]
    if exact:
        product = rng.choice(exact)
        yield from answers.text(
            one_line(search.query),
            input=labelled(pool.words(search), title=product.title),
            parents=[product.id],
        )
