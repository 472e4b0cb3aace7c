"""Reads and scores answers by ShopBench's rules, for tasks of lm-eval; ecom is not needed.

Written by `ecom benchmark --export-lm-eval`, which copies this file beside the tasks. lm-eval calls
`rows`, `process` and the aggregations by their names in the tasks' YAML files.

An answer is read as the contest's official code reads it. A metric is a ratio of two sums over
rows, or a mean over labels. The rules are those of https://gitlab.aicrowd.com/aicrowd/challenges/
amazon-kdd-cup-2024 and, for answers in texts, of `ecom evaluate`.
"""

import ast
import json
import math
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

LONGEST = 5_000  # characters of an answer that are read
_SPLIT = re.compile(r"\s*[\n;|；、]\s*(?:(?:and|or) )?|\s*[,，]\s*(?:(?:and|or) )?")
_AROUND = r"\s\"'“”‘’「」`\[\]*•\-"
_EDGES = re.compile(rf"^[{_AROUND}]+|[{_AROUND}.。]+$")

Pair = tuple[float, float]


def rows(file: str, **_: Any) -> dict[str, Any]:
    """Return a file of rows beside this one, as lm-eval's `custom_dataset`."""
    from datasets import Dataset

    text = (Path(__file__).parent / file).read_text(encoding="utf-8")
    return {"test": Dataset.from_list([json.loads(line) for line in text.splitlines()])}


def process(doc: Mapping[str, Any], results: Sequence[str]) -> dict[str, Any]:
    """Return what an answer adds to its task's score: (numerator, denominator), or by label."""
    read, score = _OF[doc["form"]][0], _OF[doc["form"]][1][doc["metric"]]
    return {"score": score(read(results[0]), json.loads(doc["target"]))}


def ratio(added: Sequence[Pair]) -> float:
    """Return the sum of the numerators over that of the denominators, 0 where that is 0."""
    bottom = sum(one[1] for one in added)
    return sum(one[0] for one in added) / bottom if bottom else 0.0


def over_labels(added: Sequence[Mapping[str, Pair]]) -> float:
    """Return the mean over the labels of the ratio."""
    by_label: dict[str, list[Pair]] = {}
    for row in added:
        for label, pair in row.items():
            by_label.setdefault(label, []).append(pair)
    return sum(map(ratio, by_label.values())) / len(by_label) if by_label else 0.0


# Answers.


def option(text: str) -> int:
    """Return the first character as a number, or -1."""
    first = text[:LONGEST].strip()[:1]
    try:
        return int(first)
    except ValueError:
        return -1


def numbers(text: str) -> list[int]:
    """Return the integers between commas once all but digits, commas and spaces is dropped."""
    kept = "".join(c for c in text[:LONGEST] if c.isnumeric() or c in ", ")
    found = []
    for piece in kept.split(","):
        try:
            found.append(int(piece))
        except ValueError:
            continue
    return found


def three(text: str) -> list[int]:
    """Return the first three numbers."""
    return numbers(text)[:3]


def order(text: str) -> list[int]:
    """Return the first five numbers up to 5; empty where one repeats."""
    found = [n for n in numbers(text) if n <= 5][:5]
    return found if len(set(found)) == len(found) else []


def entities(text: str) -> list[str]:
    """Return a literal list of strings as it is, else the pieces between commas."""
    text = text[:LONGEST].strip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        value = None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    return [piece.strip() for piece in text.split(",") if piece.strip()]


def whole(text: str) -> str:
    """Return the text, stripped."""
    return text[:LONGEST].strip()


def texts(text: str) -> list[str]:
    """Return the distinct texts of a JSON list, or between commas or lines."""
    text = text[:LONGEST].strip()
    if text.startswith("["):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list) and all(isinstance(item, str) for item in found):
            return list(dict.fromkeys(item.strip() for item in found if item.strip()))
    parts = (_EDGES.sub("", part) for part in _SPLIT.split(text))
    return list(dict.fromkeys(part for part in parts if part))


# Scores: answer, gold -> numerator and denominator.


def mean(score: Callable[[Any, Any], float]) -> Callable[[Any, Any], Pair]:
    """Return the score over 1."""
    return lambda answer, gold: (score(answer, gold), 1.0)


def equal(answer: Any, gold: Any) -> float:
    """1 if equal."""
    return float(answer == gold)


def hit_rate(answer: Sequence[int], gold: Sequence[int]) -> float:
    """Return the share of the right items that are in the answer."""
    return len(set(gold) & set(answer)) / len(gold)


def ndcg(answer: Sequence[int], gold: Sequence[float]) -> float:
    """DCG / ideal DCG. As in the official code, item 0 gets the last relevance."""
    shown = [gold[item - 1] if item <= len(gold) else 0.0 for item in answer[: len(gold)]]
    ideal = _dcg([2**rel - 1 for rel in sorted(gold, reverse=True)])
    return _dcg([2**rel - 1 for rel in shown]) / ideal if ideal else 0.0


def entity_f1(answer: Sequence[str], gold: Sequence[str]) -> Pair:
    """F1 of entities, in lower case; a repeated one is wrong."""
    said = [item.lower().strip() for item in answer]
    right = len(set(said) & {item.lower() for item in gold})
    return 2 * right, len(said) + len(gold)


def label_f1(answer: Sequence[str], gold: Sequence[str]) -> Pair:
    """F1 of texts, but for case, spaces and a full stop."""
    said, right = set(map(_same, answer)), set(map(_same, gold))
    return 2 * len(said & right), len(said) + len(right)


def set_f1(answer: Sequence[str], gold: Sequence[str]) -> float:
    """F1 of one row."""
    top, bottom = label_f1(answer, gold)
    return top / bottom if bottom else 0.0


def by_label(answer: str | Sequence[str], gold: str | Sequence[str]) -> dict[str, Pair]:
    """Return what a row adds to each label's F1."""
    answer = [answer] if isinstance(answer, str) else answer
    gold = [gold] if isinstance(gold, str) else gold
    said, right = {_same(one) for one in answer if one}, set(map(_same, gold))
    return {
        label: (2.0 * (label in said & right), float((label in said) + (label in right)))
        for label in said | right
    }


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


def text_ndcg(first: int | None = None) -> Callable[[Sequence[str], Sequence[str]], float]:
    """NDCG of the `first` texts, or of all; the n-th of m has relevance (m − n + 1) / m."""

    def score(answer: Sequence[str], gold: Sequence[str]) -> float:
        gains = {
            _same(text): 2 ** ((len(gold) - index) / len(gold)) - 1
            for index, text in enumerate(gold)
        }
        shown = [gains.get(text, 0.0) for text in dict.fromkeys(map(_same, answer))][:first]
        return _dcg(shown) / _dcg(sorted(gains.values(), reverse=True)[:first])

    return score


def over_references(score: Callable[[str, str], float]) -> Callable[[str, Any], float]:
    """Return the mean over the gold's references."""

    def of_all(answer: str, gold: str | Sequence[str]) -> float:
        golds = [gold] if isinstance(gold, str) else gold
        return sum(score(answer, one) for one in golds) / len(golds)

    return of_all


def rouge_l(answer: str, gold: str) -> float:
    """ROUGE-L F with the Porter stemmer."""
    return float(_rouge().score(gold, answer)["rougeL"].fmeasure)


def bleu(tokenizer: str) -> Callable[[str, str], float]:
    """BLEU of the answer's first line, in lower case, over 100."""

    def score(answer: str, gold: str) -> float:
        line = answer.strip("\n").split("\n")[0]
        return min(float(_bleu(tokenizer).corpus_score([line], [[gold]]).score) / 100, 1.0)

    return score


@cache
def _rouge() -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rougeL"], use_stemmer=True)


@cache
def _bleu(tokenizer: str) -> Any:
    from sacrebleu.metrics.bleu import BLEU

    return BLEU(lowercase=True, tokenize=tokenizer)


def _dcg(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(index + 2) for index, gain in enumerate(gains))


def _same(text: str) -> str:
    return " ".join(text.rstrip(".。").casefold().split())


Scorer = Callable[[Any, Any], Any]
_OF: dict[str, tuple[Callable[[str], Any], dict[str, Scorer]]] = {
    "multiple-choice": (option, {"accuracy": mean(equal)}),
    "retrieval": (three, {"hit rate@3": mean(hit_rate)}),
    "ranking": (order, {"ndcg": mean(ndcg)}),
    "named_entity_recognition": (entities, {"micro f1": entity_f1}),
    "generation": (
        whole,
        {
            "rougel": mean(over_references(rouge_l)),
            "bleu": mean(over_references(bleu("13a"))),
            "jp-bleu": mean(over_references(bleu("ja-mecab"))),
        },
    ),
    "classification": (
        whole,
        {"accuracy": mean(lambda answer, gold: equal(_same(answer), _same(gold)))}
        | {"macro f1": by_label},
    ),
    "multi-label": (
        texts,
        {"set f1": mean(set_f1), "micro f1": label_f1, "macro f1": by_label},
    ),
    "ordering": (
        texts,
        {f"ndcg@{n}": mean(text_ndcg(n)) for n in (5, 10)}
        | {f"recall@{n}": mean(recall(n)) for n in (1, 5, 10)}
        | {"ndcg": mean(text_ndcg()), "map": mean(average_precision)},
    ),
}


def scored() -> dict[str, list[str]]:
    """Return the metrics that can be computed, by form."""
    return {form: list(by_name) for form, (_, by_name) in _OF.items()}
