"""Questions and answers, with or without the text that the answer is based on."""

from collections.abc import Iterator
from random import Random
from typing import Literal

from ecom.corpus.atomic import answers
from ecom.corpus.atomic.base import Made, Option, transform
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.relations import Case, Find, Relation
from ecom.corpus.atomic.shelves import grouped
from ecom.corpus.atomic.texts import (
    content,
    key,
    labelled,
    one_line,
    sentences,
    shared,
    stands_in,
    telling,
)
from ecom.corpus.records import Answered

_TOO_LONG = "the answer is longer than the contest's parser reads"
Fact = tuple[str, str]


def _asked(answered: Answered, pool: Pool) -> str:
    """Return the text and the question."""
    words = pool.words(answered)
    return labelled(words, text=answered.context, question=answered.question)


# ------------------------------------------------------------------- which belong to each other


def _speaks_of(asks_for: Literal["answer", "question"]) -> Find[Answered]:
    """Return a function that shows one of a question and its answer, and asks for the other.

    The right one shares words with the shown side, and the others share fewer.
    """
    shown: Literal["answer", "question"] = "question" if asks_for == "answer" else "answer"

    def facts(one: Answered) -> Iterator[Fact]:
        if one.answer:
            yield key(getattr(one, shown)), key(getattr(one, asks_for))

    def find(answered: Answered, pool: Pool, rng: Random) -> Case | None:
        given, right = getattr(answered, shown), getattr(answered, asks_for)
        match = shared(given, right)
        if not match or not telling(answered.answer):  # "Yes." answers any question
            return None
        known = {key(right), *pool.known(Answered, facts)[key(given)]}

        def sound(other: Answered) -> bool:
            text = getattr(other, asks_for)
            new = key(text) not in known and key(getattr(other, shown)) != key(given)
            new = new and shared(text, given) < match
            new = new and (asks_for == "question" or telling(text))
            known.update([key(text)] if new else [])
            return new

        def wrong(n: int) -> list[Option]:
            others = pool.others(answered, n, rng, sound)
            return [Option(getattr(other, asks_for), other.id) for other in others]

        return Case(pool.show(answered, **{shown: given}), [Option(right)], wrong)

    return find


ANSWERED = Relation(Answered, "answer", _speaks_of("answer"), back=_speaks_of("question"))
ANSWERED.choose(
    "recombine:answer_choice",
    """The answer that speaks of a question, among answers that say less of it.

    from     Answered question <Do the boots keep feet warm?>, answer <they have a warm lining>
    input    Question: Do the boots keep feet warm?
    options  in three minutes | wool programme at 30 degrees | they have a warm lining | It was fine
             for me with the dimmer wide open.
    output   2
    """,
)
ANSWERED.flip().choose(
    "reverse:question_choice",
    """The question that an answer speaks of, among questions of which it says less.

    from     Answered question <Do the boots keep feet warm?>, answer <they have a warm lining>
    input    Answer: they have a warm lining
    options  How long does the kettle take to boil? | Which washing programme do the socks stand? |
             Do the boots keep feet warm? | Is the lamp bright enough for reading?
    output   2
    """,
)


# ------------------------------------------------------------------------------ to be written


@transform("plain", Answered, "generation", no_row=_TOO_LONG)
def question_answering(answered: Answered, pool: Pool, rng: Random) -> Iterator[Made]:
    """A question's answer in words of its own: not a passage of the text, if there is one.

    from     Answered question <Is the lamp bright enough for reading?>, answer <It was fine for me
             with the dimmer wide open.>, context <The lamp has a dimmer. With the dimmer wide open
             it was fine for books.>
    input    Text: The lamp has a dimmer. With the dimmer wide open it was fine for books. /
             Question: Is the lamp bright enough for reading?
    output   It was fine for me with the dimmer wide open.
    """
    if not stands_in(answered.answer, answered.context):
        yield from answers.text(answered.answer, _asked(answered, pool))


@transform("plain", Answered, "generation", paradigm="EXT")
def answer_extraction(answered: Answered, pool: Pool, rng: Random) -> Iterator[Made]:
    """A question's answer, which is a passage of the text.

    from     Answered question <How long does the kettle take to boil?>, answer <in three minutes>,
             context <Steel kettle. It boils in three minutes. It holds 1.7 litres.>
    input    Text: Steel kettle. It boils in three minutes. It holds 1.7 litres. / Question: How
             long does the kettle take to boil?
    output   in three minutes
    """
    if stands_in(answered.answer, answered.context):
        yield from answers.text(answered.answer, _asked(answered, pool))


@transform("own", Answered, "generation", paradigm="EXT", no_row=_TOO_LONG)
def passage_or_none(answered: Answered, pool: Pool, rng: Random) -> Iterator[Made]:
    """The passage of the text that answers a question, or that the text does not say.

    from     Answered question <Is the kettle dishwasher safe?>, answer <>, context <Steel kettle.
             It boils in three minutes. It holds 1.7 litres.>
    input    Text: Steel kettle. It boils in three minutes. It holds 1.7 litres. / Question: Is the
             kettle dishwasher safe?
    output   The text does not say.
    """
    answer = answered.answer or pool.words(answered)["unknown"]
    yield from answers.text(answer, _asked(answered, pool))


@transform("reverse", Answered, "generation", metric="sent-transformer")
def question_generation(answered: Answered, pool: Pool, rng: Random) -> Iterator[Made]:
    """A question, from its answer and the text that the answer rests on.

    from     Answered question <How long does the kettle take to boil?>, answer <in three minutes>,
             context <Steel kettle. It boils in three minutes. It holds 1.7 litres.>
    input    Text: Steel kettle. It boils in three minutes. It holds 1.7 litres. / Answer: in three
             minutes
    output   How long does the kettle take to boil?
    """
    said = pool.show(answered, text=answered.context, answer=answered.answer)
    enough = answered.context.strip() or telling(answered.answer)
    if answered.answer.strip() and enough and not stands_in(answered.question, said):
        yield from answers.text(one_line(answered.question), said)


# ------------------------------------------------------------------- whether and where it stands


@transform("simplify", Answered)
def answerable(answered: Answered, pool: Pool, rng: Random) -> Iterator[Made]:
    """Whether a text answers a question: its own text does, that of another question does not.

    A question that its text is known not to answer is drawn against one that the text does answer.

    from     Answered question <How long does the kettle take to boil?>, answer <in three minutes>,
             context <Steel kettle. It boils in three minutes. It holds 1.7 litres.>
    input    Text: Steel kettle. It boils in three minutes. It holds 1.7 litres. / Question: How
             long does the kettle take to boil?
    options  No | Yes
    output   1
    """
    if not answered.context:
        return
    if not answered.answer:
        pair = _other_question(answered, pool, rng)
    else:
        pair = _other_text(answered, pool, rng) if _is_backed(answered) else None
    if pair:
        words, truth = pool.words(answered), rng.random() < 0.5
        (text, question), parent = pair[not truth]
        input = labelled(words, text=text, question=question)
        yield from answers.yes_no(truth, words, rng, input, parents=[parent])


@transform("simplify", Answered, paradigm="EXT")
def answer_sentence(answered: Answered, pool: Pool, rng: Random) -> Iterator[Made]:
    """The one sentence of a text in which the answer stands.

    from     Answered question <How long does the kettle take to boil?>, answer <in three minutes>,
             context <Steel kettle. It boils in three minutes. It holds 1.7 litres.>
    input    Question: How long does the kettle take to boil?
    options  It holds 1.7 litres. | It boils in three minutes. | Steel kettle.
    output   1
    """
    found = list(dict.fromkeys(sentences(answered.context)))[: answers.MAX_OPTIONS]
    same = [o for o in _on_the_text(answered, pool) if key(o.question) == key(answered.question)]
    right = [s for s in found if any(stands_in(one.answer, s) for one in (answered, *same))]
    if len(right) == 1:
        wrong = [Option(sentence) for sentence in found if sentence != right[0]]
        given = pool.show(answered, question=answered.question)
        yield from answers.choice(Option(right[0]), wrong, rng, given, fewest=2)


Shown = tuple[tuple[str, str], str]  # (text, question), id of the other record


def _contexts(one: Answered) -> Iterator[Fact]:
    if one.answer:
        yield key(one.question), key(one.context)


def _other_text(answered: Answered, pool: Pool, rng: Random) -> tuple[Shown, Shown] | None:
    """Return the question with its text, and with one that does not answer it."""
    asked, answering = content(answered.question), pool.known(Answered, _contexts)
    texts = {key(answered.context), *answering[key(answered.question)]}
    elsewhere = pool.others(
        answered,
        1,
        rng,
        lambda other: (
            bool(other.context.strip())
            and key(other.context) not in texts
            and not stands_in(answered.answer, other.context)
            and 2 * len(asked & content(other.context)) < len(asked)
        ),
    )
    for other in elsewhere:
        own = (answered.context, answered.question), ""
        return own, ((other.context, answered.question), other.id)
    return None


def _other_question(answered: Answered, pool: Pool, rng: Random) -> tuple[Shown, Shown] | None:
    """Return a question that the text answers, and the one that it is known not to answer."""
    known = pool.known(Answered, _contexts)[key(answered.question)]
    backed = [other for other in _on_the_text(answered, pool) if _is_backed(other)]
    if not backed or key(answered.context) in known:
        return None
    other = rng.choice(backed)
    own = (answered.context, answered.question), ""
    return ((answered.context, other.question), other.id), own


def _on_the_text(answered: Answered, pool: Pool) -> list[Answered]:
    """Return the questions that the same text of the same source answers."""
    return pool.once(_by_text).get((answered.source, answered.context), [])


def _by_text(pool: Pool) -> dict[tuple[str, str], list[Answered]]:
    found = (one for one in pool.records if isinstance(one, Answered) and one.answer)
    return grouped(((one.source, one.context), one) for one in found)


def _is_backed(answered: Answered) -> bool:
    """Whether the answer is certainly based on the text: it, or half its words, occur there."""
    said = content(answered.answer)
    return stands_in(answered.answer, answered.context) or (
        bool(said) and 2 * shared(answered.answer, answered.context) >= len(said)
    )
