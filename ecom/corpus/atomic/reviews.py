"""Reviews: their product, rating and heading.

A matching review names part of the product's title. A review that does not match names less of it
and is about a product of another category, because "fits well" is true of any shoe.
"""

from collections.abc import Callable, Iterator
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.answers import MAX_OPTION, MAX_WRITTEN
from ecom.corpus.atomic.base import Made, Option, transform
from ecom.corpus.atomic.pool import Mark, Pool, mark
from ecom.corpus.atomic.relations import Case, Relation, product_option
from ecom.corpus.atomic.shelves import grouped, varied
from ecom.corpus.atomic.texts import (
    key,
    labelled,
    one_line,
    opening,
    sentences,
    shared,
    stands_in,
    telling,
    words_of,
)
from ecom.corpus.records import Product, Review

MAX_SNIPPET = 120
_STARS = frozenset(
    "star stars stern sterne étoile étoiles estrella estrellas stella stelle "
    "星 星5つ 五星 星级".split()
)


# --------------------------------------------------------------------------- review and product


def _said(review: Review) -> str:
    """Return the beginning of a review, as options show it."""
    return opening(review.text, MAX_OPTION)


def _about(review: Review, product: Product) -> str:
    """Return the beginning of a review that names part of the product's title, or ""."""
    said = _said(review)
    return said if telling(said) and shared(product.title, said) else ""


def _snippet(review: Review, product: Product) -> str:
    """Return the first short sentence of a review that names part of the title, or ""."""
    for sentence in sentences(review.text):
        if len(sentence) <= MAX_SNIPPET and telling(sentence) and shared(product.title, sentence):
            return sentence
    return ""


def _is_other_kind(other: Product, product: Product) -> bool:
    """Whether two products are of different categories; without one, of no common title word."""
    if other.category and product.category:
        return other.category != product.category
    return not shared(other.title, product.title)


def _titles_of(review: Review) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield a review, as shown, and the words of its product's title."""
    if review.product:
        yield key(_said(review)), words_of(review.product.title)


def _product(review: Review, pool: Pool, rng: Random) -> Case | None:
    """Show a review and ask for its product, among some of other kinds of which it names less."""
    product = review.product
    if not product or not (said := _about(review, product)):
        return None
    match, also = shared(product.title, said), pool.known(Review, _titles_of)[key(said)]

    def sound(other: Product) -> bool:
        named = shared(other.title, said) >= match or words_of(other.title) in also
        return _is_other_kind(other, product) and not named

    def wrong(n: int) -> list[Option]:
        near = pool.products_like(product, 3 * n, rng, sound)
        return list(map(product_option, varied(near, n)))

    given = pool.show(review, review=said)
    return Case(given, [product_option(product)], wrong)


def _review(review: Review, pool: Pool, rng: Random) -> Case | None:
    """Show a product and ask for its review."""
    if not review.product or not (said := _about(review, review.product)):
        return None
    return Case(
        pool.show(review, title=review.product.title),
        [Option(said)],
        _foreign(review, review.product, said, lambda one, _: _said(one), pool, rng),
        parents=(review.product.id,),
    )


def _foreign(
    asked: Review,
    product: Product,
    right: str,
    cut: Callable[[Review, Product], str],
    pool: Pool,
    rng: Random,
) -> Callable[[int], list[Option]]:
    """Return n -> texts of near products' reviews that name less of the title than `right`.

    They have the language of the requested review and are `cut` like it, or it would stand out.
    `cut` gets a review and its product.
    """
    reviews = pool.once(_reviews_of)

    def reviews_of(one: Product) -> list[Review]:
        return reviews.get((mark(one), asked.lang), [])

    def wrong(n: int) -> list[Option]:
        match = shared(product.title, right)
        own = [
            one.text for twin in pool.titled(words_of(product.title)) for one in reviews_of(twin)
        ]
        near = pool.products_like(
            product,
            3 * n,
            rng,
            lambda other: _is_other_kind(other, product) and bool(reviews_of(other)),
        )
        found: dict[str, Option] = {}
        for other in varied(near, len(near)):
            for review in reviews_of(other)[:2]:
                said = cut(review, other)
                fits = shared(product.title, said) >= match or any(stands_in(said, o) for o in own)
                if telling(said) and not fits:
                    found.setdefault(key(said), Option(said, review.id))
        found.pop(key(right), None)
        return list(found.values())[:n]

    return wrong


def _reviews_of(pool: Pool) -> dict[tuple[Mark, str], list[Review]]:
    """Return a product and a language -> its reviews: several products may share an id."""
    reviews = (record for record in pool.records if isinstance(record, Review))
    return grouped(((mark(one.product), one.lang), one) for one in reviews if one.product)


REVIEWED = Relation(Review, "review", _review, given="title", back=_product)
REVIEWED.flip().match(
    "recombine:review_product_match",
    """Whether a review is about a product, or about one of another category.

    from     Review product <Hearth toaster, black>, text <This toaster knows only white and black
             bread.>
    input    Product title: Hearth toaster, black / Review: This toaster knows only white and black
             bread.
    options  No | Yes
    output   1
    """,
)
REVIEWED.flip().choose(
    "recombine:product_of_review",
    """The product that a review is about, among products of other categories near it.

    from     Review product <Hearth toaster, black>, text <This toaster knows only white and black
             bread.>
    input    Review: This toaster knows only white and black bread.
    options  Hearth kettle, steel, 1.7 l | Lumo desk lamp with dimmer, white | Hearth toaster, black
             | Lumo LED bulb E27
    output   2
    """,
)
REVIEWED.choose(
    "recombine:review_of_product",
    """The review of a product, among reviews of other categories near it.

    from     Review product <Hearth toaster, black>, text <This toaster knows only white and black
             bread.>
    input    Product title: Hearth toaster, black
    options  The desk lamp flickers as soon as I use the dimmer. | The kettle boils the water before
             I find the tea. | This toaster knows only white and black bread. | The leather of the
             sandal hurt my feet for days.
    output   2
    """,
)


@transform("recombine", Review, "retrieval")
def reviews_of_product(review: Review, pool: Pool, rng: Random) -> Iterator[Made]:
    """One to three snippets from reviews of a product, in a list with those of other categories.

    from     Review product <Hearth toaster, black>, text <This toaster knows only white and black
             bread.>
    input    Product title: Hearth toaster, black
    options  The kettle boils the water before I find the tea. | These merino socks kept me warm in
             the mountains. | The leather of the sandal hurt my feet for days. | The desk lamp
             flickers as soon as I use the dimmer. | The boot is green and of rubber, what more is
             there to say. | This toaster knows only white and black bread.
    output   6
    """
    product = review.product
    if not product or not (said := _snippet(review, product)):
        return
    own = pool.once(_reviews_of).get((mark(product), review.lang), [])
    texts = {key(text): text for one in own if (text := _snippet(one, product))}
    texts.pop(key(said), None)
    right = [said, *rng.sample(list(texts.values()), min(len(texts), 2))]
    weakest = min(right, key=lambda text: shared(product.title, text))
    wrong = _foreign(review, product, weakest, _snippet, pool, rng)(10 - len(right))
    given = pool.show(review, title=product.title)
    yield from answers.numbers(
        list(map(Option, right)), wrong, rng, given, fewest=4, parents=[product.id]
    )


# --------------------------------------------------------------------------- stars and headings


def _stars_of(review: Review) -> Iterator[tuple[str, int]]:
    """Yield a review, as shown, and its rating."""
    if review.rating is not None:
        yield key(_said(review)), review.rating


@transform("recombine", Review, skill="behavior")
def more_satisfied(review: Review, pool: Pool, rng: Random) -> Iterator[Made]:
    """The review of the highest rating: of five stars, among two or three of one to three stars.

    from     Review rating <5>, text <The kettle boils the water before I find the tea.>
    options  The trail ruined this shoe within a week. Not worth it. | The kettle boils the water
             before I find the tea. | The leather of the sandal hurt my feet for days. | This
             toaster knows only white and black bread.
    output   1
    """
    stars = pool.known(Review, _stars_of)
    if review.rating != 5 or not telling(said := _said(review)) or stars[key(said)] != {5}:
        return
    texts = {key(said)}

    def is_worse(other: Review) -> bool:
        text = key(_said(other))
        new = other.rating is not None and telling(text) and text not in texts
        if new and stars[text] <= {1, 2, 3}:
            texts.add(text)
            return True
        return False

    found = [Option(_said(one), one.id) for one in pool.others(review, 12, rng, is_worse)]
    wrong = answers.evened(Option(said), found, 3, rng)
    yield from answers.choice(Option(said), wrong, rng, fewest=2)


@transform("recombine", Review, "ordering", skill="behavior")
def order_reviews(review: Review, pool: Pool, rng: Random) -> Iterator[Made]:
    """Three to five reviews by the stars that their buyers gave, no two alike, most stars first.

    from     Review rating <5>, text <The kettle boils the water before I find the tea.>
    input    A. A light pegasus indeed, but the laces are short. / B. The desk lamp flickers as soon
             as I use the dimmer. / C. The kettle boils the water before I find the tea. / D. The
             leather of the sandal hurt my feet for days. / E. The boot is green and of rubber, what
             more is there to say.
    output   C, A, E, D, B
    """
    stars = pool.known(Review, _stars_of)
    taken: set[int | None] = set()

    def is_new(other: Review) -> bool:
        sound = other.rating in range(1, 6) and telling(said := _said(other))
        new = sound and other.rating not in taken and stars[key(said)] == {other.rating}
        taken.update([other.rating] if new else [])
        return new

    if is_new(review):
        found = [review, *pool.others(review, rng.randint(2, 4), rng, is_new)]
        best_first = sorted(found, key=lambda one: one.rating or 0, reverse=True)
        yield from answers.order([Option(_said(one), one.id) for one in best_first], rng)


@transform("plain", Review, skill="behavior")
def review_rating(review: Review, pool: Pool, rng: Random) -> Iterator[Made]:
    """A review's stars, 1 to 5: the digit itself is the answer, no options are printed.

    from     Review rating <2>, title <Burnt>, text <This toaster knows only white and black bread.>
    input    Review title: Burnt / Review: This toaster knows only white and black bread.
    output   2
    """
    if review.rating in range(1, 6) and review.text.strip():
        title = "" if is_stock_title(review.title) else review.title
        said = pool.show(review, review_title=title, review=review.text)
        yield Made(output=str(review.rating), input=said)


@transform("simplify", Review, skill="behavior")
def review_polarity(review: Review, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether a review is positive (4, 5 stars) or negative (1, 2); three stars are neither.

    from     Review rating <2>, text <This toaster knows only white and black bread.>
    input    Review: This toaster knows only white and black bread.
    options  positive | negative
    output   1
    """
    if review.rating in (1, 2, 4, 5) and review.text.strip():
        words = pool.words(review)
        both = [Option(words["positive"]), Option(words["negative"])]
        right, wrong = both if review.rating > 3 else reversed(both)
        given = labelled(words, review=review.text)
        yield from answers.choice(right, [wrong], rng, given, fewest=1)


@transform("plain", Review, "generation")
def review_title(review: Review, pool: Pool, rng: Random) -> Iterator[Made]:
    """A review's heading, as a summary of its text.

    from     Review rating <2>, title <Burnt>, text <This toaster knows only white and black bread.>
    input    Review: This toaster knows only white and black bread.
    output   Burnt
    """
    if _is_headed(review):
        said = pool.show(review, review=review.text)
        yield from answers.text(one_line(review.title), said)


@transform("reverse", Review, "generation", skill="behavior")
def rating_and_title(review: Review, pool: Pool, rng: Random) -> Iterator[Made]:
    """A review's stars and heading, from its text, which does not hold the heading.

    from     Review rating <2>, title <Burnt>, text <This toaster knows only white and black bread.>
    input    Review: This toaster knows only white and black bread.
    output   Rating: 2 / Review title: Burnt
    """
    if review.rating and _is_headed(review):
        words = pool.words(review)
        title = one_line(review.title)
        answer = labelled(words, rating=str(review.rating), review_title=title)
        yield from answers.text(answer, labelled(words, review=review.text))


@transform("reverse", Review, "generation", skill="behavior", metric="sent-transformer")
def review_from_rating(review: Review, pool: Pool, rng: Random) -> Iterator[Made]:
    """A review, from its stars and its heading.

    from     Review rating <2>, title <Burnt>, text <This toaster knows only white and black bread.>
    input    Product title: Hearth toaster, black / Rating: 2 / Review title: Burnt
    output   This toaster knows only white and black bread.
    """
    written = opening(review.text, MAX_WRITTEN)
    if review.rating and not is_stock_title(review.title) and telling(written):
        given = pool.show(
            review,
            title=one_line(review.product.title) if review.product else "",
            rating=str(review.rating),
            review_title=one_line(review.title),
        )
        yield from answers.text(written, given)


def _is_headed(review: Review) -> bool:
    """Whether a review has content and a heading of the buyer's own that it does not contain."""
    own = not is_stock_title(review.title) and not stands_in(review.title, review.text)
    return own and telling(review.text)


def is_stock_title(title: str) -> bool:
    """Whether a heading only names the stars, as shops fill it in: "Five Stars".

    >>> is_stock_title("Five Stars"), is_stock_title("Stars in my eyes"), is_stock_title("")
    (True, False, True)
    """
    said = key(title).split()
    return not said or (len(said) <= 3 and not _STARS.isdisjoint(said))
