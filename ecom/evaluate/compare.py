"""Two runs over the same questions: paired differences, and which of them are real.

Both runs are resampled with the same seed, so every bootstrap sample draws the same questions for
both. Questions that are hard for both cancel out, so the interval of the difference is narrower
than those of the two scores. A difference is real where its 95 % interval does not contain 0.
"""

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import numpy as np

from ecom.evaluate.aggregate import Resampled, Samples, interval, resampled
from ecom.evaluate.gold import Gold
from ecom.evaluate.rate import Rated
from ecom.forms import PARSERS

if TYPE_CHECKING:
    from rich.table import Table


def compare(
    golds: Sequence[Gold], first: Rated, second: Rated, samples: int, seed: int
) -> dict[str, Any]:
    """Return for each parser {"tasks" | "forms" | "tracks": {name: difference}, "overall", …}.

    A difference is {"a", "b", "difference" (b − a), "interval", "real"}; tasks have `n` as well.
    """
    return {
        parser: _differences(
            golds,
            resampled(golds, first, parser, samples, seed),
            resampled(golds, second, parser, samples, seed),
        )
        for parser in PARSERS
    }


def table(found: dict[str, Any], names: Sequence[str]) -> "Table":
    """Return a table of one parser's differences for a terminal, tasks last."""
    from rich.table import Table

    shown = Table(title=f"{names[1]} − {names[0]}", title_justify="left", caption_justify="left")
    shown.add_column("", overflow="fold")
    for name in ends(names):
        shown.add_column(name, justify="right", overflow="fold")
    for column in ("difference", "95 % interval", "real?"):
        shown.add_column(column, justify="right", no_wrap=True)
    overall = {name: found[name] for name in ("overall", "flat_mean")}
    for group in (found["forms"], found["tracks"], overall, found["tasks"]):
        for name, row in group.items():
            if row is not None:
                shown.add_row(name, *cells(row))
        shown.add_section()
    return shown


def ends(names: Sequence[str]) -> list[str]:
    """Return the ends of two paths, from where they differ.

    >>> ends(["runs/a/predict/awq.jsonl", "runs/b/predict/awq.jsonl"])
    ['a/predict/awq.jsonl', 'b/predict/awq.jsonl']
    """
    parts = [name.split("/") for name in names]
    same = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(*parts, strict=False))))
    return ["/".join(part[same:]) or name for part, name in zip(parts, names, strict=True)]


def cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a difference as table cells: both scores, the difference, its interval, a verdict."""
    low, high = row["interval"]
    verdict = "no" if not row["real"] else "better" if low > 0 else "worse"
    numbers = (f"{row['a']:.3f}", f"{row['b']:.3f}", f"{row['difference']:+.3f}")
    return (*numbers, f"[{low:+.3f}, {high:+.3f}]", verdict)


def _differences(golds: Sequence[Gold], a: Resampled, b: Resampled) -> dict[str, Any]:
    rows = {task: sum(gold.task == task for gold in golds) for task in a.tasks}
    return {
        "tasks": {t: {"n": rows[t], **difference(a.tasks[t], b.tasks[t])} for t in a.tasks},
        "forms": {name: difference(a.forms[name], b.forms[name]) for name in a.forms},
        "tracks": {name: difference(a.tracks[name], b.tracks[name]) for name in a.tracks},
        "overall": _maybe(a.overall, b.overall),
        "flat_mean": _maybe(a.flat_mean, b.flat_mean),
    }


def _maybe(a: Samples | None, b: Samples | None) -> dict[str, Any] | None:
    return None if a is None or b is None else difference(a, b)


def difference(a: Samples, b: Samples) -> dict[str, Any]:
    """Return the difference of two scores, each (1 + samples,): the value, then paired samples."""
    gap = b - a
    low, high = interval(gap) or [np.nan, np.nan]
    return {
        "a": float(a[0]),
        "b": float(b[0]),
        "difference": float(gap[0]),
        "interval": [low, high],
        "real": bool(low > 0 or high < 0),
    }
