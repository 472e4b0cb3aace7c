"""Task reversal of labelled texts: what was asked and what was answered change places.

answer → question       entities, label, intent → text       shop's reply → customer's turn
"""

from collections.abc import Iterator
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, transform
from ecom.corpus.atomic.plain import MAX_WRITTEN
from ecom.corpus.atomic.plain_texts import talk
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.same_text import questions_for, spans_of
from ecom.corpus.atomic.shelves import gathered
from ecom.corpus.atomic.texts import (
    key,
    labelled,
    listed,
    one_line,
    pairs,
    shared,
    stands_in,
    telling,
)
from ecom.corpus.records import Answered, Classified, Dialogue, Tagged


@transform(
    "reverse",
    reads=Answered,
    form="generation",
    paradigm="GEN",
    skill="concepts",
    metric="sent-transformer",
)
def question_generation(answered: Answered, pool: Pool, rng: Random) -> Iterator[Made]:
    """A question, from its answer and the text that the answer rests on.

    from     Answered question <How long does the kettle take to boil?>, answer <in three
             minutes>, context <Steel kettle. It boils in three minutes. It holds 1.7 litres.>
    input    Text: Steel kettle. It boils in three minutes. It holds 1.7 litres. / Answer: in
             three minutes
    output   How long does the kettle take to boil?
    """
    said = labelled(pool.words(answered), text=answered.context, answer=answered.answer)
    enough = answered.context.strip() or telling(answered.answer)
    if answered.answer.strip() and enough and not stands_in(answered.question, said):
        yield from answers.text(one_line(answered.question), input=said)


@transform(
    "reverse",
    reads=Answered,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def question_choice(answered: Answered, pool: Pool, rng: Random) -> Iterator[Made]:
    """The question that an answer speaks of, among questions of which it says less.

    from     Answered question <Do the boots keep feet warm?>, answer <they have a warm lining>
    input    Answer: they have a warm lining
    options  How long does the kettle take to boil? | Which washing programme do the socks
             stand? | Do the boots keep feet warm? | Is the lamp bright enough for reading?
    output   2
    """
    match = shared(answered.question, answered.answer)
    if not match or not telling(answered.answer):  # "Yes." answers any question
        return
    questions = {key(answered.question), *questions_for(answered.answer, pool)}

    def sound(other: Answered) -> bool:
        asked = key(other.question)
        if asked in questions or key(other.answer) == key(answered.answer):
            return False
        if shared(other.question, answered.answer) >= match:
            return False
        questions.add(asked)
        return True

    wrong = pool.others(answered, 3, rng, sound)
    yield from answers.choice(
        answered.question,
        [other.question for other in wrong],
        rng,
        input=labelled(pool.words(answered), answer=answered.answer),
        parents=[other.id for other in wrong],
    )


@transform(
    "reverse", reads=Tagged, form="generation", paradigm="GEN", skill="concepts", metric="rougel"
)
def text_from_entities(tagged: Tagged, pool: Pool, rng: Random) -> Iterator[Made]:
    """A text, from the terms in it and their types, in any order.

    from     Tagged text <steel kettle>, spans <material: steel; product type: kettle>
    input    Terms: / product type: kettle / material: steel
    output   steel kettle
    """
    distinct = list(dict.fromkeys((kind, one_line(term)) for kind, term in tagged.spans))
    if len(distinct) >= 2 and len(tagged.text) <= MAX_WRITTEN:
        terms = pairs(rng.sample(distinct, len(distinct))).splitlines()
        yield from answers.text(
            one_line(tagged.text), input=listed(pool.words(tagged)["terms"], terms)
        )


@transform(
    "reverse",
    reads=Tagged,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def term_of_type(tagged: Tagged, pool: Pool, rng: Random) -> Iterator[Made]:
    """The term of a given type, among the text's terms of other types.

    from     Tagged text <steel kettle>, spans <material: steel; product type: kettle>
    input    Text: steel kettle
    slots    type: material
    options  kettle | steel
    output   1
    """
    if not tagged.spans:
        return
    kinds = gathered(spans_of(tagged, pool))
    kind, right = rng.choice(tagged.spans)
    wrong = list({key(term) or term: term for one, term in tagged.spans if one != kind}.items())
    yield from answers.choice(
        right,
        [term for name, term in wrong if name not in kinds[kind]],
        rng,
        fewest=1,
        input=labelled(pool.words(tagged), text=tagged.text),
        slots={"type": one_line(kind)},
    )


@transform(
    "reverse",
    reads=Classified,
    form="generation",
    paradigm="GEN",
    skill="concepts",
    metric="sent-transformer",
)
def text_from_label(classified: Classified, pool: Pool, rng: Random) -> Iterator[Made]:
    """A text, from its label or labels, where there are more than two to tell texts apart.

    from     Classified text <One size too small.>, labels <size>, topic <aspect>
    slots    topic: aspect; label: size
    output   One size too small.
    """
    written = one_line(classified.text)
    says_much = len(set(classified.candidates)) > 2  # than "match" or "not match" does
    if classified.labels and says_much and telling(written) and len(written) <= MAX_WRITTEN:
        yield from answers.text(
            written,
            input="",
            slots={
                "topic": one_line(classified.topic),
                "label": ", ".join(one_line(label) for label in classified.labels),
            },
        )


@transform(
    "reverse",
    reads=Dialogue,
    form="generation",
    paradigm="GEN",
    skill="behavior",
    metric="sent-transformer",
)
def customer_turn(dialogue: Dialogue, pool: Pool, rng: Random) -> Iterator[Made]:
    """What the customer said, from what came before and the shop's reply.

    from     Dialogue turns <customer: Does the kettle switch itself off? / shop: Yes, it does
             so as soon as the water boils. / customer: Thank you!>
    input    Dialogue: / Customer: … / Shop: Yes, it does so as soon as the water boils.
    output   Does the kettle switch itself off?
    """
    turns = dialogue.turns
    places = [
        place
        for place in range(len(turns) - 1)
        if turns[place][0] == "customer"
        and turns[place + 1][0] == "shop"
        and telling(turns[place][1])
        and not any(stands_in(turns[place][1], text) for _, text in turns[:place])
    ]
    if places:
        place = rng.choice(places)
        shown = (*turns[:place], ("customer", "…"), turns[place + 1])
        if not stands_in(turns[place][1], turns[place + 1][1]):
            yield from answers.text(
                one_line(turns[place][1]), input=talk(shown, pool.words(dialogue))
            )


@transform(
    "reverse",
    reads=Dialogue,
    form="generation",
    paradigm="GEN",
    skill="behavior",
    metric="sent-transformer",
)
def opening_from_intent(dialogue: Dialogue, pool: Pool, rng: Random) -> Iterator[Made]:
    """A customer's first message, from what the customer wants.

    from     Dialogue turns <customer: Does the kettle switch itself off? / shop: Yes, it does
             so as soon as the water boils. / customer: Thank you!>, intent <ask about a
             product>
    slots    intent: ask about a product
    output   Does the kettle switch itself off?
    """
    if dialogue.intent and dialogue.turns and dialogue.turns[0][0] == "customer":
        first = one_line(dialogue.turns[0][1])
        if telling(first):
            yield from answers.text(first, input="", slots={"intent": one_line(dialogue.intent)})
