"""What a Chain-of-Task transform is: a pure function from a record to the facts of an instruction.

    Tagged("red Nike shoe", spans=[(brand, Nike)]) ──► Made(input="red Nike shoe", output="Nike")
                                                        │ wording: description, prompt, constraint
                                                        ▼
                                                      Example(transform="simplify:…", parents=[…])

A transform never writes a sentence: the words around the facts are in `corpus/wording`, so that a
recipe can choose their language, how much they tell and how they vary.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, Literal

from ecom.forms import FormName, Paradigm
from ecom.rows import Skill

if TYPE_CHECKING:
    from ecom.corpus.atomic.pool import Pool

Group = Literal["plain", "simplify", "reverse", "recombine", "own"]
GROUPS: tuple[Group, ...] = ("plain", "simplify", "reverse", "recombine")
Make = Callable[[Any, "Pool", Random], Iterator["Made"]]


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

    group     plain: a base data type's own task; own: that of a labelled set, which `own` alone
              makes; else the strategy of EcomGPT (arXiv 2308.06966)
    reads     the record's class
    metric    ShopBench's name of the metric that scores its answers
    """

    name: str
    group: Group
    reads: type
    form: FormName
    paradigm: Paradigm
    skill: Skill
    metric: str
    make: Make

    @property
    def about(self) -> str:
        """The first line of the function's docstring."""
        return (self.make.__doc__ or "").strip().splitlines()[0]


CATALOGUE: dict[str, Transform] = {}
OWN: dict[str, Transform] = {}  # not to be chosen: the row of a labelled set as it stands


def transform(
    group: Group, *, reads: type, form: FormName, paradigm: Paradigm, skill: Skill, metric: str
) -> Callable[[Make], Make]:
    """Enter a function in the catalogue, or in OWN, as `group:function_name`."""

    def enter(make: Make) -> Make:
        name = f"{group}:{make.__name__}"
        entry = Transform(name, group, reads, form, paradigm, skill, metric, make)
        (OWN if group == "own" else CATALOGUE)[name] = entry
        return make

    return enter
