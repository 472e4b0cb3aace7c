"""The words around the facts: one YAML file per language, filled with a transform's output.

    Made(input, options, slots) ──► description   "Entity extraction: …"
      + wording/en.yaml            prompt        "Extract phrases … of the type '{type}'."
      + the recipe's switches      constraint    "Copy each one exactly …"

`en.yaml` explains the file. English has every transform; transforms that another language lacks are
asked in English, and so are languages without a file. Fixed words in inputs and options ("Yes",
"Product title") are in the files, too: transforms get them through `Pool.words`, in the language of
the prompt.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from random import Random
from typing import Any

import yaml

from ecom.corpus.config import Wording
from ecom.forms import Paradigm
from ecom.rows import Example

FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Phrases:
    """The words of one transform: task description, prompts to draw from, output constraint."""

    description: str
    prompts: tuple[str, ...]
    constraint: str


@dataclass(frozen=True, slots=True)
class Language:
    """One file. `slots` has a name for each {slot}, for a prompt without that slot."""

    code: str
    words: Mapping[str, str]
    slots: Mapping[str, str]
    paradigms: Mapping[Paradigm, str]
    transforms: Mapping[str, Phrases]


@dataclass(frozen=True, slots=True)
class Instruction:
    """The words of a prompt besides the facts."""

    description: str
    prompt: str
    constraint: str


@cache
def languages() -> tuple[str, ...]:
    """Return the codes that have a file, sorted; looked up once per process."""
    files = resources.files(__name__).iterdir()
    return tuple(sorted(f.name.removesuffix(".yaml") for f in files if f.name.endswith(".yaml")))


def load(wording: Wording, lang: str, transform: str = "") -> Language:
    """Return the words for a row in `lang`: those of the configured language, or of the row's.

    If these lack `transform`, return the English ones.
    """
    code = lang if wording.language == "own" else wording.language
    language = _read(code if code in languages() else FALLBACK)
    return language if not transform or transform in language.transforms else _read(FALLBACK)


def instruct(
    wording: Wording,
    lang: str,
    transform: str,
    paradigm: Paradigm,
    slots: Mapping[str, str],
    rng: Random,
) -> Instruction:
    """Return the instruction for the output of `transform` for a row in `lang`.

    The paradigm's prompt has no slots: their values follow it, each on a line with its name.
    """
    language = load(wording, lang, transform)
    phrases = language.transforms[transform]
    if wording.variety == "diverse":
        prompt = rng.choice(phrases.prompts).format_map(slots)
    else:
        named = [f"{language.slots[name]}: {value}" for name, value in slots.items()]
        prompt = "\n".join([language.paradigms[paradigm], *named])
    return Instruction(phrases.description, prompt, phrases.constraint)


def without_parts(example: Example, wording: Wording) -> Example:
    """Return the row without the parts that are switched off, with a new id."""
    description = example.description if wording.description else ""
    constraint = example.constraint if wording.constraint else ""
    if (description, constraint) == (example.description, example.constraint):
        return example
    return replace(example, id="", description=description, constraint=constraint)


@cache
def _read(code: str) -> Language:
    file = resources.files(__name__) / f"{code}.yaml"
    data: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return Language(
        code=code,
        words=data["words"],
        slots=data["slots"],
        paradigms=data["paradigms"],
        transforms={
            name: Phrases(entry["description"], tuple(entry["prompts"]), entry["constraint"])
            for name, entry in data["transforms"].items()
        },
    )
