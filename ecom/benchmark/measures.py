"""Measures that several benchmarks share: macro F1, yes or no, a sentence encoder."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ecom.benchmark.base import Scores, Sums, divided, each
from ecom.evaluate import embeddings
from ecom.evaluate.config import EncoderMetric, Encoders

Choice = Callable[[str], str | None]  # an answer -> the label that it is; None: it is not counted


def labelled(labels: Sequence[str], choice: Choice) -> Callable[..., Sums]:
    """Return an `add` of counts: true, false positives and false negatives of each label, rows.

    An answer that is none of the labels is wrong; one whose choice is None adds nothing.
    """

    def add(answer: str, gold: Any) -> list[float]:
        chosen = choice(answer)
        if chosen is None:
            return [0.0] * (3 * len(labels) + 1)
        hits = [float(label == chosen == gold) for label in labels]
        false = [float(label == chosen != gold) for label in labels]
        missed = [float(label == gold != chosen) for label in labels]
        return [*hits, *false, *missed, 1.0]

    return each(add)


def accuracy(sums: Sums) -> Scores:
    """Return the share of rows that are right, from the sums of `labelled`."""
    return divided(_counts(sums)[0].sum(-1), sums[..., -1])


def f1(sums: Sums, of: slice = slice(None)) -> Scores:
    """Return the mean over the labels that occur, right or chosen, of F1 (scikit-learn's macro)."""
    hits, false, missed = (part[..., of] for part in _counts(sums))
    return _mean(divided(2 * hits, 2 * hits + false + missed), hits + false + missed)


def precision(sums: Sums, of: slice = slice(None)) -> Scores:
    """Return the mean over the labels that occur of precision."""
    hits, false, missed = (part[..., of] for part in _counts(sums))
    return _mean(divided(hits, hits + false), hits + false + missed)


def recall(sums: Sums, of: slice = slice(None)) -> Scores:
    """Return the mean over the labels that occur of recall."""
    hits, false, missed = (part[..., of] for part in _counts(sums))
    return _mean(divided(hits, hits + missed), hits + false + missed)


def _counts(sums: Sums) -> list[Sums]:
    return list(np.split(sums[..., :-1], 3, axis=-1))


def _mean(scores: Scores, seen: Sums) -> Scores:
    occurs = seen > 0
    return divided(np.where(occurs, scores, 0).sum(-1), occurs.sum(-1))


def encoded(metric: EncoderMetric, *, floor: bool) -> Callable[..., Sums]:
    """Return an `add` of the cosine of an answer with its references, the mean of several.

    `floor`: a negative one counts as 0. NaN where there is no encoder.
    """

    def add(answers: Sequence[str], golds: Sequence[Any], encoders: Encoders) -> Sums:
        if embeddings.missing(metric, encoders):
            return np.full((len(answers), 2), np.nan)
        references = [[gold] if isinstance(gold, str) else list(gold) for gold in golds]
        found = embeddings.mean_cosines(metric, encoders, answers, references)
        found = np.maximum(found, 0.0) if floor else found
        return np.stack([found, np.ones_like(found)], axis=1)

    return add


def lacks(metric: EncoderMetric) -> Callable[[Encoders], str | None]:
    """Return a measure's `missing` for an encoder."""
    return lambda encoders: embeddings.missing(metric, encoders)
