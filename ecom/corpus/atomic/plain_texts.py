"""The base data types' own tasks, second half: dialogues, questions, entities, labels, pairs."""

from collections.abc import Iterator, Sequence
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, transform
from ecom.corpus.atomic.pool import Pool, Words
from ecom.corpus.atomic.same_text import intents_of, labels_of
from ecom.corpus.atomic.texts import key, labelled, listed, one_line, pairs, stands_in, telling
from ecom.corpus.records import Answered, Classified, Dialogue, Paired, Product, Tagged

OTHERS = answers.MAX_OPTIONS - 1


@transform(
    "plain",
    reads=Dialogue,
    form="generation",
    paradigm="GEN",
    skill="behavior",
    metric="sent-transformer",
)
def dialogue_reply(dialogue: Dialogue, pool: Pool, rng: Random) -> Iterator[Made]:
    """The shop's reply to what was said up to a customer's turn.

    from     Dialogue turns <customer: Does the kettle switch itself off? / shop: Yes, it does
             so as soon as the water boils. / customer: Thank you!>
    input    Dialogue: / Customer: Does the kettle switch itself off?
    output   Yes, it does so as soon as the water boils.
    """
    if places := replies(dialogue):
        place = rng.choice(places)
        yield from answers.text(
            one_line(dialogue.turns[place][1]),
            input=talk(dialogue.turns[:place], pool.words(dialogue)),
        )


@transform(
    "plain",
    reads=Dialogue,
    form="multiple-choice",
    paradigm="CLS",
    skill="behavior",
    metric="accuracy",
)
def dialogue_intent(dialogue: Dialogue, pool: Pool, rng: Random) -> Iterator[Made]:
    """What the customer wants, among up to ten intents.

    from     Dialogue turns <customer: Does the kettle switch itself off? / shop: Yes, it does
             so as soon as the water boils. / customer: Thank you!>, intent <ask about a
             product>
    input    Dialogue: / Customer: Does the kettle switch itself off? / Shop: Yes, it does so
             as soon as the water boils. / Customer: Thank you!
    options  track a parcel | change an order | ask about a product | return an item
    output   2
    """
    wrong = others(pool.intents(dialogue), intents_of(dialogue, pool))
    if dialogue.intent and dialogue.turns:
        yield from answers.choice(
            dialogue.intent,
            rng.sample(wrong, min(len(wrong), OTHERS)),
            rng,
            fewest=1,
            input=talk(dialogue.turns, pool.words(dialogue)),
        )


@transform(
    "plain", reads=Answered, form="generation", paradigm="GEN", skill="concepts", metric="rougel"
)
def question_answering(answered: Answered, pool: Pool, rng: Random) -> Iterator[Made]:
    """A question's answer in words of its own: not a passage of the text, if there is one.

    from     Answered question <Is the lamp bright enough for reading?>, answer <It was fine
             for me with the dimmer wide open.>, context <The lamp has a dimmer. With the
             dimmer wide open it was fine for books.>
    input    Text: The lamp has a dimmer. With the dimmer wide open it was fine for books. /
             Question: Is the lamp bright enough for reading?
    output   It was fine for me with the dimmer wide open.
    """
    if not stands_in(answered.answer, answered.context):
        yield from answers.text(
            answered.answer,
            input=labelled(pool.words(answered), text=answered.context, question=answered.question),
        )


@transform(
    "plain", reads=Answered, form="generation", paradigm="EXT", skill="concepts", metric="rougel"
)
def answer_extraction(answered: Answered, pool: Pool, rng: Random) -> Iterator[Made]:
    """A question's answer, which is a passage of the text.

    from     Answered question <How long does the kettle take to boil?>, answer <in three
             minutes>, context <Steel kettle. It boils in three minutes. It holds 1.7 litres.>
    input    Text: Steel kettle. It boils in three minutes. It holds 1.7 litres. / Question:
             How long does the kettle take to boil?
    output   in three minutes
    """
    if stands_in(answered.answer, answered.context):
        yield from answers.text(
            answered.answer,
            input=labelled(pool.words(answered), text=answered.context, question=answered.question),
        )


@transform(
    "plain", reads=Tagged, form="generation", paradigm="OTHER", skill="concepts", metric="rougel"
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
        terms = list({key(t) or t: one_line(t) for k, t in tagged.spans if k == kind}.values())
        lines.append((kind, ", ".join(terms) or words["none"]))
    yield from answers.text(
        pairs(lines),
        input=labelled(words, text=tagged.text),
        slots={"types": ", ".join(one_line(kind) for kind, _ in lines)},
    )


@transform(
    "plain",
    reads=Classified,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def classify_text(classified: Classified, pool: Pool, rng: Random) -> Iterator[Made]:
    """The one right label of a text, among up to ten.

    from     Classified text <It is well made.>, labels <quality>, candidates <delivery; price;
             quality; service; size>, topic <aspect>
    input    Text: It is well made.
    slots    topic: aspect
    options  service | price | delivery | quality | size
    output   3
    """
    if len(classified.labels) == 1:
        wrong = others(classified.candidates, labels_of(classified, pool))
        yield from answers.choice(
            classified.labels[0],
            rng.sample(wrong, min(len(wrong), OTHERS)),
            rng,
            fewest=1,
            input=labelled(pool.words(classified), text=classified.text),
            slots={"topic": one_line(classified.topic)},
        )


@transform(
    "plain",
    reads=Classified,
    form="retrieval",
    paradigm="CLS",
    skill="concepts",
    metric="hit rate@3",
)
def label_text(classified: Classified, pool: Pool, rng: Random) -> Iterator[Made]:
    """All labels of a text that may have several: the numbers of one to three in a list.

    from     Classified text <It is well made.>, labels <quality>, candidates <delivery; price;
             quality; service; size>, topic <aspect>
    input    Text: It is well made.
    slots    topic: aspect
    options  size | service | delivery | price | quality
    output   5
    """
    wrong = others(classified.candidates, labels_of(classified, pool))
    many = len(classified.labels) > 1 or any(
        len(other.labels) > 1
        for other in pool.others(classified, 8, rng, lambda _: True, classified.topic)
    )
    if many:
        yield from answers.numbers(
            classified.labels,
            rng.sample(wrong, min(len(wrong), 12)),
            rng,
            input=labelled(pool.words(classified), text=classified.text),
            slots={"topic": one_line(classified.topic)},
        )


@transform(
    "plain",
    reads=Paired,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def same_product(paired: Paired, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether two offers are the same product.

    from     Paired left <Adler Swift trail running shoe, blue>, right <PEGASUS runner by
             Nordlicht (red)>, same <False>
    input    First product: Adler Swift trail running shoe, blue / color: blue / surface: trail
             / Second product: PEGASUS runner by Nordlicht (red) / color: red
    options  Yes | No
    output   1
    """
    words = pool.words(paired)
    first, second = rng.sample([paired.left, paired.right], 2)
    yield from answers.yes_no(
        paired.same,
        words,
        rng,
        input="\n".join(
            [*sheet(words["first_product"], first), *sheet(words["second_product"], second)]
        ),
        parents=[first.id, second.id],
    )


def replies(dialogue: Dialogue) -> list[int]:
    """Return the places of the shop's turns that answer a customer, say something and are new."""
    said: set[str] = set()
    found = []
    for place, (speaker, text) in enumerate(dialogue.turns):
        answers_customer = place > 0 and dialogue.turns[place - 1][0] == "customer"
        if speaker == "shop" and answers_customer and telling(text) and key(text) not in said:
            found.append(place)
        said.add(key(text))
    return found


def talk(turns: Sequence[tuple[str, str]], words: Words) -> str:
    """Return the turns below a heading, each on a line that begins with its speaker."""
    return listed(words["dialogue"], [f"{words[who]}: {one_line(text)}" for who, text in turns])


def others(candidates: Sequence[str], right: Sequence[str]) -> list[str]:
    """Return the candidates that are not right, each once."""
    names = {key(one) or one for one in right}
    wrong = {key(one) or one: one for one in candidates if one.strip()}
    return [one for name, one in wrong.items() if name not in names]


def sheet(heading: str, product: Product) -> list[str]:
    """Return a product's title after the heading, and its attributes below, indented."""
    lines = pairs(product.attributes).splitlines()
    return [f"{heading}: {one_line(product.title)}", *(f"  {line}" for line in lines)]
