"""The contest's metrics (docs/domain.md, KDD Cup 2024 starter kit), row by row.

Every metric is a ratio of sums over rows, sum(numerator) / sum(denominator): a mean has denominator
1, and micro F1 = 2·tp / (2·tp + fp + fn). So any set of rows, a bootstrap sample too, is scored by
adding up. Answers come parsed (ecom/forms), and the score of one answer is in ecom/forms/scores.py;
those of the embedding metrics are in embeddings.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecom.evaluate.config import EncoderMetric
from ecom.forms.scores import accuracy, bleu, entity_counts, hit_rate, ndcg, rouge_l
from ecom.rows import FormName

Ratios = NDArray[np.float64]  # (rows, 2): numerator, denominator


@dataclass(frozen=True)
class Metric:
    """`score(answer, gold) -> (numerator, denominator)`, or the encoder that scores all rows.

    `about` says what it measures; a task's score is the mean over its rows if it says nothing else.
    """

    form: FormName
    score: Callable[[Any, Any], tuple[float, float]] | EncoderMetric
    about: str


def _mean(score: Callable[[Any, Any], float]) -> Callable[[Any, Any], tuple[float, float]]:
    return lambda answer, gold: (score(answer, gold), 1)


def _mean_text(score: Callable[[str, str], float]) -> Callable[[Any, Any], tuple[float, float]]:
    """As `_mean`; of several references the mean."""
    return lambda answer, gold: (
        float(np.mean([score(answer, text) for text in references(gold)])),
        1,
    )


def _micro_f1(answer: Sequence[str], gold: Sequence[str]) -> tuple[float, float]:
    tp, fp, fn = entity_counts(answer, gold)
    return 2 * tp, 2 * tp + fp + fn


def references(gold: str | list[str]) -> list[str]:
    """Return the references of a generation row as a list."""
    return [gold] if isinstance(gold, str) else gold


METRICS: dict[str, Metric] = {
    "accuracy": Metric(
        "multiple-choice", _mean(accuracy), "1 where the option's number is right, else 0."
    ),
    "hit rate@3": Metric(
        "retrieval",
        _mean(hit_rate),
        "Share of the right items that are among the first three numbers of the answer.",
    ),
    "ndcg": Metric(
        "ranking",
        _mean(ndcg),
        "Discounted cumulative gain over that of the ideal order: gain 2^relevance − 1, discount "
        "log2(position + 1).",
    ),
    "micro f1": Metric(
        "named_entity_recognition",
        _micro_f1,
        "F1 of the entities of all rows of a task together, compared in lower case.",
    ),
    "rougel": Metric(
        "generation", _mean_text(rouge_l), "ROUGE-L F of `rouge_score` with the Porter stemmer."
    ),
    "bleu": Metric(
        "generation",
        _mean_text(bleu),
        "BLEU of the answer's first line by sacrebleu, in lower case, divided by 100. An answer of "
        "fewer than four tokens scores 0.",
    ),
    "jp-bleu": Metric(
        "generation",
        _mean_text(lambda a, g: bleu(a, g, "ja-mecab")),
        "BLEU of Japanese texts, cut into words by MeCab.",
    ),
    "sent-transformer": Metric(
        "generation",
        "sent-transformer",
        "Cosine, 0 or more, of the embeddings by all-MiniLM-L6-v2 (`ecom[embeddings]`).",
    ),
    "multilingual-sent-transformer": Metric(
        "generation",
        "multilingual-sent-transformer",
        "The same by paraphrase-multilingual-MiniLM-L12-v2.",
    ),
}
