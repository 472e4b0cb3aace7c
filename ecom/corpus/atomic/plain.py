"""The base data types' own tasks, first half: products, reviews, search, sessions."""

import re
from collections import Counter
from collections.abc import Iterator
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, transform
from ecom.corpus.atomic.pool import Pool
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
)
from ecom.corpus.records import RELEVANCES, Product, Review, Search, Session

_Name = tuple[str, str, str]  # source, language, key of an attribute's name
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
MAX_WRITTEN = 600  # characters of a text to be written; the answer to a question is shorter still


@transform(
    "plain",
    reads=Product,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def product_category(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """A product's leaf category, among the categories nearest to it.

    from     Product title <Lumo LED bulb E27>, category <Home > Lighting > Bulbs>
    input    Product title: Lumo LED bulb E27
    options  Toasters | Bulbs | Kettles | Lamps
    output   1
    """
    if not product.category:
        return
    also = pool.categories_of(product.title)
    near = pool.categories_like(
        product.category,
        product.lang,
        3,
        rng,
        lambda path: (
            all(pool.apart(path, one) for one in also) and not stands_in(path[-1], product.title)
        ),
    )
    yield from answers.choice(
        product.category[-1],
        [path[-1] for path in near],
        rng,
        input=labelled(pool.words(product), title=product.title),
    )


@transform(
    "plain", reads=Product, form="generation", paradigm="EXT", skill="concepts", metric="rougel"
)
def attribute_extraction(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The values of named attributes that stand in a product's texts.

    from     Product title <Lumo LED bulb E27>, attributes <base: E27; wattage: 8 W>
    input    Product title: Lumo LED bulb E27 / Product description: A bulb that needs little
             power and lasts for years.
    slots    attributes: base
    output   base: E27
    """
    said = stated(product, f"{product.title}\n{product.description}")
    if not said:
        return
    said = rng.sample(said, min(len(said), 5))
    yield from answers.text(
        pairs(said),
        input=labelled(
            pool.words(product), title=product.title, description=one_line(product.description)
        ),
        slots={"attributes": ", ".join(one_line(name) for name, _ in said)},
    )


@transform(
    "plain",
    reads=Product,
    form="generation",
    paradigm="GEN",
    skill="concepts",
    metric="sent-transformer",
)
def description_from_title(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """A product's description, from its title.

    from     Product title <Garden hose, 20 m>, description <A good thing of the kind number
             t2.>
    input    Product title: Garden hose, 20 m
    output   A good thing of the kind number t2.
    """
    if written := description_of(product):
        yield from answers.text(written, input=labelled(pool.words(product), title=product.title))


@transform(
    "plain",
    reads=Product,
    form="generation",
    paradigm="GEN",
    skill="concepts",
    metric="sent-transformer",
)
def copywriting(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """A product's description, from its title and attributes.

    from     Product title <Hearth toaster, black>, attributes <color: black; slots: 2>,
             description <Toaster with two slots and a tray for crumbs.>
    input    Product title: Hearth toaster, black / Brand: Hearth / color: black / slots: 2
    output   Toaster with two slots and a tray for crumbs.
    """
    words = pool.words(product)
    if product.attributes and (written := description_of(product)):
        title = labelled(words, title=product.title, brand=product.brand)
        yield from answers.text(written, input=f"{title}\n{pairs(product.attributes)}")


@transform(
    "plain",
    reads=Review,
    form="multiple-choice",
    paradigm="CLS",
    skill="behavior",
    metric="accuracy",
)
def review_rating(review: Review, pool: Pool, rng: Random) -> Iterator[Made]:
    """A review's stars, 1 to 5: the digit itself is the answer, no options are printed.

    from     Review rating <2>, title <Burnt>, text <This toaster knows only white and black
             bread.>
    input    Review title: Burnt / Review: This toaster knows only white and black bread.
    output   2
    """
    if review.rating in range(1, 6) and review.text.strip():
        title = "" if is_stock_title(review.title) else review.title
        said = labelled(pool.words(review), review_title=title, review=review.text)
        yield Made(output=str(review.rating), input=said)


@transform(
    "plain", reads=Review, form="generation", paradigm="GEN", skill="concepts", metric="rougel"
)
def review_title(review: Review, pool: Pool, rng: Random) -> Iterator[Made]:
    """A review's heading, as a summary of its text.

    from     Review rating <2>, title <Burnt>, text <This toaster knows only white and black
             bread.>
    input    Review: This toaster knows only white and black bread.
    output   Burnt
    """
    if headed(review) and telling(review.text):
        yield from answers.text(
            one_line(review.title), input=labelled(pool.words(review), review=review.text)
        )


@transform(
    "plain",
    reads=Search,
    form="multiple-choice",
    paradigm="CLS",
    skill="behavior",
    metric="accuracy",
)
def query_relevance(search: Search, pool: Pool, rng: Random) -> Iterator[Made]:
    """How one judged product relates to the query: ESCI's four classes, in any order.

    from     Search query <dimmable lamp>, judged <Lumo desk lamp with dimmer, white: exact;
             Lumo LED bulb E27: complement>
    input    Query: dimmable lamp / Product title: Lumo desk lamp with dimmer, white
    options  substitute: the product is not quite it, but could be used instead | complement:
             the product is used together with what the query asks for | exact: the product is
             what the query asks for | irrelevant: the product has nothing to do with the query
    output   2
    """
    if not (judged := pool.agreed(search)):
        return
    words = pool.words(search)
    product, how = rng.choice(judged)
    wrong = [words[other] for other in RELEVANCES if other != how]
    yield from answers.choice(
        words[how],
        wrong,
        rng,
        input=labelled(words, query=search.query, title=product.title),
        parents=[product.id],
    )


@transform(
    "plain",
    reads=Session,
    form="generation",
    paradigm="GEN",
    skill="behavior",
    metric="sent-transformer",
)
def next_product_title(session: Session, pool: Pool, rng: Random) -> Iterator[Made]:
    """The title of the product that a shopper viewed next (KDD Cup 2023, task 3).

    from     Session viewed <Lumo desk lamp with dimmer, white>, next <Lumo LED bulb E27>
    input    Products viewed, in order: / Lumo desk lamp with dimmer, white
    output   Lumo LED bulb E27
    """
    seen = {key(product.title) for product in session.viewed}
    if session.viewed and session.next and key(session.next.title) not in seen:
        yield from answers.text(
            one_line(session.next.title), input=viewed(session, pool), parents=[session.next.id]
        )


def stated(product: Product, text: str) -> list[tuple[str, str]]:
    """Return the attributes whose value stands in the text, one value a name."""
    values: dict[str, set[str]] = {}
    for name, value in product.attributes:
        values.setdefault(key(name), set()).add(key(value))
    return [
        (name, value)
        for name, value in product.attributes
        if len(values[key(name)]) == 1 and key(name) and stands_in(value, text)
    ]


def usually_stated(name: str, product: Product, pool: Pool) -> bool:
    """Whether half of the titles of the product's source and language tell such an attribute.

    Those of other products, for this one's title is known not to. Where titles tell it otherwise,
    as in a language that the attributes are not in, none of its words in a title means nothing.
    """
    having, stating = pool.once(_stating)
    mark = (product.source, product.lang, key(name))
    return stating[mark] > 0 and 2 * stating[mark] >= having[mark] - 1


def is_silent(text: str, value: str) -> bool:
    """Whether a text has no word of a value, nor a number of it.

    >>> is_silent("Lamp 9W", "9 W"), is_silent("Lamp, blue", "dark blue"), is_silent("Lamp", "9 W")
    (False, False, True)
    """
    said = set(_NUMBER.findall(value)) & set(_NUMBER.findall(text))
    return not (said or shared(value, text) or stands_in(value, text))


def has_number(value: str) -> bool:
    """Whether a value holds a number, which is the same in all languages."""
    return bool(_NUMBER.search(value))


def _stating(pool: Pool) -> tuple[Counter[_Name], Counter[_Name]]:
    """Return how many products have an attribute, and how many titles tell it."""
    having: Counter[_Name] = Counter()
    stating: Counter[_Name] = Counter()
    for one in pool.products:
        having.update({(one.source, one.lang, key(name)) for name, _ in one.attributes})
        said = stated(one, one.title) if one.attributes else []
        stating.update({(one.source, one.lang, key(name)) for name, _ in said})
    return having, stating


def description_of(product: Product) -> str:
    """Return the description, or the sentences it begins with; "" where it says too little."""
    written = opening(product.description, MAX_WRITTEN)
    return written if telling(written) and key(written) != key(product.title) else ""


def viewed(session: Session, pool: Pool) -> str:
    """Return the session's last ten titles, one a line, oldest first."""
    titles = [product.title for product in session.viewed[-10:]]
    return listed(pool.words(session)["viewed"], titles)


def headed(review: Review) -> bool:
    """Whether a review has a heading of its buyer's own that is not a phrase of its text."""
    return not is_stock_title(review.title) and not stands_in(review.title, review.text)


def is_stock_title(title: str) -> bool:
    """Whether a heading says nothing but the stars, as a shop fills it in: "Five Stars".

    >>> is_stock_title("Five Stars"), is_stock_title("Stars in my eyes"), is_stock_title("")
    (True, False, True)
    """
    said = key(title).split()
    return not said or (len(said) <= 3 and any(word in _STARS for word in said))


_STARS = frozenset(
    {
        "star",
        "stars",
        "stern",
        "sterne",
        "étoile",
        "étoiles",
        "estrella",
        "estrellas",
        "stella",
        "stelle",
        "星",
        "星5つ",
        "五星",
        "星级",
    }
)
