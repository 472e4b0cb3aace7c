"""Defines a Chain-of-Task transform: a pure function from a record to an instruction's facts.

    Tagged("red Nike shoe", spans=[(brand, Nike)]) ──► Made(input="red Nike shoe", output="Nike")
                                                        │ wording: description, prompt, constraint
                                                        ▼
                                                      Example(transform="simplify:…", parents=[…])

A transform never writes a sentence: the words around the facts are in `corpus/wording`, so that a
recipe can choose their language, detail and variety.

Most transforms are declared as a relation of two things and an operation that makes rows from it
(`relations.py`). All others are functions under `@transform`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypedDict, Unpack, cast

from ecom.forms import FormName, Paradigm
from ecom.rows import Skill

if TYPE_CHECKING:
    from ecom.corpus.atomic.pool import Pool

Group = Literal["plain", "simplify", "reverse", "recombine", "own"]
GROUPS: tuple[Group, ...] = ("plain", "simplify", "reverse", "recombine")
Make = Callable[[Any, "Pool", Random], Iterator["Made"]]
# The paradigm and ShopBench's metric of a form, unless a transform sets them.
USUAL: dict[FormName, tuple[Paradigm, str]] = {
    "multiple-choice": ("CLS", "accuracy"),
    "retrieval": ("CLS", "hit rate@3"),
    "ranking": ("OTHER", "ndcg"),
    "named_entity_recognition": ("EXT", "micro f1"),
    "generation": ("GEN", "rougel"),
    "classification": ("CLS", "accuracy"),
    "multi-label": ("CLS", "set f1"),
    "ordering": ("OTHER", "ndcg"),
}


class Option(NamedTuple):
    """A text to choose, and the id of the record or product it is from."""

    text: str
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """The output of a transform for a record.

    `output` is in the officially safe text of the transform's form (see `ecom.forms`). `slots` fill
    the {…} of the wording. `parents` are the ids of other records used.
    """

    output: str
    input: str = ""
    options: tuple[str, ...] = ()
    slots: Mapping[str, str] = field(default_factory=dict)
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Transform:
    """One entry of the catalogue.

    name      its group and its task. plain: a base data type's own task; own: that of a labelled
              set, which only `own` makes; else the strategy of EcomGPT (arXiv 2308.06966)
    reads     the record's class
    doc       its task, in a line, and a worked example: from, input, slots, options, output
    metric    ShopBench's name of the metric that scores its answers
    no_row    why a record of a labelled set may make no row
    """

    name: str
    reads: type
    form: FormName
    make: Make
    doc: str
    paradigm: Paradigm
    skill: Skill
    metric: str
    no_row: str

    @property
    def group(self) -> Group:
        """The part of the name before the colon."""
        return cast(Group, self.name.partition(":")[0])

    @property
    def about(self) -> str:
        """The first line of the documentation."""
        return self.doc.strip().splitlines()[0]


class Known(TypedDict, total=False):
    """Settings of a transform in its declaration; the form has the defaults."""

    skill: Skill
    paradigm: Paradigm
    metric: str
    no_row: str


CATALOGUE: dict[str, Transform] = {}
OWN: dict[str, Transform] = {}  # cannot be chosen: the unchanged row of a labelled set


def enter(
    name: str, reads: type, form: FormName, make: Make, doc: str, **known: Unpack[Known]
) -> None:
    """Enter a transform in the catalogue, or in OWN."""
    paradigm, metric = USUAL[form]
    entry = Transform(
        name,
        reads,
        form,
        make,
        doc,
        paradigm=known.get("paradigm", paradigm),
        skill=known.get("skill", "concepts"),
        metric=known.get("metric", metric),
        no_row=known.get("no_row", "no sound question can be made of it"),
    )
    (OWN if entry.group == "own" else CATALOGUE)[name] = entry


def transform(
    group: Group, reads: type, form: FormName = "multiple-choice", **known: Unpack[Known]
) -> Callable[[Make], Make]:
    """Enter a function in the catalogue as `group:function_name`, with its docstring."""

    def decorate(make: Make) -> Make:
        enter(f"{group}:{make.__name__}", reads, form, make, make.__doc__ or "", **known)
        return make

    return decorate
