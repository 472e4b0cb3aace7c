"""Paired bootstrap against scipy's, and what pairing is for."""

import numpy as np
import pytest
from scipy import stats

from ecom.evaluate.compare import compare, ends
from ecom.evaluate.gold import Gold
from ecom.evaluate.rate import rate


def rows(count: int) -> list[Gold]:
    return [
        Gold(i, str(i), "", 1, "t", "multiple-choice", "accuracy", "concepts") for i in range(count)
    ]


def texts(hits: np.ndarray) -> list[str]:
    return ["1" if hit else "0" for hit in hits]


def test_interval_is_the_paired_percentile_bootstrap_of_scipy() -> None:
    rng = np.random.default_rng(5)
    first = rng.random(200) < 0.5
    second = np.where(rng.random(200) < 0.8, first, rng.random(200) < 0.7)
    golds = rows(200)
    found = compare(golds, rate(golds, texts(first), {}), rate(golds, texts(second), {}), 20_000, 1)
    reference = stats.bootstrap(
        (second.astype(float), first.astype(float)),
        lambda b, a, axis=-1: b.mean(axis=axis) - a.mean(axis=axis),
        paired=True,
        method="percentile",
        n_resamples=20_000,
        rng=2,
    ).confidence_interval
    difference = found["official"]["tasks"]["t"]
    assert difference["interval"] == pytest.approx([reference.low, reference.high], abs=0.008)
    assert difference["n"] == 200


def test_pairing_shows_a_small_but_steady_difference() -> None:
    # Alone the two scores' intervals overlap; on the same questions the second is never worse.
    first = np.arange(300) % 2 == 0
    second = first.copy()
    second[1:40:4] = True
    golds = rows(300)
    found = compare(golds, rate(golds, texts(first), {}), rate(golds, texts(second), {}), 2_000, 0)
    overall = found["official"]["overall"]
    assert overall["difference"] == pytest.approx(10 / 300)
    assert overall["difference"] < 1.96 * 0.5 / np.sqrt(300)  # half an interval of one score
    assert overall["real"]


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (
            ["runs/a/predict/awq.jsonl", "runs/b/predict/awq.jsonl"],
            ["a/predict/awq.jsonl", "b/predict/awq.jsonl"],
        ),
        (["work:awq", "work:merged"], ["work:awq", "work:merged"]),
        (["work", "work:awq"], ["work", "work:awq"]),
        (["/a/b", "/a/b"], ["/a/b", "/a/b"]),
    ],
)
def test_long_paths_are_shown_from_where_they_differ(names: list[str], shown: list[str]) -> None:
    assert ends(names) == shown
