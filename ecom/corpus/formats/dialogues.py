"""Labelled dialogues: a table with a turn per row, or Schema-Guided Dialogue (SGD).

    session, role, text, intent    the rows of a session are consecutive; the intent may be empty.
                                   Roles are customer, user, agent, bot and the like;
                                   JDDC's waiter_send (0, 1) is one, too
    dialogue_id, turns             {"speaker": "USER", "utterance": …, "frames": [{"slots":
                                   [{"slot", "start", "exclusive_end"}], "state":
                                   {"active_intent", "slot_values": {slot: [values]}}}]}

A dialogue is cut where the customer's intent changes: each piece is a row with its intent, and with
the slots that the customer filled in it. Turns without an intent belong to those before them. SGD's
schema.json, a list of services, is no dialogue: its rows are rejected.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import Any, Literal

from ecom.corpus.formats.base import Format, Row, file_spans
from ecom.corpus.formats.cells import CellError, lang, needed, text, texts, value
from ecom.corpus.formats.labelled import Named, found, known, own
from ecom.corpus.formats.tables import each, rejected
from ecom.corpus.records import Dialogue, Tagged
from ecom.corpus.source import RawSource, name_of
from ecom.raw import files
from ecom.shopbench import Rejected

Speaker = Literal["customer", "shop"]
ROLES: dict[str, Speaker] = {
    **dict.fromkeys(
        ("customer", "user", "buyer", "client", "q", "0", "用户", "顾客", "买家", "客户"),
        "customer",
    ),
    **dict.fromkeys(
        (
            "shop",
            "agent",
            "assistant",
            "seller",
            "store",
            "support",
            "system",
            "bot",
            "waiter",
            "staff",
            "a",
            "1",
            "客服",
            "商家",
            "卖家",
            "店家",
        ),
        "shop",
    ),
}
COLUMNS = (("session", "role", "text"), ("dialogue_id", "turns"))
_NO_INTENT = ("", "NONE", "none")


@dataclass(slots=True)
class _Turn:
    speaker: Speaker
    text: str
    intent: str = ""
    slots: dict[str, str] = field(default_factory=dict)  # all that are filled by now
    spans: tuple[tuple[str, str], ...] = ()  # (slot, term) in this turn


def rows(span: files.Span, source: RawSource) -> Iterator[Row]:
    """Yield the pieces of the span's dialogues: {id, lang, turns: [_Turn, …]}."""
    named = Named(source, COLUMNS)
    raw = ((line, _no_schema(line, row)) for line, row in files.rows(span))
    for (_, is_row), group in groupby(
        named.checked(raw, span.file), key=lambda entry: _mark(entry[0], entry[1], named)
    ):
        (line, first), *more = group
        if not is_row or isinstance(first, Rejected):
            yield from ((line, first), *more)
            continue
        try:
            shape = named.shape(first)
            session = [first, *(row for _, row in more if isinstance(row, dict))]
            turns = _of_sgd(first) if shape[-1] == "turns" else list(_of_table(session, named))
            known_id, code = needed(first, named[shape[0]]), lang(first, named["lang"])
        except CellError as fault:
            yield line, rejected(line, first, fault)
            continue
        for number, piece in enumerate(_pieces(turns)):
            yield line, {"id": f"{known_id}.{number}", "lang": code, "turns": piece}


def read(
    pieces: Iterable[Row], source: RawSource, file: str
) -> Iterator[Dialogue | Tagged | Rejected]:
    """Yield the pieces of one span, and the customer's turns that fill slots as Tagged texts."""
    name, named = name_of(source, file), Named(source, COLUMNS)

    def in_span(span: files.Span) -> Iterable[Row]:
        return rows(span, source)

    intents = known(source, file, in_span, lambda row: filter(None, [_intent(row["turns"])]))
    slots = found(source, file, "slots", in_span, lambda row: _slot_names(row["turns"]))

    def dialogue(line: int, row: Mapping[str, Any]) -> tuple[Dialogue | Tagged, ...]:
        turns: list[_Turn] = row["turns"]
        intent = named.label(_intent(turns), named["intent"])
        filled = next((turn.slots for turn in reversed(turns) if turn.slots), {})
        by = "own:dialogue_state" if filled else "plain:dialogue_intent"
        by = by if intent or filled else "plain:dialogue_reply"
        made = Dialogue(
            id=row["id"],
            source=name,
            lang=source.lang or row["lang"],
            turns=tuple((turn.speaker, turn.text) for turn in turns),
            intent=intent,
            intents=intents,
            slots=tuple(filled.items()),
            own=own(by, source, file, line),
        )
        return made, *_tagged(made, turns, slots)

    for item in each(pieces, dialogue):
        if isinstance(item, Rejected):
            yield item
        else:
            yield from item


def _no_schema(line: int, row: dict[str, Any] | Rejected) -> dict[str, Any] | Rejected:
    if isinstance(row, dict) and row.keys() >= {"service_name", "slots", "intents"}:
        return Rejected(line, "SGD's schema of a service, not a dialogue", str(row)[:200])
    return row


def _mark(line: int, row: dict[str, Any] | Rejected, named: Named) -> tuple[str | int, bool]:
    """Return the key of a row's session, and whether the row belongs to a dialogue.

    A row without a session is separate, and is rejected.
    """
    if isinstance(row, Rejected):
        return line, False
    try:
        session = value(row, named["session"])
    except CellError:
        session = None
    return line if session is None else str(session), True


def _of_table(session: Iterable[Mapping[str, Any]], named: Named) -> Iterator[_Turn]:
    for row in session:
        if words := text(row, named["text"]):
            speaker = _speaker(needed(row, named["role"]), named["role"])
            intent = text(row, named["intent"]) if speaker == "customer" else ""
            yield _Turn(speaker, words, "" if intent in _NO_INTENT else intent)


def _of_sgd(row: Mapping[str, Any]) -> list[_Turn]:
    try:
        return list(_turns(value(row, "turns") or ()))
    except (AttributeError, TypeError):  # a text where an object should be, or the like
        raise CellError("turns are not in SGD's layout: speaker, utterance, frames") from None


def _turns(cell: Iterable[Mapping[str, Any]]) -> Iterator[_Turn]:
    before = ""  # the customer's intent in the turn before
    for turn in cell:
        words, speaker = text(turn, "utterance"), _speaker(needed(turn, "speaker"), "speaker")
        frames = turn.get("frames") or ()
        active = [(text(one.get("state") or {}, "active_intent"), one) for one in frames]
        active = [entry for entry in active if entry[0] not in _NO_INTENT]
        # On a change of services the old one may still be listed: the new one counts.
        new = [entry for entry in active if entry[0] != before]
        intent, frame = (new or active or [("", {})])[0]
        before = intent or before
        spans = tuple(span for one in frames for span in _spans(one, turn.get("utterance") or ""))
        if words:
            yield _Turn(speaker, words, intent, _filled(frame), spans)


def _speaker(role: str, column: str) -> Speaker:
    if role.lower() not in ROLES:
        raise CellError(f"{column} must be one of {', '.join(ROLES)}: {role!r:.20}")
    return ROLES[role.lower()]


def _filled(frame: Mapping[str, Any]) -> dict[str, str]:
    """Return slot -> its first value in a frame's state."""
    values = (frame.get("state") or {}).get("slot_values") or {}
    if not isinstance(values, Mapping):
        raise CellError("slot_values must map slots to lists of values")
    return {slot: found[0] for slot in values if (found := texts(values, slot))}


def _spans(frame: Mapping[str, Any], utterance: str) -> Iterator[tuple[str, str]]:
    for slot in frame.get("slots") or ():
        start, end = slot.get("start"), slot.get("exclusive_end")
        if start is None or end is None:  # a slot with few values: it need not occur in the text
            continue
        term = utterance[start:end].strip() if 0 <= start < end <= len(utterance) else ""
        if not term:
            raise CellError(f"slots: {start}:{end} is no span of the utterance", utterance[:100])
        yield text(slot, "slot"), term


def _pieces(turns: list[_Turn]) -> Iterator[list[_Turn]]:
    """Yield the turns in pieces of one intent each."""
    piece, intent = list[_Turn](), ""
    for turn in turns:
        if turn.intent and intent and turn.intent != intent:
            yield piece
            piece = []
        intent = turn.intent or intent
        piece.append(turn)
    if piece:
        yield piece


def _intent(turns: Iterable[_Turn]) -> str:
    return next((turn.intent for turn in turns if turn.intent), "")


def _slot_names(turns: Iterable[_Turn]) -> Iterator[str]:
    for turn in turns:
        yield from (slot for slot, _ in turn.spans)


def _tagged(made: Dialogue, turns: list[_Turn], types: tuple[str, ...]) -> Iterator[Tagged]:
    for index, turn in enumerate(turns):
        if turn.speaker == "customer" and turn.spans:
            yield Tagged(
                id=f"{made.id}:{index}",
                source=made.source,
                lang=made.lang,
                text=turn.text,
                spans=turn.spans,
                types=types,
            )


FORMAT = Format(
    name="dialogues",
    about="labelled dialogues: session, role, text, intent; or SGD's dialogue_id, turns",
    read=read,
    columns=COLUMNS,
    also=("lang", "intent"),
    labelled=True,
    has_labels=True,
    spans=partial(file_spans, span_bytes=sys.maxsize),  # a session is not cut in two
    rows=rows,
)
