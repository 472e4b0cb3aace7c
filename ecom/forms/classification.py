"""Classification: one of several texts, as "positive" or "Home > Kitchen > Pans"."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from ecom.forms.answers import unoffered
from ecom.forms.base import Form, Metric, OneText
from ecom.forms.label_scores import by_label, same
from ecom.forms.offer import MAX_TEXTS
from ecom.forms.reading import MAX_RESPONSE_CHARS
from ecom.forms.scores import mean
from ecom.forms.teacher import Laid, Teacher, Written, fold, have_twins
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


def fault(prompt: str, own: Mapping[int, str], answer: str) -> str | None:
    """Return why the text cannot be the right option."""
    return unoffered(own, [answer])


def lay_out(row: Written, rng: Random) -> Laid | str:
    """Return the options, shuffled unless they are labels, and the right one of them."""
    options = list(row.labels or rng.sample(row.options, len(row.options)))
    if have_twins(options):
        return "two options are the same"
    right = [option for option in options if fold(option) == fold(row.answer)]
    return Laid(right[0], tuple(options)) if right else "the answer is not among the options"


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
            "The mean over the labels of F1, 2·tp / (2·tp + fp + fn). The labels are those "
            "of the "
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
    fault=fault,
    teacher=Teacher(lay_out, frozenset({"answer", "options"}), most_options=MAX_TEXTS),
)
