"""Merges rows of a source that each give one type of entity of the same text.

    "red Nike shoe"  color: red    ─┐
    "red Nike shoe"  brand: Nike   ─┴► "red Nike shoe"  color: red, brand: Nike

A type that no row asks for is unknown, not absent, so it is not among the merged types.
"""

from collections.abc import Sequence
from dataclasses import replace

from ecom.corpus.atomic.texts import key
from ecom.corpus.records import Record, Tagged


def merge_tagged(records: Sequence[Record]) -> list[Record]:
    """Return the records with one Tagged per text, in the place of its first one.

    Its id is the ids of its parts, joined by +. A row with a type that an earlier row gave stays
    separate: the two may contradict each other.
    """
    parts: dict[tuple[str, ...], list[Tagged]] = {}
    found: list[Record | list[Tagged]] = []
    for record in records:
        if not isinstance(record, Tagged):
            found.append(record)
            continue
        mark = (record.source, record.lang, record.label, record.text)
        if mark not in parts:
            parts[mark] = [record]
            found.append(parts[mark])
        elif _types(parts[mark]).isdisjoint(_types([record])):
            parts[mark].append(record)
        else:
            found.append(record)
    return [_whole(one) if isinstance(one, list) else one for one in found]


def _types(parts: Sequence[Tagged]) -> set[str]:
    return {key(kind) or kind for part in parts for kind in part.types}


def _whole(parts: Sequence[Tagged]) -> Tagged:
    return replace(
        parts[0],
        id="+".join(part.id for part in parts),
        spans=tuple(span for part in parts for span in part.spans),
        types=tuple(kind for part in parts for kind in part.types),
    )
