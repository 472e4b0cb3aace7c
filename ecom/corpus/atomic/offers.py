"""Offers of several shops, labelled as the same product or not."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, transform
from ecom.corpus.atomic.pool import Pool, Words
from ecom.corpus.atomic.products import contradicts, overlap, sheet
from ecom.corpus.atomic.relations import near_products, product_option
from ecom.corpus.atomic.texts import key, labelled, one_line, pairs, words_of
from ecom.corpus.records import Paired, Product


@transform("plain", Paired)
def same_product(paired: Paired, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether two offers are the same product.

    from     Paired left <Adler Swift trail running shoe, blue>, right <PEGASUS runner by Nordlicht
             (red)>, same <False>
    input    First product: Adler Swift trail running shoe, blue / color: blue / surface: trail /
             Second product: PEGASUS runner by Nordlicht (red) / color: red
    options  Yes | No
    output   1
    """
    words = pool.words(paired)
    offers = rng.sample([paired.left, paired.right], 2)
    lines = []
    for name, offer in zip(("first_product", "second_product"), offers, strict=True):
        lines.append(f"{words[name]}: {one_line(offer.title)}")
        lines += [f"  {line}" for line in pairs(offer.attributes).splitlines()]
    parents = [offer.id for offer in offers]
    yield from answers.yes_no(paired.same, words, rng, "\n".join(lines), parents=parents)


@transform("recombine", Paired)
def pair_title_attributes(paired: Paired, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether one offer's title and another's attributes are of the same product.

    from     Paired left <Adler Swift trail running shoe, blue>, right <PEGASUS runner by Nordlicht
             (red)>, same <False>
    input    Product title: Adler Swift trail running shoe, blue / Product attributes: / color: red
    options  Yes | No
    output   1
    """
    words = pool.words(paired)
    one, other = (_branded(side, words) for side in rng.sample([paired.left, paired.right], 2))
    if other.attributes and (paired.same or contradicts(other, one)):
        input = f"{labelled(words, title=one.title)}\n{sheet(other, words)}"
        yield from answers.yes_no(paired.same, words, rng, input, parents=[one.id, other.id])


def _branded(product: Product, words: Words) -> Product:
    """Return the product with its brand as an attribute if it has no others, as in most pairs."""
    if product.attributes or not key(product.brand):
        return product
    return replace(product, attributes=((words["brand"], product.brand),))


@transform("recombine", Paired)
def same_product_choice(paired: Paired, pool: Pool, rng: Random) -> Iterator[Made]:
    """The offer that is the same product as another, among near products that are not.

    from     Paired left <Nordlicht Pegasus road running shoe, red>, right <PEGASUS runner by
             Nordlicht (red)>, same <True>
    input    Product title: PEGASUS runner by Nordlicht (red)
    options  Adler Swift trail running shoe, blue | Kiruna leather sandal, brown | Nordlicht Pegasus
             road running shoe, red | Kiruna Glide road running shoe, grey
    output   2
    """
    if not paired.same or key(paired.left.title) == key(paired.right.title):
        return
    one, other = rng.sample([paired.left, paired.right], 2)
    same = pool.titles(pool.twins(one, other)) | {words_of(one.title)}

    def differs(near: Product) -> bool:
        brands = key(near.brand) and key(one.brand) and not overlap(near.brand, one.brand)
        return words_of(near.title) not in same and (contradicts(near, one) or bool(brands))

    right = product_option(other)
    wrong = answers.evened(right, near_products(other, pool, rng, differs)(12), 3, rng)
    given = pool.show(paired, title=one.title)
    yield from answers.choice(right, wrong, rng, given, parents=[one.id])
