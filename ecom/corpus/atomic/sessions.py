"""Sessions: what a shopper looks at next.

The right answer is the one most similar to the session: a question that no title can answer would
teach the model to guess.
"""

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, Option, transform
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.relations import (
    Case,
    Relation,
    near_categories,
    near_products,
    product_option,
)
from ecom.corpus.atomic.shelves import Path, gathered
from ecom.corpus.atomic.texts import key, listed, one_line, shared, words_of
from ecom.corpus.records import Product, Session


def _viewed(session: Session, pool: Pool) -> str:
    """Return the session's last ten titles, one per line, oldest first."""
    return listed(pool.words(session)["viewed"], _titles(session))


def _titles(session: Session) -> tuple[str, ...]:
    return tuple(product.title for product in session.viewed[-10:])


def _new(session: Session) -> Product | None:
    """Return the product that came next, if it was not viewed before."""
    seen = {key(product.title) for product in session.viewed}
    return session.next if session.next and key(session.next.title) not in seen else None


def _next(session: Session, pool: Pool, rng: Random) -> Case | None:
    """Show a session and ask for the next product, among some that are less similar to it.

    None of those was in a session with any of this one's last five.
    """
    shown, right = session.viewed[-10:], _new(session)
    if not right or not (match := _likeness(right, shown)):
        return None
    own = [*session.viewed[-5:], right]
    seen = pool.titles(pool.twins(*session.viewed, right))
    seen |= {words_of(product.title) for product in (*session.viewed, right)}
    seen = seen.union(*(pool.together(product) for product in own))
    wrong = near_products(
        right,
        pool,
        rng,
        lambda other: words_of(other.title) not in seen and _likeness(other, shown) < match,
    )
    return Case(_viewed(session, pool), [product_option(right)], wrong)


def _likeness(product: Product, viewed: Sequence[Product]) -> int:
    """Return what a product shares with the most similar viewed one: title words, category."""
    return max(
        (
            shared(product.title, one.title) + 2 * (product.category == one.category != ())
            for one in viewed
        ),
        default=0,
    )


NEXT = Relation(Session, "title", _next, skill="behavior")
NEXT.choose(
    "recombine:next_item",
    """The product viewed next, among products near it that are less like those viewed before.

    No session has the others with these.

    from     Session viewed <Lumo desk lamp with dimmer, white>, next <Lumo LED bulb E27>
    input    Products viewed, in order: / Lumo desk lamp with dimmer, white
    options  Card games model 1 | Card games model 2 | Lumo LED bulb E27 | Wooden train for children
    output   2
    """,
)
NEXT.retrieve(
    "recombine:next_item_in_list",
    """The product viewed next, in a list of up to ten that are less like those viewed before.

    from     Session viewed <Kiruna leather sandal, brown; Adler rubber boot, green>, next <Brisa
             cork sandal, white>
    input    Products viewed, in order: / Kiruna leather sandal, brown / Adler rubber boot, green
    options  Nordlicht Pegasus road running shoe, red | Brisa cork sandal, white | Garden hose, 20 m
             | PEGASUS runner by Nordlicht (red) | Adler Swift trail running shoe, blue | Adler
             running socks, white, 3 pairs | Kiruna Glide road running shoe, grey | Hearth toaster,
             black | Bread knife of steel | Brisa merino socks, red, 2 pairs
    output   2
    """,
)


@transform("plain", Session, "generation", skill="behavior", metric="sent-transformer")
def next_product_title(session: Session, pool: Pool, rng: Random) -> Iterator[Made]:
    """The title of the product that a shopper viewed next (KDD Cup 2023, task 3).

    from     Session viewed <Lumo desk lamp with dimmer, white>, next <Lumo LED bulb E27>
    input    Products viewed, in order: / Lumo desk lamp with dimmer, white
    output   Lumo LED bulb E27
    """
    if session.viewed and (after := _new(session)):
        title = one_line(after.title)
        yield from answers.text(title, _viewed(session, pool), parents=[after.id])


@transform("simplify", Session, skill="behavior")
def next_category(session: Session, pool: Pool, rng: Random) -> Iterator[Made]:
    """Next-item prediction made easier: only the category of the next product.

    from     Session viewed <Lumo desk lamp with dimmer, white>, next <Lumo LED bulb E27>
    input    Products viewed, in order: / Lumo desk lamp with dimmer, white
    options  Lamps | Kettles | Toasters | Bulbs
    output   3
    """
    after = session.next
    if not after or not after.category or not session.viewed:
        return
    also = pool.categories_of(after.title) | pool.once(_next_categories)[_titles(session)]
    wrong = near_categories(
        after.category, after.lang, pool, rng, lambda one: all(pool.apart(one, o) for o in also)
    )
    right = Option(after.category[-1], after.id)
    yield from answers.choice(right, wrong(3), rng, _viewed(session, pool))


def _next_categories(pool: Pool) -> Mapping[tuple[str, ...], set[Path]]:
    """Return the titles that sessions show -> the categories of all next products."""
    return gathered(
        (_titles(record), path)
        for record in pool.records
        if isinstance(record, Session) and record.next
        for path in (record.next.category, *pool.categories_of(record.next.title))
        if path
    )
