"""The lists of `ecom corpus --list`: the formats of sources, and the Chain-of-Task transforms."""

from typing import TYPE_CHECKING, Any

from ecom.corpus import atomic
from ecom.corpus.formats import FORMATS

if TYPE_CHECKING:
    from rich.console import Group


def listed() -> dict[str, Any]:
    """Return {"sources": [{name, about}], "transforms": [{name, group, reads, form, …}]}."""
    return {"sources": _sources(), "transforms": atomic.table()}


def table() -> "Group":
    """Return both as tables for a terminal."""
    from rich.console import Group
    from rich.table import Table

    sources = Table("format", "what it reads", title="Sources", title_justify="left")
    for source in _sources():
        sources.add_row(source["name"], source["about"])
    transforms = Table(title="Chain-of-Task transforms", title_justify="left")
    for column in ("name", "reads, form", "about"):
        transforms.add_column(column, no_wrap=column != "about")
    group = ""
    for row in atomic.table():
        if group not in ("", row["group"]):
            transforms.add_section()
        group = row["group"]
        transforms.add_row(row["name"], f"{row['reads']}\n{row['form']}", row["about"])
    return Group(sources, transforms)


def _sources() -> list[dict[str, str]]:
    return [{"name": one.name, "about": one.about} for one in FORMATS.values()]
