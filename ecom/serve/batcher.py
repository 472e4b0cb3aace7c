"""Batches questions that arrive one by one. Independent of ray: `write` makes the calls.

A call of a replica takes longer than a choice, which is one token. So at most `most` calls run at
a time; questions that arrive meanwhile go with the next call. Under light load each goes at once.
"""

import asyncio
from collections.abc import Awaitable, Callable

from ecom.lanes import Asked, Written

Write = Callable[[list[Asked]], Awaitable[list[Written]]]


class Batcher:
    """Call it with a question; it returns what the replica wrote, or raises what it raised.

    most         calls at a time, at most
    size         questions in one call, at most
    timeout_s    of one call: a replica that hangs must not block all later questions
    """

    def __init__(self, write: Write, *, most: int, size: int, timeout_s: float) -> None:
        self._write, self._size, self._timeout_s = write, size, timeout_s
        self._free = most
        self._waiting: list[tuple[Asked, asyncio.Future[Written]]] = []
        self._calls: set[asyncio.Task[None]] = set()

    async def __call__(self, question: Asked) -> Written:
        """Return what the replica wrote. Raises TimeoutError after timeout_s in a call."""
        written: asyncio.Future[Written] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, written))
        self._send()
        return await written

    def _send(self) -> None:
        self._waiting = [one for one in self._waiting if not one[1].done()]  # cancelled
        while self._free and self._waiting:
            self._free -= 1
            part, self._waiting = self._waiting[: self._size], self._waiting[self._size :]
            call = asyncio.create_task(self._call(part))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)

    async def _call(self, part: list[tuple[Asked, asyncio.Future[Written]]]) -> None:
        try:
            async with asyncio.timeout(self._timeout_s):
                found = await self._write([question for question, _ in part])
            for (_, written), one in zip(part, found, strict=True):
                if not written.done():
                    written.set_result(one)
        except Exception as error:  # each of them decides whether it asks again
            for _, written in part:
                if not written.done():
                    written.set_exception(error)
        finally:
            self._free += 1
            self._send()
