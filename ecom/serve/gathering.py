"""Questions that come one by one and are asked by the hundred. Knows no ray: `ask` does.

A call of a replica costs more than a choice, which is one token. So only `most` calls are under way
at a time; what comes meanwhile goes with the next one. Where little comes, each goes at once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from ecom.serve.router import Ask

AskReplica = Callable[[list[Ask]], Awaitable[list[dict[str, Any]]]]


class Gathering:
    """Call it with a question; it returns what the replica made of it, or raises what it raised.

    size         questions in one call, at most
    timeout_s    of one call: a replica that hangs must not hold up all who come after
    """

    def __init__(self, ask: AskReplica, *, most: int, size: int, timeout_s: float) -> None:
        self._ask, self._size, self._timeout_s = ask, size, timeout_s
        self._free = most
        self._waiting: list[tuple[Ask, asyncio.Future[dict[str, Any]]]] = []
        self._calls: set[asyncio.Task[None]] = set()

    async def __call__(self, question: Ask) -> dict[str, Any]:
        """Return the replica's answer. Raises TimeoutError after timeout_s in a call."""
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        self._send()
        return await answer

    def _send(self) -> None:
        self._waiting = [one for one in self._waiting if not one[1].done()]  # who went away
        while self._free and self._waiting:
            self._free -= 1
            part, self._waiting = self._waiting[: self._size], self._waiting[self._size :]
            call = asyncio.create_task(self._call(part))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)

    async def _call(self, part: list[tuple[Ask, asyncio.Future[dict[str, Any]]]]) -> None:
        try:
            async with asyncio.timeout(self._timeout_s):
                made = await self._ask([question for question, _ in part])
            for (_, answer), found in zip(part, made, strict=True):
                if not answer.done():
                    answer.set_result(found)
        except Exception as error:  # each of them decides whether it asks again
            for _, answer in part:
                if not answer.done():
                    answer.set_exception(error)
        finally:
            self._free += 1
            self._send()
