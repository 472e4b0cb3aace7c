"""Sample recombination of sessions: what comes next, and what does not belong.

The right answer is the one that is most like the session, the intruder the one that is not like it:
a question on what no title tells would teach to guess.
"""

from collections.abc import Callable, Iterator, Sequence
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, transform
from ecom.corpus.atomic.plain import viewed
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.texts import key, shared, words_of
from ecom.corpus.records import Product, Session


@transform(
    "recombine",
    reads=Session,
    form="multiple-choice",
    paradigm="CLS",
    skill="behavior",
    metric="accuracy",
)
def next_item(session: Session, pool: Pool, rng: Random) -> Iterator[Made]:
    """The product viewed next, among products near it that are less like those viewed before.

    No session has the others with these.

    from     Session viewed <Lumo desk lamp with dimmer, white>, next <Lumo LED bulb E27>
    input    Products viewed, in order: / Lumo desk lamp with dimmer, white
    options  Brisa merino socks, red, 2 pairs | Wooden train for children | Lumo LED bulb E27 |
             Kiruna leather sandal, brown
    output   2
    """
    if right := _next(session):
        wrong = pool.products_like(right, 3, rng, _less_like(session, right, pool))
        yield from answers.choice(
            right.title,
            [other.title for other in wrong],
            rng,
            input=viewed(session, pool),
            parents=[right.id, *(other.id for other in wrong)],
        )


@transform(
    "recombine",
    reads=Session,
    form="retrieval",
    paradigm="CLS",
    skill="behavior",
    metric="hit rate@3",
)
def next_item_in_list(session: Session, pool: Pool, rng: Random) -> Iterator[Made]:
    """The product viewed next, in a list of up to ten that are less like those viewed before.

    from     Session viewed <Kiruna leather sandal, brown; Adler rubber boot, green>, next
             <Brisa cork sandal, white>
    input    Products viewed, in order: / Kiruna leather sandal, brown / Adler rubber boot,
             green
    options  Nordlicht Pegasus road running shoe, red | Brisa cork sandal, white | Garden hose,
             20 m | PEGASUS runner by Nordlicht (red) | Adler Swift trail running shoe, blue |
             Adler running socks, white, 3 pairs | Kiruna Glide road running shoe, grey |
             Hearth toaster, black | Bread knife of steel | Brisa merino socks, red, 2 pairs
    output   2
    """
    if right := _next(session):
        wrong = pool.products_like(right, 9, rng, _less_like(session, right, pool))
        yield from answers.numbers(
            [right.title],
            [other.title for other in wrong],
            rng,
            fewest=5,
            input=viewed(session, pool),
            parents=[right.id, *(other.id for other in wrong)],
        )


def _next(session: Session) -> Product | None:
    """Return the next product, if it is new, and like one of those that `viewed` shows."""
    seen = {key(product.title) for product in session.viewed}
    new = session.next and key(session.next.title) not in seen
    return session.next if new and _likeness(session.next, session.viewed[-10:]) else None


def _likeness(product: Product | None, viewed: Sequence[Product]) -> int:
    """Return how much a product has in common with the one most like it: title words, category."""
    return max(
        (
            shared(product.title, one.title) + 2 * (product.category == one.category != ())
            for one in viewed
            if product
        ),
        default=0,
    )


def _less_like(session: Session, right: Product, pool: Pool) -> Callable[[Product], bool]:
    """Return what tells that a product is less like the session than the right one, and unseen."""
    unseen, shown = _never_seen_with(session, pool), session.viewed[-10:]
    match = _likeness(right, shown)
    return lambda other: unseen(other) and _likeness(other, shown) < match


def _never_seen_with(session: Session, pool: Pool) -> Callable[[Product], bool]:
    """Return what tells that a product was in no session with any of this session's last five."""
    own = [*session.viewed[-5:], *([session.next] if session.next else [])]
    seen = pool.titles(pool.twins(*session.viewed, *own))
    seen |= {words_of(product.title) for product in (*session.viewed, *own)}
    for product in own:
        seen |= pool.together(product)
    return lambda other: words_of(other.title) not in seen
