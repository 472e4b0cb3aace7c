"""The data card: what is in the corpus, how it was made, what was left out and why.

    Counts + facts of the sources + recipe ─► card.json ─┬─► card.md, *.png
                                                         └─► the table on the terminal

No absolute path and no URL gets into it, so that it can be published as it is.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from ecom.corpus import card_charts
from ecom.corpus.card_counts import NONE, Counts, Lengths, Tally
from ecom.corpus.card_page import accepted, markdown, more_kept_than_read, title, totals

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["Counts", "SourceFacts", "table", "write"]

PERCENTS = (1, 5, 25, 50, 75, 95, 99)
_A_PATH = re.compile(r"^(?:/|~|\.\.?(?:/|$)|[A-Za-z]:\\|[\w+]+://)")


class SourceFacts(TypedDict):
    """Facts about a source. `name` is the `Example.source` of its rows."""

    name: str
    format: str
    path: str
    license: str | None
    read: int


def write(
    folder: Path,
    counts: Counts,
    sources: Sequence[SourceFacts],
    recipe_settings: Mapping[str, Any],
    shots: Sequence[Mapping[str, str]] = (),
    review: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Write card.json, card.md and the PNGs into `folder`; return the content of card.json.

    `recipe_settings` are plain values, as of `model_dump(mode="json")`; `shots` are the development
    rows that a teacher was shown: {template, id, task, prompt, output}; `review` is what
    `Verdicts.report` returns.
    """
    card = to_json(counts, sources, recipe_settings, shots)
    if review:
        card["review"] = dict(review)
    drawn = card_charts.draw(card, folder)
    pages = {
        "card.json": json.dumps(card, indent=2, ensure_ascii=False),
        "card.md": markdown(card, {title: path.name for title, path in drawn.items()}),
    }
    for name, page in pages.items():
        # A lone surrogate (from a file name that is not UTF-8) cannot be encoded.
        (folder / name).write_text(page, encoding="utf-8", errors="backslashreplace")
    return card


def to_json(
    counts: Counts,
    sources: Sequence[SourceFacts],
    recipe_settings: Mapping[str, Any],
    shots: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """Return the card as plain dicts; names are ordered by their rows, the most first."""
    return {
        "rows": counts.rows["split"].total(),
        "rows_by": {column: _sorted(tally, column) for column, tally in counts.rows.items()},
        "tasks": list(_tasks(counts)),
        "task_kinds": list(_task_kinds(counts)),
        "tokens": {"prompt": _lengths(counts.prompt), "response": _lengths(counts.response)},
        "sources": list(_sources(counts, sources)),
        "rejected": {name: _sorted(t, "reason") for name, t in sorted(counts.rejected.items())},
        "fixed": {name: _sorted(t, "fix") for name, t in sorted(counts.fixed.items())},
        "shots": list(shots),
        "samples": counts.to_json()["samples"],
        "recipe": _without_folders(recipe_settings),
    }


def table(card: Mapping[str, Any]) -> "Table":
    """Return the table of the sources for a terminal: rows read, kept and rejected."""
    from rich.markup import escape
    from rich.table import Table

    shown = Table(title=title(card), title_justify="left", caption_justify="left")
    shown.add_column("source", overflow="fold")
    reviewed = card.get("review", {}).get("sources", {})
    for column in ("read", "kept", "rejected", *(["accepted in review"] if reviewed else [])):
        shown.add_column(column, justify="right", no_wrap=True)
    for source in card["sources"]:
        read = "" if source["read"] is None else f"{source['read']:,}"
        shown.add_row(
            escape(source["name"]),
            read,
            f"{source['kept']:,}",
            f"{source['rejected']:,}",
            *([accepted(reviewed[source["name"]])] if source["name"] in reviewed else []),
        )
    shown.add_section()
    shown.add_row("all", *(f"{total:,}" for total in totals(card)))
    if more_kept_than_read(card):
        shown.caption = "more kept than read: transforms make several rows of one"
    return shown


def _sorted(tally: Tally, what: str) -> dict[str, int]:
    """Return name -> count, the most first, with those over the tally's limit last."""
    counted = dict(sorted(tally.names.items(), key=lambda pair: (-pair[1], pair[0])))
    if tally.other:
        counted[f"other {what}s"] = counted.pop(f"other {what}s", 0) + tally.other
    return counted


def _tasks(counts: Counts) -> Iterator[dict[str, Any]]:
    """Yield {task, rows, skill, form, paradigm}, the last three as name -> rows."""
    parts: dict[str, tuple[Counter[str], ...]] = {}
    for kind, tally in sorted(counts.kinds.items()):
        for task, count in tally.names.items():
            counters = parts.setdefault(task, (Counter(), Counter(), Counter()))
            for counter, value in zip(counters, kind.split(), strict=True):
                counter[value] += count
    for task, rows in _sorted(counts.rows["task"], "task").items():
        skill, form, paradigm = map(dict, parts.get(task, ({NONE: rows}, {}, {})))
        yield {"task": task, "rows": rows, "skill": skill, "form": form, "paradigm": paradigm}


def _task_kinds(counts: Counts) -> Iterator[dict[str, Any]]:
    """Yield {lang, paradigm, tasks, tasks_of_sources, rows}: Table 2 of arXiv 2308.06966.

    `tasks` has other names, `tasks_of_sources` counts a task of two sources twice.
    """
    for kind, tally in sorted(counts.tasks.items()):
        lang, _, paradigm = kind.rpartition(" ")
        yield {
            "lang": lang,
            "paradigm": paradigm,
            "tasks": len({name.partition("\t")[0] for name in tally.names}),
            "tasks_of_sources": len(tally.names),
            "rows": tally.total(),
        }


def _lengths(lengths: Lengths) -> dict[str, Any]:
    texts = lengths.bins.total()
    return {
        **lengths.to_json(),
        "mean": round(lengths.total / texts, 1) if texts else 0.0,
        "percentiles": {str(percent): lengths.percentile(percent) for percent in PERCENTS},
    }


def _sources(counts: Counts, facts: Sequence[SourceFacts]) -> Iterator[dict[str, Any]]:
    """Yield one line per source, in the recipe's order; then sources that only the rows name."""
    kept, rejected = counts.rows["source"].names, counts.rejected
    known = {source["name"]: source for source in facts}
    for name in [*known, *sorted((kept.keys() | rejected.keys()) - known.keys())]:
        of_it = [source for source in facts if source["name"] == name]
        yield {
            "name": name,
            "format": ", ".join(dict.fromkeys(source["format"] for source in of_it)),
            "path": ", ".join(dict.fromkeys(_last_part(source["path"]) for source in of_it)),
            "license": _license(of_it),
            "read": sum(source["read"] for source in of_it) if of_it else None,
            "kept": kept.get(name, 0),
            "rejected": rejected[name].total() if name in rejected else 0,
        }


def _license(facts: Sequence[SourceFacts]) -> str | None:
    """Return the licences of a set, or None if any part's licence is unknown."""
    found = [source["license"] for source in facts]
    return ", ".join(dict.fromkeys(filter(None, found))) if found and all(found) else None


def _without_folders(value: Any) -> Any:
    """Return settings with each absolute or relative path and each URL cut to its last part."""
    if isinstance(value, Mapping):
        return {key: _without_folders(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_folders(item) for item in value]
    return _last_part(value) if isinstance(value, str) and _A_PATH.match(value) else value


def _last_part(path: str) -> str:
    """Return the last part of a path or URL, without a query (it may contain a signature)."""
    parts = re.split(r"[/\\]", path.split("?")[0] if "://" in path else path)
    return next((part for part in reversed(parts) if part), "")
