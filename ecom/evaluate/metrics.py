"""The contest's metrics (docs/domain.md, KDD Cup 2024 starter kit), row by row.

Every metric is a ratio of sums over rows, sum(numerator) / sum(denominator): a mean has denominator
1, and micro F1 = 2·tp / (2·tp + fp + fn). So any set of rows, a bootstrap sample too, is scored by
adding up. Answers come parsed. Each answer form has its metrics (ecom/forms), and the score of one
answer is in ecom/forms/scores.py; those of the embedding metrics are in embeddings.py.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ecom.evaluate.config import EncoderMetric
from ecom.forms import FORMS, FormName, Score

Ratios = NDArray[np.float64]  # (rows, 2): numerator, denominator


@dataclass(frozen=True)
class Metric:
    """A metric, the answer form that it scores, and how: row by row, or by a sentence encoder."""

    form: FormName
    score: Score | EncoderMetric
    about: str


METRICS: dict[str, Metric] = {
    name: Metric(form.name, metric.score or cast(EncoderMetric, name), metric.about)
    for form in FORMS.values()
    for name, metric in form.metrics.items()
}
