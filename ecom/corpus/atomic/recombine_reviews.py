"""Sample recombination of reviews: which product, whose buyer, how content.

A review that is matched with its product names something of the title; one that is not names less
of it and is of a product in another category, for "fits well" is true of any shoe.
"""

from collections.abc import Callable, Iterator, Mapping
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, transform
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.shelves import gathered, varied
from ecom.corpus.atomic.texts import (
    key,
    labelled,
    opening,
    sentences,
    shared,
    stands_in,
    telling,
    words_of,
)
from ecom.corpus.records import Product, Review

MAX_OPTION = 240  # characters of a review that is an option
MAX_SNIPPET = 120


@transform(
    "recombine",
    reads=Review,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def review_product_match(review: Review, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether a review is about a product, or about one of another category.

    from     Review product <Hearth toaster, black>, text <This toaster knows only white and
             black bread.>
    input    Product title: Hearth toaster, black / Review: This toaster knows only white and
             black bread.
    options  No | Yes
    output   1
    """
    if review.product and (said := _about(review, review.product)):
        match = shared(review.product.title, said)
        also = pool.once(_reviewed)[key(said)]
        near = pool.products_like(
            review.product,
            1,
            rng,
            lambda other: (
                _other_kind(other, review.product)
                and shared(other.title, said) < match
                and words_of(other.title) not in also
            ),
        )
        if near:
            truth = rng.random() < 0.5
            words = pool.words(review)
            shown = review.product if truth else near[0]
            yield from answers.yes_no(
                truth,
                words,
                rng,
                input=labelled(words, title=shown.title, review=said),
                parents=[shown.id],
            )


@transform(
    "recombine",
    reads=Review,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def product_of_review(review: Review, pool: Pool, rng: Random) -> Iterator[Made]:
    """The product that a review is about, among products of other categories near it.

    from     Review product <Hearth toaster, black>, text <This toaster knows only white and
             black bread.>
    input    Review: This toaster knows only white and black bread.
    options  Hearth kettle, steel, 1.7 l | Lumo desk lamp with dimmer, white | Hearth toaster,
             black | Lumo LED bulb E27
    output   2
    """
    if review.product and (said := _about(review, review.product)):
        match = shared(review.product.title, said)
        also = pool.once(_reviewed)[key(said)]
        near = pool.products_like(
            review.product,
            9,
            rng,
            lambda other: (
                _other_kind(other, review.product)
                and shared(other.title, said) < match
                and words_of(other.title) not in also
            ),
        )
        wrong = varied(near, 3)
        yield from answers.choice(
            review.product.title,
            [other.title for other in wrong],
            rng,
            input=labelled(pool.words(review), review=said),
            parents=[review.product.id, *(other.id for other in wrong)],
        )


@transform(
    "recombine",
    reads=Review,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def review_of_product(review: Review, pool: Pool, rng: Random) -> Iterator[Made]:
    """The review of a product, among reviews of other categories near it.

    from     Review product <Hearth toaster, black>, text <This toaster knows only white and
             black bread.>
    input    Product title: Hearth toaster, black
    options  The desk lamp flickers as soon as I use the dimmer. | The kettle boils the water
             before I find the tea. | This toaster knows only white and black bread. | The
             leather of the sandal hurt my feet for days.
    output   2
    """
    if review.product and (said := _about(review, review.product)):
        wrong = _foreign(
            review, review.product, said, 3, lambda one, _: opening(one.text, MAX_OPTION), pool, rng
        )
        yield from answers.choice(
            said,
            [text for text, _ in wrong],
            rng,
            input=labelled(pool.words(review), title=review.product.title),
            parents=[review.product.id, *(other.id for _, other in wrong)],
        )


@transform(
    "recombine",
    reads=Review,
    form="retrieval",
    paradigm="CLS",
    skill="concepts",
    metric="hit rate@3",
)
def reviews_of_product(review: Review, pool: Pool, rng: Random) -> Iterator[Made]:
    """One to three snippets from reviews of a product, in a list with those of other categories.

    from     Review product <Hearth toaster, black>, text <This toaster knows only white and
             black bread.>
    input    Product title: Hearth toaster, black
    options  The kettle boils the water before I find the tea. | These merino socks kept me
             warm in the mountains. | The leather of the sandal hurt my feet for days. | The
             desk lamp flickers as soon as I use the dimmer. | The boot is green and of rubber,
             what more is there to say. | This toaster knows only white and black bread.
    output   6
    """
    if not (product := review.product):
        return
    texts = (_snippet(one, product) for one in pool.reviews_of(product, review.lang))
    right = {key(text): text for text in texts if text}
    if said := _snippet(review, product):
        rest = [text for name, text in right.items() if name != key(said)]
        chosen = [said, *rng.sample(rest, min(len(rest), 2))]
        weakest = min(chosen, key=lambda text: shared(product.title, text))
        wrong = _foreign(review, product, weakest, 10 - len(chosen), _snippet, pool, rng)
        yield from answers.numbers(
            chosen,
            [text for text, _ in wrong],
            rng,
            fewest=4,
            input=labelled(pool.words(review), title=product.title),
            parents=[product.id, *(other.id for _, other in wrong)],
        )


@transform(
    "recombine",
    reads=Review,
    form="multiple-choice",
    paradigm="CLS",
    skill="behavior",
    metric="accuracy",
)
def more_satisfied(review: Review, pool: Pool, rng: Random) -> Iterator[Made]:
    """The review of the highest rating: of five stars, among two or three of one to three stars.

    from     Review rating <5>, text <The kettle boils the water before I find the tea.>
    options  The trail ruined this shoe within a week. Not worth it. | The kettle boils the water
             before I find the tea. | The leather of the sandal hurt my feet for days. | This
             toaster knows only white and black bread.
    output   1
    """
    if review.rating != 5 or not telling(said := opening(review.text, MAX_OPTION)):
        return
    texts, stars = {key(said)}, pool.once(_stars)
    if min(stars[key(said)]) < 5:
        return

    def worse(other: Review) -> bool:
        text = opening(other.text, MAX_OPTION)
        sound = telling(text) and key(text) not in texts and stars[key(text)] <= {1, 2, 3}
        sound = sound and other.rating is not None
        if sound:
            texts.add(key(text))
        return sound

    found = pool.others(review, 12, rng, worse)
    wrong = answers.evened(said, found, 3, rng, lambda other: opening(other.text, MAX_OPTION))
    yield from answers.choice(
        said,
        [opening(other.text, MAX_OPTION) for other in wrong],
        rng,
        fewest=2,
        parents=[other.id for other in wrong],
    )


def _about(review: Review, product: Product) -> str:
    """Return the beginning of a review that names something of the product's title, or ""."""
    said = opening(review.text, MAX_OPTION)
    return said if telling(said) and shared(product.title, said) else ""


def _snippet(review: Review, product: Product) -> str:
    """Return the first short sentence of a review that names something of the title, or ""."""
    for sentence in sentences(review.text):
        if len(sentence) <= MAX_SNIPPET and telling(sentence) and shared(product.title, sentence):
            return sentence
    return ""


def _reviewed(pool: Pool) -> Mapping[str, set[tuple[str, ...]]]:
    """Return key of a review, as it is shown -> the words of each title that it is about."""
    return gathered(
        (key(opening(one.text, MAX_OPTION)), words_of(one.product.title))
        for one in pool.records
        if isinstance(one, Review) and one.product
    )


def _stars(pool: Pool) -> Mapping[str, set[int]]:
    """Return key of a review, as it is shown -> the ratings that it was given with."""
    return gathered(
        (key(opening(one.text, MAX_OPTION)), one.rating)
        for one in pool.records
        if isinstance(one, Review) and one.rating is not None
    )


def _other_kind(other: Product, product: Product | None) -> bool:
    """Whether two products are of different categories; without one, of no common title word."""
    if not product:
        return False
    if other.category and product.category:
        return other.category != product.category
    return not shared(other.title, product.title)


def _foreign(
    asked: Review,
    product: Product,
    right: str,
    n: int,
    cut: Callable[[Review, Product], str],
    pool: Pool,
    rng: Random,
) -> list[tuple[str, Review]]:
    """Return up to n texts of near products' reviews that name less of the title than `right`.

    They are in the language of the review that is asked for, and `cut` alike, or it would stand
    out: `cut` gets a review and its product.
    """
    match = shared(product.title, right)
    own = [
        one.text for twin in pool.titled(product.title) for one in pool.reviews_of(twin, asked.lang)
    ]
    found: dict[str, tuple[str, Review]] = {}
    near = pool.products_like(
        product,
        3 * n,
        rng,
        lambda other: _other_kind(other, product) and bool(pool.reviews_of(other, asked.lang)),
    )
    for other in varied(near, len(near)):
        for review in pool.reviews_of(other, asked.lang)[:2]:
            said = cut(review, other)
            fits = shared(product.title, said) >= match or any(stands_in(said, o) for o in own)
            if telling(said) and not fits:
                found.setdefault(key(said), (said, review))
    found.pop(key(right), None)
    return list(found.values())[:n]
