"""Calibration: how far a model's confidence in its multiple choices can be trusted.

Expected calibration error: the mean over rows of |accuracy − confidence| of the row's bin, with ten
bins of equal width (Guo et al. 2017, "On Calibration of Modern Neural Networks").
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ecom.evaluate.gold import Answered, Gold
from ecom.evaluate.rate import Rated
from ecom.forms import FORMS, OneLabel

BINS = 10


def calibration(
    golds: Sequence[Gold], answers: Sequence[Answered], rated: Rated
) -> dict[str, Any] | None:
    """Return {"n", "ece", "bins": [{"confidence", "accuracy", "n"}]}; None without confidences."""
    rows = [
        (answered.confidence, rated.lenient[i, 0])
        for i, (gold, answered) in enumerate(zip(golds, answers, strict=True))
        if isinstance(FORMS[gold.form].decoding, OneLabel) and answered.confidence is not None
    ]
    if not rows:
        return None
    confidence, hit = np.array(rows, np.float64).T
    index = np.minimum((confidence * BINS).astype(int), BINS - 1)
    bins = [
        {
            "confidence": float(confidence[index == b].mean()),
            "accuracy": float(hit[index == b].mean()),
            "n": int((index == b).sum()),
        }
        for b in range(BINS)
        if (index == b).any()
    ]
    error = sum(b["n"] * abs(b["accuracy"] - b["confidence"]) for b in bins) / len(rows)
    return {"n": len(rows), "ece": float(error), "bins": bins}
