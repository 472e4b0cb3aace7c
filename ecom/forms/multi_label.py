"""Multi-label: some of several texts, as "waterproof, light" or "A, C"."""

from collections.abc import Sequence
from random import Random
from typing import Any

from ecom.forms.base import Form, Metric, SeveralTexts
from ecom.forms.label_scores import by_labels, label_counts, set_f1
from ecom.forms.scores import mean
from ecom.forms.teacher import Laid, Teacher, Written, listed
from ecom.forms.texts import bare_list, join, several, split

MAX_TOKENS = 64


def is_gold(value: Any) -> bool:
    """Distinct texts, at least one."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, str) and one.strip() for one in value)
        and len(set(value)) == len(value)
    )


def guess(prompt: str, gold: Any, answers: Sequence[str], rng: Random) -> str:
    """Return the right answer of a random row of the task."""
    return rng.choice(answers)


def lay_out(row: Written, rng: Random) -> Laid | str:
    """Return the texts of the answer."""
    return Laid(listed(row.answer))


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
    own_tidy=lambda output: output.strip() or None,  # a label may have a comma in it
    chosen=several,
    teacher=Teacher(lay_out, is_list=True),
)
