"""The data card's counts: tallies that tasks fill independently and the driver merges.

    task 1: rows ──► Counts ─┐
    task 2: rows ──► Counts ─┴─ merge ──► Counts ──► card.write

Merging the counts of any split of the rows, in any order, gives the same result as counting all at
once, and memory is bounded for any rows. Both are true because a bounded tally keeps the first
names by a fixed order: a name among the first of all rows is among the first of every part, so it
is never dropped and its count is exact.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from ecom.rows import Example

COLUMNS = (
    "source",
    "task",
    "skill",
    "lang",
    "form",
    "paradigm",
    "label",
    "transform",
    "difficulty",
    "split",
)
NONE = "none"  # an unknown skill, transform, language or difficulty
MAX_NAMES = 1_000
MAX_REASONS = 200
SAMPLES_PER_TASK = 3
_NAME_CHARS, _REASON_CHARS, _VALUE_CHARS = 120, 160, 16
_PROMPT_CHARS, _OUTPUT_CHARS = 500, 300

_FOLDERS = re.compile(r"(?:\b\w+:/|(?<![\w.]))/(?:[\w.@%+=~:-]+/)+")
_QUOTED = re.compile(r"""(?<!\w)(['"])((?:\\.|(?!\1)[^\\])*)(\1|\\?$)""")
_NUMBER = re.compile(r"\b(?=\w*\d)(?:0x)?[0-9a-f]{8,}\b|0x[0-9a-fA-F]+|(?<!UTF-)\d+(?:[.,]\d+)*")
_NUMBERS = re.compile(r"\bN(?:, N)+\b")


@dataclass(slots=True)
class Tally:
    """Counts by name. If there are more than `limit` names, the longest become `other`.

    The shortest stay because names with endless variants contain a value, which makes them longer.
    """

    limit: int = MAX_NAMES
    names: dict[str, int] = field(default_factory=dict)
    other: int = 0
    _last: str = field(default="", compare=False, repr=False)  # of `names` once they are full

    def add(self, name: str, count: int = 1) -> None:
        """Add `count` to the count of `name`."""
        if name in self.names:
            self.names[name] += count
        elif len(self.names) < self.limit:
            self.names[name] = count
            self._last = max(self._last, name, key=_rank)
        elif _rank(name) > _rank(self._last):
            self.other += count
        else:
            self.other += self.names.pop(self._last)
            self.names[name] = count
            self._last = max(self.names, key=_rank)

    def merge(self, more: "Tally") -> None:
        """Add the counts of another tally with the same limit."""
        self.other += more.other
        for name, count in more.names.items():
            self.add(name, count)

    def total(self) -> int:
        """Return the total count, including `other`."""
        return sum(self.names.values()) + self.other

    def to_json(self) -> dict[str, Any]:
        """Return {"names": {name: count}, "other": count}, names in order."""
        return {"names": dict(sorted(self.names.items())), "other": self.other}

    @classmethod
    def from_json(cls, found: Mapping[str, Any], limit: int) -> Self:
        """Return what `to_json` was called on."""
        names = dict(found["names"])
        return cls(limit, names, found["other"], max(names, key=_rank, default=""))


@dataclass(slots=True)
class Lengths:
    """A histogram of token counts; a bin is one length below 64, above 1/32 of its first length.

    `bins` maps a bin's first length to its texts; `total` and `longest` are exact.
    """

    bins: Counter[int] = field(default_factory=Counter)
    total: int = 0
    longest: int = 0

    def add(self, length: int) -> None:
        """Count one text of `length` tokens."""
        shift = _shift(length)
        self.bins[length >> shift << shift] += 1
        self.total += length
        if length > self.longest:
            self.longest = length

    def merge(self, more: "Lengths") -> None:
        """Add the counts of another histogram."""
        self.bins.update(more.bins)
        self.total += more.total
        self.longest = max(self.longest, more.longest)

    def percentile(self, percent: float) -> int:
        """Return the smallest length that `percent` % of texts do not exceed, or up to 1/32 more.

        The exact one is NumPy's `inverted_cdf`.
        """
        reached, wanted = 0, percent / 100 * self.bins.total()
        for first, count in sorted(self.bins.items()):
            reached += count
            if reached >= wanted:
                return min(first + (1 << _shift(first)) - 1, self.longest)
        return self.longest

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain values, `bins` as [first length, texts] in order."""
        bins = [list(pair) for pair in sorted(self.bins.items())]
        return {"bins": bins, "total": self.total, "longest": self.longest}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Return what `to_json` was called on."""
        return cls(Counter(dict(found["bins"])), found["total"], found["longest"])


@dataclass(slots=True)
class Counts:
    """The data card's counts of the rows of one task, or of several merged.

    rows      column of `Example` -> its values -> rows kept
    kinds     "skill form paradigm" -> tasks -> rows kept
    tasks     "lang paradigm" -> "task, a tab, source" -> rows kept
    rejected  source -> reason without its values -> rows
    fixed     source -> name of the fix -> rows
    samples   task -> id -> a shortened row; those with the smallest ids
    """

    rows: dict[str, Tally] = field(default_factory=lambda: {name: Tally() for name in COLUMNS})
    kinds: dict[str, Tally] = field(default_factory=dict)
    tasks: dict[str, Tally] = field(default_factory=dict)
    rejected: dict[str, Tally] = field(default_factory=dict)
    fixed: dict[str, Tally] = field(default_factory=dict)
    prompt: Lengths = field(default_factory=Lengths)
    response: Lengths = field(default_factory=Lengths)
    samples: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def add(self, example: Example, prompt_tokens: int, response_tokens: int) -> None:
        """Count a row that stays in the corpus, once, with its `split` set."""
        for column, tally in self.rows.items():
            value = getattr(example, column) or NONE
            if value in tally.names:  # nearly always; this runs a million times
                tally.names[value] += 1
            else:
                tally.add(shorten(value, _NAME_CHARS))
        task = shorten(example.task or NONE, _NAME_CHARS)
        kind = f"{example.skill or NONE} {example.form} {example.paradigm}"
        _of(self.kinds, kind, MAX_NAMES).add(task)
        where = f"{task}\t{shorten(example.source, _NAME_CHARS)}"
        _of(self.tasks, f"{example.lang or NONE} {example.paradigm}", MAX_NAMES).add(where)
        self.prompt.add(prompt_tokens)
        self.response.add(response_tokens)
        kept = self.samples.get(task, {})
        if len(kept) < SAMPLES_PER_TASK or example.id <= max(kept):
            self._keep(task, example.id, _sample(example))

    def reject(self, source: str, reason: str) -> None:
        """Count a rejected row, by its reason with numbers as N and values shortened."""
        _of(self.rejected, source, MAX_REASONS).add(countable(reason))

    def fix(self, source: str, name: str) -> None:
        """Count a row that a cleaning rule changed, once for each rule."""
        _of(self.fixed, source, MAX_REASONS).add(shorten(name, _NAME_CHARS))

    def merge(self, more: "Counts") -> None:
        """Add another task's counts; `more` is not changed."""
        for column, tally in more.rows.items():
            self.rows[column].merge(tally)
        for mine, others in (
            (self.kinds, more.kinds),
            (self.tasks, more.tasks),
            (self.rejected, more.rejected),
            (self.fixed, more.fixed),
        ):
            for name, tally in others.items():
                _of(mine, name, tally.limit).merge(tally)
        self.prompt.merge(more.prompt)
        self.response.merge(more.response)
        for task, kept in more.samples.items():
            for row_id, sample in kept.items():
                self._keep(task, row_id, sample)

    def to_json(self) -> dict[str, Any]:
        """Return plain dicts and lists: equal counts give equal JSON text."""
        return {
            **{
                name: {key: tally.to_json() for key, tally in sorted(getattr(self, name).items())}
                for name in ("rows", "kinds", "tasks", "rejected", "fixed")
            },
            "prompt": self.prompt.to_json(),
            "response": self.response.to_json(),
            "samples": {
                task: dict(sorted(kept.items())) for task, kept in sorted(self.samples.items())
            },
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Return what `to_json` was called on."""
        limits = {
            "rows": MAX_NAMES,
            "kinds": MAX_NAMES,
            "tasks": MAX_NAMES,
            "rejected": MAX_REASONS,
            "fixed": MAX_REASONS,
        }
        tallies = {
            name: {key: Tally.from_json(tally, limit) for key, tally in found[name].items()}
            for name, limit in limits.items()
        }
        return cls(
            **tallies,
            prompt=Lengths.from_json(found["prompt"]),
            response=Lengths.from_json(found["response"]),
            samples={task: dict(kept) for task, kept in found["samples"].items()},
        )

    def _keep(self, task: str, row_id: str, sample: dict[str, Any]) -> None:
        """Keep a sample if it is among the first by (id, content) of a named task."""
        named = self.rows["task"].names
        if task not in named:
            return
        kept = self.samples.setdefault(task, {})
        kept[row_id] = min(kept.get(row_id, sample), sample, key=_content)
        if len(kept) > SAMPLES_PER_TASK:
            del kept[max(kept)]
        if len(self.samples) > self.rows["task"].limit:
            for gone in self.samples.keys() - named.keys():
                del self.samples[gone]


def countable(reason: str) -> str:
    """Return a reason without its values, so that one fault gives one reason.

    >>> countable("id 'blue lamp, 60 watts' is on line 1,200 of /data/x/y.jsonl")
    "id 'blue lamp, N wa…' is on line N of y.jsonl"
    """
    text = _NUMBER.sub("N", _FOLDERS.sub("", " ".join(reason.split())))
    text = _NUMBERS.sub("N, …", text)
    text = _QUOTED.sub(lambda found: f"{found[1]}{shorten(found[2], _VALUE_CHARS)}{found[1]}", text)
    return shorten(text, _REASON_CHARS)


def shorten(text: str, chars: int) -> str:
    """Return a text of at most `chars` characters, ending in … where it is cut."""
    return text if len(text) <= chars else text[: chars - 1] + "…"


def _sample(example: Example) -> dict[str, Any]:
    return {
        "source": example.source,
        "lang": example.lang,
        "form": example.form,
        "label": example.label,
        "transform": example.transform,
        "prompt": shorten(example.text(), _PROMPT_CHARS),
        "output": shorten(example.output, _OUTPUT_CHARS),
    }


def _content(sample: Mapping[str, Any]) -> str:
    return str(sorted(sample.items()))


def _of(tallies: dict[str, Tally], name: str, limit: int) -> Tally:
    """Return the tally of that name, a new one where there is none."""
    found = tallies.get(name)
    if found is None:
        found = tallies[name] = Tally(limit)
    return found


def _rank(name: str) -> tuple[int, str]:
    return len(name), name


def _shift(length: int) -> int:
    """Return how many low bits a bin drops: none below 64; above, 6 bits stay."""
    return max(0, length.bit_length() - 6)
