import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from ecom.evaluate.aggregate import resample, summary
from ecom.evaluate.gold import Gold
from ecom.evaluate.metrics import Ratios
from ecom.evaluate.rate import not_computed
from ecom.evaluate.rate import rate as rate_both


def gold(task: str, form: str, metric: str, track: str, answer: object, line: int = 1) -> Gold:
    return Gold(line, f"{task}-{line}", "prompt", answer, task, form, metric, track)  # type: ignore[arg-type]


def choices(task: str, track: str, rows: int) -> list[Gold]:
    return [gold(task, "multiple-choice", "accuracy", track, 1, i) for i in range(rows)]


def rate(golds: list[Gold], texts: list[str]) -> Ratios:
    return rate_both(golds, texts, {}).official


def aggregate(golds: list[Gold], ratios: Ratios, samples: int, seed: int) -> dict[str, Any]:
    return summary(golds, resample(golds, ratios, samples, seed), not_computed(golds, {}))


def test_means_of_tasks_tracks_and_forms() -> None:
    golds = [
        *choices("t1", "concepts", 4),
        *choices("t2", "concepts", 1),
        gold("t3", "retrieval", "hit rate@3", "behavior", [1, 2]),
        gold("t4", "named_entity_recognition", "micro f1", "my shop", ["a", "b"], 1),
        gold("t4", "named_entity_recognition", "micro f1", "my shop", ["c"], 2),
    ]
    texts = ["1", "1", "1", "0", "0", "2,9", "a", "x, c"]
    scores = aggregate(golds, rate(golds, texts), samples=100, seed=0)

    f1 = 2 * 2 / (2 * 2 + 1 + 1)
    tasks = {name: task["score"] for name, task in scores["tasks"].items()}
    assert tasks == pytest.approx({"t1": 0.75, "t2": 0, "t3": 0.5, "t4": f1})
    assert scores["tasks"]["t1"]["metric"] == "accuracy"
    assert scores["tasks"]["t1"]["n"] == 4
    assert scores["tracks"] == pytest.approx({"concepts": 0.375, "behavior": 0.5, "my shop": f1})
    assert scores["forms"] == pytest.approx(
        {"multiple-choice": 0.375, "retrieval": 0.5, "named_entity_recognition": f1}
    )
    assert scores["overall"] == pytest.approx((0.375 + 0.5 + f1) / 3)
    assert scores["flat_mean"] == pytest.approx((0.75 + 0 + 0.5 + f1) / 4)
    assert scores["not_computed"] == {}


def test_one_task_may_mix_bleu_with_jp_bleu() -> None:
    pytest.importorskip("MeCab")
    golds = [
        gold("task17", "generation", "bleu", "multilingual", "a red shoe for men", 1),
        gold("task17", "generation", "jp-bleu", "multilingual", "赤い革の靴を買いました", 2),
    ]
    scores = aggregate(golds, rate(golds, ["no", "赤い革の靴を買いました"]), samples=100, seed=0)
    assert scores["tasks"]["task17"]["score"] == pytest.approx(0.5)
    assert scores["tasks"]["task17"]["metric"] == "bleu + jp-bleu"


def test_interval_is_the_percentile_bootstrap_of_scipy() -> None:
    hits = np.array([1] * 30 + [0] * 50)
    golds = choices("t", "concepts", len(hits))
    texts = [str(hit) for hit in hits]
    scores = aggregate(golds, rate(golds, texts), samples=20_000, seed=0)
    reference = stats.bootstrap((hits,), np.mean, method="percentile", n_resamples=20_000, rng=1)
    low, high = scores["intervals"]["tasks"]["t"]
    assert low == pytest.approx(reference.confidence_interval.low, abs=0.006)
    assert high == pytest.approx(reference.confidence_interval.high, abs=0.006)


def test_interval_of_micro_f1_redraws_whole_rows() -> None:
    found = [["a"], ["b", "x"], ["c", "y", "z"], ["d"], ["q"], []] * 10
    right = [["a"], ["b"], ["c"], ["d", "e"], ["f"], ["g"]] * 10
    golds = [
        gold("t", "named_entity_recognition", "micro f1", "concepts", answer, i)
        for i, answer in enumerate(right)
    ]
    scores = aggregate(golds, rate(golds, [repr(f) for f in found]), samples=20_000, seed=0)

    counts = np.array([[1, 0, 0], [1, 1, 0], [1, 2, 0], [1, 0, 1], [0, 1, 1], [0, 0, 1]] * 10)

    def f1(tp: Any, fp: Any, fn: Any, axis: int = -1) -> Any:
        tp, fp, fn = tp.sum(axis=axis), fp.sum(axis=axis), fn.sum(axis=axis)
        return 2 * tp / (2 * tp + fp + fn)

    reference = stats.bootstrap(
        tuple(counts.T), f1, paired=True, method="percentile", n_resamples=20_000, rng=1
    )
    assert scores["intervals"]["tasks"]["t"] == pytest.approx(
        list(reference.confidence_interval), abs=0.01
    )


def test_interval_of_the_mean_of_two_tasks_is_narrower_by_the_square_root_of_two() -> None:
    golds = choices("t1", "concepts", 200) + choices("t2", "behavior", 200)
    texts = ["1", "0"] * 200
    intervals = aggregate(golds, rate(golds, texts), samples=4_000, seed=3)["intervals"]
    one = np.diff(intervals["tasks"]["t1"])[0]
    both = np.diff(intervals["overall"])[0]
    assert one / both == pytest.approx(math.sqrt(2), rel=0.1)
    assert one == pytest.approx(2 * 1.96 * 0.5 / math.sqrt(200), rel=0.1)


def test_same_seed_same_intervals() -> None:
    golds = choices("t", "concepts", 50)
    ratios = rate(golds, ["1", "0"] * 25)
    first, second, other = (aggregate(golds, ratios, 500, seed) for seed in (1, 1, 2))
    assert first == second
    assert first["intervals"] != other["intervals"]


def test_what_cannot_be_computed_is_named_and_in_no_mean() -> None:
    lacking = "multilingual-sent-transformer"  # in no package, and nothing is fetched
    golds = [
        *choices("t1", "concepts", 2),
        gold("t2", "generation", lacking, "concepts", "a", 9),
        gold("t3", "generation", lacking, "behavior", "a", 10),
    ]
    scores = aggregate(golds, rate(golds, ["1", "1", "a", "a"]), samples=100, seed=0)
    assert scores["tasks"]["t2"]["score"] is None
    assert lacking in scores["not_computed"]["t2"]
    assert set(scores["not_computed"]) == {"t2", "t3"}
    assert scores["tracks"] == {"concepts": 1}
    assert scores["overall"] == 1
    assert "generation" not in scores["forms"]
    assert scores["counted"]["overall"] == 1
    assert scores["counted"]["of"] == 3
    assert scores["counted"]["tracks"] == {"concepts": 1}
