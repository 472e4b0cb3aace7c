"""The scores of answers in texts against their golds: equal but for case, spaces, a full stop.

F1 of a label is 2·tp / (2·tp + fp + fn), over the rows of a task.
"""

import math
from collections.abc import Callable, Mapping, Sequence

from ecom.forms.teacher import fold

ByLabel = Mapping[str, tuple[float, float]]  # label -> numerator and denominator of its F1


def _same(text: str) -> str:
    return fold(text.rstrip(".。"))


def same(answer: str, gold: str) -> float:
    """1 if equal."""
    return float(_same(answer) == _same(gold))


def label_counts(answer: Sequence[str], gold: Sequence[str]) -> tuple[float, float]:
    """Return numerator and denominator of F1, to sum over rows."""
    written, right = set(map(_same, answer)), set(map(_same, gold))
    return 2 * len(written & right), len(written) + len(right)


def set_f1(answer: Sequence[str], gold: Sequence[str]) -> float:
    """F1 of one row."""
    top, bottom = label_counts(answer, gold)
    return top / bottom if bottom else 0.0


def by_labels(answer: Sequence[str], gold: Sequence[str]) -> ByLabel:
    """Return what a row adds to numerator and denominator of each label's F1."""
    written, right = set(map(_same, answer)), set(map(_same, gold))
    return {
        label: (2.0 * (label in written & right), float((label in written) + (label in right)))
        for label in sorted(written | right)
    }


def by_label(answer: str, gold: str) -> ByLabel:
    """Return the same for an answer of one text."""
    return by_labels([answer] if answer else [], [gold])


def recall(first: int) -> Callable[[Sequence[str], Sequence[str]], float]:
    """Return the share of the right texts that are among the `first` of the answer."""

    def score(answer: Sequence[str], gold: Sequence[str]) -> float:
        right = set(map(_same, gold))
        return len(right & set(map(_same, answer[:first]))) / len(right)

    return score


def average_precision(answer: Sequence[str], gold: Sequence[str]) -> float:
    """The precision at the position of every right text, 0 for a missing one; their mean."""
    right, hits, total = set(map(_same, gold)), 0, 0.0
    for position, text in enumerate(dict.fromkeys(map(_same, answer)), start=1):
        if text in right:
            hits += 1
            total += hits / position
    return total / len(right)


def order_ndcg(first: int | None = None) -> Callable[[Sequence[str], Sequence[str]], float]:
    """Return NDCG of the `first` texts, or of all; the n-th of m has relevance (m − n + 1) / m."""

    def score(answer: Sequence[str], gold: Sequence[str]) -> float:
        gains = {
            _same(text): 2 ** ((len(gold) - index) / len(gold)) - 1
            for index, text in enumerate(gold)
        }
        shown = [gains.get(text, 0.0) for text in dict.fromkeys(map(_same, answer))][:first]
        return _dcg(shown) / _dcg(sorted(gains.values(), reverse=True)[:first])

    return score


def _dcg(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(index + 2) for index, gain in enumerate(gains))
