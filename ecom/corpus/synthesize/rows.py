r"""The structural filter: a teacher's text -> Examples, or the reason why a line is rejected.

    read(text, template, record, …)     |Hard|quiet blender|  ─► fields ─► Example
                                        Here are 5 rows:      ─► Rejected(line 1, "no |…| row")

Pure: the same text, template, record and seed give the same rows. Checks that do not depend on the
task are here; checks of the answer are in answers.py. There are few different reasons, so that they
can be counted; the rejected line itself is in `Rejected.text`.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from random import Random

from ecom.corpus.synthesize import answers
from ecom.corpus.synthesize.answers import letters
from ecom.corpus.synthesize.prompt import TeacherRecord
from ecom.corpus.synthesize.template import DIFFICULTIES, Template
from ecom.forms.teacher import fold, listed
from ecom.rows import Example
from ecom.shopbench import Rejected

_MARK = re.compile(r"^(?:\d{1,3}[.)]|[-*•])\s+(?=\|)")  # "1. |…|", "- |…|"
_RULE = re.compile(r"^\|[\s:|-]*\|$")  # a Markdown table's |---|---|
Fields = dict[str, str]


def read(
    text: str,
    template: Template,
    record: TeacherRecord,
    known: Mapping[str, str],
    *,
    count: int,
    whole: bool,
    seed: int,
    shots: Sequence[Example] = (),
) -> Iterator[Example | Rejected]:
    """Yield an Example or Rejected for each line of a teacher's answer; lines count from 1.

    known   the record's facts and drawn values, as the teacher saw them
    count   rows that were requested: further ones are rejected
    whole   False where the answer was cut at its token limit
    shots   development rows that the teacher was shown: copies of them are rejected
    """
    name = f"{template.name} {record.id}"
    lines = [(n, line) for n, line in enumerate(_lines(text), start=1) if _may_be_row(line)]
    if not lines:
        why = "" if whole else ": it was cut at its token limit before one"
        yield Rejected(0, f"no row in the teacher's answer{why}", f"{name}: {text}"[:200])
    shot_letters = [letters(f"{shot.text()} {shot.output}") for shot in shots]
    shown = {_key(_split(row, template)) for shot in template.shots for row in shot.rows}
    seen: set[tuple[str, ...]] = set()
    for number, line in lines:
        cut = not whole and number == lines[-1][0] and not line.endswith("|")
        made: Example | str
        if cut:
            made = "the teacher's answer was cut here, at its token limit"
        elif isinstance(fields := _fields(line, template), str):
            made = fields
        elif _key(fields) in shown | seen:
            made = f"copy of {'a worked example' if _key(fields) in shown else 'a row before it'}"
        elif _copies(fields, template, shot_letters):
            made = "copy of a development row that the teacher was shown"
        elif len(seen) == count:
            made = "more rows than asked for"
        else:
            rng = Random(f"{seed}:{template.name}:{record.source}:{record.id}:{number}")
            made = answers.make(fields, template, record, known, rng)
            if isinstance(made, Example):
                seen.add(_key(fields))
        yield made if isinstance(made, Example) else Rejected(number, made, f"{name}: {line}"[:200])


def _fields(line: str, template: Template) -> Fields | str:
    """Return the fields of a line by name, or what is wrong with it."""
    if len(line) < 2 or not (line.startswith("|") and line.endswith("|")):
        return "no |…| row"
    if _illegal(line):
        return "a character that no text has (control, surrogate, replacement)"
    found = line.count("|") - 1
    if found != len(template.fields):
        return f"{found} fields instead of {len(template.fields)}"
    fields = _split(line, template)
    hints = dict(zip(template.fields, template.sample_output.strip()[1:-1].split("|"), strict=True))
    for name, value in fields.items():
        if not re.search(r"\w", value):
            return f"field {name} is empty"
        if len(value) > template.checks.max_field_chars:
            return f"field {name} is over {template.checks.max_field_chars} characters"
        if letters(value) == letters(hints[name]):
            return "repeats the sample output"
    for name, allowed in template.checks.one_of.items():
        spelt = {fold(value): value for value in allowed}
        if fold(fields[name]) not in spelt:
            return f"field {name} is none of {', '.join(allowed)}"
        fields[name] = spelt[fold(fields[name])]
    for name, wanted in template.checks.counts.items():
        if (items := len(listed(fields[name]))) != wanted:
            return f"field {name} has {items} items instead of {wanted}"
    if answers.difficulty(fields) is None:
        return f"difficulty is none of {', '.join(DIFFICULTIES)}"
    return fields


def _lines(text: str) -> list[str]:
    """Return the lines of the answer: without thinking, with "|" for full-width bars."""
    answer = text.rpartition("</think>")[2].partition("<think>")[0]
    answer = answer.replace("｜", "|").replace("\t", " ")
    return [_MARK.sub("", line.strip()) for line in answer.split("\n")]


def _may_be_row(line: str) -> bool:
    """Whether a line must be checked: it is not blank, a code fence or the rule of a table."""
    return bool(line) and not line.startswith("```") and not _RULE.match(line)


def _split(line: str, template: Template) -> Fields:
    values = (_clean(value) for value in line.strip()[1:-1].split("|"))
    return dict(zip(template.fields, values, strict=True))


def _clean(value: str) -> str:
    """Return a field with single spaces, and without quotes or asterisks around the whole."""
    value = " ".join(value.split())
    for mark in ("**", '"'):
        inner = value[len(mark) : -len(mark)]
        if len(value) > 2 * len(mark) and value == f"{mark}{inner}{mark}" and mark not in inner:
            value = inner.strip()
    return value


def _copies(fields: Fields, template: Template, shots: Sequence[str]) -> bool:
    """Whether one shot contains all fields, unless the answer must be a part of the record."""
    if template.checks.stands_in:
        return False
    return any(all(part in shot for part in _key(fields)) for shot in shots)


def _key(fields: Fields) -> tuple[str, ...]:
    return tuple(letters(value) for name, value in fields.items() if name != "difficulty")


def _illegal(line: str) -> bool:
    return any(unicodedata.category(c) in ("Cc", "Cs") or c == "\ufffd" for c in line)
