"""Dialogues of customers and the shop: the next turn, and the customer's intent."""

from collections.abc import Iterator, Sequence
from random import Random

from ecom.corpus.atomic.answers import OTHERS
from ecom.corpus.atomic.base import Made, Option, transform
from ecom.corpus.atomic.pool import Pool, Words
from ecom.corpus.atomic.relations import Case, Relation, label_case
from ecom.corpus.atomic.texts import (
    besides,
    key,
    listed,
    one_line,
    pairs,
    stands_in,
    telling,
)
from ecom.corpus.records import Dialogue


def _talk(turns: Sequence[tuple[str, str]], words: Words) -> str:
    """Return the turns below a heading, each on a line that begins with its speaker."""
    return listed(words["dialogue"], [f"{words[who]}: {one_line(text)}" for who, text in turns])


# -------------------------------------------------------------------------------------- replies


def _replies(dialogue: Dialogue) -> list[int]:
    """Return the indices of the shop's turns that answer a customer, with new content."""
    said: set[str] = set()
    found = []
    for index, (speaker, text) in enumerate(dialogue.turns):
        answers_customer = index > 0 and dialogue.turns[index - 1][0] == "customer"
        if speaker == "shop" and answers_customer and telling(text) and key(text) not in said:
            found.append(index)
        said.add(key(text))
    return found


def _replies_to(dialogue: Dialogue) -> Iterator[tuple[str, str]]:
    """Yield each turn and the shop's reply to it, as keys."""
    for (_, said), (speaker, reply) in zip(dialogue.turns, dialogue.turns[1:], strict=False):
        if speaker == "shop":
            yield key(said), key(reply)


def _reply(dialogue: Dialogue, pool: Pool, rng: Random) -> Case | None:
    """Show a talk up to a customer's turn and ask for the reply."""
    if not (indices := _replies(dialogue)):
        return None
    index = rng.choice(indices)

    def wrong(n: int) -> list[Option]:
        """Return replies from dialogues of another intent, none to this customer's turn."""
        known = {key(text) for _, text in dialogue.turns}
        known |= pool.known(Dialogue, _replies_to)[key(dialogue.turns[index - 1][1])]
        found = []
        for other in pool.others(
            dialogue, 12, rng, lambda o: not o.intent or key(o.intent) != key(dialogue.intent)
        ):
            said = [other.turns[at][1] for at in _replies(other)]
            if new := [text for text in said if key(text) not in known]:
                found.append(Option(rng.choice(new), other.id))
                known.add(key(found[-1].text))
        return found[:n]

    given = _talk(dialogue.turns[:index], pool.words(dialogue))
    return Case(given, [Option(dialogue.turns[index][1])], wrong)


def _customers_turn(dialogue: Dialogue, pool: Pool, rng: Random) -> Case | None:
    """Show a talk up to the shop's reply, without the customer's turn before it, and ask for it."""
    turns = dialogue.turns
    indices = [
        index
        for index in range(len(turns) - 1)
        if turns[index][0] == "customer"
        and turns[index + 1][0] == "shop"
        and telling(turns[index][1])
        and not any(stands_in(turns[index][1], text) for _, text in turns[:index])
    ]
    index = rng.choice(indices) if indices else 0
    if not indices or stands_in(turns[index][1], turns[index + 1][1]):
        return None
    shown = (*turns[:index], ("customer", "…"), turns[index + 1])
    return Case(_talk(shown, pool.words(dialogue)), [Option(turns[index][1])], lambda _: ())


REPLIED = Relation(Dialogue, "shop", _reply, back=_customers_turn, skill="behavior")
REPLIED.write(
    "plain:dialogue_reply",
    """The shop's reply to what was said up to a customer's turn.

    from     Dialogue turns <customer: Does the kettle switch itself off? / shop: Yes, it does so as
             soon as the water boils. / customer: Thank you!>
    input    Dialogue: / Customer: Does the kettle switch itself off?
    output   Yes, it does so as soon as the water boils.
    """,
    metric="sent-transformer",
    no_row="no turn of the shop answers the customer and says something new",
)
REPLIED.choose(
    "recombine:reply_choice",
    """The shop's next reply, among replies from talks of another intent.

    from     Dialogue turns <customer: Does the kettle switch itself off? / shop: Yes, it does so as
             soon as the water boils. / customer: Thank you!>
    input    Dialogue: / Customer: Does the kettle switch itself off?
    options  You can return them for free within 30 days. | It left our stock today and arrives
             tomorrow. | I have changed the colour in your order. | Yes, it does so as soon as the
             water boils.
    output   3
    """,
)
REPLIED.flip().write(
    "reverse:customer_turn",
    """What the customer said, from what came before and the shop's reply.

    from     Dialogue turns <customer: Does the kettle switch itself off? / shop: Yes, it does so as
             soon as the water boils. / customer: Thank you!>
    input    Dialogue: / Customer: … / Shop: Yes, it does so as soon as the water boils.
    output   Does the kettle switch itself off?
    """,
    metric="sent-transformer",
)

# -------------------------------------------------------------------------------------- intents


def _said(dialogue: Dialogue) -> tuple[str, ...]:
    return tuple(key(text) for _, text in dialogue.turns)


def _intents_of(dialogue: Dialogue) -> Iterator[tuple[tuple[str, ...], str]]:
    if dialogue.intent:
        yield _said(dialogue), dialogue.intent


def _intents(dialogue: Dialogue) -> Iterator[tuple[tuple[str, str], str]]:
    if dialogue.intent:
        yield (dialogue.source, dialogue.lang), dialogue.intent


def intents(dialogue: Dialogue, pool: Pool) -> Sequence[str]:
    """Return the possible intents of a dialogue: the source's list, else those of the chunk.

    A table of dialogues has each one's intent, but no list of the possible ones.
    """
    known = pool.known(Dialogue, _intents)[dialogue.source, dialogue.lang]
    return dialogue.intents or sorted(known)


def _intent(dialogue: Dialogue, pool: Pool, rng: Random) -> Case | None:
    """Show a whole talk and ask for what the customer wants."""
    if not dialogue.intent or not dialogue.turns:
        return None
    also = pool.known(Dialogue, _intents_of)[_said(dialogue)]
    given = _talk(dialogue.turns, pool.words(dialogue))
    return label_case(given, [dialogue.intent], intents(dialogue, pool), sorted(also), rng)


def _opening(dialogue: Dialogue, pool: Pool, rng: Random) -> Case | None:
    """Name what the customer wants and ask for the first message."""
    wanted = dialogue.intent and dialogue.turns and dialogue.turns[0][0] == "customer"
    if not wanted or not telling(dialogue.turns[0][1]):
        return None
    first = Option(dialogue.turns[0][1])
    return Case("", [first], lambda _: (), {"intent": one_line(dialogue.intent)})


INTENDED = Relation(Dialogue, "intent", _intent, back=_opening, in_slot=True, skill="behavior")
INTENDED.choose(
    "plain:dialogue_intent",
    """What the customer wants, among up to ten intents.

    from     Dialogue turns <customer: Does the kettle switch itself off? / shop: Yes, it does so as
             soon as the water boils. / customer: Thank you!>, intent <ask about a product>
    input    Dialogue: / Customer: Does the kettle switch itself off? / Shop: Yes, it does so as
             soon as the water boils. / Customer: Thank you!
    options  track a parcel | change an order | ask about a product | return an item
    output   2
    """,
    OTHERS,
    fewest=1,
    no_row="no other intent is known that could be wrong; name all in `labels`",
)
INTENDED.match(
    "simplify:has_intent",
    """Whether the customer wants one given thing; yes and no are drawn alike.

    from     Dialogue turns <customer: Does the kettle switch itself off? / shop: Yes, it does so as
             soon as the water boils. / customer: Thank you!>, intent <ask about a product>
    input    Dialogue: / Customer: Does the kettle switch itself off? / Shop: Yes, it does so as
             soon as the water boils. / Customer: Thank you!
    slots    intent: return an item
    options  No | Yes
    output   0
    """,
)
INTENDED.flip().write(
    "reverse:opening_from_intent",
    """A customer's first message, from what the customer wants.

    from     Dialogue turns <customer: Does the kettle switch itself off? / shop: Yes, it does so as
             soon as the water boils. / customer: Thank you!>, intent <ask about a product>
    slots    intent: ask about a product
    output   Does the kettle switch itself off?
    """,
    metric="sent-transformer",
)


@transform(
    "own",
    Dialogue,
    "generation",
    paradigm="EXT",
    skill="behavior",
    no_row="no filled slot has a value that stands in the dialogue",
)
def dialogue_state(dialogue: Dialogue, pool: Pool, rng: Random) -> Iterator[Made]:
    """What the customer wants and has said about it so far: the intent, and the filled slots.

    from     Dialogue turns <customer: I need a hotel in Rome for two nights. / shop: Roma Inn has a
             room.>, intent <FindHotel>, intents <FindHotel; BookFlight>, slots <city: Rome; nights:
             two; stars: 4>
    input    Dialogue: / Customer: I need a hotel in Rome for two nights. / Shop: Roma Inn has a
             room.
    slots    attributes: city, nights
    options  BookFlight | FindHotel
    output   Intent: FindHotel / city: Rome / nights: two
    """
    words = pool.words(dialogue)
    said = "\n".join(text for _, text in dialogue.turns)
    filled = [slot for slot in dialogue.slots if stands_in(slot[1], said)]
    wrong = besides([dialogue.intent], intents(dialogue, pool))
    shown = [dialogue.intent, *rng.sample(wrong, min(len(wrong), OTHERS))]
    if filled:
        intent = [(words["intent"], dialogue.intent)] if dialogue.intent else []
        yield Made(
            output=pairs([*intent, *filled]),
            input=_talk(dialogue.turns, words),
            options=tuple(rng.sample(shown, len(shown))) if dialogue.intent else (),
            slots={"attributes": ", ".join(one_line(name) for name, _ in filled)},
        )
