"""Answers -> the scores of tasks, skills and all, by the authors' rules and by ours.

    texts ─┬► the authors' measures ─► sums over rows, redrawn ─► summary
           └► read as `ecom serve` reads ─► evaluate's metrics ─► summary

A summary is that of `ecom evaluate`, with bootstrap intervals. A track is a skill.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ecom.benchmark.base import Benchmark, Measure, Question, Sums
from ecom.evaluate import failures
from ecom.evaluate.aggregate import Resampled, Samples, grouped, redrawn, resample, summary
from ecom.evaluate.config import Encoders
from ecom.evaluate.gold import Answered, Gold, track_order
from ecom.evaluate.rate import Rated, not_computed, rate
from ecom.lanes import ANY_LABELS, lane


@dataclass(frozen=True)
class Scored:
    """One wording's scores.

    authors   summary by the authors' rules; None where they publish no scorer
    ours      summary by the rules of `ecom evaluate`
    also      further figures of the authors, by task
    kinds     why each row loses points; "lost to format": ours gives more than the authors' rules
    rated     every row by our rules
    """

    authors: dict[str, Any] | None
    ours: dict[str, Any]
    also: dict[str, dict[str, float]]
    kinds: list[str | None]
    rated: Rated


def golds_of(asked: Sequence[Question]) -> list[Gold]:
    """Return the golds by our rules."""
    return [
        Gold(
            line=one.place.line,
            id=one.id,
            prompt=one.ours.prompt,
            answer=one.answer,
            task=one.task,
            form=one.form,
            metric=one.metric,
            track=one.skill,
            file=one.place.file,
        )
        for one in asked
    ]


def score(
    benchmark: Benchmark,
    asked: Sequence[Question],
    answers: Sequence[Answered],
    encoders: Encoders,
    samples: int,
    seed: int,
) -> Scored:
    """Score one wording's answers by both rules."""
    golds = golds_of(asked)
    texts = [one.text for one in answers]
    rated = rate(golds, _read(benchmark, asked, texts), encoders)
    labels = rated.labels.get("lenient", {})
    ours = summary(
        golds,
        resample(golds, rated.lenient, samples, seed, labels),
        not_computed(golds, encoders),
    )
    if not benchmark.measures:
        kinds = failures.kinds(answers, replace(rated, official=rated.lenient))
        return Scored(None, ours, {}, kinds, rated)
    tasks = _by_task(benchmark, asked, texts, encoders)
    authors, also = _authors(benchmark, asked, golds, tasks, encoders, samples, seed)
    points = np.full((len(asked), 2), np.nan)
    for rows, measure, sums in tasks.values():
        if not np.isnan(sums).any():
            points[rows] = np.stack([measure.value(sums), np.ones(len(rows))], axis=1)
    blank = np.array([bool(text.strip()) for text in texts])
    both = replace(rated, official=points, found_official=blank)
    return Scored(authors, ours, also, failures.kinds(answers, both), rated)


def _read(benchmark: Benchmark, asked: Sequence[Question], texts: Sequence[str]) -> list[str]:
    """Return what a careful reader finds in each text, as `ecom serve` writes it."""
    found = []
    for one, text in zip(asked, texts, strict=True):
        reader = benchmark.reads.get(one.measure) or benchmark.reads.get(one.metric)
        found.append(reader(text) if reader else lane(one.ours, ANY_LABELS).answer(text))
    return found


_Task = tuple[list[int], Measure, Sums]  # its rows, the measure, what each row adds


def _by_task(
    benchmark: Benchmark, asked: Sequence[Question], texts: Sequence[str], encoders: Encoders
) -> dict[str, _Task]:
    """Return the tasks; one of several measures (Shopping MMLU's translations) is a mean of all."""
    rows: dict[str, dict[str, list[int]]] = {}
    for row, one in enumerate(asked):
        rows.setdefault(one.task, {}).setdefault(one.measure, []).append(row)
    found = {}
    for task, by_measure in rows.items():
        every = [row for of_one in by_measure.values() for row in of_one]
        parts = [
            benchmark.measures[name].add(
                [texts[row] for row in of_one], [asked[row].gold for row in of_one], encoders
            )
            for name, of_one in by_measure.items()
        ]
        measure = benchmark.measures[next(iter(by_measure))]
        if len(by_measure) > 1:
            names = " + ".join(benchmark.measures[name].name for name in by_measure)
            measure = replace(measure, name=names)
        found[task] = (every, measure, np.concatenate(parts))
    return found


def _authors(
    benchmark: Benchmark,
    asked: Sequence[Question],
    golds: Sequence[Gold],
    tasks: Mapping[str, _Task],
    encoders: Encoders,
    samples: int,
    seed: int,
) -> tuple[dict[str, Any], dict[str, dict[str, float]]]:
    """Return the summary by the authors' rules, and their further figures."""
    rng = np.random.default_rng(seed)
    sums = {
        # a column at a time: the draws of one are 8 bytes each
        task: redrawn(added[..., None], samples, rng)[..., 0]
        for task, (_, _, added) in tasks.items()
        if not np.isnan(added).any()
    }
    values = {task: tasks[task][1].value(sums[task]) for task in sums}
    renamed = [
        replace(gold, metric=benchmark.measures[one.measure].name)
        for gold, one in zip(golds, asked, strict=True)
    ]
    found = grouped(renamed, values)
    if benchmark.pooled:
        found = _pooled(found, golds, tasks, sums)
    missing = {
        benchmark.measures[one.measure].name: why
        for one in {one.measure: one for one in asked}.values()
        if (why := benchmark.measures[one.measure].missing(encoders))
    }
    also = {
        task: {name: float(figure(sums[task][0])) for name, figure in tasks[task][1].also.items()}
        for task in sums
        if tasks[task][1].also
    }
    return summary(renamed, found, missing), also


def _pooled(
    found: Resampled, golds: Sequence[Gold], tasks: Mapping[str, _Task], sums: Mapping[str, Sums]
) -> Resampled:
    """Return the scores with those skills that have one measure scored over all their rows."""
    skill = {gold.task: gold.track for gold in golds}
    tracks: dict[str, Samples] = dict(found.tracks)
    for name in track_order(skill.values()):
        of_skill = [task for task in sums if skill[task] == name]
        measures = {tasks[task][1].name for task in of_skill}
        if len(measures) == 1 and len(of_skill) > 1:
            total = np.sum([sums[task] for task in of_skill], axis=0)
            tracks[name] = tasks[of_skill[0]][1].value(total)
    overall = np.mean(np.stack(list(tracks.values())), axis=0) if tracks else None
    return replace(found, tracks=tracks, overall=overall)
