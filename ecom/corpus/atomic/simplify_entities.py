"""Task simplification of named entity recognition: one step of the chain at a time.

find the spans ──► entity_detection, entity_count
tell the type  ──► entity_typing, is_entity_of_type, entity_types_present, has_entity_type
both, one type ──► entities_of_type
"""

from collections.abc import Iterator
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, transform
from ecom.corpus.atomic.plain_texts import OTHERS, others
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.same_text import spans_of
from ecom.corpus.atomic.shelves import gathered
from ecom.corpus.atomic.texts import key, labelled, one_line
from ecom.corpus.records import Tagged


@transform(
    "simplify",
    reads=Tagged,
    form="named_entity_recognition",
    paradigm="EXT",
    skill="concepts",
    metric="micro f1",
)
def entity_detection(tagged: Tagged, pool: Pool, rng: Random) -> Iterator[Made]:
    """All entities of a text that are of one of the types looked for, without their types.

    from     Tagged text <steel kettle>, spans <material: steel; product type: kettle>, types
             <brand; color; product type; material>
    input    Text: steel kettle
    slots    types: brand, color, product type, material
    output   steel, kettle
    """
    if len({*tagged.types}) < 2:  # `entities_of_type` asks for those of one type
        return
    terms = [term for _, term in tagged.spans]
    yield from answers.spans(
        terms,
        input=labelled(pool.words(tagged), text=tagged.text),
        slots={"types": ", ".join(dict.fromkeys(map(one_line, tagged.types)))},
    )


@transform(
    "simplify",
    reads=Tagged,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def entity_typing(tagged: Tagged, pool: Pool, rng: Random) -> Iterator[Made]:
    """The type of one term of a text, among up to ten types.

    from     Tagged text <steel kettle>, spans <material: steel; product type: kettle>, types
             <brand; color; product type; material>
    input    Text: steel kettle / Term: steel
    options  product type | brand | color | material
    output   3
    """
    if not (typed := one_type_each(tagged, pool)):
        return
    kind, term = rng.choice(typed)
    wrong = others(tagged.types, [kind])
    yield from answers.choice(
        kind,
        rng.sample(wrong, min(len(wrong), OTHERS)),
        rng,
        fewest=1,
        input=labelled(pool.words(tagged), text=tagged.text, term=term),
    )


@transform(
    "simplify",
    reads=Tagged,
    form="named_entity_recognition",
    paradigm="EXT",
    skill="concepts",
    metric="micro f1",
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
        yield from answers.spans(
            [term for one, term in tagged.spans if one == kind],
            input=labelled(pool.words(tagged), text=tagged.text),
            slots={"type": one_line(kind)},
        )


@transform(
    "simplify",
    reads=Tagged,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def has_entity_type(tagged: Tagged, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether a text holds an entity of a type; yes and no are drawn alike.

    from     Tagged text <steel kettle>, spans <material: steel; product type: kettle>, types
             <brand; color; product type; material>
    input    Text: steel kettle
    slots    type: product type
    options  No | Yes
    output   1
    """
    present = sorted({kind for kind, _ in tagged.spans})
    if drawn := answers.drawn(present, others(tagged.types, _kinds(tagged, pool)), rng):
        truth, kind = drawn
        yield from answers.yes_no(
            truth,
            pool.words(tagged),
            rng,
            input=labelled(pool.words(tagged), text=tagged.text),
            slots={"type": one_line(kind)},
        )


@transform(
    "simplify",
    reads=Tagged,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def is_entity_of_type(tagged: Tagged, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether a term of a text is of the type that is claimed; yes and no are drawn alike.

    from     Tagged text <steel kettle>, spans <material: steel; product type: kettle>, types
             <brand; color; product type; material>
    input    Text: steel kettle / Term: kettle
    slots    type: material
    options  Yes | No
    output   1
    """
    if not (typed := one_type_each(tagged, pool)):
        return
    kind, term = rng.choice(typed)
    if drawn := answers.drawn([kind], others(tagged.types, [kind]), rng):
        truth, claim = drawn
        yield from answers.yes_no(
            truth,
            pool.words(tagged),
            rng,
            input=labelled(pool.words(tagged), text=tagged.text, term=term),
            slots={"type": one_line(claim)},
        )


@transform(
    "simplify",
    reads=Tagged,
    form="retrieval",
    paradigm="CLS",
    skill="concepts",
    metric="hit rate@3",
)
def entity_types_present(tagged: Tagged, pool: Pool, rng: Random) -> Iterator[Made]:
    """The types that occur in a text: the numbers of one to three in a list.

    from     Tagged text <steel kettle>, spans <material: steel; product type: kettle>, types
             <brand; color; product type; material>
    input    Text: steel kettle
    options  material | brand | color | product type
    output   1,4
    """
    present = sorted({kind for kind, _ in tagged.spans})
    absent = others(tagged.types, _kinds(tagged, pool))
    yield from answers.numbers(
        present,
        rng.sample(absent, min(len(absent), 12)),
        rng,
        fewest=1,
        input=labelled(pool.words(tagged), text=tagged.text),
    )


@transform(
    "simplify",
    reads=Tagged,
    form="generation",
    paradigm="OTHER",
    skill="reasoning",
    metric="rougel",
)
def entity_count(tagged: Tagged, pool: Pool, rng: Random) -> Iterator[Made]:
    """How many different terms of one type a text holds: every count that occurs, as often.

    Texts whose types all have no term, or all have one, would soon be answered unread.

    from     Tagged text <steel kettle>, spans <material: steel; product type: kettle>
    input    Text: steel kettle
    slots    type: color
    output   0
    """
    by_count: dict[int, list[str]] = {}
    found = spans_of(tagged, pool)
    for kind in dict.fromkeys(tagged.types):
        terms = {key(term) or term for one, term in tagged.spans if one == kind}
        if terms != {term for one, term in found if one == kind}:
            continue  # another record of the text finds more
        by_count.setdefault(len(terms), []).append(kind)
    if sum(by_count) > 1 or len(by_count) > 1:
        count = rng.choice(sorted(by_count))
        kind = rng.choice(by_count[count])
        yield from answers.text(
            str(count),
            input=labelled(pool.words(tagged), text=tagged.text),
            slots={"type": one_line(kind)},
        )


def one_type_each(tagged: Tagged, pool: Pool) -> list[tuple[str, str]]:
    """Return the spans (type, term) whose term has no second type in this text, each once."""
    kinds = gathered((term, kind) for kind, term in spans_of(tagged, pool))
    return [
        span for span in dict.fromkeys(tagged.spans) if len(kinds[key(span[1]) or span[1]]) == 1
    ]


def _kinds(tagged: Tagged, pool: Pool) -> list[str]:
    """Return the types of which any record finds an entity in the text."""
    return sorted({kind for kind, _ in spans_of(tagged, pool)})
