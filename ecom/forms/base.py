"""What an answer form is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from ecom.rows import FormName

Parser = Literal["official", "lenient"]
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


def safe_answer(form: Form, text: str) -> str:
    """Return what a careful reader takes from `text`, in the form that the contest reads for sure.

    "" where there is no answer. The official parser reads the same in it as `lenient` in `text`.
    """
    answer = form.lenient(text)
    return "" if answer == form.nothing else form.emit(answer)
