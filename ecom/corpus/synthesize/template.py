"""A template: how one task is put to a teacher, and what becomes of the fields that it writes.

    reads: Search                     the record: Product, Search, Review or Dialogue
    needs: [query]                    what must be known of it; see FACTS
    form: generation                  with paradigm, skill and metric: of the Examples
    instruction: Rewrite the …        what the teacher is asked
    context: "Query: {query}"         the record, as the teacher reads it; lines without a value go
    draw: {target: [German, …]}       more slots, each with one value drawn for a record
    sample_output: '|Question Difficulty ("Very Easy", "Easy", "Medium" or "Hard")|Rewritten Query|'
    fields: [difficulty, rewritten]   names of the sample output's fields, in order
    shots:                            worked examples: values for the context, and rows
      - facts: {query: wireles earbud}
        rows: ["|Easy|wireless earbuds|", …]
    make: {…}                         the six parts of an Example; see Make
    checks: {…}                       what else must hold of a row; see Checks
    like: [task5]                     ShopBench's development tasks that ask the same, for
                                      corpus.synthesis.shots

The shipped templates are the YAML files in `templates/`; a user's own have the same keys.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path
from string import Formatter
from typing import Any, Literal, Self, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ecom.errors import InputError
from ecom.forms import FORMS, FormName, Paradigm
from ecom.rows import Difficulty, Skill

SHIPPED = Path(__file__).parent / "templates"
DIFFICULTIES: tuple[Difficulty, ...] = get_args(Difficulty)
DIFFICULTY = 'Question Difficulty ("Very Easy", "Easy", "Medium" or "Hard")'  # the paper's words


# What may be known of a record, by its kind.
FACTS: Mapping[str, tuple[str, ...]] = {
    "Product": (
        "title",
        "brand",
        "category",
        "categories",
        "leaf_category",
        "description",
        "attributes",
        "price",
        "language",
    ),
    "Search": ("query", "title", "language"),
    "Review": ("review", "headline", "rating", "title", "language"),
    "Dialogue": ("dialogue", "asked", "intent", "language"),
}


class Shot(BaseModel):
    """A worked example that the teacher is shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    facts: dict[str, str]
    rows: tuple[str, ...] = Field(min_length=1)


class Make(BaseModel):
    """The six parts of an Example, from the record's facts and the row's fields, as {slots}.

    prompt    one or several wordings; each row gets one of them by the seed
    fixed     one sentence without slots for all rows, where variety is one_per_task: the slots of
              the first wording go into the input. Left out: all rows have the first wording
    answer    generation              the text
              named_entity_recognition  entities, parted by ";"
              multiple-choice,
              classification          the right option, written as it stands among them
              multi-label             the right options, parted by ";"
              retrieval               one to three right items, parted by ";"
              ranking, ordering       left out
    options   multiple-choice, classification, multi-label, ranking, ordering: fields, each one
              option; put in random order. Of a ranking or ordering they are written in the right
              order, best first
    labels    multiple-choice, classification, multi-label: fixed options, in this order, instead
              of `options`
    wrong     retrieval: the field with the items not to be picked, parted by ";"
    input     of retrieval, ranking and ordering it must hold {items}: the list to choose from,
              numbered; of ordering lettered
    unanswerable
              the answer to a question that the texts do not answer, as "It cannot be inferred.";
              multiple-choice and generation, where corpus.synthesis.unanswerable_share is set
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    description: str = ""
    prompt: tuple[str, ...] = Field(min_length=1)
    fixed: str = ""
    input: str = ""
    constraint: str = ""
    answer: str = ""
    options: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    wrong: str = ""
    unanswerable: str = ""


class Checks(BaseModel):
    """What a row must fulfil beside its structure.

    stands_in      the text that the answer (each entity of it) must stand in, letter for letter
    covers         whether the entities, in their order, must be all of that text
    differs_from   texts that the answer must not be a copy of
    hidden_in      fields in which the answer must not stand
    one_of         field -> the values that it may have
    counts         field -> how many items, parted by ";", it must have
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_field_chars: int = Field(default=400, ge=1)
    stands_in: str = ""
    covers: bool = False
    differs_from: tuple[str, ...] = ()
    hidden_in: tuple[str, ...] = ()
    one_of: dict[str, tuple[str, ...]] = {}
    counts: dict[str, int] = {}


class Template(BaseModel):
    """One task for the teacher; `name` is its file's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    about: str
    reads: Literal["Product", "Search", "Review", "Dialogue"]
    needs: tuple[str, ...] = Field(min_length=1)
    form: FormName
    paradigm: Paradigm
    skill: Skill
    metric: str
    instruction: str
    context: str
    draw: dict[str, tuple[str, ...]] = {}
    sample_output: str
    fields: tuple[str, ...] = Field(min_length=2)
    shots: tuple[Shot, ...] = Field(min_length=1)
    make: Make
    checks: Checks = Checks()
    like: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if faults := [*self._sample_faults(), *self._slot_faults(), *self._form_faults()]:
            raise ValueError("; ".join(faults))
        return self

    def _sample_faults(self) -> Iterator[str]:
        hints = _row(self.sample_output)
        if len(hints) != len(self.fields):
            yield f"sample_output has {len(hints)} |…| fields, `fields` names {len(self.fields)}"
        elif self.fields.count("difficulty") != 1:
            yield "`fields` must name difficulty once"
        elif hints[self.fields.index("difficulty")] != DIFFICULTY:
            yield f"the difficulty's field in sample_output must be |{DIFFICULTY}|"
        for row in (row for shot in self.shots for row in shot.rows):
            if len(_row(row)) != len(self.fields):
                yield f"shots: {row!r:.60} has not the {len(self.fields)} fields of sample_output"
        taken = {*FACTS[self.reads], *self.draw, "items"} & set(self.fields)
        if taken or len(set(self.fields)) < len(self.fields):
            names = ", ".join(sorted(taken or self.fields))
            yield f"`fields` must be distinct and no names of facts: {names}"

    def _slot_faults(self) -> Iterator[str]:
        facts = {*FACTS[self.reads], *self.draw}
        known = facts | set(self.fields)
        make, checks = self.make, self.checks
        listed = {"items"} & FORMS[self.form].teacher.parts
        yield from _unknown("needs", self.needs, set(FACTS[self.reads]))
        yield from _unknown("context", slots(self.context), facts)
        for shot in self.shots:
            yield from _unknown("shots.facts", shot.facts, facts)
            if missing := sorted(set(slots(self.context)) - set(shot.facts)):
                yield f"a shot lacks facts: {', '.join(missing)} (write '' for an empty one)"
        for key in ("description", "input", "constraint", "answer"):
            yield from _unknown(f"make.{key}", slots(getattr(make, key)), known | listed)
        yield from _unknown("make.prompt", [s for text in make.prompt for s in slots(text)], known)
        yield from _unknown("make.fixed", slots(make.fixed), set())
        yield from _unknown("make.options", make.options, set(self.fields))
        yield from _unknown("make.wrong", [make.wrong] if make.wrong else [], set(self.fields))
        yield from _unknown("checks.stands_in", slots(checks.stands_in), known)
        yield from _unknown("checks.hidden_in", checks.hidden_in, set(self.fields))
        yield from _unknown("checks.one_of", checks.one_of, set(self.fields))
        yield from _unknown("checks.counts", checks.counts, set(self.fields))
        for text in checks.differs_from:
            yield from _unknown("checks.differs_from", slots(text), known)

    def _form_faults(self) -> Iterator[str]:
        make, form, teacher = self.make, self.form, FORMS[self.form].teacher
        options = len(make.options) + len(make.labels)
        given = {
            "answer": (bool(make.answer), "make.answer"),
            "options": (options > 1, "make.options (or labels), two or more,"),
            "wrong": (bool(make.wrong), "make.wrong"),
        }
        for part, (is_there, name) in given.items():
            if part in teacher.parts and not is_there:
                yield f"{form} needs {name}"
            elif is_there and part not in teacher.parts:
                yield f"{form} has no {name}"
        if make.options and make.labels:
            yield "give make.options or make.labels, not both"
        if make.labels and "answer" not in teacher.parts:
            yield f"{form} has no make.labels; give make.options, written best first"
        if options > teacher.most_options:
            yield f"more options than a {form} answer can name"
        if make.unanswerable and (not teacher.unanswerable or make.labels):
            yield f"make.unanswerable is not for {form}, nor for make.labels"
        if "items" in teacher.parts and "items" not in slots(make.input):
            yield "make.input must hold {items}, the list to choose from"


def load_all(tasks: Sequence[str]) -> list[Template]:
    """Return the templates that `tasks` name, in that order. Raises InputError for all faults."""
    paths: dict[str, Path] = {}
    templates, faults = [], []
    for task in tasks:
        try:
            for path in _files(task):
                first = paths.setdefault(path.stem, path)
                if first is path:
                    templates.append(load(path))
                elif first != path:
                    faults.append(f"{first} and {path} have the same name; rename one of them")
        except InputError as error:
            faults.append(str(error))
    if faults:
        raise InputError("\n".join(faults))
    return templates


def load(path: Path) -> Template:
    """Return the template in a YAML file. Raises InputError that names file, field and rule."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such template; check corpus.synthesis.tasks") from None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise InputError(f"{path}: not YAML; correct the file: {error}") from None
    if not isinstance(data, dict):
        raise InputError(f"{path}: a template is a mapping of keys to values; see the shipped ones")
    try:
        return Template.model_validate({**data, "name": path.stem})
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise InputError("\n".join([f"{path}: the template is wrong:", *lines])) from None


def shipped() -> list[str]:
    """Names of the templates that come with ecom."""
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def _files(task: str) -> list[Path]:
    if task.endswith((".yaml", ".yml")):
        return [Path(task)]
    names = shipped()
    if matching := [name for name in names if fnmatch(name, task)]:
        return [SHIPPED / f"{name}.yaml" for name in matching]
    near = difflib.get_close_matches(task, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise InputError(
        f"corpus.synthesis.tasks: {task!r} is neither a shipped template nor a .yaml file; "
        f"{hint}Shipped: {', '.join(names)}"
    )


def _row(text: str) -> list[str]:
    """Return the fields of |…|…|; none where the bars at both ends are missing."""
    text = text.strip()
    whole = len(text) > 1 and text.startswith("|") and text.endswith("|")
    return [field.strip() for field in text[1:-1].split("|")] if whole else []


def slots(text: str) -> list[str]:
    """Return the names in {…} of a text. Raises ValueError where a brace has no partner."""
    return [
        f"{name}:{spec}" if spec else f"{name}!{kind}" if kind else name
        for _, name, spec, kind in Formatter().parse(text)
        if name is not None
    ]


def _unknown(key: str, names: Any, known: set[str]) -> Iterator[str]:
    for name in names:
        if name not in known:
            yield f"{key} names {name!r}; known here: {', '.join(sorted(known)) or 'none'}"
