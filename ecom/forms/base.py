"""What an answer form is, and the chat that asks for one.

Training renders its rows with `messages`, serving and prediction ask with it: a model is asked in
production exactly as it was taught.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ecom.rows import FormName

# Responses longer than this are cut before parsing: the contest's own rule (DOMAIN.md §1).
MAX_RESPONSE_CHARS = 5_000


@dataclass(frozen=True)
class Form:
    """One of ShopBench's five answer forms.

    max_tokens    decoding limit: the longest public gold of the form, with room to spare
    open_ended    whether the open-ended suffix is appended to the prompt
    parse         raw text -> answer, by the contest's official rules; never raises
    emit          a gold or parsed answer -> the text that the official parser reads back
    is_gold       whether a value can be a gold answer of this form
    gold_rule     what `is_gold` demands, in words, for error messages
    """

    name: FormName
    max_tokens: int
    open_ended: bool
    parse: Callable[[str], Any]
    emit: Callable[[Any], str]
    is_gold: Callable[[Any], bool]
    gold_rule: str


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


def safe_answer(form: Form, text: str) -> str:
    """Return what the official parser reads in `text`, in its safe form; "" where nothing."""
    parsed = form.parse(text)
    return "" if parsed in (-1, [], "") else form.emit(parsed)


def messages(prompt: str, form: Form, prompting: Prompting) -> list[dict[str, str]]:
    """Return the chat that asks `prompt`: a system message (unless empty) and the user's."""
    suffix = prompting.open_ended_suffix if form.open_ended else ""
    chat = [{"role": "system", "content": prompting.system}] if prompting.system else []
    return [*chat, {"role": "user", "content": f"{prompt.rstrip()}\n{suffix}".rstrip()}]
