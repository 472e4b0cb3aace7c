"""The contest's metrics (DOMAIN.md §1, KDD Cup 2024 starter kit), row by row.

Every metric is a ratio of sums over rows, sum(numerator) / sum(denominator): a mean has denominator
1, and micro F1 = 2·tp / (2·tp + fp + fn). So any set of rows, a bootstrap sample too, is scored by
adding up.

Texts are read by the official parser of the metric's form; a model's raw text goes in.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecom.forms import FORMS
from ecom.rows import FormName

Ratios = NDArray[np.float64]  # (rows, 2): numerator, denominator


@dataclass(frozen=True)
class Metric:
    """`ratios(answers, golds) -> (rows, 2)` on parsed answers; `missing()` says what to install."""

    form: FormName
    ratios: Callable[[Sequence[Any], Sequence[Any]], Ratios]
    missing: Callable[[], str | None] = lambda: None


def score_rows(metric: str, texts: Sequence[str], golds: Sequence[Any]) -> Ratios:
    """Return (rows, 2) numerators and denominators of raw texts against golds."""
    chosen = METRICS[metric]
    answers = [FORMS[chosen.form].parse(text) for text in texts]
    return chosen.ratios(answers, golds)


def accuracy(answer: int, gold: int) -> float:
    """1 if equal."""
    return float(answer == gold)


def hit_rate(answer: Sequence[int], gold: Sequence[int]) -> float:
    """|gold ∩ first three| / |gold|."""
    return len(set(gold) & set(answer[:3])) / len(gold)


def ndcg(answer: Sequence[int], gold: Sequence[float]) -> float:
    """DCG / ideal DCG: gain 2^relevance − 1, discount log2(position + 1), positions from 1.

    An item past the list gains nothing, item 0 reads the last relevance (the official code indexes
    with −1), and where no candidate is relevant the score is 0.
    """
    shown = [gold[item - 1] if item <= len(gold) else 0.0 for item in answer[: len(gold)]]
    ideal = _dcg(sorted(gold, reverse=True))
    return _dcg(shown) / ideal if ideal else 0.0


def entity_counts(answer: Sequence[str], gold: Sequence[str]) -> tuple[int, int, int]:
    """Return (tp, fp, fn): tp counts distinct entities, fp and fn all that are left.

    Answers are lowered and stripped, golds lowered only, as the official code does.
    """
    entities = [item.lower().strip() for item in answer]
    tp = len(set(entities) & {item.lower() for item in gold})
    return tp, len(entities) - tp, len(gold) - tp


def rouge_l(answer: str, gold: str) -> float:
    """ROUGE-L F of `rouge_score` with the Porter stemmer."""
    return float(_rouge().score(gold, answer)["rougeL"].fmeasure)


def bleu(answer: str, gold: str, tokenizer: str = "13a") -> float:
    """BLEU of the answer's first line by sacrebleu, lowercase, over 100.

    The contest calls `evaluate`'s sacrebleu, which is corpus BLEU over one sentence: fewer than
    four tokens score 0 (no "effective order"), even where they are right.
    """
    import sacrebleu

    line = answer.strip("\n").split("\n")[0]
    score = sacrebleu.corpus_bleu([line], [[gold]], lowercase=True, tokenize=tokenizer).score
    return min(1.0, float(score) / 100)  # a perfect one comes as 100.00000000000004


def _dcg(relevances: Sequence[float]) -> float:
    return sum((2**rel - 1) / math.log2(place + 2) for place, rel in enumerate(relevances))


@cache
def _rouge() -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rougeL"], use_stemmer=True)


def _mean(score: Callable[[Any, Any], float]) -> Callable[[Sequence[Any], Sequence[Any]], Ratios]:
    """Score each row by itself; the denominator is 1."""

    def ratios(answers: Sequence[Any], golds: Sequence[Any]) -> Ratios:
        scores = [score(answer, gold) for answer, gold in zip(answers, golds, strict=True)]
        return np.array([scores, np.ones(len(scores))]).T

    return ratios


def _mean_text(score: Callable[[str, str], float]) -> Any:
    """As `_mean`; of several references the mean."""
    return _mean(lambda answer, gold: float(np.mean([score(answer, g) for g in _references(gold)])))


def _micro_f1(answers: Sequence[Any], golds: Sequence[Any]) -> Ratios:
    counts = [entity_counts(answer, gold) for answer, gold in zip(answers, golds, strict=True)]
    return np.array([(2 * tp, 2 * tp + fp + fn) for tp, fp, fn in counts], np.float64)


def _cosine(name: str) -> Callable[[Sequence[Any], Sequence[Any]], Ratios]:
    """Cosine of sentence embeddings, mean over references, floored at 0."""

    def ratios(answers: Sequence[Any], golds: Sequence[Any]) -> Ratios:
        texts = sorted({t for gold in golds for t in _references(gold)} | set(answers))
        vectors = np.asarray(_encoder(name).encode(texts, show_progress_bar=False), np.float64)
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        place = {text: i for i, text in enumerate(texts)}
        scores = [
            max(0.0, float(np.mean([unit[place[a]] @ unit[place[g]] for g in _references(gold)])))
            for a, gold in zip(answers, golds, strict=True)
        ]
        return np.array([scores, np.ones(len(scores))]).T

    return ratios


@cache
def _encoder(name: str) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(f"sentence-transformers/{name}", local_files_only=True, device="cpu")


def _no_encoder(name: str) -> str | None:
    """Return what to install before embeddings can be had, or None. Never reaches for a hub."""
    try:
        _encoder(name)
    except ImportError:
        return f"pip install sentence-transformers, and fetch sentence-transformers/{name} once"
    except (OSError, ValueError):
        return f"fetch sentence-transformers/{name} once into the Hugging Face cache"
    return None


def _no_mecab() -> str | None:
    try:
        import ipadic  # noqa: F401
        import MeCab  # noqa: F401
    except ImportError:
        return "pip install 'sacrebleu[ja]'"
    return None


def _references(gold: str | list[str]) -> list[str]:
    return [gold] if isinstance(gold, str) else gold


_SMALL, _MULTILINGUAL = "all-MiniLM-L6-v2", "paraphrase-multilingual-MiniLM-L12-v2"

METRICS: dict[str, Metric] = {
    "accuracy": Metric("multiple-choice", _mean(accuracy)),
    "hit rate@3": Metric("retrieval", _mean(hit_rate)),
    "ndcg": Metric("ranking", _mean(ndcg)),
    "micro f1": Metric("named_entity_recognition", _micro_f1),
    "rougel": Metric("generation", _mean_text(rouge_l)),
    "bleu": Metric("generation", _mean_text(bleu)),
    "jp-bleu": Metric(
        "generation", _mean_text(lambda a, g: bleu(a, g, "ja-mecab")), missing=_no_mecab
    ),
    "sent-transformer": Metric("generation", _cosine(_SMALL), missing=lambda: _no_encoder(_SMALL)),
    "multilingual-sent-transformer": Metric(
        "generation", _cosine(_MULTILINGUAL), missing=lambda: _no_encoder(_MULTILINGUAL)
    ),
}
