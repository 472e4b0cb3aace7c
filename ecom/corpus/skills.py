"""The skill of rows whose source gives none, so that a recipe can weight, cap and drop skills.

    corpus.skill: {mcq_pks: concepts, "*review*": behavior}

    task      mcq_pks ─► concepts       an entry with exactly its name
              review_writing ─► behavior       the first entry with * that fits
              query_segmentation ─► concepts   no entry: the skill of the transform of that name

The rows of a labelled set have the skill of the transform that words them, unless the table names
their task.

Names in the table are checked after all sources are read: only then are the tasks known.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache

from ecom.corpus.atomic import CATALOGUE
from ecom.corpus.formats.ecinstruct import TASKS
from ecom.errors import InputError
from ecom.rows import Skill

Table = Mapping[str, Skill]
_ENGLISH = ("", "en")


def skill_of(task: str, lang: str, table: Table) -> Skill | None:
    """Return the table's skill of a task, else the skill of a known task of the same name.

    Known tasks are the transforms and ECInstruct's. ShopBench counts rows in other languages than
    English as multilingual, so that is the skill of known tasks in those languages.
    """
    if skill := named(task, table):
        return skill
    known = _known().get(_key(task))
    return known if known is None or lang in _ENGLISH else "multilingual"


def named(task: str, table: Table) -> Skill | None:
    """Return the table's skill of a task, None without an entry."""
    entry = _entry(task, table)
    return None if entry is None else table[entry]


def check(table: Table, read: Iterable[tuple[str, Skill | None]]) -> None:
    """Raise one InputError for all names that set no skill. `read` has (task, skill) of rows."""
    found: dict[str, set[Skill | None]] = {}
    for task, skill in read:
        found.setdefault(task, set()).add(skill)
    faults = []
    for name, skill in table.items():
        fitting = [task for task in sorted(found) if fnmatchcase(task, name)]
        if not fitting:
            faults.append(f"  {name!r}: {_unknown(name, sorted(found))}")
        elif not any(skill in found[task] for task in fitting):
            faults.append(
                f"  {name!r}: another entry, or their source, sets the skill of "
                f"{', '.join(fitting[:5])}; leave it out"
            )
    if faults:
        raise InputError("\n".join(["corpus.skill: these names set no row's skill:", *faults]))


def _entry(task: str, table: Table) -> str | None:
    if task in table:
        return task
    return next((name for name in table if fnmatchcase(task, name)), None)


def _unknown(name: str, tasks: list[str]) -> str:
    near = difflib.get_close_matches(name.strip("*"), tasks, n=3, cutoff=0.5)
    if near:
        return f"no such task; did you mean {' or '.join(near)}?"
    return f"no such task; those of the rows are {', '.join(tasks[:30]) or 'none'}"


@cache
def _known() -> dict[str, Skill]:
    """Return the skills of known tasks, by the keys of their names."""
    ours = {name.partition(":")[2]: entry.skill for name, entry in CATALOGUE.items()}
    theirs = {name: skill for name, (_, skill) in TASKS.items() if skill}
    return {_key(name): skill for name, skill in (theirs | ours).items()}


def _key(task: str) -> str:
    """Return "sentiment analysis" of "Sentiment_Analysis"."""
    return " ".join(re.findall(r"[^\W_]+", task.casefold()))
