"""What an answer form is: everything that the stages ask of one, in one record.

The names of the first five forms are ShopBench's `task_type`; the others answer with texts that a
question offers. Each form has a module of its own beside this
one, with its `FORM`; `registry.FORMS` lists them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from ecom.forms.label_scores import ByLabel
from ecom.forms.question import Question
from ecom.forms.teacher import Teacher

FormName = Literal[
    "multiple-choice",
    "retrieval",
    "ranking",
    "named_entity_recognition",
    "generation",
    "classification",
    "multi-label",
    "ordering",
]
Paradigm = Literal["CLS", "EXT", "GEN", "OTHER"]
Parser = Literal["official", "lenient"]
PARSERS: tuple[Parser, ...] = ("official", "lenient")

Score = Callable[[Any, Any], tuple[float, float]]


@dataclass(frozen=True)
class Metric:
    """A way to score the answers of a form.

    score      answer, gold -> (numerator, denominator), whose sums over rows are divided; None
               where a sentence encoder scores all rows at once (ecom/evaluate/embeddings.py)
    about      what it measures; a task's score is the mean over its rows unless it says otherwise
    by_label   answer, gold -> the same for each label, where the score is the mean over labels
    """

    score: Score | None
    about: str
    by_label: Callable[[Any, Any], ByLabel] | None = None


@dataclass(frozen=True)
class OneLabel:
    """The engine writes one token: a label that the prompt offers, or a digit."""


@dataclass(frozen=True)
class ItemNumbers:
    """The engine writes distinct numbers of printed items, from `least` to `most` of them.

    Where the prompt prints no list, items are 1 to `last`.
    """

    least: int
    most: int
    last: int


@dataclass(frozen=True)
class OneText:
    """The engine writes one of the texts that the question offers."""


@dataclass(frozen=True)
class SeveralTexts:
    """The engine writes several distinct texts of those offered, with a comma between them.

    `ordered`: best first.
    """

    ordered: bool


@dataclass(frozen=True)
class Form:
    """An answer form.

    paradigm      EcomInstruct's paradigm for tasks that do not name one
    max_tokens    decoding limit: the longest public gold of the form, with room to spare
    open_ended    whether ShopBench asks it as an open-ended question, with that suffix
    decoding      what the engine may write; None: any text
    first_number  the number of the first option or item, where an answer consists of their numbers
    metrics       ShopBench's metrics of the form by name, the usual one first

    official      raw text -> answer, bit for bit by the contest's rules; never raises
    lenient       raw text -> answer, as a careful reader takes it; never raises
    emit          a gold or parsed answer -> the text that the official parser reads back
    nothing       what a parser returns where it finds no answer
    is_gold       whether a value can be a gold answer of this form
    gold_rule     what `is_gold` requires, in words, for error messages
    ideal         gold -> the best answer
    to_gold       answer -> a gold whose ideal answer it is
    fault         prompt, its own options by number, answer -> why it cannot be right, or None
    own_read      `read`, where an option may contain what separates the texts of an answer
    agreement     answer, right answer -> a score; None: the usual metric's
    own_tidy      `tidy`, where the form has rules of its own

    chosen        raw text, offered texts -> those that it names; for forms that answer with them
    cues          rank -> whether a question asks for this form; infer.py tries low ranks first
    offers        prompt -> the labels that an answer may name, in the prompt's order
    guess         prompt, gold, emitted answers of the task's rows, chance -> a guess
    teacher       how a teacher writes an answer (corpus/synthesize)
    """

    name: FormName
    paradigm: Paradigm
    max_tokens: int
    open_ended: bool
    metrics: Mapping[str, Metric]
    official: Callable[[str], Any]
    lenient: Callable[[str], Any]
    emit: Callable[[Any], str]
    nothing: Any
    is_gold: Callable[[Any], bool]
    gold_rule: str
    guess: Callable[[str, Any, Sequence[str], Random], str]
    teacher: Teacher
    cues: Mapping[int, Callable[[Question], bool]] = field(default_factory=dict)
    decoding: OneLabel | ItemNumbers | OneText | SeveralTexts | None = None
    chosen: Callable[[str, Sequence[str]], list[str]] | None = None
    first_number: int | None = None
    ideal: Callable[[Any], Any] = lambda gold: gold
    to_gold: Callable[[Any], Any] = lambda answer: answer
    fault: Callable[[str, Mapping[int, str], Any], str | None] = lambda prompt, own, answer: None
    offers: Callable[[str], tuple[str, ...]] = lambda prompt: ()
    own_read: Callable[[str, Sequence[str]], Any] | None = None
    agreement: Score | None = None
    own_tidy: Callable[[str], str | None] | None = None

    @property
    def metric(self) -> str:
        """The name of the usual metric."""
        return next(iter(self.metrics))

    @property
    def is_text(self) -> bool:
        """Whether the answer is the text itself, so that there may be several good ones."""
        return self.decoding is None and isinstance(self.nothing, str)

    def tidy(self, output: str) -> str | None:
        r"""Return a row's output as `emit` writes it, or None where the contest misreads it.

        The official parser must find what a careful reader finds: "2. boot" is 2, "6\n8" is 68.
        """
        if self.own_tidy:
            return self.own_tidy(output)
        answer = self.official(output)
        if answer == self.nothing:
            return None
        safe = self.emit(answer)
        return safe if safe == output or self.lenient(output) == answer else None

    def read(self, output: str, options: Sequence[str]) -> Any:
        """Return the answer that a row's output is, with the row's options, if it has any."""
        return self.own_read(output, options) if self.own_read else self.official(output)

    def agree(self, answer: Any, right: Any) -> tuple[float, float]:
        """Return the score of an answer against a right one, where the gold itself is not known."""
        score = self.agreement or self.metrics[self.metric].score
        assert score, "the usual metric needs no encoder"
        return score(answer, right)

    def parse(self, parser: Parser, text: str) -> Any:
        """Return the answer that the named parser reads in `text`."""
        return self.official(text) if parser == "official" else self.lenient(text)


def safe_answer(form: Form, text: str) -> str:
    """Return what a careful reader finds in `text`, written so that the contest reads it.

    "" where there is no answer. The official parser reads in it what `lenient` reads in `text`.
    """
    answer = form.lenient(text)
    return "" if answer == form.nothing else form.emit(answer)
