"""Why rows lose points: each row's kind of failure, and examples of every kind.

engine error     the engine gave no answer
no answer        even the lenient parser finds no answer of the form in the text
lost to format   the lenient parser gives more points than the official one
wrong            no points
partly right     some points
right            all points
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

from ecom.evaluate.gold import Answered, Gold
from ecom.evaluate.rate import Rated

KINDS = ("engine error", "no answer", "lost to format", "wrong", "partly right", "right")
SHOWN = 3  # examples of a kind and form (or task)
By = Literal["form", "task"]


def kinds(answers: Sequence[Answered], rated: Rated) -> list[str | None]:
    """Return each row's kind; None where its metric cannot be computed."""
    return [_kind(answers[row], rated, row) for row in range(len(answers))]


def count(
    golds: Sequence[Gold],
    found: Sequence[str | None],
    by: By = "form",
    named: Sequence[str] = KINDS,
) -> dict[str, dict[str, int]]:
    """Return form or task -> kind -> number of rows, with every kind of `named`."""
    counted: dict[str, Counter[str]] = {}
    for gold, kind in zip(golds, found, strict=True):
        counted.setdefault(getattr(gold, by), Counter())[kind or "not computed"] += 1
    return {
        group: {
            kind: rows[kind] for kind in (*named, "not computed") if rows[kind] or kind in named
        }
        for group, rows in counted.items()
    }


def examples(
    golds: Sequence[Gold],
    answers: Sequence[Answered],
    found: Sequence[str | None],
    by: By = "form",
) -> list[dict[str, Any]]:
    """Return up to three rows of each kind but `right`, per form or task, in the golds' order."""
    shown: Counter[tuple[str, str]] = Counter()
    picked = []
    for gold, answered, kind in zip(golds, answers, found, strict=True):
        group = getattr(gold, by)
        if kind is None or kind == "right" or shown[kind, group] >= SHOWN:
            continue
        shown[kind, group] += 1
        picked.append(
            {
                "kind": kind,
                "form": gold.form,
                "task": gold.task,
                "id": gold.id,
                "line": gold.line,
                "prompt": gold.prompt,
                "gold": gold.answer,
                "said": answered.error or answered.text,
            }
        )
    return sorted(picked, key=lambda example: KINDS.index(example["kind"]))


def _kind(answered: Answered, rated: Rated, row: int) -> str | None:
    official, lenient = _share(rated.official[row]), _share(rated.lenient[row])
    if answered.error:
        return "engine error"
    if not rated.found_official[row] and not rated.found_lenient[row]:
        return "no answer"
    if official is None or lenient is None:
        return None
    if lenient > official:
        return "lost to format"
    return "right" if official >= 1 else "partly right" if official > 0 else "wrong"


def _share(ratio: Any) -> float | None:
    """Return numerator / denominator, 0 where that is 0, None for NaN."""
    top, bottom = float(ratio[0]), float(ratio[1])
    return None if top != top else top / bottom if bottom else 0.0
