"""Texts that belong together, taken apart: matching pairs, summaries, rewritten queries.

Each is asked two ways: do these two belong together, and which of four belongs to this one. What is
wrong comes from other records of the chunk, the most alike of those drawn first.
"""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import TypeVar

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, transform
from ecom.corpus.atomic.labelled_rows import both
from ecom.corpus.atomic.plain import MAX_WRITTEN
from ecom.corpus.atomic.plain_texts import others
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.recombine_texts import MAX_OPTION
from ecom.corpus.atomic.shelves import gathered
from ecom.corpus.atomic.texts import (
    content,
    key,
    labelled,
    one_line,
    opening,
    shared,
    telling,
)
from ecom.corpus.records import Related, Rewritten, Summarised

T = TypeVar("T")
DRAWN = 24  # records that the wrong ones are the most alike of


@transform(
    "simplify",
    reads=Related,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def has_relation(related: Related, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether two texts relate in one given way of three and more; yes and no are drawn alike.

    from     Related first <The kettle is of steel.>, second <The kettle is of metal.>, relation
             <entailment>, relations <contradiction; entailment; neutral>, topic <inference>
    input    First text: The kettle is of steel. / Second text: The kettle is of metal.
    slots    topic: inference; label: contradiction
    options  No | Yes
    output   0
    """
    also = pool.once(_relations)[key(related.first), key(related.second), related.topic]
    wrong = others(related.relations, [related.relation, *also])
    own = [related.relation] if related.relation and len(wrong) > 1 else []
    if drawn := answers.drawn(own, wrong, rng):
        truth, label = drawn
        yield from answers.yes_no(
            truth,
            pool.words(related),
            rng,
            input=both(related, pool),
            slots={"topic": one_line(related.topic), "label": one_line(label)},
        )


@transform(
    "recombine",
    reads=Related,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def texts_match(related: Related, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether two texts belong together: those of one pair do, those of two do not.

    from     Related first <red shoe for running>, second <running shoe in red>, match <True>
    input    First text: red shoe for running / Second text: running shoe in red
    options  No | Yes
    output   1
    """
    wrong = _seconds(related, pool, rng, 1)
    if related.match and wrong:
        truth = rng.random() < 0.5
        second = related.second if truth else wrong[0].second
        words = pool.words(related)
        yield from answers.yes_no(
            truth,
            words,
            rng,
            input=labelled(words, first_text=related.first, second_text=second),
            parents=[] if truth else [wrong[0].id],
        )


@transform(
    "recombine",
    reads=Related,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def matching_text(related: Related, pool: Pool, rng: Random) -> Iterator[Made]:
    """The text that belongs to another one, among those of other pairs.

    from     Related first <red shoe for running>, second <running shoe in red>, match <True>
    input    Text: red shoe for running
    options  running shoe in red | dimmable desk lamp wanted | where is my parcel right now |
             change the colour of my order
    output   0
    """
    if related.match and key(related.first) != key(related.second):
        wrong = _seconds(related, pool, rng, 3)
        yield from answers.choice(
            opening(related.second, MAX_OPTION),
            [opening(other.second, MAX_OPTION) for other in wrong],
            rng,
            input=labelled(pool.words(related), text=related.first),
            parents=[other.id for other in wrong],
        )


@transform(
    "recombine",
    reads=Summarised,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def summary_match(summarised: Summarised, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether a summary is a text's own, or that of another text.

    from     Summarised text <The kettle of steel holds 1.7 litres and boils in three minutes.>,
             summary <Fast steel kettle>
    input    Text: The kettle of steel holds 1.7 litres and boils in three minutes. / Summary:
             Fast steel kettle
    options  Yes | No
    output   0
    """
    if wrong := _summaries(summarised, pool, rng, 1):
        truth = rng.random() < 0.5
        chosen = summarised if truth else wrong[0]
        words = pool.words(summarised)
        yield from answers.yes_no(
            truth,
            words,
            rng,
            input=labelled(words, text=summarised.text, summary=one_line(chosen.summary)),
            parents=[] if truth else [chosen.id],
        )


@transform(
    "recombine",
    reads=Summarised,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def summary_choice(summarised: Summarised, pool: Pool, rng: Random) -> Iterator[Made]:
    """The summary of a text, among those of other texts.

    from     Summarised text <The kettle of steel holds 1.7 litres and boils in three minutes.>,
             summary <Fast steel kettle>
    input    Text: The kettle of steel holds 1.7 litres and boils in three minutes.
    options  Warm boots with thick soles | Fast steel kettle | Lamp that can be dimmed | Socks
             that dry fast
    output   1
    """
    wrong = _summaries(summarised, pool, rng, 3)
    yield from answers.choice(
        opening(summarised.summary, MAX_OPTION),
        [opening(other.summary, MAX_OPTION) for other in wrong],
        rng,
        input=labelled(pool.words(summarised), text=summarised.text),
        parents=[other.id for other in wrong],
    )


@transform(
    "reverse",
    reads=Summarised,
    form="generation",
    paradigm="GEN",
    skill="concepts",
    metric="sent-transformer",
)
def text_from_summary(summarised: Summarised, pool: Pool, rng: Random) -> Iterator[Made]:
    """A text, from its summary.

    from     Summarised text <The kettle of steel holds 1.7 litres and boils in three minutes.>,
             summary <Fast steel kettle>
    input    Summary: Fast steel kettle
    output   The kettle of steel holds 1.7 litres and boils in three minutes.
    """
    written = opening(summarised.text, MAX_WRITTEN)
    if telling(written) and key(written) != key(summarised.summary):
        yield from answers.text(
            written, input=labelled(pool.words(summarised), summary=one_line(summarised.summary))
        )


@transform(
    "recombine",
    reads=Rewritten,
    form="multiple-choice",
    paradigm="CLS",
    skill="behavior",
    metric="accuracy",
)
def rewrite_match(rewritten: Rewritten, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether two queries ask for the same: a query and its own rewriting, or another's.

    from     Rewritten query <shoos 4 runing>, rewritten <running shoes>
    input    Query: shoos 4 runing / Rewritten query: running shoes
    options  No | Yes
    output   1
    """
    if wrong := _rewrites(rewritten, pool, rng, 1):
        truth = rng.random() < 0.5
        chosen = rewritten if truth else wrong[0]
        words = pool.words(rewritten)
        yield from answers.yes_no(
            truth,
            words,
            rng,
            input=labelled(words, query=rewritten.query, rewritten=one_line(chosen.rewritten)),
            parents=[] if truth else [chosen.id],
        )


@transform(
    "recombine",
    reads=Rewritten,
    form="multiple-choice",
    paradigm="CLS",
    skill="behavior",
    metric="accuracy",
)
def rewrite_choice(rewritten: Rewritten, pool: Pool, rng: Random) -> Iterator[Made]:
    """The rewriting of a query, among those of other queries.

    from     Rewritten query <shoos 4 runing>, rewritten <running shoes>
    input    Query: shoos 4 runing
    options  merino wool socks | bread knife | running shoes | electric kettle
    output   2
    """
    wrong = _rewrites(rewritten, pool, rng, 3)
    yield from answers.choice(
        rewritten.rewritten,
        [other.rewritten for other in wrong],
        rng,
        input=labelled(pool.words(rewritten), query=rewritten.query),
        parents=[other.id for other in wrong],
    )


def _seconds(related: Related, pool: Pool, rng: Random, count: int) -> list[Related]:
    """Return pairs whose second text does not belong to the first text of this one."""
    texts = {key(related.first), key(related.second)}
    partners = pool.once(_partners)
    also = texts.union(*(partners[text] for text in texts))
    found = pool.others(
        related,
        DRAWN,
        rng,
        lambda other: (
            other.source == related.source
            and texts.isdisjoint((key(other.first), key(other.second)))
            and key(other.second) not in also
        ),
        related.topic,
    )
    return _wrong(related.second, related.first, [(one.second, one) for one in found], count)


def _summaries(summarised: Summarised, pool: Pool, rng: Random, count: int) -> list[Summarised]:
    also = pool.once(_known_summaries)[key(summarised.text)]
    found = pool.others(
        summarised,
        DRAWN,
        rng,
        lambda other: key(other.text) != key(summarised.text) and key(other.summary) not in also,
    )
    return _wrong(summarised.summary, summarised.text, [(o.summary, o) for o in found], count)


def _rewrites(rewritten: Rewritten, pool: Pool, rng: Random, count: int) -> list[Rewritten]:
    also = pool.once(_known_rewrites)[key(rewritten.query)]
    found = pool.others(
        rewritten,
        DRAWN,
        rng,
        lambda other: key(other.query) != key(rewritten.query) and key(other.rewritten) not in also,
    )
    return _wrong(rewritten.rewritten, rewritten.query, [(o.rewritten, o) for o in found], count)


def _relations(pool: Pool) -> Mapping[tuple[str, str, str], set[str]]:
    """Return (first text, second text, topic) -> the relations that any record gives."""
    return gathered(
        ((key(one.first), key(one.second), one.topic), one.relation)
        for one in pool.records
        if isinstance(one, Related) and one.relation
    )


def _partners(pool: Pool) -> Mapping[str, set[str]]:
    """Return a text -> those that it stands in a pair with, unless they do not match; as keys."""
    return gathered(
        (key(text), key(other))
        for one in pool.records
        if isinstance(one, Related) and one.match is not False
        for text, other in ((one.first, one.second), (one.second, one.first))
    )


def _known_summaries(pool: Pool) -> Mapping[str, set[str]]:
    found = (record for record in pool.records if isinstance(record, Summarised))
    return gathered((key(one.text), key(one.summary)) for one in found)


def _known_rewrites(pool: Pool) -> Mapping[str, set[str]]:
    found = (record for record in pool.records if isinstance(record, Rewritten))
    return gathered((key(one.query), key(one.rewritten)) for one in found)


def _wrong(right: str, shown: str, candidates: Sequence[tuple[str, T]], count: int) -> list[T]:
    """Return the records whose texts are the most like `right` and yet not right, no two the same.

    Such a text shares less than half of the right one's words, and fewer with what is shown.
    """
    half, known = len(content(right)) / 2, shared(right, shown)
    distinct = {key(text): (text, record) for text, record in candidates}
    sound = [
        (text, record)
        for name, (text, record) in distinct.items()
        if name
        and name != key(right)
        and opening(text, MAX_OPTION)
        and shared(text, right) < max(half, 1)
        and shared(text, shown) < max(known, 1)
    ]
    sound.sort(key=lambda pair: -shared(pair[0], right))
    return [record for _, record in sound[:count]]
