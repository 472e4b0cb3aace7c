"""A dialogue's turns: from a list of {speaker, text}, or from lines "Customer: …", "Shop: …"."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from ecom.corpus.formats.cells import CellError, needed, text, value

Turn = tuple[Literal["customer", "shop"], str]
_SPEAKERS: dict[str, Literal["customer", "shop"]] = {
    **dict.fromkeys(("customer", "user", "buyer", "client"), "customer"),
    **dict.fromkeys(("shop", "agent", "assistant", "seller", "store", "support"), "shop"),
}
_LINE = re.compile(rf"\s*({'|'.join(_SPEAKERS)})\s*[:：]\s*(.*)", re.IGNORECASE)


def turns(row: Mapping[str, Any], column: str) -> tuple[Turn, ...]:
    """Return the turns in order, without empty ones. Raises CellError."""
    found = value(row, column)
    if isinstance(found, str) and found[0] == "[":
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            raise CellError(f"{column} must be a list of turns in JSON", found[:100]) from None
    if found is None:
        raise CellError(f"{column} is missing")
    if isinstance(found, str):
        listed = _of_lines(text(row, column), column)
    elif isinstance(found, list | tuple):
        listed = _of_list(found, column)
    else:
        raise CellError(f"{column} must be a list or a text: a {type(found).__name__}", str(found))
    if spoken := tuple(turn for turn in listed if turn[1]):
        return spoken
    raise CellError(f"{column} holds no words")


def _of_list(items: Iterable[Any], column: str) -> Iterator[Turn]:
    for item in items:
        if not isinstance(item, Mapping):
            raise CellError(f"{column} must be structs of speaker and text", f"{item!r:.100}")
        speaker = needed(item, "speaker")
        if speaker.lower() not in _SPEAKERS:
            raise CellError(f"{column}.speaker must be customer or shop: {speaker!r:.20}")
        yield _SPEAKERS[speaker.lower()], text(item, "text")


def _of_lines(words: str, column: str) -> Iterator[Turn]:
    """Yield the turns of a text; a line without a speaker continues the turn before it."""
    speaker, lines = None, list[str]()
    for line in words.splitlines():
        if match := _LINE.fullmatch(line):
            if speaker:
                yield speaker, "\n".join(lines).strip()
            speaker, lines = _SPEAKERS[match[1].lower()], [match[2]]
        elif speaker:
            lines.append(line.rstrip())
        elif line.strip():
            raise CellError(f"{column} must begin with Customer: or Shop:", words[:100])
    if speaker:
        yield speaker, "\n".join(lines).strip()
