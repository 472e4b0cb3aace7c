"""Rows -> tasks -> forms, tracks, overall; each with its 95 % percentile bootstrap interval.

    task       sum of its rows' numerators / sum of their denominators
    form       mean of its tasks
    track      mean of its tasks (the contest's rule)
    overall    mean of the tracks (the contest's track 5)
    flat_mean  mean of all tasks (the starter kit's script)

A bootstrap sample redraws every task's rows with replacement and aggregates them again, so an
interval shows how much a score depends on the rows that happened to be in the file. The same seed
redraws the same rows, so the samples of two models are paired, as their difference requires.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecom.evaluate.gold import Gold, track_order
from ecom.evaluate.metrics import Ratios
from ecom.evaluate.rate import Rated
from ecom.forms import FORMS, Parser
from ecom.forms.label_scores import ByLabel

# Column 0 is the value itself, the other columns are the bootstrap samples: shape (1 + samples,).
Samples = NDArray[np.float64]
_DRAWS_AT_ONCE = 4_000_000
_NO_LABELS: Mapping[int, ByLabel] = {}


@dataclass(frozen=True)
class Resampled:
    """Every score with its bootstrap samples; tasks that cannot be computed are absent.

    counted   how many tasks are in the mean of a form, of a track, and of all
    """

    tasks: Mapping[str, Samples]
    forms: Mapping[str, Samples]
    tracks: Mapping[str, Samples]
    overall: Samples | None
    flat_mean: Samples | None
    counted: Mapping[str, Any]


def resample(
    golds: Sequence[Gold],
    ratios: Ratios,
    samples: int,
    seed: int,
    labels: Mapping[int, ByLabel] = _NO_LABELS,
) -> Resampled:
    """Return the scores and their samples. A task with a NaN among its rows is left out.

    labels    by row, what it adds to each label's F1, where a task's score is their mean
    """
    rng = np.random.default_rng(seed)
    by_task, _ = _by_task(golds)
    values = {
        task: _redraw(_summed(ratios, labels, rows), samples, rng)
        for task, rows in by_task.items()
        if not np.isnan(ratios[rows]).any()
    }
    return grouped(golds, values)


def grouped(golds: Sequence[Gold], values: Mapping[str, Samples]) -> Resampled:
    """Return the means of the tasks' scores by form and track, and over all."""
    by_task, first = _by_task(golds)
    forms = _means(values, list(FORMS), lambda task: first[task].form)
    names = track_order(gold.track for gold in first.values())
    tracks = _means(values, names, lambda task: first[task].track)
    counted = {
        "forms": {name: sum(first[task].form == name for task in values) for name in forms},
        "tracks": {name: sum(first[task].track == name for task in values) for name in tracks},
        "overall": len(values),
        "of": len(by_task),
    }
    return Resampled(values, forms, tracks, _mean(tracks), _mean(values), counted)


def resampled(
    golds: Sequence[Gold], rated: Rated, parser: Parser, samples: int, seed: int
) -> Resampled:
    """Return what one parser's reading of a model's answers scores, and its samples."""
    return resample(golds, getattr(rated, parser), samples, seed, rated.labels.get(parser, {}))


def summary(
    golds: Sequence[Gold], found: Resampled, not_computed: Mapping[str, str]
) -> dict[str, Any]:
    """Return tasks, forms, tracks, overall, flat_mean, their intervals, and what was not computed.

    A task with a metric in `not_computed` (metric -> remedy) has score None and is in no mean;
    `counted` is the number of tasks in each mean.
    """
    by_task, first = _by_task(golds)
    metrics = {
        task: list(dict.fromkeys(golds[i].metric for i in rows)) for task, rows in by_task.items()
    }
    return {
        "tasks": {
            task: {
                "metric": " + ".join(metrics[task]),
                "score": _value(found.tasks.get(task)),
                "n": len(rows),
                "form": first[task].form,
                "track": first[task].track,
            }
            for task, rows in by_task.items()
        },
        "forms": {name: _value(sample) for name, sample in found.forms.items()},
        "tracks": {name: _value(sample) for name, sample in found.tracks.items()},
        "overall": _value(found.overall),
        "flat_mean": _value(found.flat_mean),
        "counted": found.counted,
        "intervals": {
            "tasks": {name: interval(sample) for name, sample in found.tasks.items()},
            "forms": {name: interval(sample) for name, sample in found.forms.items()},
            "tracks": {name: interval(sample) for name, sample in found.tracks.items()},
            "overall": interval(found.overall),
            "flat_mean": interval(found.flat_mean),
        },
        "not_computed": {
            task: "; ".join(f"{m}: {not_computed[m]}" for m in metrics[task] if m in not_computed)
            for task in by_task
            if task not in found.tasks
        },
    }


def interval(sample: Samples | None) -> list[float] | None:
    """Return the 2.5 and 97.5 percentiles of the bootstrap samples."""
    return None if sample is None else [float(x) for x in np.percentile(sample[1:], (2.5, 97.5))]


def _by_task(golds: Sequence[Gold]) -> tuple[dict[str, list[int]], dict[str, Gold]]:
    """Return the indices of each task's rows, and its first gold."""
    by_task: dict[str, list[int]] = {}
    for i, gold in enumerate(golds):
        by_task.setdefault(gold.task, []).append(i)
    return by_task, {task: golds[rows[0]] for task, rows in by_task.items()}


def _summed(ratios: Ratios, labels: Mapping[int, ByLabel], rows: list[int]) -> NDArray[np.float64]:
    """Return what is summed over the rows, (rows, ratios, 2): one ratio, or one a label."""
    if not all(row in labels for row in rows):
        return ratios[rows][:, None]
    names = sorted({name for row in rows for name in labels[row]})
    return np.array([[labels[row].get(name, (0, 0)) for name in names] for row in rows], float)


def _redraw(ratios: NDArray[np.float64], samples: int, rng: np.random.Generator) -> Samples:
    """Return the score of the rows, then the scores of `samples` redraws of them.

    A score is the mean of its ratios of sums.
    """
    top, bottom = np.moveaxis(redrawn(ratios, samples, rng), -1, 0)
    scores: Samples = np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
    means: Samples = scores.mean(axis=1)
    return means


def redrawn(
    values: NDArray[np.float64], samples: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the sum of the rows, then the sums of `samples` redraws of them: (1 + samples, …)."""
    rows = len(values)
    sums = [values.sum(axis=0, keepdims=True)]
    step = max(1, _DRAWS_AT_ONCE // values[..., 0].size)
    for start in range(0, samples, step):
        size = (min(step, samples - start), rows)
        sums.append(values[rng.integers(rows, size=size)].sum(axis=1))
    return np.concatenate(sums)


def _means(
    values: Mapping[str, Samples], names: Sequence[str], group: Callable[[str], str]
) -> dict[str, Samples]:
    """Return the mean of the tasks of each group that has tasks."""
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
