"""The model's replicas, as an ingress calls them: single choices in batches, with retries.

    Dispatch ────► write(sub-batch) ─┬► Batcher ─┬► handle ─► a replica (replica.py)
                                     └───────────┤
    Passthrough ─► whole(request) ───────────────┘

`persist` is the only place that tries another replica.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_incrementing,
)

from ecom.lanes import Asked, LaneName, Written
from ecom.serve.batcher import Batcher

SUB_BATCH: dict[LaneName, int] = {"multiple-choice": 100, "open-ended": 16}  # in one call
CALLS = 2  # for single choices, at a time, for each replica
ATTEMPTS = 3
T = TypeVar("T")


class Pool:
    """The replicas behind a deployment's handle.

    replicas     the most there can be
    timeout_s    of one call for single choices
    """

    def __init__(self, handle: Any, *, replicas: int, timeout_s: float) -> None:
        self._write = handle.options(method_name="write")
        self._whole = handle.options(method_name="whole")
        self._choose = Batcher(
            self._write.remote,
            most=CALLS * replicas,
            size=SUB_BATCH["multiple-choice"],
            timeout_s=timeout_s,
        )

    async def ready(self) -> None:
        """Return when a replica answers."""
        await self._write.remote([])

    async def write(self, asked: Sequence[Asked], first: int = 0) -> list[Written]:
        """Return what a replica writes for questions of one lane; raises the last replica's error.

        first     number of the first question in its list
        """
        return await persist(lambda: self._call(asked, first), f"{len(asked)} questions")

    async def whole(self, route: str, fields: dict[str, Any]) -> tuple[int, str]:
        """Return the HTTP status and body with which a replica answers an OpenAI request."""
        found: tuple[int, str] = await self._whole.remote(route, fields)
        return found

    async def _call(self, asked: Sequence[Asked], first: int) -> list[Written]:
        if len(asked) == 1 and not asked[0].lane.form.open_ended and not asked[0].lane.think:
            return [await self._choose(asked[0])]
        written: list[Written] = await self._write.remote(asked, first)
        return written


async def persist(call: Callable[[], Awaitable[T]], what: str, *final: type[Exception]) -> T:
    """Repeat a call that a lost replica failed: at once on the other one, then after waits.

    what      what is asked, for the log
    final     errors that every replica would raise
    """

    def log(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        # Only its type: an engine's message can contain a prompt.
        logging.getLogger("ray.serve").warning("a replica failed over %s: %s", what, type(error))

    async def once() -> T:  # tenacity awaits what it sees to be a coroutine function
        return await call()

    def is_lost(error: BaseException) -> bool:  # a cancellation is no Exception
        return isinstance(error, Exception) and not isinstance(error, final)

    tries = AsyncRetrying(
        retry=retry_if_exception(is_lost),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_incrementing(start=0, increment=1),
        sleep=asyncio.sleep,
        after=log,
        reraise=True,
    )
    return await tries(once)
