"""What all records of a chunk say of one text, for it may stand in several.

"It broke."  aspect: quality  ─┐
"It broke."  aspect: price    ─┴► labels_of: quality, price; neither is wrong for the text
"""

from collections.abc import Mapping

from ecom.corpus.atomic.pool import Pool
from ecom.corpus.atomic.shelves import gathered
from ecom.corpus.atomic.texts import key
from ecom.corpus.records import Answered, Classified, Dialogue, Tagged

Span = tuple[str, str]  # type, key of a term


def labels_of(classified: Classified, pool: Pool) -> list[str]:
    """Return the record's labels and those that others of its topic give to the same text."""
    also = pool.once(_labels)[_about(classified)]
    return list(dict.fromkeys((*classified.labels, *sorted(also))))


def intents_of(dialogue: Dialogue, pool: Pool) -> list[str]:
    """Return the dialogue's intent and those of dialogues of the same turns."""
    return [dialogue.intent, *sorted(pool.once(_intents)[_said(dialogue)])]


def spans_of(tagged: Tagged, pool: Pool) -> set[Span]:
    """Return the entities that any record finds in the text."""
    return pool.once(_spans)[tagged.lang, key(tagged.text)]


def answers_to(question: str, pool: Pool) -> set[str]:
    """Return the keys of all answers to a question."""
    return pool.once(_answers)[key(question)]


def questions_for(answer: str, pool: Pool) -> set[str]:
    """Return the keys of all questions with an answer."""
    return pool.once(_questions)[key(answer)]


def contexts_for(question: str, pool: Pool) -> set[str]:
    """Return the keys of all texts that a question is answered from."""
    return pool.once(_contexts)[key(question)]


def _labels(pool: Pool) -> Mapping[tuple[str, str, str], set[str]]:
    found = (record for record in pool.records if isinstance(record, Classified))
    return gathered((_about(one), label) for one in found for label in one.labels)


def _intents(pool: Pool) -> Mapping[tuple[str, ...], set[str]]:
    found = (record for record in pool.records if isinstance(record, Dialogue))
    return gathered((_said(one), one.intent) for one in found if one.intent)


def _spans(pool: Pool) -> Mapping[tuple[str, str], set[Span]]:
    found = (record for record in pool.records if isinstance(record, Tagged))
    return gathered(
        ((one.lang, key(one.text)), (kind, key(term) or term))
        for one in found
        for kind, term in one.spans
    )


def _answers(pool: Pool) -> Mapping[str, set[str]]:
    return gathered((key(one.question), key(one.answer)) for one in _answered(pool))


def _questions(pool: Pool) -> Mapping[str, set[str]]:
    return gathered((key(one.answer), key(one.question)) for one in _answered(pool))


def _contexts(pool: Pool) -> Mapping[str, set[str]]:
    return gathered((key(one.question), key(one.context)) for one in _answered(pool))


def _answered(pool: Pool) -> list[Answered]:
    return [one for one in pool.records if isinstance(one, Answered) and one.answer]


def _about(classified: Classified) -> tuple[str, str, str]:
    return classified.lang, classified.topic, key(classified.text)


def _said(dialogue: Dialogue) -> tuple[str, ...]:
    return tuple(key(text) for _, text in dialogue.turns)
