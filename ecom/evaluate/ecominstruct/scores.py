"""Scores of EcomInstruct's tasks, their means, and the paired difference of two models.

A mean is over the tasks that the paper scores by the metric. A difference is real where its 95 %
bootstrap interval does not contain 0: each sample redraws every task's rows, the same ones for both
models, and scores them again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ecom.ecominstruct import ROWS, Row, load_tasks, read_task
from ecom.errors import DataError, InputError
from ecom.evaluate.compare import difference
from ecom.evaluate.config import EvaluateConfig
from ecom.evaluate.ecominstruct.metrics import METRICS, Statistics, applies, statistics, values
from ecom.evaluate.gold import (
    SKIP,
    Answered,
    Fault,
    Gold,
    LeftOut,
    raise_all,
    read_predictions,
)
from ecom.forms import Paradigm
from ecom.shopbench import Place, Rejected

_SAMPLES_AT_ONCE = 4_000_000  # draws of rows


@dataclass(frozen=True)
class Rated:
    """One model's answers to one task."""

    paradigm: Paradigm
    statistics: Statistics


Model = Mapping[str, Rated]  # by task


def read_gold(path: Path, config: EvaluateConfig) -> tuple[list[Row], list[LeftOut]]:
    """Return the rows of all tasks that `path` names, and those left out by `config.skip_bad`.

    Raises DataError for what cannot be scored, and InputError for settings that apply to
    ShopBench's rows only.
    """
    if config.map_metrics or config.encoders:
        raise InputError(
            f"{path}: map_metrics and encoders are for ShopBench rows; EcomInstruct folders have "
            "their own metrics; leave these settings out"
        )
    rows: list[Row] = []
    left_out: list[LeftOut] = []
    faults: list[Fault] = []
    for task in load_tasks(path):
        file, before = task.folder / ROWS, len(rows) + len(left_out)
        for row in read_task(task):
            if isinstance(row, Rejected):
                place = Place(row.line, str(file.relative_to(path)))
                left_out.append(LeftOut(place, row, None, len(rows)))
                faults += [] if config.skip_bad else [Fault(file, row.line, row.reason)]
            else:
                rows.append(row)
        if len(rows) + len(left_out) == before:
            faults.append(Fault(file, None, "no row in it; restore it as published"))
    raise_all(faults, "the gold cannot be scored", SKIP)
    if not rows:
        raise DataError(f"{path}: no row can be scored; the first: {left_out[0].row.reason}")
    return rows, left_out


def read_answers(
    paths: Mapping[str, Path], rows: Sequence[Row], left_out: Sequence[LeftOut]
) -> dict[str, list[Answered]]:
    """Return each file's answers in the rows' order.

    Lines are {"id"?: …, "prediction": "raw text"}; without ids they are in the rows' order.
    Raises one DataError for all files that do not fit.
    """
    # The same checks as for ShopBench's predictions; `line` is the number in the reader's order.
    golds = [
        Gold(number, row.id, row.prompt, row.answer, row.task.name, "generation", "", "")
        for number, row in enumerate(rows, start=1)
    ]
    answers: dict[str, list[Answered]] = {}
    faults: list[Fault] = []
    for name, path in paths.items():
        answers[name], wrong = read_predictions(path, golds, left_out)
        faults += wrong
    raise_all(faults, "the predictions do not fit the gold")
    return answers


def rate(rows: Sequence[Row], texts: Sequence[str]) -> dict[str, Rated]:
    """Return the statistics of one model's answers, task by task."""
    parts: dict[str, list[tuple[Row, str]]] = {}
    for row, text in zip(rows, texts, strict=True):
        parts.setdefault(row.task.name, []).append((row, text))
    return {
        name: Rated(part[0][0].task.paradigm, statistics(*zip(*part, strict=True)))
        for name, part in parts.items()
    }


def scores(model: Model) -> dict[str, Any]:
    """Return {"tasks": {name: METRICS, "paradigm", "n"}, "mean": METRICS, "counted"}.

    `counted` is the number of tasks in the mean of each metric; a mean without tasks is None.
    """
    tasks: dict[str, dict[str, Any]] = {
        name: {
            **{metric: float(value) for metric, value in _values(rated).items()},
            "paradigm": rated.paradigm,
            "n": len(rated.statistics),
        }
        for name, rated in model.items()
    }
    counted = {metric: _counted(metric, model) for metric in METRICS}
    return {
        "tasks": tasks,
        "mean": {
            metric: sum(tasks[name][metric] for name in names) / len(names) if names else None
            for metric, names in counted.items()
        },
        "counted": {metric: len(names) for metric, names in counted.items()},
    }


def compare(first: Model, second: Model, samples: int, seed: int) -> dict[str, Any]:
    """Return {"tasks": {name: {metric: difference, "n"}}, "mean": {metric: difference}}.

    A difference is {"a", "b", "difference" (b − a), "interval", "real"}. A task has the metrics
    that the paper uses for it.
    """
    rng = np.random.default_rng(seed)
    pairs = {name: _redrawn(first[name], second[name], samples, rng) for name in first}
    counted = {metric: _counted(metric, first) for metric in METRICS}
    return {
        "tasks": {
            name: {
                **{m: difference(a[m], b[m]) for m in METRICS if applies(m, first[name].paradigm)},
                "n": len(first[name].statistics),
            }
            for name, (a, b) in pairs.items()
        },
        "mean": {
            metric: difference(
                *(np.mean([pairs[name][side][metric] for name in names], axis=0) for side in (0, 1))
            )
            for metric, names in counted.items()
            if names
        },
    }


def _counted(metric: str, model: Model) -> list[str]:
    return [name for name, rated in model.items() if applies(metric, rated.paradigm)]


def _values(rated: Rated) -> dict[str, Any]:
    return values(rated.paradigm, rated.statistics.sum(axis=0), len(rated.statistics))


def _redrawn(
    first: Rated, second: Rated, samples: int, rng: np.random.Generator
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the METRICS of both, (1 + samples,): of the rows, then of redraws of them."""
    rows = len(first.statistics)
    step = max(1, _SAMPLES_AT_ONCE // rows)
    sums: tuple[list[Statistics], list[Statistics]] = ([], [])
    for start in range(-1, samples, step):
        size = min(step, samples - start)
        times = rng.multinomial(rows, np.full(rows, 1 / rows), size)  # (size, rows): times drawn
        if start < 0:
            times[0] = 1
        for side, rated in zip(sums, (first, second), strict=True):
            side.append(times @ rated.statistics)
    a, b = (
        values(rated.paradigm, np.concatenate(side), rows)
        for rated, side in zip((first, second), sums, strict=True)
    )
    return a, b
