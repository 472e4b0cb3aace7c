"""The rows that flow between stages, each a frozen dataclass with its Arrow schema.

Example     what a model learns from   corpus ──► train
Query       what is asked              a file, an application ──► predict, serve
Prediction  what was answered          predict ──► evaluate
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

from ecom.forms import FORMS, FormName, Inferred, Paradigm
from ecom.forms.offer import Choice, Choose

Difficulty = Literal["Very Easy", "Easy", "Medium", "Hard"]
Skill = Literal["concepts", "reasoning", "behavior", "multilingual"]
SKILLS: tuple[Skill, ...] = ("concepts", "reasoning", "behavior", "multilingual")

_STRINGS = pa.list_(pa.string())


def content_id(*parts: Any) -> str:
    """Return 16 hex digits of the SHA-256 of `parts` as JSON."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Example:
    """One instruction with its answer.

    The six parts of an instruction are EcomInstruct's (docs/domain.md): `description, prompt,
    input, options, constraint, output`. A source that has only a finished prompt leaves the other
    four empty. `output` is the text to produce, in the officially safe form. `skill` is None where
    the source does not name it, `difficulty` where no teacher judged it.
    """

    source: str
    task: str
    form: FormName
    paradigm: Paradigm
    skill: Skill | None
    prompt: str
    output: str
    lang: str = "en"
    description: str = ""
    input: str = ""
    options: Sequence[str] = ()
    constraint: str = ""
    metric: str = ""
    label: Literal["gold", "pseudo"] = "gold"
    transform: str | None = None
    parents: Sequence[str] = ()
    split: Literal["train", "validation"] = "train"
    difficulty: Difficulty | None = None
    id: str = field(default="")

    def __post_init__(self) -> None:
        if not self.id:
            parts = (self.description, self.prompt, self.input, self.options, self.constraint)
            object.__setattr__(self, "id", content_id(self.source, self.task, parts, self.output))

    def text(self) -> str:
        """Return the five parts before the output as one prompt, without empty parts.

        Options are numbered as in `numbered`; where the answer is not a number, they have a dash.
        """
        shown = (
            (f"- {option}" for option in self.options)
            if FORMS[self.form].first_number is None
            else (f"{number}. {option}" for number, option in self.numbered().items())
        )
        options = "\n".join(shown)
        parts = (self.description, self.prompt, self.input, options, self.constraint)
        return "\n".join(part for part in parts if part)

    def numbered(self) -> dict[int, str]:
        """Return the options by their numbers in an answer."""
        return dict(enumerate(self.options, FORMS[self.form].first_number or 0))


@dataclass(frozen=True, slots=True)
class Query:
    """One question. `is_multiple_choice` is None where it is not known.

    Where `form` is None it is inferred from the prompt; `max_tokens` None is the form's limit.
    `skill` and `task`, if given, select the prompting and the adapter. `options`, `labels`,
    `choose` and `order` say what may be answered (ecom/forms/offer.py); None: the prompt says it.
    `found` is what was read of all this before, so that a prompt is read once. `choice` says how
    one of several is chosen (ecom/lanes/likelihood.py).
    """

    prompt: str
    is_multiple_choice: bool | None = None
    id: str = ""
    form: FormName | None = None
    max_tokens: int | None = None
    skill: str | None = None
    task: str | None = None
    options: Sequence[str] | None = None
    labels: Sequence[str] | None = None
    choose: Choose | None = None
    order: bool | None = None
    found: Inferred | None = None
    choice: Choice = "label"


@dataclass(frozen=True, slots=True)
class Prediction:
    """One answer. `prediction` is the model's raw text, `answer` its officially safe form.

    `error` is why there is no answer; both texts are then empty.
    """

    id: str
    prediction: str
    answer: str
    form: FormName
    confidence: float | None = None
    error: str | None = None


EXAMPLE_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("task", pa.string(), nullable=False),
        pa.field("form", pa.string(), nullable=False),
        pa.field("paradigm", pa.string(), nullable=False),
        pa.field("skill", pa.string()),
        pa.field("lang", pa.string(), nullable=False),
        pa.field("description", pa.string()),
        pa.field("prompt", pa.string(), nullable=False),
        pa.field("input", pa.string()),
        pa.field("options", _STRINGS),
        pa.field("constraint", pa.string()),
        pa.field("output", pa.string(), nullable=False),
        pa.field("metric", pa.string()),
        pa.field("label", pa.string(), nullable=False),
        pa.field("transform", pa.string()),
        pa.field("parents", _STRINGS),
        pa.field("split", pa.string(), nullable=False),
        pa.field("difficulty", pa.string()),
    ]
)

PREDICTION_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("prediction", pa.string(), nullable=False),
        pa.field("answer", pa.string(), nullable=False),
        pa.field("form", pa.string(), nullable=False),
        pa.field("confidence", pa.float64()),
        pa.field("error", pa.string()),
    ]
)


def to_dict(row: Example | Query | Prediction) -> dict[str, Any]:
    """Return the row as a plain dict, ready for Arrow or JSON.

    Its values are never changed, so they are not copied: ten times as fast as `asdict`.
    """
    return {name: getattr(row, name) for name in row.__slots__}
