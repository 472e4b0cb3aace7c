"""The data card as a page: card.md.j2, Markdown below the YAML header of a dataset card."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from ecom import pages
from ecom.corpus.card_counts import NONE

Card = Mapping[str, Any]  # the content of card.json
ByName = list[tuple[str, int, str]]  # (name, its rows over all sources, those sources)

NAME = "Instructions for online shopping"
COLUMNS = {
    "skill": "The skill (track of ShopBench) that a row trains; none: its source does not say",
    "form": "The form of the answer",
    "paradigm": "Classification, extraction, generation, other",
    "lang": "The language of the row, by its ISO 639-1 code",
    "label": "Gold: from the source; pseudo: from a teacher model",
    "difficulty": "As the teacher that wrote the row judged it; none: no teacher wrote it",
    "split": "Drawn by the row's id",
    "transform": "Chain-of-Task: what the row was derived by; none: as its source has it",
}
_SIZE_NAMES = ("1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T")
_MAX_SOURCES = 6  # in a table of reasons


def markdown(card: Card, pictures: Mapping[str, str]) -> str:
    """Return the page; `pictures` maps titles of charts to file names beside it."""
    page = pages.render(
        "ecom.corpus",
        "card.md.j2",
        card=card,
        name=NAME,
        title=title(card),
        header=_header(card),
        unlicensed=_unlicensed(card),
        columns=COLUMNS,
        totals=totals(card),
        more_kept_than_read=more_kept_than_read(card),
        rejected=_by_name(card["rejected"]),
        fixed=_by_name(card["fixed"]),
        review=card.get("review"),
        pictures={file: title for title, file in pictures.items()},
        share=lambda rows: f"{rows / card['rows']:.1%}",
        accepted=accepted,
        many=_many,
        facts=_facts,
    )
    return page.rstrip() + "\n"


def title(card: Card) -> str:
    """Return the headline."""
    tasks, languages = (len(card["rows_by"][c].keys() - {NONE}) for c in ("task", "lang"))
    tokens = sum(lengths["total"] for lengths in card["tokens"].values())
    return (
        f"{_many(card['rows'], 'row')} of {_many(tasks, 'task')} in "
        f"{_many(languages, 'language')}, {_many(tokens, 'token')}"
    )


def totals(card: Card) -> list[int]:
    """Return rows read, kept and rejected over all sources."""
    return [sum(s[column] or 0 for s in card["sources"]) for column in ("read", "kept", "rejected")]


def more_kept_than_read(card: Card) -> bool:
    """Return whether a source gave more rows than were read, which the page explains."""
    return any(s["read"] is not None and s["kept"] > s["read"] for s in card["sources"])


def accepted(counts: Mapping[str, Any]) -> str:
    """Return "93.0% [88.6%, 95.8%]": the share of rows accepted, and its interval."""
    low, high = counts["interval"]
    return f"{counts['share']:.1%} [{low:.1%}, {high:.1%}]"


def _header(card: Card) -> dict[str, Any]:
    """Return the front matter for the Hugging Face hub."""
    licenses = ", ".join((s["license"] or "unknown").lower() for s in card["sources"]).split(", ")
    unlicensed = _unlicensed(card)
    splits = [split for split in ("train", "validation") if split in card["rows_by"]["split"]]
    files = [{"split": split, "path": f"{split}/*.parquet"} for split in splits]
    fields = {
        "pretty_name": NAME,
        "language": [c for c in card["rows_by"]["lang"] if re.fullmatch("[a-z]{2,3}", c)],
        "license": sorted({name for name in licenses if name}),
        "license_details": f"unknown: {', '.join(unlicensed)}" if unlicensed else None,
        "size_categories": [_size(card["rows"])],
        "task_categories": ["text-generation"],
        "tags": ["e-commerce", "instruction-tuning"],
        "configs": [{"config_name": "default", "data_files": files}] if files else None,
    }
    return {name: value for name, value in fields.items() if value}


def _unlicensed(card: Card) -> list[str]:
    return [source["name"] for source in card["sources"] if not source["license"]]


def _by_name(counted: Mapping[str, Mapping[str, int]]) -> ByName:
    """Return the rows of each name over all sources, the most first."""
    by_name: dict[str, Counter[str]] = {}
    for source, names in counted.items():
        for name, rows in names.items():
            by_name.setdefault(name, Counter())[source] += rows
    ordered = sorted(by_name.items(), key=lambda pair: (-pair[1].total(), pair[0]))
    return [(name, rows.total(), _listed(rows)) for name, rows in ordered]


def _listed(rows: Counter[str]) -> str:
    """Return "b 300, a 20": the sources with the most rows."""
    named = sorted(rows.items(), key=lambda pair: (-pair[1], pair[0]))
    listed = ", ".join(f"{name} {count:,}" for name, count in named[:_MAX_SOURCES])
    return listed + (f" and {len(named) - _MAX_SOURCES} more" if named[_MAX_SOURCES:] else "")


def _facts(row: Mapping[str, Any]) -> str:
    """Return the known facts of a sample: "source a, lang en, …"."""
    columns = ("source", "lang", "form", "label", "transform")
    return ", ".join(f"{name} {row[name]}" for name in columns if row[name])


def _size(rows: int) -> str:
    """Return the hub's name of a size: n<1K, 1K<n<10K, …"""
    digits = len(str(rows)) - 3  # number of size names below it
    if digits <= 0:
        return f"n<{_SIZE_NAMES[0]}"
    if digits >= len(_SIZE_NAMES):
        return f"n>{_SIZE_NAMES[-1]}"
    return f"{_SIZE_NAMES[digits - 1]}<n<{_SIZE_NAMES[digits]}"


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
