"""Classification: one of several texts, as "positive" or "Home > Kitchen > Pans"."""

from collections.abc import Sequence
from random import Random
from typing import Any

from ecom.forms.base import Form, Metric, OneText
from ecom.forms.label_scores import by_label, same
from ecom.forms.reading import MAX_RESPONSE_CHARS
from ecom.forms.scores import mean
from ecom.forms.teacher import Laid, Teacher
from ecom.forms.texts import bare, only

MAX_TOKENS = 32


def official(text: str) -> str:
    """Return the text as it is, stripped."""
    return text[:MAX_RESPONSE_CHARS].strip()


def emit(answer: Any) -> str:
    """Return the text."""
    return str(answer).strip()


def is_gold(value: Any) -> bool:
    """A text that is not blank."""
    return isinstance(value, str) and bool(value.strip())


def guess(prompt: str, gold: str, answers: Sequence[str], rng: Random) -> str:
    """Return the right answer of a random row of the task: a frequent label is guessed often."""
    return rng.choice(answers)


FORM = Form(
    name="classification",
    paradigm="CLS",
    max_tokens=MAX_TOKENS,
    open_ended=False,
    decoding=OneText(),
    metrics={
        "accuracy": Metric(
            mean(same), "1 where the text is the right one, but for case, spaces and a full stop."
        ),
        "macro f1": Metric(
            None,
            "The mean over the labels of F1, 2·tp / (2·tp + fp + fn). The labels are those of the "
            "task's rows, right or written.",
            by_label,
        ),
    },
    official=official,
    lenient=bare,
    emit=emit,
    nothing="",
    is_gold=is_gold,
    gold_rule="a text",
    guess=guess,
    chosen=only,
    teacher=Teacher(lambda row, rng: Laid(row.answer)),
)
