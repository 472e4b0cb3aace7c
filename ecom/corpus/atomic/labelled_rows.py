"""The rows of labelled sets as they stand, where no plain task of the catalogue puts them so.

A labelled text is `plain:classify_text`, entities are `plain:named_entities`, and so on; here is
what is left. These are the sets' own tasks, so a recipe's `transforms` neither choose nor repeat
them.
"""

from collections.abc import Iterator
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, transform
from ecom.corpus.atomic.plain_texts import OTHERS, others, talk
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.texts import labelled, one_line, pairs, stands_in
from ecom.corpus.records import Answered, Classified, Dialogue, Related, Rewritten, Summarised

# What a recipe's transforms would make of the same record once more.
SAME = {"own:passage_or_none": "plain:answer_extraction"}
MAX_SHOWN = 60  # labels to choose several from
_TOO_LONG = "the answer is longer than the contest's parser reads"
# Why a record of a labelled set may make no row.
NO_QUESTION = {
    "simplify:entities_of_type": "no entity of the only type that the set has",
    "plain:classify_text": "no other label is known that could be wrong; name all in `labels`",
    "plain:dialogue_intent": "no other intent is known that could be wrong; name all in `labels`",
    "plain:dialogue_reply": "no turn of the shop answers the customer and says something new",
    "plain:question_answering": _TOO_LONG,
    "own:all_labels": "no wrong label can be shown: name all in `labels`; "
    f"a text has {MAX_SHOWN - 1} labels at most",
    "own:text_relation": "no other label is known that could be wrong; name all in `labels`",
    "own:text_similarity": "all scores of the file are the same",
    "own:dialogue_state": "no filled slot has a value that stands in the dialogue",
    "own:passage_or_none": _TOO_LONG,
    "own:summary": "the summary is longer than the contest's parser reads",
    "own:rewritten_query": "the rewritten query is longer than the contest's parser reads",
    "plain:named_entities": _TOO_LONG,
}


@transform(
    "own", reads=Answered, form="generation", paradigm="EXT", skill="concepts", metric="rougel"
)
def passage_or_none(answered: Answered, pool: Pool, rng: Random) -> Iterator[Made]:
    """The passage of the text that answers a question, or that the text does not say.

    from     Answered question <Is the kettle dishwasher safe?>, answer <>, context <Steel
             kettle. It boils in three minutes. It holds 1.7 litres.>
    input    Text: Steel kettle. It boils in three minutes. It holds 1.7 litres. / Question: Is
             the kettle dishwasher safe?
    output   The text does not say.
    """
    words = pool.words(answered)
    yield from answers.text(
        answered.answer or words["unknown"],
        input=labelled(words, text=answered.context, question=answered.question),
    )


@transform(
    "own", reads=Classified, form="generation", paradigm="CLS", skill="concepts", metric="rougel"
)
def all_labels(classified: Classified, pool: Pool, rng: Random) -> Iterator[Made]:
    """All labels of a text in words, out of up to 60 (EcomInstruct's classification).

    from     Classified text <Cheap, but it broke at once.>, labels <price; quality>,
             candidates <delivery; price; quality; service; size>, topic <aspect>
    input    Text: Cheap, but it broke at once.
    slots    topic: aspect
    options  price | quality | delivery | service | size
    output   price, quality
    """
    wrong = others(classified.candidates, classified.labels)
    wrong = rng.sample(wrong, min(len(wrong), max(0, MAX_SHOWN - len(classified.labels))))
    shown = [one_line(label) for label in (*classified.labels, *wrong)]
    if wrong:
        order = rng.sample(shown, len(shown))
        right = set(map(one_line, classified.labels))
        yield Made(
            output=", ".join(label for label in order if label in right),
            input=labelled(pool.words(classified), text=classified.text),
            options=tuple(order),
            slots={"topic": one_line(classified.topic)},
        )


@transform(
    "own", reads=Dialogue, form="generation", paradigm="EXT", skill="behavior", metric="rougel"
)
def dialogue_state(dialogue: Dialogue, pool: Pool, rng: Random) -> Iterator[Made]:
    """What the customer wants and has said about it so far: the intent, and the filled slots.

    from     Dialogue turns <customer: I need a hotel in Rome for two nights. / shop: Roma Inn
             has a room.>, intent <FindHotel>, intents <FindHotel; BookFlight>, slots <city:
             Rome; nights: two; stars: 4>
    input    Dialogue: / Customer: I need a hotel in Rome for two nights. / Shop: Roma Inn has
             a room.
    slots    attributes: city, nights
    options  BookFlight | FindHotel
    output   Intent: FindHotel / city: Rome / nights: two
    """
    words = pool.words(dialogue)
    said = "\n".join(text for _, text in dialogue.turns)
    filled = [slot for slot in dialogue.slots if stands_in(slot[1], said)]
    wrong = others(pool.intents(dialogue), [dialogue.intent])
    shown = [dialogue.intent, *rng.sample(wrong, min(len(wrong), OTHERS))]
    if filled:
        intent = [(words["intent"], dialogue.intent)] if dialogue.intent else []
        yield Made(
            output=pairs([*intent, *filled]),
            input=talk(dialogue.turns, words),
            options=tuple(rng.sample(shown, len(shown))) if dialogue.intent else (),
            slots={"attributes": ", ".join(one_line(name) for name, _ in filled)},
        )


@transform(
    "own",
    reads=Related,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def text_relation(related: Related, pool: Pool, rng: Random) -> Iterator[Made]:
    """How two texts relate: one of the set's labels, up to ten.

    from     Related first <how do I return shoes>, second <shoe returns: how does it work>,
             relation <match>, relations <match; not match>, topic <match>
    input    First text: how do I return shoes / Second text: shoe returns: how does it work
    slots    topic: match
    options  not match | match
    output   1
    """
    wrong = others(related.relations, [related.relation])
    yield from answers.choice(
        related.relation,
        rng.sample(wrong, min(len(wrong), OTHERS)),
        rng,
        fewest=1,
        input=both(related, pool),
        slots={"topic": one_line(related.topic)},
    )


@transform(
    "own", reads=Related, form="generation", paradigm="CLS", skill="concepts", metric="rougel"
)
def text_similarity(related: Related, pool: Pool, rng: Random) -> Iterator[Made]:
    """How alike two texts are: a score with one decimal on the set's scale.

    from     Related first <red shoe for running>, second <running shoe in red>, score <4.75>,
             scale <0; 5>
    input    First text: red shoe for running / Second text: running shoe in red
    slots    low: 0; high: 5
    output   4.8
    """
    low, high = related.scale
    if related.score is not None and low < high:
        yield from answers.text(
            f"{related.score:.1f}",
            input=both(related, pool),
            slots={"low": f"{low:g}", "high": f"{high:g}"},
        )


@transform(
    "own", reads=Summarised, form="generation", paradigm="GEN", skill="concepts", metric="rougel"
)
def summary(summarised: Summarised, pool: Pool, rng: Random) -> Iterator[Made]:
    """A text's summary.

    from     Summarised text <The kettle of steel holds 1.7 litres and boils in three minutes.>,
             summary <Fast steel kettle>
    input    Text: The kettle of steel holds 1.7 litres and boils in three minutes.
    output   Fast steel kettle
    """
    yield from answers.text(
        one_line(summarised.summary), input=labelled(pool.words(summarised), text=summarised.text)
    )


@transform(
    "own", reads=Rewritten, form="generation", paradigm="GEN", skill="behavior", metric="rougel"
)
def rewritten_query(rewritten: Rewritten, pool: Pool, rng: Random) -> Iterator[Made]:
    """A search query put better: without slips, in a shop's own words.

    from     Rewritten query <shoos 4 runing>, rewritten <running shoes>
    input    Query: shoos 4 runing
    output   running shoes
    """
    yield from answers.text(
        one_line(rewritten.rewritten), input=labelled(pool.words(rewritten), query=rewritten.query)
    )


def both(related: Related, pool: Pool) -> str:
    """Return the two texts, each named, as questions show them."""
    words = pool.words(related)
    return labelled(words, first_text=related.first, second_text=related.second)
