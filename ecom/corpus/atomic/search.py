"""Searches: queries, the products judged for them, and products near those.

A product is soundly wrong for a query if it was judged irrelevant, or was not judged and lacks a
significant word of the query. If it may have a right one's category, it must lack a word of that
one's title: "sneakers" may well mean a shoe with another name.
"""

from collections.abc import Callable, Iterator
from functools import partial
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, Option, transform
from ecom.corpus.atomic.pool import Mark, Pool, mark
from ecom.corpus.atomic.relations import Case, Relation, near_categories, product_option
from ecom.corpus.atomic.shelves import grouped, varied
from ecom.corpus.atomic.texts import key, one_line, stands_in
from ecom.corpus.records import RELEVANCES, Product, Relevance, Search

GAINS: dict[Relevance, float] = {"exact": 1, "substitute": 0.1, "complement": 0.01, "irrelevant": 0}


def _query(search: Search, pool: Pool) -> str:
    return pool.show(search, query=search.query)


def _judged(query: str, pool: Pool) -> dict[str, Relevance]:
    """Return title key -> relevance of the products judged for this query, in any search.

    Twins of a judged product have the same judgement. Of several judgements the best counts.
    """
    return pool.once(_judgements).get(key(query), {})


def _judgements(pool: Pool) -> dict[str, dict[str, Relevance]]:
    found: dict[str, dict[str, Relevance]] = {}
    for search in pool.records:
        if isinstance(search, Search):
            known = found.setdefault(key(search.query), {})
            for product, how in search.judged:
                for name in {key(product.title), *pool.twin_titles(product)}:
                    known[name] = min(how, known.get(name, how), key=RELEVANCES.index)
    return found


def _agreed(search: Search, pool: Pool) -> list[tuple[Product, Relevance]]:
    """Return the search's judgements, without those where another search's is better."""
    best = _judged(search.query, pool)
    return [(p, how) for p, how in search.judged if best[key(p.title)] == how]


def _exact(search: Search) -> list[Product]:
    """Return the products judged exact, one per title."""
    exact = {key(p.title): p for p, how in search.judged if how == "exact" and p.title.strip()}
    return list(exact.values()) if key(search.query) else []


# ---------------------------------------------------------------- the right product for a query


def _product(search: Search, pool: Pool, rng: Random) -> Case | None:
    """Show a query and ask for the products that it asks for, one to three."""
    if not (exact := _exact(search)):
        return None
    one = rng.choice(exact)  # a product in another language would stand out
    more = [product for product in exact if product is not one and product.lang == one.lang]
    right = [one, *rng.sample(more, min(2, len(more)))]

    def wrong(n: int) -> list[Option]:
        """Return first products judged wrong, then near ones."""
        judged = {
            key(product.title): product
            for product, how in _agreed(search, pool)
            if how == "irrelevant" and product.lang == one.lang
        }
        chosen = rng.sample(list(judged.values()), min(n, len(judged)))
        if len(chosen) < n:
            more = _unjudged(search, one, n, pool, rng)
            chosen += [product for product in more if key(product.title) not in judged]
        return list(map(product_option, chosen[:n]))

    return Case(_query(search, pool), list(map(product_option, right)), wrong)


def _unjudged(search: Search, right: Product, n: int, pool: Pool, rng: Random) -> list[Product]:
    found = pool.products_like(right, 3 * n, rng, _is_wrong(search.query, right, pool))
    alone = all(product.category != right.category for product in found[:n])
    return varied(found, n) if alone else found[:n]


def _is_wrong(query: str, right: Product, pool: Pool) -> Callable[[Product], bool]:
    """Return the test whether a product is soundly wrong for the query, compared to `right`."""
    judged = _judged(query, pool)
    words = [word for word in key(query).split() if word not in _LINKS]
    in_title = [word for word in words if stands_in(word, right.title)]

    def wrong(product: Product) -> bool:
        how = judged.get(key(product.title))
        if how is not None:
            return how == "irrelevant"
        both = product.category and right.category
        elsewhere = both and pool.apart(product.category, right.category)
        wanted = words if elsewhere else in_title
        return not all(stands_in(word, product.title) for word in wanted)

    return wrong


def _other_query(search: Search, pool: Pool, rng: Random) -> Case | None:
    """Show a product and ask for the query that leads to it, among queries to near products."""
    if not (exact := _exact(search)):
        return None
    product, queries = rng.choice(exact), {key(search.query)}

    def sound(other: Search) -> bool:
        new = key(other.query) not in queries and any(
            _is_wrong(other.query, right, pool)(product) for right in _exact(other)[:1]
        )
        queries.add(key(other.query))
        return new

    def wrong(n: int) -> list[Option]:
        searches = pool.once(_searches_to)
        found: list[Search] = []
        for other in pool.products_like(
            product, 4 * n, rng, lambda near: (mark(near), search.lang) in searches
        ):
            found += list(filter(sound, searches[mark(other), search.lang]))[:1]
        found = found[:n]
        found += pool.others(search, n - len(found), rng, sound)
        return [Option(other.query, other.id) for other in found]

    given = pool.show(search, title=product.title)
    return Case(given, [Option(search.query)], wrong, parents=(product.id,))


def _searches_to(pool: Pool) -> dict[tuple[Mark, str], list[Search]]:
    """Return a product and a language -> the searches for which it was judged exact."""
    return grouped(
        ((mark(product), search.lang), search)
        for search in pool.records
        if isinstance(search, Search)
        for product, how in search.judged
        if how == "exact"
    )


SEARCHED = Relation(Search, "title", _product, given="query", back=_other_query, skill="behavior")
SEARCHED.match(
    "recombine:query_product_match",
    """Whether a product is the one that a query asks for, or one that is near it.

    from     Search query <dimmable lamp>, judged <Lumo desk lamp with dimmer, white: exact; Lumo
             LED bulb E27: complement>
    input    Query: dimmable lamp / Product title: Hearth toaster, black
    options  Yes | No
    output   1
    """,
)
SEARCHED.confirm(
    "recombine:product_answers_query",
    """Whether a product is the one that a query asks for, as the word yes or no.

    from     Search query <dimmable lamp>, judged <Lumo desk lamp with dimmer, white: exact; Lumo
             LED bulb E27: complement>
    input    Query: dimmable lamp / Product title: Hearth toaster, black
    output   No
    """,
)
SEARCHED.choose(
    "recombine:product_for_query",
    """The product that a query asks for, among three that are near it (1-of-4 selection).

    from     Search query <dimmable lamp>, judged <Lumo desk lamp with dimmer, white: exact; Lumo
             LED bulb E27: complement>
    input    Query: dimmable lamp
    options  Hearth kettle, steel, 1.7 l | Brisa cork sandal, white | Hearth toaster, black | Lumo
             desk lamp with dimmer, white
    output   3
    """,
)
SEARCHED.retrieve(
    "recombine:products_for_query",
    """One to three products that a query asks for, in a list of up to ten.

    from     Search query <winter boot>, judged <Nordlicht winter boot, black: exact; Adler rubber
             boot, green: substitute>
    input    Query: winter boot
    options  Spades model 3 | PEGASUS runner by Nordlicht (red) | Lumo desk lamp with dimmer, white
             | Lumo LED bulb E27 | Nordlicht winter boot, black | Brisa cork sandal, white | Tea pot
             of glass, 1 l | Adler running socks, white, 3 pairs | Hearth toaster, black | Card
             games model 2
    output   5
    """,
)
SEARCHED.flip().choose(
    "recombine:query_for_product",
    """The query that leads to a product, among queries to products near it.

    from     Search query <winter boot>, judged <Nordlicht winter boot, black: exact; Adler rubber
             boot, green: substitute>
    input    Product title: Nordlicht winter boot, black
    options  leather sandal | winter boot | red road running shoe | trail shoe
    output   1
    """,
)


@transform("reverse", Search, "generation", skill="behavior")
def query_from_product(search: Search, pool: Pool, rng: Random) -> Iterator[Made]:
    """A query, from a product that is exactly what it asks for.

    from     Search query <winter boot>, judged <Nordlicht winter boot, black: exact; Adler rubber
             boot, green: substitute>
    input    Product title: Nordlicht winter boot, black
    output   winter boot
    """
    exact = [one for one in _exact(search) if key(one.title) != key(search.query)]
    if exact:
        product = rng.choice(exact)
        given = pool.show(search, title=product.title)
        yield from answers.text(one_line(search.query), given, parents=[product.id])


# ----------------------------------------------------------------------------- how it was judged


@transform("plain", Search, skill="behavior")
def query_relevance(search: Search, pool: Pool, rng: Random) -> Iterator[Made]:
    """How one judged product relates to the query: ESCI's four classes, in any order.

    from     Search query <dimmable lamp>, judged <Lumo desk lamp with dimmer, white: exact; Lumo
             LED bulb E27: complement>
    input    Query: dimmable lamp / Product title: Lumo desk lamp with dimmer, white
    options  irrelevant: the product has nothing to do with the query | substitute: the product is
             not quite it, but could be used instead | complement: the product is used together with
             what the query asks for | exact: the product is what the query asks for
    output   3
    """
    if judged := _agreed(search, pool):
        words, (product, how) = pool.words(search), rng.choice(judged)
        wrong = [Option(words[other]) for other in RELEVANCES if other != how]
        given = pool.show(search, query=search.query, title=product.title)
        right = Option(words[how], product.id)
        yield from answers.choice(right, wrong, rng, given)


def _judged_as(
    yes: Relevance, no: tuple[Relevance, ...], search: Search, pool: Pool, rng: Random
) -> Case:
    """Show a query; a product of one relevance is right, and one of the others wrong."""
    judged = _agreed(search, pool)
    right, wrong = (
        [product_option(product) for product, how in judged if how in wanted]
        for wanted in ((yes,), no)
    )
    right, wrong = (rng.sample(some, len(some)) for some in (right, wrong))
    return Case(_query(search, pool), right, lambda n: wrong[:n])


def _worse(fewest: int, search: Search, pool: Pool, rng: Random) -> Case | None:
    """Show a query and ask for the product that was judged better than at least `fewest` others."""
    level = {how: index for index, how in enumerate(RELEVANCES)}
    by_title = {
        key(p.title): (level[how], p) for p, how in _agreed(search, pool) if p.title.strip()
    }
    ranks = [rank for rank, _ in by_title.values()]
    better = [
        (rank, product)
        for rank, product in by_title.values()
        if sum(other > rank for other in ranks) >= fewest
    ]
    if not better:
        return None
    rank, right = rng.choice(better)
    worse = [product_option(product) for other, product in by_title.values() if other > rank]
    return Case(
        _query(search, pool),
        [product_option(right)],
        lambda n: rng.sample(worse, min(n, len(worse))),
    )


Relation(Search, "title", partial(_judged_as, "exact", ("irrelevant",)), skill="behavior").match(
    "simplify:relevant_or_not",
    """Whether a judged product is what the query asks for: exact or irrelevant, nothing between.

    from     Search query <socks>, judged <Brisa merino socks, red, 2 pairs: exact; Adler running
             socks, white, 3 pairs: exact; Adler rubber boot, green: irrelevant>
    input    Query: socks / Product title: Adler rubber boot, green
    options  Yes | No
    output   1
    """,
)
Relation(
    Search,
    "title",
    partial(_judged_as, "substitute", ("exact", "complement", "irrelevant")),
    skill="behavior",
).match(
    "simplify:substitute_or_not",
    """Whether a judged product is a substitute (ESCI's third task); yes and no drawn alike.

    from     Search query <winter boot>, judged <Nordlicht winter boot, black: exact; Adler rubber
             boot, green: substitute>
    input    Query: winter boot / Product title: Nordlicht winter boot, black
    options  Yes | No
    output   1
    """,
)
Relation(Search, "title", partial(_worse, 2), skill="behavior").choose(
    "simplify:best_match",
    """Ranking made a choice: the one product that was judged better than two to eight others.

    from     Search query <leather sandal>, judged <Kiruna leather sandal, brown: exact; Brisa cork
             sandal, white: substitute; Hearth kettle, steel, 1.7 l: irrelevant>
    input    Query: leather sandal
    options  Brisa cork sandal, white | Hearth kettle, steel, 1.7 l | Kiruna leather sandal, brown
    output   2
    """,
    8,
    fewest=2,
)
Relation(Search, "title", partial(_worse, 1), skill="behavior").choose(
    "simplify:better_of_two",
    """Ranking made a comparison: the better judged of two products.

    from     Search query <winter boot>, judged <Nordlicht winter boot, black: exact; Adler rubber
             boot, green: substitute>
    input    Query: winter boot
    options  Adler rubber boot, green | Nordlicht winter boot, black
    output   1
    """,
    1,
)


@transform("recombine", Search, "ranking", skill="behavior")
def rank_products(search: Search, pool: Pool, rng: Random) -> Iterator[Made]:
    """Five products by their graded relevance; where fewer were judged, with near wrong ones.

    from     Search query <dimmable lamp>, judged <Lumo desk lamp with dimmer, white: exact; Lumo
             LED bulb E27: complement>
    input    Query: dimmable lamp
    options  Lumo LED bulb E27 | Hearth kettle, steel, 1.7 l | Hearth toaster, black | Lumo desk
             lamp with dimmer, white | Tea pot of glass, 1 l
    output   4,1,2,3,5
    """
    graded = {key(product.title): (how, product) for product, how in _agreed(search, pool)}
    candidates = rng.sample(list(graded.values()), len(graded))
    # One of each level first, so that few questions have ties.
    firsts = {how: (how, product) for how, product in candidates}
    if "exact" not in firsts:
        return
    rest = [one for one in candidates if one not in firsts.values()]
    chosen = [*firsts.values(), *rest][:5]
    if len(chosen) < 5:
        taken = {key(product.title) for _, product in chosen}
        more = _unjudged(search, firsts["exact"][1], 5, pool, rng)
        chosen += [("irrelevant", one) for one in more if key(one.title) not in taken]
    options = [(GAINS[how], product_option(product)) for how, product in chosen[:5]]
    yield from answers.ranking(options, rng, _query(search, pool))


@transform("recombine", Search, "ordering", skill="behavior")
def order_products(search: Search, pool: Pool, rng: Random) -> Iterator[Made]:
    """Three or four products by their graded relevance, one of each grade; none is left to chance.

    Where none was judged irrelevant, a near wrong one is the last.

    from     Search query <dimmable lamp>, judged <Lumo desk lamp with dimmer, white: exact; Lumo
             LED bulb E27: complement>
    input    Query: dimmable lamp / A. Lumo desk lamp with dimmer, white / B. Lumo LED bulb E27 / C.
             Hearth kettle, steel, 1.7 l
    output   A, B, C
    """
    graded = {key(product.title): (how, product) for product, how in _agreed(search, pool)}
    candidates = rng.sample(list(graded.values()), len(graded))
    chosen = dict(candidates)
    if "exact" not in chosen or not key(search.query):
        return
    if "irrelevant" not in chosen:
        near = _unjudged(search, chosen["exact"], len(graded) + 1, pool, rng)
        new = [product for product in near if key(product.title) not in graded]
        if new:
            chosen["irrelevant"] = new[0]
    best_first = [product_option(chosen[how]) for how in RELEVANCES if how in chosen]
    yield from answers.order(best_first, rng, _query(search, pool))


# -------------------------------------------------------------------------- the query's category


@transform("recombine", Search, skill="behavior")
def query_category(search: Search, pool: Pool, rng: Random) -> Iterator[Made]:
    """The category of all products that a query asks for, among categories near it.

    from     Search query <winter boot>, judged <Nordlicht winter boot, black: exact; Adler rubber
             boot, green: substitute>
    input    Query: winter boot
    options  Sandals | Running | Socks | Boots
    output   3
    """
    if not (right := _exact(search)):
        return
    judged = _judged(search.query, pool)
    exact = [title for title, how in judged.items() if how == "exact"]
    paths = {product.category for product in right}
    paths |= {path for title in exact for path in pool.categories_of(title)}
    if len(paths) != 1 or not (path := paths.pop()):
        return
    titles = {*judged, *(product.title for product, _ in search.judged)}
    known = {path, *(one for title in titles for one in pool.categories_of(title))}
    wrong = near_categories(
        path, right[0].lang, pool, rng, lambda one: all(pool.apart(one, other) for other in known)
    )
    yield from answers.choice(Option(path[-1]), wrong(3), rng, _query(search, pool))


# Words of queries without information about a product: "boots for men" are "men boots".
_LINKS = frozenset(
    "a an and at by for from in of on or the to with aus das der die ein eine für mit "
    "und von à de des du en et la le les pour un une avec con del el los las para por y da di il "
    "per".split()
)
