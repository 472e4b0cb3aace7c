"""The scores of one parsed answer against its gold (docs/domain.md, KDD Cup 2024 starter kit)."""

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any


def accuracy(answer: int, gold: int) -> float:
    """1 if equal."""
    return float(answer == gold)


def hit_rate(answer: Sequence[int], gold: Sequence[int]) -> float:
    """|gold ∩ first three| / |gold|."""
    return len(set(gold) & set(answer[:3])) / len(gold)


def ndcg(answer: Sequence[int], gold: Sequence[float]) -> float:
    """DCG / ideal DCG: gain 2^relevance − 1, discount log2(position + 1), positions from 1.

    As in the official code, an item past the list gains nothing, and item 0 gets the last relevance
    (index −1). Where no candidate is relevant the score is 0.
    """
    shown = [gold[item - 1] if item <= len(gold) else 0.0 for item in answer[: len(gold)]]
    ideal = _dcg(sorted(gold, reverse=True))
    return _dcg(shown) / ideal if ideal else 0.0


def entity_counts(answer: Sequence[str], gold: Sequence[str]) -> tuple[int, int, int]:
    """Return (tp, fp, fn): tp counts distinct entities, fp and fn all others.

    Answers are lowercased and stripped, golds only lowercased, as in the official code.
    """
    entities = [item.lower().strip() for item in answer]
    tp = len(set(entities) & {item.lower() for item in gold})
    return tp, len(entities) - tp, len(gold) - tp


def micro_f1(answer: Sequence[str], gold: Sequence[str]) -> tuple[float, float]:
    """Return numerator and denominator of F1, 2·tp / (2·tp + fp + fn), to sum over rows."""
    tp, fp, fn = entity_counts(answer, gold)
    return 2 * tp, 2 * tp + fp + fn


def mean(score: Callable[[Any, Any], float]) -> Callable[[Any, Any], tuple[float, float]]:
    """Return the score as a numerator over 1, so that sums over rows give the mean."""
    return lambda answer, gold: (score(answer, gold), 1)


def rouge_l(answer: str, gold: str) -> float:
    """ROUGE-L F of `rouge_score` with the Porter stemmer."""
    return float(_rouge().score(gold, answer)["rougeL"].fmeasure)


def bleu(answer: str, gold: str, tokenizer: str = "13a") -> float:
    """BLEU of the answer's first line by sacrebleu, lowercase, over 100.

    The contest calls `evaluate`'s sacrebleu, which is corpus BLEU over one sentence: fewer than
    four tokens score 0 (no "effective order"), even where they are right.
    """
    line = answer.strip("\n").split("\n")[0]
    score = float(_bleu(tokenizer).corpus_score([line], [[gold]]).score) / 100
    return min(score, 1.0)  # sacrebleu's 100 can be 100.00000000000004


def _dcg(relevances: Sequence[float]) -> float:
    return sum((2**rel - 1) / math.log2(index + 2) for index, rel in enumerate(relevances))


@cache
def _rouge() -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rougeL"], use_stemmer=True)


@cache
def _bleu(tokenizer: str) -> Any:
    from sacrebleu.metrics.bleu import BLEU

    return BLEU(lowercase=True, tokenize=tokenizer)
