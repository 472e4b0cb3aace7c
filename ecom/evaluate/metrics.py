"""The metrics of the answer forms (docs/domain.md), row by row.

A metric is a ratio of sums over rows, sum(numerator) / sum(denominator): a mean has denominator 1,
and micro F1 = 2·tp / (2·tp + fp + fn). So any set of rows, a bootstrap sample too, is scored by
adding up. Macro F1 is the mean of such ratios, one a label. Answers come parsed. Each answer form
has its metrics (ecom/forms), and the scores of one answer are in ecom/forms/scores.py and
label_scores.py; those of the embedding metrics are in embeddings.py.
"""

import numpy as np
from numpy.typing import NDArray

from ecom.forms import FORMS, FormName

Ratios = NDArray[np.float64]  # (rows, 2): numerator, denominator

NAMES: tuple[str, ...] = tuple(dict.fromkeys(name for f in FORMS.values() for name in f.metrics))


def forms_of(metric: str) -> list[FormName]:
    """Return the answer forms that a metric scores."""
    return [name for name, form in FORMS.items() if metric in form.metrics]
