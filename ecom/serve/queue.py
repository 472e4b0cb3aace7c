"""A lane's queue at the ingress: how much is taken in, and what is refused at once. Pure.

More than `limit` questions are never held. And where all places in the engines are taken and
answers come so slowly that a question would not be answered well before its deadline, it is refused
when it comes, not when it is too late.
"""

import math
import time
from collections.abc import Callable

SHARE = 0.5  # of its deadline that a question may have to wait, as far as can be known
MEMORY = 20  # answers over which the pace is averaged


class Full(Exception):  # noqa: N818 - a state of the queue, and no error of ours
    """The queue takes no more. `retry_after_s` says when it may again, in whole seconds."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Queue:
    """Questions that were taken in and are not answered yet.

    length    how many they are
    pace      seconds from one answer to the next while all places are taken
    """

    def __init__(
        self, limit: int, places: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.length = 0
        self.pace = 0.0
        self._singles = 0
        self._limit = limit
        self._places = places
        self._clock = clock
        self._last = clock()

    def take(self, count: int, deadline_s: float, *, single: bool) -> None:
        """Take in the questions of one request. Raises Full."""
        # Questions of a list let single ones pass (server.py): they wait for each other only.
        ahead = self._singles if single else self.length
        wait = ahead * self.pace
        later = f"ask again in {self._retry_after(wait)} s"
        if self.length + count > self._limit:
            raise Full(
                f"{self.length} questions wait and {count} more are over the limit of "
                f"{self._limit}; {later}, or start the server with a larger serve.max_queue",
                self._retry_after(wait),
            )
        if ahead >= self._places and wait + count * self.pace > SHARE * deadline_s:
            raise Full(
                f"the answer would take about {wait + count * self.pace:.0f} s, too near to the "
                f"deadline of {deadline_s:g} s; {later}",
                self._retry_after(wait),
            )
        if self.length < self._places:
            self._last = self._clock()  # while there is a free place, answers come as questions do
        self.length += count
        self._singles += single

    def leave(self, count: int, answered: int, *, single: bool) -> None:
        """Let questions of a request go, `answered` of which had their answers."""
        full = self.length >= self._places
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
