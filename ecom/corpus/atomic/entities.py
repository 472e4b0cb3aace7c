"""Texts with tagged entities. Simplification takes one step of the chain at a time:

find the spans ──► entity_detection, entity_count
tell the type  ──► entity_typing, is_entity_of_type, entity_types_present, has_entity_type
both, one type ──► entities_of_type
"""

from collections.abc import Iterator
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.answers import MAX_WRITTEN, OTHERS
from ecom.corpus.atomic.base import Made, Option, transform
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.relations import Case, Relation, label_case
from ecom.corpus.atomic.shelves import gathered
from ecom.corpus.atomic.texts import key, listed, one_line, pairs
from ecom.corpus.records import Tagged

Span = tuple[str, str]  # type, key of a term


def _text(tagged: Tagged, pool: Pool) -> str:
    return pool.show(tagged, text=tagged.text)


def _spans_of(tagged: Tagged, pool: Pool) -> set[Span]:
    """Return the entities of all records of the text."""
    return pool.known(Tagged, _spans)[tagged.lang, key(tagged.text)]


def _spans(one: Tagged) -> Iterator[tuple[tuple[str, str], Span]]:
    for kind, term in one.spans:
        yield (one.lang, key(one.text)), (kind, key(term) or term)


# ------------------------------------------------------------------------- the types of a text


def _types(tagged: Tagged, pool: Pool, rng: Random) -> Case:
    """Show a text and ask which types of entities it contains."""
    present = sorted({kind for kind, _ in tagged.spans})
    also = sorted({kind for kind, _ in _spans_of(tagged, pool)})
    return label_case(_text(tagged, pool), present, tagged.types, also, rng)


PRESENT = Relation(Tagged, "type", _types, in_slot=True)
PRESENT.match(
    "simplify:has_entity_type",
    """Whether a text holds an entity of a type; yes and no are drawn alike.

    from     Tagged text <steel kettle>, spans <material: steel; product type: kettle>, types
             <brand; color; product type; material>
    input    Text: steel kettle
    slots    type: product type
    options  No | Yes
    output   1
    """,
)
PRESENT.retrieve(
    "simplify:entity_types_present",
    """The types that occur in a text: the numbers of one to three in a list.

    from     Tagged text <steel kettle>, spans <material: steel; product type: kettle>, types
             <brand; color; product type; material>
    input    Text: steel kettle
    options  material | color | product type | brand
    output   1,3
    """,
    15,
    fewest=1,
)


# -------------------------------------------------------------------------- the type of a term


def _type(tagged: Tagged, pool: Pool, rng: Random) -> Case | None:
    """Show a text and a term of it with only one type there, and ask for its type."""
    kinds = gathered((term, kind) for kind, term in _spans_of(tagged, pool))
    spans = dict.fromkeys(tagged.spans)
    typed = [(kind, term) for kind, term in spans if len(kinds[key(term) or term]) == 1]
    if not typed:
        return None
    kind, term = rng.choice(typed)
    given = pool.show(tagged, text=tagged.text, term=term)
    return label_case(given, [kind], tagged.types, [], rng)


def _term(tagged: Tagged, pool: Pool, rng: Random) -> Case | None:
    """Show a text, name a type and ask for a term of it, among terms of other types."""
    if not tagged.spans:
        return None
    kind, right = rng.choice(tagged.spans)
    own = gathered(_spans_of(tagged, pool))[kind]
    terms = {key(term) or term: term for one, term in tagged.spans if one != kind}
    wrong = [Option(term) for name, term in terms.items() if name not in own]
    slots = {"type": one_line(kind)}
    return Case(_text(tagged, pool), [Option(right)], lambda n: wrong[:n], slots)


TYPED = Relation(Tagged, "type", _type, back=_term, in_slot=True)
TYPED.choose(
    "simplify:entity_typing",
    """The type of one term of a text, among up to ten types.

    from     Tagged text <steel kettle>, spans <material: steel; product type: kettle>, types
             <brand; color; product type; material>
    input    Text: steel kettle / Term: steel
    options  color | product type | material | brand
    output   2
    """,
    OTHERS,
    fewest=1,
)
TYPED.match(
    "simplify:is_entity_of_type",
    """Whether a term of a text is of the type that is claimed; yes and no are drawn alike.

    from     Tagged text <steel kettle>, spans <material: steel; product type: kettle>, types
             <brand; color; product type; material>
    input    Text: steel kettle / Term: kettle
    slots    type: material
    options  No | Yes
    output   0
    """,
)
TYPED.flip().choose(
    "reverse:term_of_type",
    """The term of a given type, among the text's terms of other types.

    from     Tagged text <steel kettle>, spans <material: steel; product type: kettle>
    input    Text: steel kettle
    slots    type: material
    options  kettle | steel
    output   1
    """,
    OTHERS,
    fewest=1,
)


# ---------------------------------------------------------------------------------- the spans


@transform(
    "plain",
    Tagged,
    "generation",
    paradigm="OTHER",
    no_row="the answer is longer than the contest's parser reads",
)
def named_entities(tagged: Tagged, pool: Pool, rng: Random) -> Iterator[Made]:
    """The terms of every type, a line a type, "None" where there is none (EcomInstruct's NER).

    from     Tagged text <steel kettle>, spans <material: steel; product type: kettle>, types
             <brand; color; product type; material>
    input    Text: steel kettle
    slots    types: product type, material, brand, color
    output   product type: kettle / material: steel / brand: None / color: None
    """
    words = pool.words(tagged)
    types = list(dict.fromkeys(tagged.types))
    if len(types) < 2 or any(kind not in types or "," in term for kind, term in tagged.spans):
        return
    lines = []
    for kind in rng.sample(types, len(types)):
        terms = {key(t) or t: one_line(t) for k, t in tagged.spans if k == kind}
        lines.append((kind, ", ".join(terms.values()) or words["none"]))
    named = ", ".join(one_line(kind) for kind, _ in lines)
    yield from answers.text(pairs(lines), _text(tagged, pool), slots={"types": named})


@transform("simplify", Tagged, "named_entity_recognition")
def entity_detection(tagged: Tagged, pool: Pool, rng: Random) -> Iterator[Made]:
    """All entities of a text that are of one of the types looked for, without their types.

    from     Tagged text <steel kettle>, spans <material: steel; product type: kettle>, types
             <brand; color; product type; material>
    input    Text: steel kettle
    slots    types: brand, color, product type, material
    output   steel, kettle
    """
    types = ", ".join(dict.fromkeys(map(one_line, tagged.types)))
    if len({*tagged.types}) > 1:  # `entities_of_type` asks for those of one type
        terms = [term for _, term in tagged.spans]
        yield from answers.spans(terms, _text(tagged, pool), slots={"types": types})


@transform(
    "simplify",
    Tagged,
    "named_entity_recognition",
    no_row="no entity of the only type that the set has",
)
def entities_of_type(tagged: Tagged, pool: Pool, rng: Random) -> Iterator[Made]:
    """The entities of one type, as ShopBench asks for them.

    from     Tagged text <steel kettle>, spans <material: steel; product type: kettle>
    input    Text: steel kettle
    slots    type: material
    output   steel
    """
    if kinds := sorted({kind for kind, _ in tagged.spans}):
        kind = rng.choice(kinds)
        terms = [term for one, term in tagged.spans if one == kind]
        yield from answers.spans(terms, _text(tagged, pool), slots={"type": one_line(kind)})


@transform("simplify", Tagged, "generation", paradigm="OTHER", skill="reasoning")
def entity_count(tagged: Tagged, pool: Pool, rng: Random) -> Iterator[Made]:
    """How many different terms of one type a text holds: every count that occurs, as often.

    Texts whose types all have no term, or all have one, would soon be answered unread.

    from     Tagged text <steel kettle>, spans <material: steel; product type: kettle>
    input    Text: steel kettle
    slots    type: color
    output   0
    """
    by_count: dict[int, list[str]] = {}
    found = gathered(_spans_of(tagged, pool))
    for kind in dict.fromkeys(tagged.types):
        terms = {key(term) or term for one, term in tagged.spans if one == kind}
        if terms == found[kind]:  # else another record of the text has more
            by_count.setdefault(len(terms), []).append(kind)
    if sum(by_count) > 1 or len(by_count) > 1:
        count = rng.choice(sorted(by_count))
        slots = {"type": one_line(rng.choice(by_count[count]))}
        yield from answers.text(str(count), _text(tagged, pool), slots=slots)


@transform("reverse", Tagged, "generation")
def text_from_entities(tagged: Tagged, pool: Pool, rng: Random) -> Iterator[Made]:
    """A text, from the terms in it and their types, in any order.

    from     Tagged text <steel kettle>, spans <material: steel; product type: kettle>
    input    Terms: / product type: kettle / material: steel
    output   steel kettle
    """
    distinct = list(dict.fromkeys((kind, one_line(term)) for kind, term in tagged.spans))
    if len(distinct) >= 2 and len(tagged.text) <= MAX_WRITTEN:
        terms = pairs(rng.sample(distinct, len(distinct))).splitlines()
        yield from answers.text(one_line(tagged.text), listed(pool.words(tagged)["terms"], terms))
