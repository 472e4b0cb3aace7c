"""Sample recombination of labelled texts, dialogues, answers, and products across languages."""

from collections.abc import Iterator, Mapping
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, transform
from ecom.corpus.atomic.plain_texts import replies, talk
from ecom.corpus.atomic.pool import Pool, shared_id
from ecom.corpus.atomic.same_text import answers_to, labels_of
from ecom.corpus.atomic.shelves import gathered
from ecom.corpus.atomic.texts import key, labelled, one_line, opening, shared, telling
from ecom.corpus.records import Answered, Classified, Dialogue, Product

MAX_OPTION = 240  # characters of a text that is an option


@transform(
    "recombine",
    reads=Classified,
    form="retrieval",
    paradigm="CLS",
    skill="concepts",
    metric="hit rate@3",
)
def texts_with_label(classified: Classified, pool: Pool, rng: Random) -> Iterator[Made]:
    """One to three texts of a label in a list of up to ten: which snippets speak of an aspect?

    from     Classified text <The parcel came two days late.>, labels <delivery>, candidates
             <delivery; price; quality; service; size>, topic <aspect>
    slots    topic: aspect; label: delivery
    options  The shop answered my mail within the hour. | Cheap, but it broke at once. | The
             parcel came two days late. | It is well made. | One size too small.
    output   3
    """
    if not classified.labels:
        return
    label = rng.choice(classified.labels)
    texts = {key(classified.text)}

    def fits(wanted: bool, other: Classified) -> bool:
        has = key(label) in map(key, labels_of(other, pool))
        known = key(label) in map(key, other.candidates)
        text = opening(other.text, MAX_OPTION)
        sound = has is wanted and known and bool(key(text)) and key(text) not in texts
        if sound:
            texts.add(key(text))
        return sound

    more = rng.randint(0, 2)
    topic = classified.topic
    right = [classified, *pool.others(classified, more, rng, lambda o: fits(True, o), topic)]
    wrong = pool.others(classified, 10 - len(right), rng, lambda o: fits(False, o), topic)
    yield from answers.numbers(
        [opening(one.text, MAX_OPTION) for one in right],
        [opening(one.text, MAX_OPTION) for one in wrong],
        rng,
        slots={"topic": one_line(topic), "label": one_line(label)},
        parents=[one.id for one in (*right[1:], *wrong)],
    )


@transform(
    "recombine",
    reads=Dialogue,
    form="multiple-choice",
    paradigm="CLS",
    skill="behavior",
    metric="accuracy",
)
def reply_choice(dialogue: Dialogue, pool: Pool, rng: Random) -> Iterator[Made]:
    """The shop's next reply, among replies from talks of another intent.

    from     Dialogue turns <customer: Does the kettle switch itself off? / shop: Yes, it does
             so as soon as the water boils. / customer: Thank you!>
    input    Dialogue: / Customer: Does the kettle switch itself off?
    options  You can return them for free within 30 days. | It left our stock today and arrives
             tomorrow. | I have changed the colour in your order. | Yes, it does so as soon as
             the water boils.
    output   3
    """
    if not (places := replies(dialogue)):
        return
    place = rng.choice(places)
    right = one_line(dialogue.turns[place][1])
    known = {key(text) for _, text in dialogue.turns}
    known |= pool.once(_replies)[key(dialogue.turns[place - 1][1])]
    wrong: list[str] = []
    for other in pool.others(
        dialogue, 12, rng, lambda o: not o.intent or key(o.intent) != key(dialogue.intent)
    ):
        found = [one_line(other.turns[at][1]) for at in replies(other)]
        found = [text for text in found if key(text) not in known]
        if found:
            wrong.append(rng.choice(found))
            known.add(key(wrong[-1]))
    yield from answers.choice(
        right, wrong[:3], rng, input=talk(dialogue.turns[:place], pool.words(dialogue))
    )


@transform(
    "recombine",
    reads=Answered,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def answer_choice(answered: Answered, pool: Pool, rng: Random) -> Iterator[Made]:
    """The answer that speaks of a question, among answers that say less of it.

    from     Answered question <Do the boots keep feet warm?>, answer <they have a warm lining>
    input    Question: Do the boots keep feet warm?
    options  in three minutes | wool programme at 30 degrees | they have a warm lining | It was
             fine for me with the dimmer wide open.
    output   2
    """
    match = shared(answered.question, answered.answer)
    if not match or not telling(answered.answer):  # "Yes." answers any question
        return
    known = {key(answered.answer), *answers_to(answered.question, pool)}

    def sound(other: Answered) -> bool:
        new = (
            telling(other.answer)
            and key(other.answer) not in known
            and key(other.question) != key(answered.question)
            and shared(answered.question, other.answer) < match
        )
        known.add(key(other.answer))
        return new

    wrong = pool.others(answered, 3, rng, sound)
    yield from answers.choice(
        answered.answer,
        [other.answer for other in wrong],
        rng,
        input=labelled(pool.words(answered), question=answered.question),
        parents=[other.id for other in wrong],
    )


@transform(
    "recombine",
    reads=Product,
    form="multiple-choice",
    paradigm="CLS",
    skill="multilingual",
    metric="accuracy",
)
def title_in_other_language(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The title of the same product in another language, among near titles in that language.

    from     Product id <t2>, lang <en>, title <Garden hose, 20 m>
    input    Product title: Garden hose, 20 m
    options  Wolldecke, blau | Brotmesser aus Stahl | Teekanne aus Glas, 1 l | Gartenschlauch,
             20 m
    output   3
    """
    if others := [o for o in pool.translations(product) if key(o.title) != key(product.title)]:
        right, id = rng.choice(others), shared_id(product)
        wrong = pool.products_like(
            right,
            3,
            rng,
            lambda other: (
                shared_id(other) != id
                and not any(
                    key(one.title) == key(product.title)
                    for same in pool.titled(other.title)
                    for one in pool.translations(same)
                )
            ),
        )
        yield from answers.choice(
            right.title,
            [other.title for other in wrong],
            rng,
            input=labelled(pool.words(product), title=product.title),
            parents=[right.id, *(other.id for other in wrong)],
        )


@transform(
    "recombine",
    reads=Product,
    form="multiple-choice",
    paradigm="CLS",
    skill="multilingual",
    metric="accuracy",
)
def description_in_other_language(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The description of the same product in another language, among near ones in that language.

    from     Product id <t1>, lang <en>, description <A good thing of the kind number t1.>
    input    Product description: A good thing of the kind number t1.
    options  Ein gutes Ding der Art Nummer t2. | Ein gutes Ding der Art Nummer t1. | Ein gutes
             Ding der Art Nummer t4. | Ein gutes Ding der Art Nummer t5.
    output   1
    """
    own = opening(product.description, MAX_OPTION)
    others = [
        other
        for other in pool.translations(product)
        if telling(said := opening(other.description, MAX_OPTION)) and key(said) != key(own)
    ]
    if telling(own) and others:
        right = rng.choice(others)
        texts = {key(opening(right.description, MAX_OPTION))}
        also = pool.once(_translated_descriptions)[key(own)]

        def sound(other: Product) -> bool:
            text = opening(other.description, MAX_OPTION)
            new = telling(text) and key(text) not in texts and key(text) not in also
            new = new and shared_id(other) != shared_id(product)
            texts.add(key(text))
            return new

        wrong = pool.products_like(right, 3, rng, sound)
        yield from answers.choice(
            opening(right.description, MAX_OPTION),
            [opening(other.description, MAX_OPTION) for other in wrong],
            rng,
            input=labelled(pool.words(product), description=own),
            parents=[right.id, *(other.id for other in wrong)],
        )


@transform(
    "recombine",
    reads=Product,
    form="generation",
    paradigm="GEN",
    skill="multilingual",
    metric="bleu",
)
def translate_title(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The title of the same product in another language, any but Japanese.

    from     Product id <t3>, lang <de>, title <Wolldecke, blau>
    input    Product title: Wolldecke, blau
    slots    language: English
    output   Wool blanket, blue
    """
    words = pool.words(product)
    found = [o for o in _translated(product, pool) if o.lang != "ja"]
    found = [other for other in found if f"language_{other.lang}" in words]
    if found:
        right = rng.choice(found)
        yield from answers.text(
            one_line(right.title),
            input=labelled(words, title=product.title),
            slots={"language": words[f"language_{right.lang}"]},
            parents=[right.id],
        )


@transform(
    "recombine",
    reads=Product,
    form="generation",
    paradigm="GEN",
    skill="multilingual",
    metric="jp-bleu",
)
def translate_title_to_japanese(product: Product, pool: Pool, rng: Random) -> Iterator[Made]:
    """The title of the same product in Japanese, which ShopBench scores by a metric of its own.

    from     Product id <t1>, lang <en>, title <Tea pot of glass, 1 l>
    input    Product title: Tea pot of glass, 1 l
    output   ガラスのティーポット 1リットル
    """
    for right in _translated(product, pool):
        if right.lang == "ja":
            yield from answers.text(
                one_line(right.title),
                input=labelled(pool.words(product), title=product.title),
                parents=[right.id],
            )


def _replies(pool: Pool) -> Mapping[str, set[str]]:
    """Return a customer's turn -> all replies to it, as keys."""
    return gathered(
        (key(dialogue.turns[place - 1][1]), key(dialogue.turns[place][1]))
        for dialogue in pool.records
        if isinstance(dialogue, Dialogue)
        for place in range(1, len(dialogue.turns))
        if dialogue.turns[place][0] == "shop"
    )


def _translated_descriptions(pool: Pool) -> Mapping[str, set[str]]:
    """Return a description, as it is shown -> those of the same products in other languages."""
    return gathered(
        (key(opening(product.description, MAX_OPTION)), key(opening(other.description, MAX_OPTION)))
        for product in pool.products
        if product.description
        for other in pool.translations(product)
    )


def _translated(product: Product, pool: Pool) -> list[Product]:
    """Return the product in other languages, under a title that was translated."""
    return [o for o in pool.translations(product) if key(o.title) != key(product.title)]
