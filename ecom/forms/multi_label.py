"""Multi-label: some of several texts, as "waterproof, light" or "A, C"."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from ecom.forms.answers import unoffered
from ecom.forms.base import Form, Metric, SeveralTexts
from ecom.forms.label_scores import by_labels, label_counts, set_f1
from ecom.forms.offer import MAX_TEXTS
from ecom.forms.scores import mean
from ecom.forms.teacher import Laid, Teacher, Written, fold, have_twins, listed
from ecom.forms.texts import bare_list, join, parted, several, split

MAX_TOKENS = 64


def is_gold(value: Any) -> bool:
    """Distinct texts, at least one."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, str) and one.strip() for one in value)
        and len(set(value)) == len(value)
    )


def tidy(output: str) -> str | None:
    """Return the output as it is: a text of it may have a comma in it."""
    return output.strip() if split(output) else None


def fault(prompt: str, own: Mapping[int, str], answer: Sequence[str]) -> str | None:
    """Return why the texts cannot be the right options."""
    return unoffered(own, answer)


def guess(prompt: str, gold: Any, answers: Sequence[str], rng: Random) -> str:
    """Return the right answer of a random row of the task."""
    return rng.choice(answers)


def lay_out(row: Written, rng: Random) -> Laid | str:
    """Return the options, shuffled unless they are labels, and the right ones in their order."""
    options = list(row.labels or rng.sample(row.options, len(row.options)))
    if have_twins(options):
        return "two options are the same"
    right = set(map(fold, listed(row.answer)))
    if not right <= set(map(fold, options)):
        return "an answer is not among the options"
    return Laid([option for option in options if fold(option) in right], tuple(options))


FORM = Form(
    name="multi-label",
    paradigm="CLS",
    max_tokens=MAX_TOKENS,
    open_ended=True,
    decoding=SeveralTexts(ordered=False),
    metrics={
        "set f1": Metric(
            mean(set_f1), "F1 of the answer's texts against the right ones, the mean over rows."
        ),
        "micro f1": Metric(
            label_counts, "F1 of all texts of all rows together, 2·tp / (2·tp + fp + fn)."
        ),
        "macro f1": Metric(
            None,
            "The mean over the labels of F1. The labels are those of the task's rows, right or "
            "written.",
            by_labels,
        ),
    },
    official=split,
    lenient=bare_list,
    emit=join,
    nothing=[],
    is_gold=is_gold,
    gold_rule="a list of distinct texts",
    guess=guess,
    own_tidy=tidy,
    own_read=parted,
    fault=fault,
    chosen=several,
    teacher=Teacher(
        lay_out, frozenset({"answer", "options"}), most_options=MAX_TEXTS, is_list=True
    ),
)
