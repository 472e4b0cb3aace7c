"""Chain-of-Task transforms: records -> Examples. `base` says what one is, `pool` what it may use.

`relations` explains how most are declared; there is a module for each thing that is related:
products, offers, categories, search, sessions, baskets, prices, reviews, labels, entities,
dialogues, questions, pairs, languages.

check(config)                                   are the recipe's names in the CATALOGUE?
chosen = choose(config.transforms)              the transforms of a recipe or a source
for example in make(records, chosen, …):        one chunk of one source
for example in own(records, …):                 the rows of labelled sets, unchanged
"""

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random

from ecom.corpus.atomic import (  # noqa: F401  # each enters its transforms in the catalogue
    baskets,
    categories,
    dialogues,
    entities,
    labels,
    languages,
    offers,
    pairs,
    prices,
    products,
    questions,
    reviews,
    search,
    sessions,
)
from ecom.corpus.atomic.base import CATALOGUE, GROUPS, OWN, Made, Transform
from ecom.corpus.atomic.merged import merge_tagged
from ecom.corpus.atomic.pool import Pool
from ecom.corpus.config import CorpusConfig, Wording
from ecom.corpus.records import Own, Record
from ecom.corpus.source import Transforms
from ecom.corpus.wording import instruct, load
from ecom.errors import RecipeError
from ecom.rows import Example, Skill, content_id

# The row of a labelled set -> the transform that would make the same row again from its record.
SAME = {"own:passage_or_none": "plain:answer_extraction"}
__all__ = [
    "CATALOGUE",
    "OWN",
    "Made",
    "Pool",
    "Transform",
    "check",
    "choose",
    "make",
    "own",
    "table",
    "task",
]

_PoolFor = Callable[[Record, Transform], Pool]


def check(config: CorpusConfig) -> None:
    """Raise one RecipeError for all settings of transforms for which `choose` would return none.

    These are unknown names, and lists that no transform fits.
    """
    settings = {"corpus.transforms": config.transforms} | {
        f"corpus.sources.{index}.transforms": source.transforms
        for index, source in enumerate(config.sources)
        if source.transforms
    }
    faults = [fault for where, lists in settings.items() for fault in _faults(where, lists)]
    if faults:
        raise RecipeError("\n".join(["wrong transforms:", *faults]))


def choose(settings: Transforms) -> list[Transform]:
    """Return the transforms that fit all given lists, in the catalogue's order.

    With skill multilingual all may fit: any row in another language than English has that skill.
    """
    return [
        entry
        for entry in _ordered()
        if any(_fits(entry.name, name) for name in settings.names)
        and not any(_fits(entry.name, name) for name in settings.without)
        and (settings.paradigms is None or entry.paradigm in settings.paradigms)
        and (settings.skills is None or {entry.skill, "multilingual"} & set(settings.skills))
    ]


def make(
    records: Sequence[Record],
    chosen: Sequence[Transform],
    settings: Transforms,
    wording: Wording,
    seed: int,
) -> Iterator[Example]:
    """Yield the rows that the chosen transforms make from one chunk, record by record.

    Randomness is seeded for each record and transform by (seed, transform, source, id), so a row
    depends on its chunk and not on earlier rows. With `per_record` transforms are tried in random
    order for each record, until that many rows are made.
    """
    records = merge_tagged(records)
    pool = _pools(records, wording)
    readers: dict[type, list[Transform]] = {}
    for transform in chosen:
        readers.setdefault(transform.reads, []).append(transform)
    for record in records:
        if settings.langs is not None and record.lang not in settings.langs:
            continue
        fitting = readers.get(type(record), [])
        if record.own:  # its own row is one already
            made = {record.own.by, SAME.get(record.own.by)}
            fitting = [entry for entry in fitting if entry.name not in made]
        if settings.skills is not None:
            fitting = [entry for entry in fitting if _skill(entry, record) in settings.skills]
        if settings.per_record is None:
            for transform in fitting:
                yield from _examples(record, transform, pool, wording, seed)
        else:
            yield from _few(record, fitting, pool, settings.per_record, wording, seed)


def own(
    records: Sequence[Record], wording: Wording, seed: int
) -> Iterator[tuple[Record, Own, Example | None]]:
    """Yield each record of a labelled set's row, and the row made from it, if there is one."""
    pool = _pools(records, wording)
    for record in records:
        if record.own:
            example = next(_examples(record, task(record.own.by), pool, wording, seed), None)
            if example:
                example = replace(
                    example,
                    id="",
                    task=record.own.task,
                    transform=None,
                    parents=(),
                    description=record.own.description or example.description,
                )
            yield record, record.own, example


def task(name: str) -> Transform:
    """Return a transform of the catalogue, or one that makes the rows of labelled sets."""
    return CATALOGUE[name] if name in CATALOGUE else OWN[name]


def table() -> list[dict[str, str]]:
    """Return the catalogue for `ecom corpus --list`."""
    return [
        {
            "name": entry.name,
            "group": entry.group,
            "reads": entry.reads.__name__,
            "form": entry.form,
            "paradigm": entry.paradigm,
            "skill": entry.skill,
            "metric": entry.metric,
            "about": entry.about,
        }
        for entry in _ordered()
    ]


def _pools(records: Sequence[Record], wording: Wording) -> _PoolFor:
    """Return a function to the pool for a question, with words in the language of its prompt.

    That is English where the row's language has no words for the transform.
    """
    pool = Pool(records, lambda lang: load(wording, lang).words)
    in_english = pool.in_words(lambda _: load(Wording(language="en"), "en").words)

    def pool_for(record: Record, transform: Transform) -> Pool:
        has_words = transform.name in load(wording, record.lang).transforms
        return pool if has_words else in_english

    return pool_for


def _few(
    record: Record,
    fitting: Sequence[Transform],
    pool: _PoolFor,
    count: int,
    wording: Wording,
    seed: int,
) -> Iterator[Example]:
    rng = Random(content_id(seed, "per_record", record.source, record.id, record.lang))
    for transform in rng.sample(fitting, len(fitting)):
        for example in _examples(record, transform, pool, wording, seed):
            yield example
            count -= 1
            if not count:
                return


def _examples(
    record: Record, transform: Transform, pool: _PoolFor, wording: Wording, seed: int
) -> Iterator[Example]:
    rng = Random(content_id(seed, transform.name, record.source, record.id, record.lang))
    for made in list(transform.make(record, pool(record, transform), rng)):
        worded = instruct(wording, record.lang, transform.name, transform.paradigm, made.slots, rng)
        yield Example(
            source=record.source,
            task=transform.name.partition(":")[2],
            form=transform.form,
            paradigm=transform.paradigm,
            skill=_skill(transform, record),
            lang=record.lang,
            description=worded.description,
            prompt=worded.prompt,
            input=made.input,
            options=made.options,
            constraint=worded.constraint,
            output=made.output,
            metric=transform.metric,
            label=record.label,
            transform=transform.name,
            parents=tuple(dict.fromkeys((record.id, *made.parents))),
        )


def _skill(transform: Transform, record: Record) -> Skill:
    """Return the row's skill: multilingual for languages other than English, as in ShopBench."""
    return transform.skill if record.lang in ("", "en") else "multilingual"


def _ordered() -> list[Transform]:
    return sorted(CATALOGUE.values(), key=lambda entry: GROUPS.index(entry.group))


def _fits(entry: str, name: str) -> bool:
    return entry.startswith(name[:-1]) if name.endswith("*") else entry == name


def _faults(where: str, settings: Transforms) -> list[str]:
    lists = {"names": settings.names, "without": settings.without}
    unknown = [
        f"  {where}.{field}: {name!r}: {_unknown(name)}"
        for field, names in lists.items()
        for name in names
        if not any(_fits(entry, name) for entry in CATALOGUE)
    ]
    if unknown or not settings.names or choose(settings):
        return unknown
    return [
        f"  {where}: no transform fits names {', '.join(settings.names)} and all other lists; "
        "widen one, or leave names empty for no transforms"
    ]


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, CATALOGUE, n=3, cutoff=0.5)
    if name.endswith("*"):
        return f"no transform's name begins so; groups are {', '.join(GROUPS)}, as in simplify:*"
    hint = f"did you mean {' or '.join(near)}?" if near else "`ecom corpus --list` shows all"
    return f"no such transform; {hint}"
