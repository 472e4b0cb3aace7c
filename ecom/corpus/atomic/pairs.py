"""Two texts that belong together: matching pairs, summaries, rewritten queries.

Each has two questions: do these two belong together, and which of four belongs to this one? Wrong
options come from other records of the chunk: the most similar ones of a random sample.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.answers import MAX_OPTION, MAX_WRITTEN, OTHERS
from ecom.corpus.atomic.base import Made, Option, transform
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.relations import Case, Find, R, Relation, label_case
from ecom.corpus.atomic.texts import (
    besides,
    content,
    key,
    labelled,
    one_line,
    opening,
    shared,
    telling,
)
from ecom.corpus.records import Related, Rewritten, Summarised

DRAWN = 24  # records in the sample from which the most similar ones are taken
Fact = tuple[str, str]


def _partners_of(
    reads: type[R], word: str, pair: Callable[[R], Fact], fits: Callable[[R], bool | None]
) -> Find[R]:
    """Return a function that shows a pair's first text, as `word`, and asks for the second.

    `fits`: whether the two belong together, or None where that is not known.
    """

    def facts(one: R) -> Iterator[Fact]:
        if fits(one) is not False:
            first, second = map(key, pair(one))
            yield from ((first, second), (second, first))

    def find(record: R, pool: Pool, rng: Random) -> Case | None:
        if not fits(record):
            return None
        first, second = pair(record)
        texts, known = {key(first), key(second)}, pool.known(reads, facts)
        also = texts.union(*(known[text] for text in texts))

        def sound(other: R) -> bool:
            one, two = map(key, pair(other))
            return other.source == record.source and not {one, two} & texts and two not in also

        def wrong(n: int) -> list[Option]:
            found = pool.others(record, DRAWN, rng, sound)
            return _most_alike(second, first, [Option(pair(o)[1], o.id) for o in found])[:n]

        return Case(pool.show(record, **{word: first}), [Option(second)], wrong)

    return find


def _most_alike(right: str, shown: str, candidates: Sequence[Option]) -> list[Option]:
    """Return the options most similar to `right` that are not right, no two the same.

    Such a text shares less than half of the right one's words, and fewer with the shown text.
    """
    half, match = len(content(right)) / 2, shared(right, shown)
    sound = [
        option
        for name, option in {key(option.text): option for option in candidates}.items()
        if name not in ("", key(right))
        and opening(option.text, MAX_OPTION)
        and shared(option.text, right) < max(half, 1)
        and shared(option.text, shown) < max(match, 1)
    ]
    return sorted(sound, key=lambda option: -shared(option.text, right))


# ------------------------------------------------------------------------------ matching pairs


def _both(related: Related, pool: Pool) -> str:
    """Return the two texts with their names, as questions show them."""
    words = pool.words(related)
    return labelled(words, first_text=related.first, second_text=related.second)


def _relations(one: Related) -> Iterator[tuple[tuple[str, str, str], str]]:
    if one.relation:
        yield (key(one.first), key(one.second), one.topic), one.relation


def _relation(related: Related, pool: Pool, rng: Random, also: Sequence[str] = ()) -> Case:
    own = [related.relation] if related.relation else []
    topic = {"topic": one_line(related.topic)}
    return label_case(_both(related, pool), own, related.relations, also, rng, topic)


def _only_relation(related: Related, pool: Pool, rng: Random) -> Case:
    """Ask for the relation, without those of other records for the same two texts."""
    also = pool.known(Related, _relations)[key(related.first), key(related.second), related.topic]
    return _relation(related, pool, rng, sorted(also))


def _second(word: str) -> Find[Related]:
    return _partners_of(Related, word, lambda one: (one.first, one.second), lambda one: one.match)


RELATED = Relation(Related, "second_text", _second("first_text"), longest=MAX_OPTION)
RELATION = Relation(Related, "label", _only_relation, in_slot=True)

RELATED.match(
    "recombine:texts_match",
    """Whether two texts belong together: those of one pair do, those of two do not.

    from     Related first <red shoe for running>, second <running shoe in red>, match <True>
    input    First text: red shoe for running / Second text: running shoe in red
    options  No | Yes
    output   1
    """,
)
replace(RELATED, find=_second("text")).choose(
    "recombine:matching_text",
    """The text that belongs to another one, among those of other pairs.

    from     Related first <red shoe for running>, second <running shoe in red>, match <True>
    input    Text: red shoe for running
    options  running shoe in red | dimmable desk lamp wanted | where is my parcel right now | change
             the colour of my order
    output   0
    """,
    where=lambda related: key(related.first) != key(related.second),
)
RELATION.match(
    "simplify:has_relation",
    """Whether two texts relate in one given way of three and more; yes and no are drawn alike.

    from     Related first <The kettle is of steel.>, second <The kettle is of metal.>, relation
             <entailment>, relations <contradiction; entailment; neutral>, topic <inference>
    input    First text: The kettle is of steel. / Second text: The kettle is of metal.
    slots    topic: inference; label: contradiction
    options  Yes | No
    output   1
    """,
    where=lambda related: len(besides([related.relation], related.relations)) > 1,
)
replace(RELATION, find=_relation).choose(
    "own:text_relation",
    """How two texts relate: one of the set's labels, up to ten.

    from     Related first <how do I return shoes>, second <shoe returns: how does it work>,
             relation <match>, relations <match; not match>, topic <match>
    input    First text: how do I return shoes / Second text: shoe returns: how does it work
    slots    topic: match
    options  not match | match
    output   1
    """,
    OTHERS,
    fewest=1,
    no_row="no other label is known that could be wrong; name all in `labels`",
)


@transform(
    "own",
    Related,
    "generation",
    paradigm="CLS",
    no_row="all scores of the file are the same",
)
def text_similarity(related: Related, pool: Pool, rng: Random) -> Iterator[Made]:
    """How alike two texts are: a score with one decimal on the set's scale.

    from     Related first <red shoe for running>, second <running shoe in red>, score <4.75>, scale
             <0; 5>
    input    First text: red shoe for running / Second text: running shoe in red
    slots    low: 0; high: 5
    output   4.8
    """
    low, high = related.scale
    if related.score is not None and low < high:
        slots = {"low": f"{low:g}", "high": f"{high:g}"}
        yield from answers.text(f"{related.score:.1f}", _both(related, pool), slots=slots)


# ---------------------------------------------------------------------------------- summaries


def _text(summarised: Summarised, pool: Pool, rng: Random) -> Case | None:
    """Show the summary and ask for its text."""
    written = opening(summarised.text, MAX_WRITTEN)
    if not telling(written) or key(written) == key(summarised.summary):
        return None
    given = pool.show(summarised, summary=one_line(summarised.summary))
    return Case(given, [Option(written)], lambda _: ())


SUMMARISED = Relation(
    Summarised,
    "summary",
    _partners_of(Summarised, "text", lambda one: (one.text, one_line(one.summary)), lambda _: True),
    back=_text,
    longest=MAX_OPTION,
)
SUMMARISED.match(
    "recombine:summary_match",
    """Whether a summary is a text's own, or that of another text.

    from     Summarised text <The kettle of steel holds 1.7 litres and boils in three minutes.>,
             summary <Fast steel kettle>
    input    Text: The kettle of steel holds 1.7 litres and boils in three minutes. / Summary: Fast
             steel kettle
    options  Yes | No
    output   0
    """,
)
SUMMARISED.choose(
    "recombine:summary_choice",
    """The summary of a text, among those of other texts.

    from     Summarised text <The kettle of steel holds 1.7 litres and boils in three minutes.>,
             summary <Fast steel kettle>
    input    Text: The kettle of steel holds 1.7 litres and boils in three minutes.
    options  Warm boots with thick soles | Fast steel kettle | Lamp that can be dimmed | Socks that
             dry fast
    output   1
    """,
)
SUMMARISED.write(
    "own:summary",
    """A text's summary.

    from     Summarised text <The kettle of steel holds 1.7 litres and boils in three minutes.>,
             summary <Fast steel kettle>
    input    Text: The kettle of steel holds 1.7 litres and boils in three minutes.
    output   Fast steel kettle
    """,
    no_row="the summary is longer than the contest's parser reads",
)
SUMMARISED.flip().write(
    "reverse:text_from_summary",
    """A text, from its summary.

    from     Summarised text <The kettle of steel holds 1.7 litres and boils in three minutes.>,
             summary <Fast steel kettle>
    input    Summary: Fast steel kettle
    output   The kettle of steel holds 1.7 litres and boils in three minutes.
    """,
    metric="sent-transformer",
)

# -------------------------------------------------------------------------- rewritten queries

REWRITTEN = Relation(
    Rewritten,
    "rewritten",
    _partners_of(
        Rewritten, "query", lambda one: (one.query, one_line(one.rewritten)), lambda _: True
    ),
    skill="behavior",
)
REWRITTEN.match(
    "recombine:rewrite_match",
    """Whether two queries ask for the same: a query and its own rewriting, or another's.

    from     Rewritten query <shoos 4 runing>, rewritten <running shoes>
    input    Query: shoos 4 runing / Rewritten query: running shoes
    options  No | Yes
    output   1
    """,
)
REWRITTEN.choose(
    "recombine:rewrite_choice",
    """The rewriting of a query, among those of other queries.

    from     Rewritten query <shoos 4 runing>, rewritten <running shoes>
    input    Query: shoos 4 runing
    options  merino wool socks | bread knife | running shoes | electric kettle
    output   2
    """,
)
REWRITTEN.write(
    "own:rewritten_query",
    """A search query put better: without slips, in a shop's own words.

    from     Rewritten query <shoos 4 runing>, rewritten <running shoes>
    input    Query: shoos 4 runing
    output   running shoes
    """,
    no_row="the rewritten query is longer than the contest's parser reads",
)
