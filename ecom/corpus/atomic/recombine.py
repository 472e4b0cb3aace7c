"""Sample recombination of products: titles, attributes, brands, pairs.

What belongs together in one sample is split, shuffled with that of others, and put together again:
"based on the product matching task …, we can split and shuffle the product titles and attributes"
(EcomGPT, arXiv 2308.06966).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, transform
from ecom.corpus.atomic.plain import is_silent, stated, usually_stated
from ecom.corpus.atomic.pool import Pool, Words
from ecom.corpus.atomic.shelves import gathered
from ecom.corpus.atomic.texts import (
    key,
    labelled,
    listed,
    one_line,
    pairs,
    stands_in,
    telling,
    without,
    words_of,
)
from ecom.corpus.records import Paired, Product


@transform(
    "recombine",
    reads=Product,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def title_attributes_match(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether a title and attributes are of one product, or contradict each other.

    from     Product title <Hearth toaster, black>, attributes <color: black; slots: 2>
    input    Product title: Hearth toaster, black / Product attributes: / color: black / slots:
             2
    options  No | Yes
    output   1
    """
    if not stated(product, product.title):
        return
    near = pool.products_like(product, 1, rng, lambda other: contradicts(other, product))
    if near:
        truth = rng.random() < 0.5
        source = product if truth else near[0]
        words = pool.words(product)
        yield from answers.yes_no(
            truth,
            words,
            rng,
            input=_with_attributes(product, source, words),
            parents=[] if truth else [source.id],
        )


@transform(
    "recombine",
    reads=Paired,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def pair_title_attributes(paired: Paired, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether one offer's title and another's attributes are of the same product.

    from     Paired left <Adler Swift trail running shoe, blue>, right <PEGASUS runner by
             Nordlicht (red)>, same <False>
    input    Product title: Adler Swift trail running shoe, blue / Product attributes: / color:
             red
    options  Yes | No
    output   1
    """
    words = pool.words(paired)
    one, other = (_branded(side, words) for side in rng.sample([paired.left, paired.right], 2))
    if other.attributes and (paired.same or contradicts(other, one)):
        yield from answers.yes_no(
            paired.same,
            words,
            rng,
            input=_with_attributes(one, other, words),
            parents=[one.id, other.id],
        )


@transform(
    "recombine",
    reads=Product,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def title_of_attributes(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The title that goes with attributes, among near products that they contradict.

    from     Product title <Hearth toaster, black>, attributes <color: black; slots: 2>
    input    Product attributes: / color: black / slots: 2
    options  Lumo desk lamp with dimmer, white | Hearth toaster, black | Adler running socks,
             white, 3 pairs | Brisa cork sandal, white
    output   1
    """
    if stated(product, product.title):
        wrong = pool.products_like(product, 3, rng, lambda other: contradicts(product, other))
        words = pool.words(product)
        yield from answers.choice(
            product.title,
            [other.title for other in wrong],
            rng,
            input=listed(words["attributes"], pairs(product.attributes).splitlines()),
            parents=[other.id for other in wrong],
        )


@transform(
    "recombine",
    reads=Paired,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
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
    near = pool.products_like(
        other,
        12,
        rng,
        lambda near: (
            words_of(near.title) not in same and (contradicts(near, one) or _other_brand(near, one))
        ),
    )
    wrong = answers.evened(other.title, near, 3, rng, lambda product: product.title)
    yield from answers.choice(
        other.title,
        [near.title for near in wrong],
        rng,
        input=labelled(pool.words(paired), title=one.title),
        parents=[one.id, other.id, *(near.id for near in wrong)],
    )


@transform(
    "recombine",
    reads=Product,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def attribute_value_choice(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The value of an attribute, among near products' values, where the title tells it.

    It does where the value stands there, and does not where no word of it does, though most titles
    tell this attribute: then the answer is that the text does not say, always one of the options.

    from     Product title <Hearth toaster, black>, attributes <color: black; slots: 2>
    input    Product title: Hearth toaster, black
    slots    attribute: color
    options  The text does not say. | black | grey | white
    output   1
    """
    words = pool.words(product)
    said = stated(product, product.title)
    absent = [
        (name, value)
        for name, value in product.attributes
        if is_silent(product.title, value) and usually_stated(name, product, pool)
    ]
    is_stated = bool(said) and (not absent or rng.random() < 0.75)
    if not (options := said if is_stated else absent):
        return
    name, value = rng.choice(options)
    values = {key(value): value}
    for other in pool.products_like(product, 12, rng, lambda other: True):
        for other_name, other_value in other.attributes:
            if key(other_name) == key(name) and not stands_in(other_value, product.title):
                values.setdefault(key(other_value), other_value)
    wrong = [one for one in list(values.values())[1:] if not _overlap(one, value)][:3]
    if len(wrong) >= 2:
        right, rest = (
            (value, [*wrong[:2], words["unknown"]]) if is_stated else (words["unknown"], wrong)
        )
        yield from answers.choice(
            right,
            rest,
            rng,
            fewest=2,
            input=labelled(words, title=product.title),
            slots={"attribute": one_line(name)},
        )


@transform(
    "recombine",
    reads=Product,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def brand_choice(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The brand of a product, among near products' brands; the title is shown without it.

    No other brand sells something that is called the same.

    from     Product title <Lumo LED bulb E27>, brand <Lumo>
    input    Product title: LED bulb E27
    options  Brisa | Hearth | Adler | Lumo
    output   3
    """
    masked = without(product.brand, product.title)
    if not key(product.brand) or not telling(masked) or stands_in(product.brand, masked):
        return
    sellers = pool.once(_sellers)[product.lang, words_of(masked)]
    brands = {key(product.brand), *sellers}

    def sound(other: Product) -> bool:
        brand = key(other.brand)
        if not brand or any(_overlap(brand, known) for known in brands):
            return False
        if stands_in(brand, masked):
            return False
        brands.add(brand)
        return True

    wrong = pool.products_like(product, 3, rng, sound)
    yield from answers.choice(
        product.brand,
        [other.brand for other in wrong],
        rng,
        input=labelled(pool.words(product), title=masked),
        parents=[other.id for other in wrong],
    )


def contradicts(attributes_of: Product, title_of: Product) -> bool:
    """Whether the attributes of one product are seen not to be those of the other, by its title.

    The title tells its own value of some name, and the attributes give that name another value.
    """
    in_title = {key(name): value for name, value in stated(title_of, title_of.title)}
    names = [key(name) for name, _ in attributes_of.attributes]
    return any(
        names.count(key(name)) == 1
        and key(name) in in_title
        and key(value) != ""
        and not _overlap(value, in_title[key(name)])
        and not stands_in(value, title_of.title)
        for name, value in attributes_of.attributes
    )


def _sellers(pool: Pool) -> Mapping[tuple[str, tuple[str, ...]], set[str]]:
    """Return (language, words of a title without its brand) -> the brands that sell it."""
    return gathered(
        ((product.lang, words_of(without(product.brand, product.title))), key(product.brand))
        for product in pool.products
        if key(product.brand)
    )


def _overlap(one: str, other: str) -> bool:
    """Whether one of two values holds the other: "blue" and "dark blue" may both be right."""
    return stands_in(one, other) or stands_in(other, one)


def _other_brand(one: Product, other: Product) -> bool:
    return bool(key(one.brand) and key(other.brand)) and not _overlap(one.brand, other.brand)


def _branded(product: Product, words: Words) -> Product:
    """Return the product with its brand as an attribute where it has no others: most pairs' do."""
    if product.attributes or not key(product.brand):
        return product
    return replace(product, attributes=((words["brand"], product.brand),))


def _with_attributes(title_of: Product, attributes_of: Product, words: Words) -> str:
    sheet = listed(words["attributes"], pairs(attributes_of.attributes).splitlines())
    return f"{labelled(words, title=title_of.title)}\n{sheet}"
