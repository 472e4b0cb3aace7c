"""Task simplification of relevance, ranking, categories, extraction and next-item prediction."""

from collections.abc import Iterator, Mapping
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, transform
from ecom.corpus.atomic.plain import stated, viewed
from ecom.corpus.atomic.plain_texts import others
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.shelves import gathered
from ecom.corpus.atomic.texts import (
    key,
    labelled,
    one_line,
    stands_in,
)
from ecom.corpus.records import (
    RELEVANCES,
    Product,
    Search,
    Session,
)


@transform(
    "simplify",
    reads=Search,
    form="multiple-choice",
    paradigm="CLS",
    skill="behavior",
    metric="accuracy",
)
def relevant_or_not(search: Search, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether a judged product is what the query asks for: exact or irrelevant, nothing between.

    from     Search query <socks>, judged <Brisa merino socks, red, 2 pairs: exact; Adler
             running socks, white, 3 pairs: exact; Adler rubber boot, green: irrelevant>
    input    Query: socks / Product title: Adler rubber boot, green
    options  Yes | No
    output   1
    """
    exact, irrelevant = (
        [product for product, how in pool.agreed(search) if how == wanted]
        for wanted in ("exact", "irrelevant")
    )
    if drawn := answers.drawn(exact, irrelevant, rng):
        truth, product = drawn
        words = pool.words(search)
        yield from answers.yes_no(
            truth,
            words,
            rng,
            input=labelled(words, query=search.query, title=product.title),
            parents=[product.id],
        )


@transform(
    "simplify",
    reads=Search,
    form="multiple-choice",
    paradigm="CLS",
    skill="behavior",
    metric="accuracy",
)
def substitute_or_not(search: Search, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether a judged product is a substitute (ESCI's third task); yes and no drawn alike.

    from     Search query <winter boot>, judged <Nordlicht winter boot, black: exact; Adler
             rubber boot, green: substitute>
    input    Query: winter boot / Product title: Nordlicht winter boot, black
    options  Yes | No
    output   1
    """
    substitutes, rest = (
        [product for product, how in pool.agreed(search) if (how == "substitute") is wanted]
        for wanted in (True, False)
    )
    if drawn := answers.drawn(substitutes, rest, rng):
        truth, product = drawn
        words = pool.words(search)
        yield from answers.yes_no(
            truth,
            words,
            rng,
            input=labelled(words, query=search.query, title=product.title),
            parents=[product.id],
        )


@transform(
    "simplify",
    reads=Search,
    form="multiple-choice",
    paradigm="CLS",
    skill="behavior",
    metric="accuracy",
)
def best_match(search: Search, pool: Pool, rng: Random) -> Iterator[Made]:
    """Ranking made a choice: the one product that was judged better than two to eight others.

    from     Search query <leather sandal>, judged <Kiruna leather sandal, brown: exact; Brisa
             cork sandal, white: substitute; Hearth kettle, steel, 1.7 l: irrelevant>
    input    Query: leather sandal
    options  Brisa cork sandal, white | Hearth kettle, steel, 1.7 l | Kiruna leather sandal,
             brown
    output   2
    """
    yield from _best(search, pool, rng, fewest=2, most=8)


@transform(
    "simplify",
    reads=Search,
    form="multiple-choice",
    paradigm="CLS",
    skill="behavior",
    metric="accuracy",
)
def better_of_two(search: Search, pool: Pool, rng: Random) -> Iterator[Made]:
    """Ranking made a comparison: the better judged of two products.

    from     Search query <winter boot>, judged <Nordlicht winter boot, black: exact; Adler
             rubber boot, green: substitute>
    input    Query: winter boot
    options  Adler rubber boot, green | Nordlicht winter boot, black
    output   1
    """
    yield from _best(search, pool, rng, fewest=1, most=1)


@transform(
    "simplify",
    reads=Product,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def top_category(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """A product's department, which is the first name of its category.

    from     Product title <Lumo LED bulb E27>, category <Home > Lighting > Bulbs>
    input    Product title: Lumo LED bulb E27
    options  Garden | Toys | Clothing | Home
    output   3
    """
    if len(product.category) < 2:
        return
    tops = {path[0] for path in pool.categories_of(product.title)}
    wrong = others(pool.departments(product.lang), sorted({product.category[0], *tops}))
    yield from answers.choice(
        product.category[0],
        rng.sample(wrong, min(3, len(wrong))),
        rng,
        fewest=1,
        input=labelled(pool.words(product), title=product.title),
    )


@transform(
    "simplify",
    reads=Product,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def in_category(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether a product belongs to one category, its own or a near one; drawn alike.

    from     Product title <Lumo LED bulb E27>, category <Home > Lighting > Bulbs>
    input    Product title: Lumo LED bulb E27
    slots    category: Lamps
    options  Yes | No
    output   1
    """
    if not product.category:
        return
    truth = rng.random() < 0.5
    also = pool.categories_of(product.title)
    near = pool.categories_like(
        product.category,
        product.lang,
        1,
        rng,
        lambda path: (
            all(pool.apart(path, one) for one in also) and not stands_in(path[-1], product.title)
        ),
    )
    if near:  # a shop of one category has no question, and a "yes" always would be none
        path = product.category if truth else near[0]
        yield from answers.yes_no(
            truth,
            pool.words(product),
            rng,
            input=labelled(pool.words(product), title=product.title),
            slots={"category": one_line(path[-1])},
        )


@transform(
    "simplify",
    reads=Product,
    form="named_entity_recognition",
    paradigm="EXT",
    skill="concepts",
    metric="micro f1",
)
def attribute_value(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The value of one attribute, word for word from a product's texts.

    from     Product title <Lumo LED bulb E27>, attributes <base: E27; wattage: 8 W>
    input    Product title: Lumo LED bulb E27 / Product description: A bulb that needs little
             power and lasts for years.
    slots    attribute: base
    output   E27
    """
    words = pool.words(product)
    about = one_line(product.description)
    said = [
        (name, value)
        for name, value in stated(product, f"{product.title}\n{about}")
        if value in product.title or value in about
    ]
    if said:
        name, value = rng.choice(said)
        yield from answers.spans(
            [value],
            input=labelled(words, title=product.title, description=about),
            slots={"attribute": one_line(name)},
        )


@transform(
    "simplify",
    reads=Session,
    form="multiple-choice",
    paradigm="CLS",
    skill="behavior",
    metric="accuracy",
)
def next_category(session: Session, pool: Pool, rng: Random) -> Iterator[Made]:
    """Next-item prediction made easier: only the category of the next product.

    from     Session viewed <Lumo desk lamp with dimmer, white>, next <Lumo LED bulb E27>
    input    Products viewed, in order: / Lumo desk lamp with dimmer, white
    options  Lamps | Kettles | Toasters | Bulbs
    output   3
    """
    if not session.next or not session.next.category or not session.viewed:
        return
    path = session.next.category
    shown = viewed(session, pool)
    also = pool.categories_of(session.next.title) | pool.once(_next_categories)[shown]
    near = pool.categories_like(
        path, session.next.lang, 3, rng, lambda one: all(pool.apart(one, known) for known in also)
    )
    yield from answers.choice(
        path[-1], [other[-1] for other in near], rng, input=shown, parents=[session.next.id]
    )


def _next_categories(pool: Pool) -> Mapping[str, set[tuple[str, ...]]]:
    """Return what sessions show -> the categories of all that came next after it."""
    return gathered(
        (viewed(record, pool), path)
        for record in pool.records
        if isinstance(record, Session) and record.next
        for path in (record.next.category, *pool.categories_of(record.next.title))
        if path
    )


def _best(search: Search, pool: Pool, rng: Random, *, fewest: int, most: int) -> Iterator[Made]:
    """Choose between a judged product and some that were judged to be of lower relevance."""
    level = {how: place for place, how in enumerate(RELEVANCES)}
    by_title = {key(p.title): (level[how], p) for p, how in pool.agreed(search) if p.title.strip()}
    better = [
        (rank, product)
        for rank, product in by_title.values()
        if sum(other > rank for other, _ in by_title.values()) >= fewest
    ]
    if better:
        rank, right = rng.choice(better)
        worse = [product for other, product in by_title.values() if other > rank]
        wrong = rng.sample(worse, min(most, len(worse)))
        yield from answers.choice(
            right.title,
            [product.title for product in wrong],
            rng,
            fewest=fewest,
            input=labelled(pool.words(search), query=search.query),
            parents=[right.id, *(product.id for product in wrong)],
        )
