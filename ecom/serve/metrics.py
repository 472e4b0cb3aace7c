"""Metrics on Ray's metrics port, where their names begin with `ray_`.

    metric("ecom_requests").inc(1, {"lane": "open-ended", "outcome": "answered"})

grafana.json draws them.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from ecom.lanes import LaneName

_LATENCIES_MS = [5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 20e3, 60e3, 300e3]


@dataclass(frozen=True)
class Metric:
    """A metric's kind, its tags, and what it counts."""

    kind: Literal["Counter", "Gauge", "Histogram"]
    tags: tuple[str, ...]
    description: str


METRICS = {
    "ecom_requests": Metric(
        "Counter",
        ("lane", "outcome"),
        "questions: answered, no-answer, refused, failed, late, or cancelled by who asked",
    ),
    "ecom_parse_failures": Metric(
        "Counter", ("lane", "form"), "texts in which no answer of their form was found"
    ),
    "ecom_latency_ms": Metric(
        "Histogram", ("lane",), "from a request's arrival to its last answer of the lane, in ms"
    ),
    "ecom_queue": Metric("Gauge", ("lane",), "questions taken in and not answered yet"),
    "ecom_tokens": Metric("Counter", ("lane", "kind"), "tokens of prompts, and written ones"),
}


@cache
def metric(name: str) -> Any:
    """Return Ray's metric for this name of METRICS; there is one per process."""
    from ray.util import metrics

    found = METRICS[name]
    bounds = {"boundaries": _LATENCIES_MS} if found.kind == "Histogram" else {}
    return getattr(metrics, found.kind)(
        name, description=found.description, tag_keys=found.tags, **bounds
    )


def count_tokens(lane: LaneName, prompt: int, written: int) -> None:
    """Count tokens of prompts and written tokens."""
    for kind, tokens in (("prompt", prompt), ("written", written)):
        if tokens:
            metric("ecom_tokens").inc(tokens, {"lane": lane, "kind": kind})
