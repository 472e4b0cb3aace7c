"""The words around a question and how its answer is sampled: for all, by answer form, by task.

    Prompting ◄── by_form ◄── by_task      the most specific setting applies

Training, serving and prediction all build their chats with `messages`: a model is asked in
production exactly as it was trained. `prompting.json` in a model's directory stores it.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from pydantic import Field, field_validator

from ecom.forms.base import Form, FormName, ItemNumbers, OneLabel
from ecom.forms.multiple_choice import letter
from ecom.forms.registry import FORMS
from ecom.settings import Settings

PROMPTING_FILE = "prompting.json"


class Shot(Settings):
    """A question with its answer, shown before the actual question."""

    question: str = Field(min_length=1)
    """The whole prompt, as it would be asked."""
    answer: str = Field(min_length=1)
    """The text that the model should write."""


class Sampling(Settings):
    """How an answer's tokens are sampled.

    For a multiple choice the one token is sampled among the options, whose probabilities are those
    after temperature and top_p. For a list of numbers only tokens that continue it are sampled.
    """

    temperature: float = Field(default=0.0, ge=0, le=2)
    """Randomness of the draw; 0: always the likeliest token."""
    top_p: float | None = Field(default=None, gt=0, le=1)
    """Draw among the likeliest tokens that together have this probability; null: among all."""
    seed: int | None = Field(default=None, ge=0, lt=2**63)
    """Makes the draws for the same question the same; null: they differ."""

    def parameters(self) -> dict[str, Any]:
        """Return what is set, by the names that OpenAI and vLLM share."""
        return self.model_dump(exclude_none=True)


class LaneSampling(Settings):
    """Sampling of choices and of texts. Retrieval and ranking sample only if `by_form` sets it."""

    multiple_choice: Sampling = Sampling()
    """How the one token of a multiple choice is sampled."""
    open_ended: Sampling = Sampling()
    """How texts and named entities are sampled."""


class Override(Settings):
    """Settings of one form or task; null: as for all others."""

    system: str | None = None
    """System message; empty: none."""
    suffix: str | None = None
    """Text below the prompt; empty: none."""
    examples: tuple[Shot, ...] | None = None
    """Questions with answers, shown before the question as turns of the chat."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Longest answer. [tokens]"""
    sampling: Sampling | None = None
    """How the tokens of an answer are sampled."""


@dataclass(frozen=True)
class Asked:
    """How a question of one form and task is asked: an `Override` with every setting resolved."""

    system: str
    suffix: str
    examples: tuple[Shot, ...]
    max_tokens: int
    sampling: Sampling

    def but(self, own: Override | None) -> "Asked":
        """Return a copy in which the settings of `own` replace these."""
        said = {name: value for name, value in own or () if value is not None}
        return replace(self, **said) if said else self


class Prompting(Settings):
    """The words around every question. The defaults are the Innova team's (docs/domain.md)."""

    system: str = (
        "You are a helpful online shopping assistant. Please answer the following question "
        "about online shopping and follow the given instructions."
    )
    """System message; empty: none."""
    open_ended_suffix: str = "Do not give explanation only Answer. Output:"
    """Text below every prompt but those of multiple choices; empty: none."""
    by_form: dict[FormName, Override] = Field(default={})
    """Settings of an answer form."""
    by_task: dict[str, Override] = Field(default={})
    """Settings of a task; they override its form's where a row or a request names the task."""
    sampling: LaneSampling = LaneSampling()
    """How the tokens of answers are sampled, unless a form or task sets it."""

    @field_validator("by_form")
    @classmethod
    def _check(cls, by_form: dict[FormName, Override]) -> dict[FormName, Override]:
        if faults := list(_faults(by_form)):
            raise ValueError("; ".join(faults))
        return by_form

    def asked(self, form: Form, task: str | None = None) -> Asked:
        """Return how a question of this form, and maybe of this task, is asked."""
        suffix = self.open_ended_suffix if form.open_ended else ""
        sampling = self.sampling.open_ended if form.open_ended else self.sampling.multiple_choice
        if isinstance(form.decoding, ItemNumbers):
            sampling = Sampling()
        asked = Asked(self.system, suffix, (), form.max_tokens, sampling)
        return asked.but(self.by_form.get(form.name)).but(self.by_task.get(task or ""))

    def systems(self) -> Iterator[str]:
        """Yield every system message that a question may be asked with; "" means none."""
        yield self.system
        for asking in (*self.by_form.values(), *self.by_task.values()):
            if asking.system is not None:
                yield asking.system

    def examples(self) -> Iterator[tuple[str, Shot]]:
        """Yield every example, with its key in a recipe."""
        for name, group in (("by_form", self.by_form), ("by_task", self.by_task)):
            for key, asking in group.items():
                for index, shot in enumerate(asking.examples or ()):
                    yield f"prompting.{name}.{key}.examples.{index}", shot

    def identity(self) -> dict[str, Any]:
        """Return the settings that differ from the defaults, as plain JSON."""
        words = {"system": self.system, "open_ended_suffix": self.open_ended_suffix}
        return words | self.model_dump(mode="json", exclude_defaults=True)

    def words(self) -> dict[str, Any]:
        """Return what a training row is rendered with: `identity` without limits and sampling."""
        draws = {"max_tokens", "sampling"}
        plain = {name: value for name, value in self.identity().items() if name != "sampling"}
        for group in {"by_form", "by_task"} & plain.keys():
            own = {
                key: {name: value for name, value in asking.items() if name not in draws}
                for key, asking in plain.pop(group).items()
            }
            if kept := {key: asking for key, asking in own.items() if asking}:
                plain[group] = kept
        return plain

    @classmethod
    def load(cls, model: Path) -> Self:
        """Read prompting.json from a model's directory; return the defaults where there is none."""
        file = model / PROMPTING_FILE
        return cls.model_validate_json(file.read_bytes()) if file.is_file() else cls()

    def save(self, model: Path) -> None:
        """Write prompting.json, the words it was trained with, into a model's directory."""
        text = json.dumps(self.identity(), indent=2, ensure_ascii=False)
        (model / PROMPTING_FILE).write_text(text + "\n", "utf-8")


def messages(
    prompt: str,
    form: Form,
    prompting: Prompting,
    task: str | None = None,
    examples: Sequence[Shot] | None = None,
) -> list[dict[str, str]]:
    """Return the chat that asks `prompt`.

    A system message (unless empty), the examples as turns, and the user's message. `examples`, if
    given, are shown in place of those of `prompting`.
    """
    asked = prompting.asked(form, task)
    chat = [{"role": "system", "content": asked.system}] if asked.system else []
    for shot in asked.examples if examples is None else examples:
        chat.append({"role": "user", "content": _question(shot.question, asked.suffix)})
        chat.append({"role": "assistant", "content": shot.answer})
    return [*chat, {"role": "user", "content": _question(prompt, asked.suffix)}]


def _question(prompt: str, suffix: str) -> str:
    return f"{prompt.rstrip()}\n{suffix}".rstrip()


def _faults(by_form: dict[FormName, Override]) -> Iterator[str]:
    for name, asking in by_form.items():
        form = FORMS[name]
        one_label = isinstance(form.decoding, OneLabel)
        if one_label and asking.max_tokens is not None:
            yield f"{name}.max_tokens: a choice is one token; remove it"
        for index, shot in enumerate(asking.examples or ()):
            labels = form.offers(shot.question) if one_label else ()
            read = letter(shot.answer, labels) or str(form.lenient(shot.answer))
            if labels and read not in labels:
                yield (
                    f"{name}.examples.{index}.answer {shot.answer!r:.60} is none of the options "
                    f"that its question offers; write {', '.join(labels)}"
                )
            elif not labels and form.lenient(shot.answer) == form.nothing:
                yield (
                    f"{name}.examples.{index}.answer {shot.answer!r:.60} is no {name} answer; "
                    "write it as the model should"
                )
