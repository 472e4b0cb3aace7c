"""Sample recombination of search: queries, judged products and products near them.

A product is soundly wrong for a query when it was judged irrelevant, or was not judged at all and
lacks a telling word of the query; where it may be of a right one's category, a word that stands in
that one's title: who types "sneakers" may well mean a shoe that is called something else.
"""

from collections.abc import Callable, Iterator
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, transform
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.shelves import varied
from ecom.corpus.atomic.texts import key, labelled, stands_in
from ecom.corpus.records import Product, Relevance, Search

GAINS: dict[Relevance, float] = {"exact": 1, "substitute": 0.1, "complement": 0.01, "irrelevant": 0}


@transform(
    "recombine",
    reads=Search,
    form="multiple-choice",
    paradigm="CLS",
    skill="behavior",
    metric="accuracy",
)
def query_product_match(search: Search, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether a product is the one that a query asks for, or one that is near it.

    from     Search query <dimmable lamp>, judged <Lumo desk lamp with dimmer, white: exact;
             Lumo LED bulb E27: complement>
    input    Query: dimmable lamp / Product title: Hearth toaster, black
    options  Yes | No
    output   1
    """
    if right := _exact(search):
        product = rng.choice(right)
        if wrong := _wrong(search, product, 1, pool, rng):
            truth = rng.random() < 0.5
            shown = product if truth else wrong[0]
            words = pool.words(search)
            yield from answers.yes_no(
                truth,
                words,
                rng,
                input=labelled(words, query=search.query, title=shown.title),
                parents=[shown.id],
            )


@transform(
    "recombine",
    reads=Search,
    form="multiple-choice",
    paradigm="CLS",
    skill="behavior",
    metric="accuracy",
)
def product_for_query(search: Search, pool: Pool, rng: Random) -> Iterator[Made]:
    """The product that a query asks for, among three that are near it (1-of-4 selection).

    from     Search query <dimmable lamp>, judged <Lumo desk lamp with dimmer, white: exact;
             Lumo LED bulb E27: complement>
    input    Query: dimmable lamp
    options  Hearth kettle, steel, 1.7 l | Brisa cork sandal, white | Hearth toaster, black |
             Lumo desk lamp with dimmer, white
    output   3
    """
    if right := _exact(search):
        product = rng.choice(right)
        wrong = _wrong(search, product, 3, pool, rng)
        yield from answers.choice(
            product.title,
            [other.title for other in wrong],
            rng,
            input=labelled(pool.words(search), query=search.query),
            parents=[product.id, *(other.id for other in wrong)],
        )


@transform(
    "recombine",
    reads=Search,
    form="multiple-choice",
    paradigm="CLS",
    skill="behavior",
    metric="accuracy",
)
def query_for_product(search: Search, pool: Pool, rng: Random) -> Iterator[Made]:
    """The query that leads to a product, among queries to products near it.

    from     Search query <winter boot>, judged <Nordlicht winter boot, black: exact; Adler
             rubber boot, green: substitute>
    input    Product title: Nordlicht winter boot, black
    options  leather sandal | winter boot | red road running shoe | trail shoe
    output   1
    """
    if not (right := _exact(search)):
        return
    product = rng.choice(right)
    queries = {key(search.query)}

    def sound(other: Search) -> bool:
        new = key(other.query) not in queries and any(
            _is_wrong(other.query, right, pool)(product) for right in _exact(other)[:1]
        )
        queries.add(key(other.query))
        return new

    wrong: list[Search] = []
    near = pool.products_like(
        product, 12, rng, lambda near: bool(pool.searches_to(near, search.lang))
    )
    for other in near:
        wrong += list(filter(sound, pool.searches_to(other, search.lang)))[:1]
    wrong = wrong[:3]
    wrong += pool.others(search, 3 - len(wrong), rng, sound) if len(wrong) < 3 else []
    yield from answers.choice(
        search.query,
        [other.query for other in wrong],
        rng,
        input=labelled(pool.words(search), title=product.title),
        parents=[product.id, *(other.id for other in wrong)],
    )


@transform(
    "recombine",
    reads=Search,
    form="retrieval",
    paradigm="CLS",
    skill="behavior",
    metric="hit rate@3",
)
def products_for_query(search: Search, pool: Pool, rng: Random) -> Iterator[Made]:
    """One to three products that a query asks for, in a list of up to ten.

    from     Search query <winter boot>, judged <Nordlicht winter boot, black: exact; Adler
             rubber boot, green: substitute>
    input    Query: winter boot
    options  Spades model 3 | PEGASUS runner by Nordlicht (red) | Lumo desk lamp with dimmer, white
             | Lumo LED bulb E27 | Nordlicht winter boot, black | Brisa cork sandal, white | Tea pot
             of glass, 1 l | Adler running socks, white, 3 pairs | Hearth toaster, black | Card
             games model 2
    output   5
    """
    exact = _exact(search)
    if exact:
        one = rng.choice(exact)  # what is in another language would stand out
        more = [product for product in exact if product is not one and product.lang == one.lang]
        right = [one, *rng.sample(more, min(2, len(more)))]
        wrong = _wrong(search, right[0], 10 - len(right), pool, rng)
        yield from answers.numbers(
            [product.title for product in right],
            [product.title for product in wrong],
            rng,
            fewest=5,
            input=labelled(pool.words(search), query=search.query),
            parents=[product.id for product in (*right, *wrong)],
        )


@transform(
    "recombine", reads=Search, form="ranking", paradigm="OTHER", skill="behavior", metric="ndcg"
)
def rank_products(search: Search, pool: Pool, rng: Random) -> Iterator[Made]:
    """Five products by their graded relevance; where fewer were judged, with near wrong ones.

    from     Search query <dimmable lamp>, judged <Lumo desk lamp with dimmer, white: exact;
             Lumo LED bulb E27: complement>
    input    Query: dimmable lamp
    options  Lumo LED bulb E27 | Hearth kettle, steel, 1.7 l | Hearth toaster, black | Lumo
             desk lamp with dimmer, white | Tea pot of glass, 1 l
    output   4,1,2,3,5
    """
    graded = {key(product.title): (how, product) for product, how in pool.agreed(search)}
    candidates = rng.sample(list(graded.values()), len(graded))
    # One of each level first, so that few questions have ties.
    firsts = {how: (how, product) for how, product in candidates}
    rest = [one for one in candidates if one not in firsts.values()]
    chosen = [*firsts.values(), *rest][:5]
    if "exact" in firsts and len(chosen) < 5:
        taken = {key(product.title) for _, product in chosen}
        more = _unjudged(search, firsts["exact"][1], 5, pool, rng)
        chosen += [("irrelevant", one) for one in more if key(one.title) not in taken]
    chosen = chosen[:5]
    if "exact" in firsts:
        yield from answers.ranking(
            [(GAINS[how], product.title) for how, product in chosen],
            rng,
            input=labelled(pool.words(search), query=search.query),
            parents=[product.id for _, product in chosen],
        )


@transform(
    "recombine",
    reads=Search,
    form="multiple-choice",
    paradigm="CLS",
    skill="behavior",
    metric="accuracy",
)
def query_category(search: Search, pool: Pool, rng: Random) -> Iterator[Made]:
    """The category of all products that a query asks for, among categories near it.

    from     Search query <winter boot>, judged <Nordlicht winter boot, black: exact; Adler
             rubber boot, green: substitute>
    input    Query: winter boot
    options  Sandals | Running | Socks | Boots
    output   3
    """
    if not (right := _exact(search)):
        return
    exact = [title for title, how in pool.judged(search.query).items() if how == "exact"]
    paths = {product.category for product in right}
    paths |= {path for title in exact for path in pool.categories_of(title)}
    if len(paths) != 1 or not (path := paths.pop()):
        return
    titles = {*pool.judged(search.query), *(product.title for product, _ in search.judged)}
    judged = {path, *(one for title in titles for one in pool.categories_of(title))}
    near = pool.categories_like(
        path, right[0].lang, 3, rng, lambda one: all(pool.apart(one, known) for known in judged)
    )
    yield from answers.choice(
        path[-1],
        [other[-1] for other in near],
        rng,
        input=labelled(pool.words(search), query=search.query),
    )


def _exact(search: Search) -> list[Product]:
    """Return the products judged exact, one a title."""
    exact = {key(p.title): p for p, how in search.judged if how == "exact" and p.title.strip()}
    return list(exact.values()) if key(search.query) else []


def _wrong(search: Search, right: Product, n: int, pool: Pool, rng: Random) -> list[Product]:
    """Return up to n products that are wrong for the query: judged so first, then near ones."""
    judged = {key(p.title): p for p, how in search.judged if how == "irrelevant"}
    known = pool.judged(search.query)
    judged = {
        title: p
        for title, p in judged.items()
        if known.get(title) == "irrelevant" and p.lang == right.lang
    }
    chosen = rng.sample(list(judged.values()), min(n, len(judged)))
    if len(chosen) < n:
        more = _unjudged(search, right, n, pool, rng)
        chosen += [product for product in more if key(product.title) not in judged]
    return chosen[:n]


def _unjudged(search: Search, right: Product, n: int, pool: Pool, rng: Random) -> list[Product]:
    found = pool.products_like(right, 3 * n, rng, _is_wrong(search.query, right, pool))
    alone = all(product.category != right.category for product in found[:n])
    return varied(found, n) if alone else found[:n]


def _is_wrong(query: str, right: Product, pool: Pool) -> Callable[[Product], bool]:
    """Return what tells whether a product is soundly wrong for the query, as `right` is not."""
    judged = pool.judged(query)
    words = [word for word in key(query).split() if word not in _LINKS]
    in_title = [word for word in words if stands_in(word, right.title)]

    def wrong(product: Product) -> bool:
        how = judged.get(key(product.title))
        if how is not None:
            return how == "irrelevant"
        both = product.category and right.category
        elsewhere = both and pool.apart(product.category, right.category)
        return not all(
            stands_in(word, product.title) for word in (words if elsewhere else in_title)
        )

    return wrong


# Words of queries that tell nothing of a product: "boots for men" are "men boots".
_LINKS = frozenset(
    {
        "a",
        "an",
        "and",
        "at",
        "by",
        "for",
        "from",
        "in",
        "of",
        "on",
        "or",
        "the",
        "to",
        "with",
        "aus",
        "das",
        "der",
        "die",
        "ein",
        "eine",
        "für",
        "mit",
        "und",
        "von",
        "à",
        "de",
        "des",
        "du",
        "en",
        "et",
        "la",
        "le",
        "les",
        "pour",
        "un",
        "une",
        "avec",
        "con",
        "del",
        "el",
        "los",
        "las",
        "para",
        "por",
        "y",
        "da",
        "di",
        "il",
        "per",
    }
)
