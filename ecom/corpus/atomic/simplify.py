"""Task simplification of classification, rating, question answering and intent detection."""

from collections.abc import Iterator
from random import Random

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, transform
from ecom.corpus.atomic.plain_texts import others, talk
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.same_text import contexts_for, intents_of, labels_of
from ecom.corpus.atomic.texts import (
    content,
    key,
    labelled,
    one_line,
    sentences,
    shared,
    stands_in,
)
from ecom.corpus.records import (
    Answered,
    Classified,
    Dialogue,
    Review,
)


@transform(
    "simplify",
    reads=Classified,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def has_label(classified: Classified, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether one of three labels and more fits a text; yes and no are drawn alike.

    from     Classified text <It is well made.>, labels <quality>, candidates <delivery; price;
             quality; service; size>, topic <aspect>
    input    Text: It is well made.
    slots    topic: aspect; label: size
    options  Yes | No
    output   1
    """
    wrong = others(classified.candidates, labels_of(classified, pool))
    if (
        len({*classified.candidates}) < 3
    ):  # of two labels, "is it not the other?" is no simpler a question
        return
    if drawn := answers.drawn(classified.labels, wrong, rng):
        truth, label = drawn
        yield from answers.yes_no(
            truth,
            pool.words(classified),
            rng,
            input=labelled(pool.words(classified), text=classified.text),
            slots={"topic": one_line(classified.topic), "label": one_line(label)},
        )


@transform(
    "simplify",
    reads=Classified,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def fewer_candidates(classified: Classified, pool: Pool, rng: Random) -> Iterator[Made]:
    """The right label of a text among two to four, where there were more.

    from     Classified text <One size too small.>, labels <size>, candidates <delivery; price;
             quality; service; size>, topic <aspect>
    input    Text: One size too small.
    slots    topic: aspect
    options  delivery | size
    output   1
    """
    wrong = others(classified.candidates, labels_of(classified, pool))
    if len(classified.labels) == 1 and len(wrong) > 1:
        few = rng.randint(1, min(3, len(wrong) - 1))
        yield from answers.choice(
            classified.labels[0],
            answers.evened(classified.labels[0], rng.sample(wrong, len(wrong)), few, rng, str),
            rng,
            fewest=1,
            input=labelled(pool.words(classified), text=classified.text),
            slots={"topic": one_line(classified.topic)},
        )


@transform(
    "simplify",
    reads=Classified,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def one_of_its_labels(classified: Classified, pool: Pool, rng: Random) -> Iterator[Made]:
    """One of a text's several labels, among labels that do not fit.

    from     Classified text <Cheap, but it broke at once.>, labels <price; quality>,
             candidates <delivery; price; quality; service; size>, topic <aspect>
    input    Text: Cheap, but it broke at once.
    slots    topic: aspect
    options  delivery | service | size | quality
    output   3
    """
    wrong = others(classified.candidates, labels_of(classified, pool))
    if len(classified.labels) > 1:
        right = rng.choice(classified.labels)
        yield from answers.choice(
            right,
            answers.evened(right, rng.sample(wrong, len(wrong)), 3, rng, str),
            rng,
            fewest=1,
            input=labelled(pool.words(classified), text=classified.text),
            slots={"topic": one_line(classified.topic)},
        )


@transform(
    "simplify",
    reads=Review,
    form="multiple-choice",
    paradigm="CLS",
    skill="behavior",
    metric="accuracy",
)
def review_polarity(review: Review, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether a review is positive (4, 5 stars) or negative (1, 2); three stars are neither.

    from     Review rating <2>, text <This toaster knows only white and black bread.>
    input    Review: This toaster knows only white and black bread.
    options  positive | negative
    output   1
    """
    if review.rating in (1, 2, 4, 5) and review.text.strip():
        words = pool.words(review)
        right, wrong = ("positive", "negative") if review.rating > 3 else ("negative", "positive")
        yield from answers.choice(
            words[right], [words[wrong]], rng, fewest=1, input=labelled(words, review=review.text)
        )


@transform(
    "simplify",
    reads=Answered,
    form="multiple-choice",
    paradigm="CLS",
    skill="concepts",
    metric="accuracy",
)
def answerable(answered: Answered, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether a text answers a question: its own text does, that of another question does not.

    A question that its text is known not to answer is drawn against one that the text does answer.

    from     Answered question <How long does the kettle take to boil?>, answer <in three
             minutes>, context <Steel kettle. It boils in three minutes. It holds 1.7 litres.>
    input    Text: Steel kettle. It boils in three minutes. It holds 1.7 litres. / Question:
             How long does the kettle take to boil?
    options  No | Yes
    output   1
    """
    if answered.context and not answered.answer:
        yield from _unanswerable(answered, pool, rng)
    if not answered.context or not _backed(answered):
        return
    asked, answering = content(answered.question), contexts_for(answered.question, pool)
    elsewhere = pool.others(
        answered,
        1,
        rng,
        lambda other: (
            bool(other.context.strip())
            and key(other.context) not in {key(answered.context), *answering}
            and not stands_in(answered.answer, other.context)
            and 2 * len(asked & content(other.context)) < len(asked)
        ),
    )
    if elsewhere:
        truth = rng.random() < 0.5
        words = pool.words(answered)
        text = answered.context if truth else elsewhere[0].context
        yield from answers.yes_no(
            truth,
            words,
            rng,
            input=labelled(words, text=text, question=answered.question),
            parents=[] if truth else [elsewhere[0].id],
        )


@transform(
    "simplify",
    reads=Answered,
    form="multiple-choice",
    paradigm="EXT",
    skill="concepts",
    metric="accuracy",
)
def answer_sentence(answered: Answered, pool: Pool, rng: Random) -> Iterator[Made]:
    """The one sentence of a text in which the answer stands.

    from     Answered question <How long does the kettle take to boil?>, answer <in three
             minutes>, context <Steel kettle. It boils in three minutes. It holds 1.7 litres.>
    input    Question: How long does the kettle take to boil?
    options  It holds 1.7 litres. | It boils in three minutes. | Steel kettle.
    output   1
    """
    found = list(dict.fromkeys(sentences(answered.context)))[: answers.MAX_OPTIONS]
    same = [o for o in pool.about(answered) if key(o.question) == key(answered.question)]
    right = [s for s in found if any(stands_in(one.answer, s) for one in (answered, *same))]
    if len(right) == 1:
        yield from answers.choice(
            right[0],
            [sentence for sentence in found if sentence != right[0]],
            rng,
            fewest=2,
            input=labelled(pool.words(answered), question=answered.question),
        )


@transform(
    "simplify",
    reads=Dialogue,
    form="multiple-choice",
    paradigm="CLS",
    skill="behavior",
    metric="accuracy",
)
def has_intent(dialogue: Dialogue, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether the customer wants one given thing; yes and no are drawn alike.

    from     Dialogue turns <customer: Does the kettle switch itself off? / shop: Yes, it does
             so as soon as the water boils. / customer: Thank you!>, intent <ask about a
             product>
    input    Dialogue: / Customer: Does the kettle switch itself off? / Shop: Yes, it does so
             as soon as the water boils. / Customer: Thank you!
    slots    intent: return an item
    options  Yes | No
    output   1
    """
    wrong = others(pool.intents(dialogue), intents_of(dialogue, pool))
    own = [dialogue.intent] if dialogue.intent and dialogue.turns else []
    if drawn := answers.drawn(own, wrong, rng):
        truth, intent = drawn
        words = pool.words(dialogue)
        yield from answers.yes_no(
            truth, words, rng, input=talk(dialogue.turns, words), slots={"intent": one_line(intent)}
        )


def _unanswerable(answered: Answered, pool: Pool, rng: Random) -> Iterator[Made]:
    backed = [other for other in pool.about(answered) if _backed(other)]
    if backed and key(answered.context) not in contexts_for(answered.question, pool):
        truth, other, words = rng.random() < 0.5, rng.choice(backed), pool.words(answered)
        asked = other.question if truth else answered.question
        yield from answers.yes_no(
            truth,
            words,
            rng,
            input=labelled(words, text=answered.context, question=asked),
            parents=[other.id] if truth else [],
        )


def _backed(answered: Answered) -> bool:
    """Whether the answer rests on the text for sure: it stands there, or half its words do."""
    said = content(answered.answer)
    return stands_in(answered.answer, answered.context) or (
        bool(said) and 2 * shared(answered.answer, answered.context) >= len(said)
    )
