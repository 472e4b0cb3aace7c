"""What a Chain-of-Task transform is: a pure function from a record to the facts of an instruction.

    Tagged("red Nike shoe", spans=[(brand, Nike)]) ──► Made(input="red Nike shoe", output="Nike")
                                                        │ wording: description, prompt, constraint
                                                        ▼
                                                      Example(transform="simplify:…", parents=[…])

A transform never writes a sentence: the words around the facts are in `corpus/wording`, so that a
recipe can choose their language, how much they tell and how they vary.

Most transforms are declared in a line: a relation of two things that an operation makes rows of
(`relations.py`). Any other is a function under `@transform`.
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
# What the answers of a form are, and ShopBench's metric of them, where a transform does not say.
USUAL: dict[FormName, tuple[Paradigm, str]] = {
    "multiple-choice": ("CLS", "accuracy"),
    "retrieval": ("CLS", "hit rate@3"),
    "ranking": ("OTHER", "ndcg"),
    "named_entity_recognition": ("EXT", "micro f1"),
    "generation": ("GEN", "rougel"),
}


class Option(NamedTuple):
    """A text to choose, and the id of the record or product that it is from."""

    text: str
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """What a transform makes of a record.

    `output` is in the officially safe text of the transform's form (see `ecom.forms`). `slots` fill
    the {…} of the wording. `parents` are ids of further records used, beside the one it came from.
    """

    output: str
    input: str = ""
    options: tuple[str, ...] = ()
    slots: Mapping[str, str] = field(default_factory=dict)
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Transform:
    """One entry of the catalogue.

    name      its group and what it asks. plain: a base data type's own task; own: that of a
              labelled set, which `own` alone makes; else the strategy of EcomGPT (arXiv 2308.06966)
    reads     the record's class
    doc       what it asks, in a line, and a worked example: from, input, slots, options, output
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
    """What a declaration may say of a transform; else it is as its form has it."""

    skill: Skill
    paradigm: Paradigm
    metric: str
    no_row: str


CATALOGUE: dict[str, Transform] = {}
OWN: dict[str, Transform] = {}  # not to be chosen: the row of a labelled set as it stands


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
