"""What an ingress accepts, and what it refuses at once: a queue for each lane.

A queue never has more than `limit` questions. And where all seats in the engines are taken and
answers come so slowly that a question would not be answered well before its deadline, it is refused
on arrival, not at the deadline. An endpoint that stops refuses every question, and answers those
that it accepted before.
"""

import math
import time
from collections.abc import Callable, Iterable, Mapping

from ecom.lanes import LANES, LaneName
from ecom.serve.metrics import metric

SHARE = 0.5  # of its deadline: the longest expected wait of an accepted question
MEMORY = 20  # number of answers over which the pace is averaged
STOPPING = "the endpoint is stopping; ask again when it is back, or ask another one"


class Full(Exception):  # noqa: N818 - a state of the queue, not an error
    """The queue accepts no more. `retry_after_s`: when to ask again, whole seconds."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Closed(Exception):  # noqa: N818 - a state of the endpoint, not an error
    """The endpoint is stopping and accepts no more."""


class Queue:
    """Questions of one lane that were accepted and are not answered yet. Pure.

    length    their number
    pace      seconds between two answers while all seats are taken
    """

    def __init__(self, limit: int, seats: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.length = 0
        self.pace = 0.0
        self._singles = 0
        self._limit = limit
        self._seats = seats
        self._clock = clock
        self._last = clock()

    def take(self, count: int, deadline_s: float, *, single: bool) -> None:
        """Accept the questions of one request. Raises Full."""
        # Questions of a list let single ones pass (scheduler.py): they wait for each other only.
        ahead = self._singles if single else self.length
        wait = ahead * self.pace
        later = f"ask again in {self._retry_after(wait)} s"
        if self.length + count > self._limit:
            raise Full(
                f"{self.length} questions wait and {count} more are over the limit of "
                f"{self._limit}; {later}, or start the server with a larger serve.max_queue",
                self._retry_after(wait),
            )
        if ahead >= self._seats and wait + count * self.pace > SHARE * deadline_s:
            raise Full(
                f"the answer would take about {wait + count * self.pace:.0f} s, too near to the "
                f"deadline of {deadline_s:g} s; {later}",
                self._retry_after(wait),
            )
        if self.length < self._seats:
            self._last = self._clock()  # with a free seat, answers come at the pace of questions
        self.length += count
        self._singles += single

    def leave(self, count: int, answered: int, *, single: bool) -> None:
        """Remove questions of a request; `answered` of them were answered."""
        full = self.length >= self._seats
        self.length -= count
        self._singles -= single
        if answered and full:
            now = self._clock()
            share = min(1.0, answered / MEMORY)
            self.pace += share * ((now - self._last) / answered - self.pace)
            self._last = now

    @staticmethod
    def _retry_after(wait_s: float) -> int:
        return min(60, max(1, math.ceil(wait_s)))


class Gate:
    """The queues of one ingress, and their metrics.

    Each has room for `max_queue` questions, `seats` of them in engines.
    """

    def __init__(self, max_queue: int, seats: int) -> None:
        self.closed = False
        self._queues = {lane: Queue(max_queue, seats) for lane in LANES}

    def close(self) -> int:
        """Accept no more questions; return the number of those that are not answered yet."""
        self.closed = True
        return sum(queue.length for queue in self._queues.values())

    def take(self, counts: Mapping[LaneName, int], deadline_s: float, *, single: bool) -> None:
        """Accept a request's questions, all or none. Raises Full, or Closed."""
        if self.closed:
            raise Closed
        taken: list[LaneName] = []
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

    def leave(
        self, lane: LaneName, outcomes: Mapping[str, int], start: float, *, single: bool
    ) -> None:
        """Remove questions that arrived at `start` (perf_counter), and count their outcomes."""
        made = outcomes.get("answered", 0) + outcomes.get("no-answer", 0)
        self._queues[lane].leave(sum(outcomes.values()), made, single=single)
        self.show([lane])
        for outcome, count in outcomes.items():
            metric("ecom_requests").inc(count, _tags(lane, outcome))
        if made:
            metric("ecom_latency_ms").observe((time.perf_counter() - start) * 1e3, {"lane": lane})

    def unread(self, lane: LaneName, form: str) -> None:
        """Count a text in which no answer of its form was found."""
        metric("ecom_parse_failures").inc(1, {"lane": lane, "form": form})

    def show(self, lanes: Iterable[LaneName] = LANES) -> None:
        """Report how long the queues are."""
        for lane in lanes:
            metric("ecom_queue").set(self._queues[lane].length, {"lane": lane})


def _tags(lane: LaneName, outcome: str) -> dict[str, str]:
    return {"lane": lane, "outcome": outcome}
