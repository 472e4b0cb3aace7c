"""Rows -> tasks -> forms, tracks, overall; each with its 95 % percentile bootstrap interval.

    task       sum of its rows' numerators / sum of their denominators
    form       mean of its tasks
    track      mean of its tasks (the contest's rule)
    overall    mean of the tracks (the contest's track 5)
    flat_mean  mean of all tasks (the starter kit's script)

A bootstrap sample redraws every task's rows with replacement and aggregates anew, so an interval
says how much the number depends on the rows that happened to be in the file.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecom.evaluate.gold import Gold, track_order
from ecom.evaluate.metrics import METRICS, Ratios, score_rows
from ecom.forms import FORMS

# Column 0 is the value itself, the other columns are the bootstrap samples: shape (1 + samples,).
Samples = NDArray[np.float64]
_INDICES_AT_ONCE = 4_000_000


def rate(golds: Sequence[Gold], texts: Sequence[str]) -> Ratios:
    """Return (rows, 2) numerators and denominators; NaN where a metric cannot be computed here."""
    ratios = np.full((len(golds), 2), np.nan)
    for metric in {gold.metric for gold in golds}:
        if METRICS[metric].missing() is None:
            rows = [i for i, gold in enumerate(golds) if gold.metric == metric]
            ratios[rows] = score_rows(
                metric, [texts[i] for i in rows], [golds[i].answer for i in rows]
            )
    return ratios


def aggregate(golds: Sequence[Gold], ratios: Ratios, samples: int, seed: int) -> dict[str, Any]:
    """Return tasks, forms, tracks, overall, flat_mean, their intervals, and what was not computed.

    A task with a metric that cannot be computed has score None, is named under `not_computed`
    with the remedy, and is left out of every mean.
    """
    rng = np.random.default_rng(seed)
    places: dict[str, list[int]] = {}
    for i, gold in enumerate(golds):
        places.setdefault(gold.task, []).append(i)
    first = {task: golds[rows[0]] for task, rows in places.items()}
    values = {
        task: _resample(ratios[rows], samples, rng)
        for task, rows in places.items()
        if not np.isnan(ratios[rows]).any()
    }
    forms = _means(values, list(FORMS), lambda task: first[task].form)
    tracks = _means(
        values, track_order(g.track for g in first.values()), lambda task: first[task].track
    )
    overall, flat = _mean(tracks), _mean(values)
    metrics = {task: list(dict.fromkeys(golds[i].metric for i in places[task])) for task in places}
    return {
        "tasks": {
            task: {
                "metric": " + ".join(metrics[task]),
                "score": _value(values.get(task)),
                "n": len(rows),
                "form": first[task].form,
                "track": first[task].track,
            }
            for task, rows in places.items()
        },
        "forms": {name: _value(sample) for name, sample in forms.items()},
        "tracks": {name: _value(sample) for name, sample in tracks.items()},
        "overall": _value(overall),
        "flat_mean": _value(flat),
        "intervals": {
            "tasks": {name: _interval(sample) for name, sample in values.items()},
            "forms": {name: _interval(sample) for name, sample in forms.items()},
            "tracks": {name: _interval(sample) for name, sample in tracks.items()},
            "overall": _interval(overall),
            "flat_mean": _interval(flat),
        },
        "not_computed": {
            task: "; ".join(filter(None, (METRICS[m].missing() for m in metrics[task])))
            for task in places
            if task not in values
        },
    }


def _resample(ratios: Ratios, samples: int, rng: np.random.Generator) -> Samples:
    """Return the value of the rows, then the values of `samples` redraws of them."""
    rows = len(ratios)
    sums = [ratios.sum(axis=0, keepdims=True)]
    step = max(1, _INDICES_AT_ONCE // rows)
    for start in range(0, samples, step):
        size = (min(step, samples - start), rows)
        sums.append(ratios[rng.integers(rows, size=size)].sum(axis=1))
    top, bottom = np.concatenate(sums).T
    scores: Samples = np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
    return scores


def _means(
    values: Mapping[str, Samples], names: Sequence[str], group: Callable[[str], str]
) -> dict[str, Samples]:
    """Return the mean of the tasks of each group that has any."""
    means = {}
    for name in names:
        mean = _mean({task: value for task, value in values.items() if group(task) == name})
        if mean is not None:
            means[name] = mean
    return means


def _mean(values: Mapping[str, Samples]) -> Samples | None:
    return np.mean(np.stack(list(values.values())), axis=0) if values else None


def _value(sample: Samples | None) -> float | None:
    return None if sample is None else float(sample[0])


def _interval(sample: Samples | None) -> list[float] | None:
    return None if sample is None else [float(x) for x in np.percentile(sample[1:], (2.5, 97.5))]
