"""Where requests come in and go: the lanes' queues, and what is counted at them."""

import time
from collections.abc import Iterable, Mapping

from ecom.serve.metrics import metric
from ecom.serve.queue import Full, Queue
from ecom.serve.router import LANES, Lane


class Gate:
    """The queues of one ingress: each holds `max_queue` questions, `places` of them in engines."""

    def __init__(self, max_queue: int, places: int) -> None:
        self._queues = {lane: Queue(max_queue, places) for lane in LANES}

    def take(self, counts: Mapping[Lane, int], deadline_s: float, *, single: bool) -> None:
        """Take in a request's questions, or none of them. Raises Full."""
        taken: list[Lane] = []
        for lane, count in counts.items():
            try:
                self._queues[lane].take(count, deadline_s, single=single)
            except Full:
                for other in taken:
                    self._queues[other].leave(counts[other], 0, single=single)
                metric("ecom_requests").inc(sum(counts.values()), _tags(lane, "refused"))
                raise
            taken.append(lane)
        self.show(taken)

    def leave(self, lane: Lane, outcomes: Mapping[str, int], start: float, *, single: bool) -> None:
        """Let questions go that came at `start` (perf_counter), and count what became of them."""
        made = outcomes.get("answered", 0) + outcomes.get("no-answer", 0)
        self._queues[lane].leave(sum(outcomes.values()), made, single=single)
        self.show([lane])
        for outcome, count in outcomes.items():
            metric("ecom_requests").inc(count, _tags(lane, outcome))
        if made:
            metric("ecom_latency_ms").observe((time.perf_counter() - start) * 1e3, {"lane": lane})

    def unread(self, lane: Lane, form: str) -> None:
        """Count a text in which no answer of its form was found."""
        metric("ecom_parse_failures").inc(1, {"lane": lane, "form": form})

    def show(self, lanes: Iterable[Lane] = LANES) -> None:
        """Tell how long the queues are."""
        for lane in lanes:
            metric("ecom_queue").set(self._queues[lane].length, {"lane": lane})


def _tags(lane: Lane, outcome: str) -> dict[str, str]:
    return {"lane": lane, "outcome": outcome}
