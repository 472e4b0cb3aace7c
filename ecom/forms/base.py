"""What an answer form is, and the chat that asks for one.

Training renders its rows with `messages`, serving and prediction ask with it: a model is asked in
production exactly as it was taught.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from ecom.rows import FormName

Parser = Literal["official", "lenient"]
PROMPTING_FILE = "prompting.json"
PARSERS: tuple[Parser, ...] = ("official", "lenient")


@dataclass(frozen=True)
class Form:
    """One of ShopBench's five answer forms.

    max_tokens    decoding limit: the longest public gold of the form, with room to spare
    open_ended    whether the open-ended suffix is appended to the prompt
    official      raw text -> answer, bit for bit by the contest's rules; never raises
    lenient       raw text -> answer, as a careful reader takes it; never raises
    emit          a gold or parsed answer -> the text that the official parser reads back
    nothing       what a parser returns where it finds no answer
    is_gold       whether a value can be a gold answer of this form
    gold_rule     what `is_gold` demands, in words, for error messages
    """

    name: FormName
    max_tokens: int
    open_ended: bool
    official: Callable[[str], Any]
    lenient: Callable[[str], Any]
    emit: Callable[[Any], str]
    nothing: Any
    is_gold: Callable[[Any], bool]
    gold_rule: str

    def parse(self, parser: Parser, text: str) -> Any:
        """Return the answer that the named parser reads in `text`."""
        return self.official(text) if parser == "official" else self.lenient(text)


class Prompting(BaseModel):
    """The words around every question. The defaults are the Innova team's (papers/innova.txt)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    system: str = Field(
        default=(
            "You are a helpful online shopping assistant. Please answer the following question "
            "about online shopping and follow the given instructions."
        ),
    )
    open_ended_suffix: str = "Do not give explanation only Answer. Output:"

    @classmethod
    def load(cls, model: Path) -> Self:
        """Return what lies beside a model as prompting.json, or the defaults where nothing does."""
        file = model / PROMPTING_FILE
        return cls.model_validate_json(file.read_bytes()) if file.is_file() else cls()

    def save(self, model: Path) -> None:
        """Write prompting.json into a model's directory: how it was taught to be asked."""
        (model / PROMPTING_FILE).write_text(self.model_dump_json(indent=2) + "\n", "utf-8")


def safe_answer(form: Form, text: str) -> str:
    """Return what a careful reader takes from `text`, in the form that the contest reads for sure.

    "" where there is no answer. The official parser reads the same in it as `lenient` in `text`.
    """
    answer = form.lenient(text)
    return "" if answer == form.nothing else form.emit(answer)


def messages(prompt: str, form: Form, prompting: Prompting) -> list[dict[str, str]]:
    """Return the chat that asks `prompt`: a system message (unless empty) and the user's."""
    suffix = prompting.open_ended_suffix if form.open_ended else ""
    chat = [{"role": "system", "content": prompting.system}] if prompting.system else []
    return [*chat, {"role": "user", "content": f"{prompt.rstrip()}\n{suffix}".rstrip()}]
