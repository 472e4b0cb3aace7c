"""Products: titles, attributes, brands and descriptions, split and recombined.

"Based on the product matching task …, we can split and shuffle the product titles and attributes"
(EcomGPT, arXiv 2308.06966). A title or description is soundly wrong if it contradicts the shown
side, or has fewer words in common with it than the right one.
"""

import re
from collections import Counter
from collections.abc import Iterator
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.answers import MAX_OPTION, MAX_WRITTEN
from ecom.corpus.atomic.base import Made, Option, transform
from ecom.corpus.atomic.pool import Pool, Words
from ecom.corpus.atomic.relations import Case, Relation, near_products, product_option
from ecom.corpus.atomic.texts import (
    key,
    labelled,
    listed,
    one_line,
    opening,
    pairs,
    shared,
    stands_in,
    telling,
    without,
    words_of,
)
from ecom.corpus.records import Product

_Name = tuple[str, str, str]  # source, language, key of an attribute's name
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


# ------------------------------------------------------------------------ title and description


def _said(product: Product) -> str:
    """Return the beginning of a description that refers to the title without containing it."""
    own = opening(without(product.title, product.description), MAX_OPTION)
    return own if telling(own) and shared(product.title, own) else ""


def _titles_of(product: Product) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield a description, as shown, and the words of its title."""
    if text := _said(product):
        yield key(text), words_of(product.title)


def _description(product: Product, pool: Pool, rng: Random) -> Case | None:
    """Show a title and ask for its description, among some that share less of the title."""
    if not (own := _said(product)):
        return None
    titles, match = pool.known(Product, _titles_of), shared(product.title, own)

    def says_less(other: Product) -> bool:
        text = _said(other)
        return (
            bool(text)
            and shared(product.title, text) < match
            and not stands_in(product.title, other.description)
            and words_of(product.title) not in titles[key(text)]
        )

    given = pool.show(product, title=product.title)
    return Case(given, [Option(own)], near_products(product, pool, rng, says_less, _said))


def _title(product: Product, pool: Pool, rng: Random) -> Case | None:
    """Show a description and ask for its title, among some of which it says less."""
    if not (own := _said(product)):
        return None
    titles, match = pool.known(Product, _titles_of)[key(own)], shared(product.title, own)

    def says_less(other: Product) -> bool:
        return (
            shared(other.title, own) < match
            and not stands_in(other.title, own)
            and words_of(other.title) not in titles
        )

    given = pool.show(product, description=own)
    return Case(given, [product_option(product)], near_products(product, pool, rng, says_less))


DESCRIBED = Relation(Product, "description", _description, given="title", back=_title)
DESCRIBED.match(
    "recombine:title_description_match",
    """Whether a title and a description are of one product; the others say less of the title.

    from     Product title <Lumo LED bulb E27>, description <A bulb that needs little power and
             lasts for years.>
    input    Product title: Lumo LED bulb E27 / Product description: Desk lamp with warm light that
             is easy to dim.
    options  Yes | No
    output   1
    """,
)
DESCRIBED.choose(
    "recombine:description_of_title",
    """The description of a title, among near ones that say less of it.

    from     Product title <Adler rubber boot, green>, description <Rubber boot for rain and garden,
             knee high.>
    input    Product title: Adler rubber boot, green
    options  Glide has a soft sole for daily training. | Rubber boot for rain and garden, knee high.
             | Winter boot with a warm lining for ice and snow. | A summer sandal of soft leather
             with a cork bed.
    output   1
    """,
)
DESCRIBED.flip().choose(
    "recombine:title_of_description",
    """The title that a description is of, among near titles of which it says less.

    from     Product title <Hearth toaster, black>, description <Toaster with two slots and a tray
             for crumbs.>
    input    Product description: Toaster with two slots and a tray for crumbs.
    options  Tea pot of glass, 1 l | Hearth toaster, black | Lumo LED bulb E27 | Hearth kettle,
             steel, 1.7 l
    output   1
    """,
)


def _written(product: Product) -> str:
    """Return the description, or its first sentences; "" where it says too little."""
    written = opening(product.description, MAX_WRITTEN)
    return written if telling(written) and key(written) != key(product.title) else ""


@transform("plain", Product, "generation", metric="sent-transformer")
def description_from_title(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """A product's description, from its title.

    from     Product title <Garden hose, 20 m>, description <A good thing of the kind number t2.>
    input    Product title: Garden hose, 20 m
    output   A good thing of the kind number t2.
    """
    yield from answers.text(_written(product), pool.show(product, title=product.title))


@transform("plain", Product, "generation", metric="sent-transformer")
def copywriting(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """A product's description, from its title and attributes.

    from     Product title <Hearth toaster, black>, attributes <color: black; slots: 2>, description
             <Toaster with two slots and a tray for crumbs.>
    input    Product title: Hearth toaster, black / Brand: Hearth / color: black / slots: 2
    output   Toaster with two slots and a tray for crumbs.
    """
    if product.attributes:
        title = pool.show(product, title=product.title, brand=product.brand)
        yield from answers.text(_written(product), f"{title}\n{pairs(product.attributes)}")


@transform("reverse", Product, "generation")
def title_from_description(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """A title, from a description that does not hold it.

    from     Product title <Garden hose, 20 m>, description <A good thing of the kind number t2.>
    input    Product description: A good thing of the kind number t2.
    output   Garden hose, 20 m
    """
    if telling(product.description) and not stands_in(product.title, product.description):
        said = pool.show(product, description=one_line(product.description))
        yield from answers.text(one_line(product.title), said)


# ------------------------------------------------------------------------- title and attributes


def sheet(product: Product, words: Words) -> str:
    """Return a product's attributes below a heading, one per line."""
    return listed(words["attributes"], pairs(product.attributes).splitlines())


def stated(product: Product, text: str) -> list[tuple[str, str]]:
    """Return the attributes whose value occurs in the text, one value per name."""
    values: dict[str, set[str]] = {}
    for name, value in product.attributes:
        values.setdefault(key(name), set()).add(key(value))
    return [
        (name, value)
        for name, value in product.attributes
        if len(values[key(name)]) == 1 and key(name) and stands_in(value, text)
    ]


def contradicts(attributes_of: Product, title_of: Product) -> bool:
    """Whether the other product's title shows that the attributes are not its own.

    The title has one value of some name, and the attributes have another.
    """
    in_title = {key(name): value for name, value in stated(title_of, title_of.title)}
    names = [key(name) for name, _ in attributes_of.attributes]
    return any(
        names.count(key(name)) == 1
        and key(name) in in_title
        and key(value) != ""
        and not overlap(value, in_title[key(name)])
        and not stands_in(value, title_of.title)
        for name, value in attributes_of.attributes
    )


def overlap(one: str, other: str) -> bool:
    """Whether one of two values contains the other: "blue" and "dark blue" may both be right."""
    return stands_in(one, other) or stands_in(other, one)


def _attributes(product: Product, pool: Pool, rng: Random) -> Case | None:
    """Show a title and ask for its attributes; others contradict it."""
    words = pool.words(product)
    if not stated(product, product.title):
        return None
    wrong = near_products(
        product, pool, rng, lambda other: contradicts(other, product), lambda o: sheet(o, words)
    )
    return Case(labelled(words, title=product.title), [Option(sheet(product, words))], wrong)


def _title_of_attributes(product: Product, pool: Pool, rng: Random) -> Case | None:
    """Show attributes and ask for the title; they contradict the others."""
    if not stated(product, product.title):
        return None
    wrong = near_products(product, pool, rng, lambda other: contradicts(product, other))
    return Case(sheet(product, pool.words(product)), [product_option(product)], wrong)


SPECIFIED = Relation(Product, "", _attributes, given="title", back=_title_of_attributes)
SPECIFIED.match(
    "recombine:title_attributes_match",
    """Whether a title and attributes are of one product, or contradict each other.

    from     Product title <Hearth toaster, black>, attributes <color: black; slots: 2>
    input    Product title: Hearth toaster, black / Product attributes: / color: black / slots: 2
    options  No | Yes
    output   1
    """,
)
SPECIFIED.flip().choose(
    "recombine:title_of_attributes",
    """The title that goes with attributes, among near products that they contradict.

    from     Product title <Hearth toaster, black>, attributes <color: black; slots: 2>
    input    Product attributes: / color: black / slots: 2
    options  Lumo desk lamp with dimmer, white | Hearth toaster, black | Adler running socks, white,
             3 pairs | Brisa cork sandal, white
    output   1
    """,
)


@transform("reverse", Product, "generation")
def title_from_attributes(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """A title, from two and more attributes of which one stands in it at least.

    from     Product title <Lumo LED bulb E27>, attributes <base: E27; wattage: 8 W>
    input    Brand: Lumo / Product category: Bulbs / base: E27 / wattage: 8 W
    output   Lumo LED bulb E27
    """
    leaf = "".join(product.category[-1:])
    named = pool.show(product, brand=product.brand, category=leaf)
    given = "\n".join(part for part in (named, pairs(product.attributes)) if part)
    states = len(product.attributes) >= 2 and stated(product, product.title)
    if states and not stands_in(product.title, given):
        yield from answers.text(one_line(product.title), given)


@transform("reverse", Product, "generation", paradigm="EXT")
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
        _is_silent(product.title, value)
        and (_NUMBER.search(value) or _is_usually_stated(name, product, pool))
        for name, value in product.attributes
        if (name, value) not in said
    )
    if said and sure:
        named = any(key(value) == key(product.brand) for _, value in said)
        if not named and stands_in(product.brand, product.title):
            said = [(words["brand"], product.brand), *said]
        yield from answers.text(pairs(said), labelled(words, title=product.title))


def _texts(product: Product, pool: Pool) -> str:
    """Return a product's title and description."""
    about = one_line(product.description)
    return pool.show(product, title=product.title, description=about)


@transform("plain", Product, "generation", paradigm="EXT")
def attribute_extraction(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The values of named attributes that stand in a product's texts.

    from     Product title <Lumo LED bulb E27>, attributes <base: E27; wattage: 8 W>
    input    Product title: Lumo LED bulb E27 / Product description: A bulb that needs little power
             and lasts for years.
    slots    attributes: base
    output   base: E27
    """
    said = stated(product, f"{product.title}\n{product.description}")
    said = rng.sample(said, min(len(said), 5))
    names = ", ".join(one_line(name) for name, _ in said)
    yield from answers.text(pairs(said), _texts(product, pool), slots={"attributes": names})


@transform("simplify", Product, "named_entity_recognition")
def attribute_value(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The value of one attribute, word for word from a product's texts.

    from     Product title <Lumo LED bulb E27>, attributes <base: E27; wattage: 8 W>
    input    Product title: Lumo LED bulb E27 / Product description: A bulb that needs little power
             and lasts for years.
    slots    attribute: base
    output   E27
    """
    shown = (product.title, one_line(product.description))
    said = [
        (name, value)
        for name, value in stated(product, "\n".join(shown))
        if any(value in text for text in shown)
    ]
    if said:
        name, value = rng.choice(said)
        slots = {"attribute": one_line(name)}
        yield from answers.spans([value], _texts(product, pool), slots=slots)


@transform("recombine", Product)
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
        if _is_silent(product.title, value) and _is_usually_stated(name, product, pool)
    ]
    is_stated = bool(said) and (not absent or rng.random() < 0.75)
    if not (attributes := said if is_stated else absent):
        return
    name, value = rng.choice(attributes)
    wrong = [Option(other) for other in _other_values(name, value, product, pool, rng)[:3]]
    right, unknown = Option(value), Option(words["unknown"])
    if len(wrong) >= 2:
        right, wrong = (right, [*wrong[:2], unknown]) if is_stated else (unknown, wrong)
        given, slots = labelled(words, title=product.title), {"attribute": one_line(name)}
        yield from answers.choice(right, wrong, rng, given, fewest=2, slots=slots)


def _other_values(name: str, value: str, product: Product, pool: Pool, rng: Random) -> list[str]:
    """Return near products' values of an attribute that are not in the product's title."""
    values = {key(value): value}
    for other in pool.products_like(product, 12, rng, lambda _: True):
        for other_name, other_value in other.attributes:
            if key(other_name) == key(name) and not stands_in(other_value, product.title):
                values.setdefault(key(other_value), other_value)
    return [one for one in list(values.values())[1:] if not overlap(one, value)]


def _is_usually_stated(name: str, product: Product, pool: Pool) -> bool:
    """Whether half of the titles of the product's source and language contain such an attribute.

    Only other products count, because this title is known not to. Where titles express it
    differently, as in another language than the attributes, missing words mean nothing.
    """
    having, stating = pool.once(_stating)
    mark = (product.source, product.lang, key(name))
    return stating[mark] > 0 and 2 * stating[mark] >= having[mark] - 1


def _stating(pool: Pool) -> tuple[Counter[_Name], Counter[_Name]]:
    """Return how many products have an attribute, and how many titles contain it."""
    having: Counter[_Name] = Counter()
    stating: Counter[_Name] = Counter()
    for one in pool.products:
        having.update({(one.source, one.lang, key(name)) for name, _ in one.attributes})
        said = stated(one, one.title) if one.attributes else []
        stating.update({(one.source, one.lang, key(name)) for name, _ in said})
    return having, stating


def _is_silent(text: str, value: str) -> bool:
    """Whether a text has no word and no number of a value.

    >>> _is_silent("Lamp 9W", "9 W"), _is_silent("Lamp, blue", "dark blue")
    (False, False)
    >>> _is_silent("Lamp", "9 W")
    True
    """
    said = set(_NUMBER.findall(value)) & set(_NUMBER.findall(text))
    return not (said or shared(value, text) or stands_in(value, text))


# ---------------------------------------------------------------------------------------- brand


def _brands_of(product: Product) -> Iterator[tuple[tuple[str, tuple[str, ...]], str]]:
    """Yield (language, words of a title without its brand) and the brand."""
    if brand := key(product.brand):
        yield (product.lang, words_of(without(product.brand, product.title))), brand


@transform("recombine", Product)
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
    sellers = pool.known(Product, _brands_of)[product.lang, words_of(masked)]
    brands = {key(product.brand), *sellers}

    def sound(other: Product) -> bool:
        brand = key(other.brand)
        named = stands_in(brand, masked) or any(overlap(brand, known) for known in brands)
        if brand and not named:
            brands.add(brand)
        return bool(brand) and not named

    wrong = near_products(product, pool, rng, sound, lambda other: other.brand)(3)
    given = pool.show(product, title=masked)
    yield from answers.choice(Option(product.brand), wrong, rng, given)
