"""The metrics against a plain restatement of the contest's formulas (docs/domain.md)."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom.evaluate.gold import Gold
from ecom.evaluate.metrics import forms_of
from ecom.evaluate.rate import rate

RELEVANCES = st.lists(st.sampled_from([0, 0.01, 0.1, 1]), min_size=5, max_size=5)
WORDS = st.sampled_from(["red", "Red ", "shoe", "lamp", "boot", "x"])


def score_rows(metric: str, texts: list[str], golds: list[object]) -> np.ndarray:
    """The official numerators and denominators."""
    form = forms_of(metric)[0]
    rows = [Gold(i, str(i), "", gold, "t", form, metric, "x") for i, gold in enumerate(golds)]
    return rate(rows, texts, {}).official


def score(metric: str, text: str, gold: object) -> float:
    top, bottom = score_rows(metric, [text], [gold])[0]
    return float(top / bottom)


def plain_ndcg(ranked: list[int], relevance: list[float]) -> float:
    dcg = 0.0
    for position, item in enumerate(ranked[: len(relevance)], start=1):
        if item == 0:
            gain = relevance[len(relevance) - 1]
        elif item > len(relevance):
            gain = 0
        else:
            gain = relevance[item - 1]
        dcg += (math.pow(2, gain) - 1) / math.log2(position + 1)
    idcg = 0.0
    for position, gain in enumerate(sorted(relevance)[::-1], start=1):
        idcg += (math.pow(2, gain) - 1) / math.log2(position + 1)
    return dcg / idcg if idcg > 0 else 0


@given(st.lists(st.integers(0, 5), max_size=5, unique=True), RELEVANCES)
def test_ndcg(ranked: list[int], relevance: list[float]) -> None:
    text = ",".join(map(str, ranked))
    assert score("ndcg", text, relevance) == pytest.approx(plain_ndcg(ranked, relevance))


def test_ndcg_by_hand() -> None:
    # Gains 1 and 2^0.1 - 1, found at places 2 and 1.
    small = 2**0.1 - 1
    expected = (small + 1 / math.log2(3)) / (1 + small / math.log2(3))
    assert score("ndcg", "2,1", [1, 0.1, 0, 0, 0]) == pytest.approx(expected)


@given(
    st.lists(st.integers(1, 8), max_size=6),
    st.lists(st.integers(1, 8), min_size=1, max_size=3, unique=True),
)
def test_hit_rate(found: list[int], gold: list[int]) -> None:
    hits = sum(1 for item in gold if item in found[:3])
    assert score("hit rate@3", ",".join(map(str, found)), gold) == pytest.approx(hits / len(gold))


@given(st.lists(st.tuples(st.lists(WORDS), st.lists(WORDS.map(str.strip))), min_size=1))
def test_micro_f1_is_one_f1_over_the_task(rows: list[tuple[list[str], list[str]]]) -> None:
    tp = fp = fn = 0
    for found, gold in rows:
        found = [item.lower().strip() for item in found]
        gold = [item.lower() for item in gold]
        same = len([item for item in set(found) if item in gold])
        tp, fp, fn = tp + same, fp + len(found) - same, fn + len(gold) - same
    precision = tp / (tp + fp) if tp + fp else 0
    recall = tp / (tp + fn) if tp + fn else 0
    expected = 2 * precision * recall / (precision + recall) if precision + recall else 0

    texts = [repr(found) for found, _ in rows]
    top, bottom = score_rows("micro f1", texts, [gold for _, gold in rows]).sum(axis=0)
    assert (top / bottom if bottom else 0) == pytest.approx(expected)


def longest_common(a: list[str], b: list[str]) -> int:
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1][j + 1] = (
                table[i][j] + 1 if x == y else max(table[i][j + 1], table[i + 1][j])
            )
    return table[-1][-1]


@given(st.lists(WORDS, min_size=1, max_size=8), st.lists(WORDS, min_size=1, max_size=8))
def test_rouge_l_is_f1_of_the_longest_common_subsequence(a: list[str], b: list[str]) -> None:
    a, b = [w.lower().strip() for w in a], [w.lower().strip() for w in b]
    common = longest_common(a, b)
    expected = 2 * common / (len(a) + len(b))
    assert score("rougel", " ".join(a), " ".join(b)) == pytest.approx(expected)


def test_rouge_l_stems() -> None:
    assert score("rougel", "Running shoes!", "run shoe") == pytest.approx(1)


def test_bleu_by_hand() -> None:
    # 5 of 6 words, 4 of 5 pairs, 3 of 4 triples, 2 of 3 quadruples, same length.
    expected = (5 / 6 * 4 / 5 * 3 / 4 * 2 / 3) ** 0.25
    assert score("bleu", "A b c d e X\nmore", "a B c d e f") == pytest.approx(expected)


def test_bleu_gives_nothing_below_four_tokens_as_in_the_contest() -> None:
    assert score("bleu", "red shoe", "red shoe") == 0
    assert score("bleu", "red shoe for men", "red shoe for men") == pytest.approx(1)


def test_jp_bleu_cuts_words_where_there_are_no_spaces() -> None:
    pytest.importorskip("MeCab")
    gold = "赤い革の靴を買いました"
    assert score("jp-bleu", gold, gold) == 1  # and not 1.0000000000000004
    assert 0 < score("jp-bleu", "赤い革の靴を見ました", gold) < 1
    assert score("bleu", "赤い革の靴を見ました", gold) == 0


def test_several_references_count_their_mean() -> None:
    assert score("rougel", "red shoe", ["red shoe", "lamp"]) == pytest.approx(0.5)
