"""Sends one request's questions to the replicas and collects the answers. Independent of ray.

    questions ─► sub-batches of a lane ─► Pool.write ─► answers, in the questions' order

Questions that the deadline cuts off are `late`. A client that disconnects or stops reading cancels
the rest.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence

from ecom.lanes import LANES, Asked, LaneName, Written
from ecom.serve import protocol
from ecom.serve.admission import Gate
from ecom.serve.pool import ATTEMPTS, SUB_BATCH, Pool
from ecom.serve.protocol import ShopAnswer

_LOG = logging.getLogger("ray.serve")


class Dispatch:
    """`answers` yields the answers in order, each as soon as those before it are there.

    asked         the questions; in place of each refused one, its answer
    single        one query, not a list of one
    deadline_s    for all of them

    tokens        of prompt and text, of a single question's answer once it is there
    cut           whether the token limit cut its text off

    Raises Full where the queues accept no more.
    """

    def __init__(
        self,
        asked: Sequence[Asked | ShopAnswer],
        pool: Pool,
        gate: Gate,
        *,
        single: bool,
        deadline_s: float,
        log_prompts: bool = False,
    ) -> None:
        self.tokens, self.cut = (0, 0), False
        self._asked, self._pool, self._gate = asked, pool, gate
        self._single, self._log_prompts = single, log_prompts
        self._start = time.perf_counter()
        self._deadline = asyncio.get_running_loop().time() + deadline_s
        self._deadline_s = deadline_s
        counts = Counter(one.lane_name for one in asked if isinstance(one, Asked))
        gate.take(counts, deadline_s, single=single)
        # By the question's number: its sub-batch, and its index in that.
        self._tasks: dict[int, tuple[asyncio.Task[list[ShopAnswer]], int]] = {}
        for lane in LANES:
            rows = [
                n for n, one in enumerate(asked) if isinstance(one, Asked) and one.lane_name == lane
            ]
            for first in range(0, len(rows), SUB_BATCH[lane]):
                self._begin(rows[first : first + SUB_BATCH[lane]], lane, first)

    async def answers(self) -> AsyncIterator[ShopAnswer]:
        """Yield the answers in the order of the questions."""
        try:
            for n, one in enumerate(self._asked):
                if isinstance(one, ShopAnswer):
                    yield one
                else:
                    task, index = self._tasks[n]
                    yield (await task)[index]
        finally:
            for task, _ in self._tasks.values():
                task.cancel()

    async def lines(self) -> AsyncIterator[str]:
        """Yield the answers as JSON lines."""
        async for answer in self.answers():
            yield answer.model_dump_json() + "\n"

    def _begin(self, rows: Sequence[int], lane: LaneName, first: int) -> None:
        part = [one for one in (self._asked[n] for n in rows) if isinstance(one, Asked)]
        task = asyncio.create_task(self._in_time(part, first))
        # A callback, not a `finally`: a task that is cancelled before it begins never runs it.
        task.add_done_callback(lambda done: self._leave(lane, len(part), done))
        self._tasks |= {n: (task, index) for index, n in enumerate(rows)}

    def _leave(self, lane: LaneName, count: int, done: asyncio.Task[list[ShopAnswer]]) -> None:
        outcomes = {"cancelled": count}
        if not done.cancelled() and not done.exception():
            outcomes = dict(Counter(answer.outcome for answer in done.result()))
        self._gate.leave(lane, outcomes, self._start, single=self._single)

    async def _in_time(self, part: Sequence[Asked], first: int) -> list[ShopAnswer]:
        try:
            async with asyncio.timeout_at(self._deadline):
                return await self._ask(part, first)
        except TimeoutError:
            why = f"not answered within {self._deadline_s:g} s, the deadline of this request"
            return [protocol.unanswered(one, "late", why) for one in part]

    async def _ask(self, part: Sequence[Asked], first: int) -> list[ShopAnswer]:
        try:
            written = await self._pool.write(part, first)
        except Exception:  # lost replicas must not cost the other answers
            times = f"the engine failed {ATTEMPTS} times"
            why = f"{times} over this question or its neighbours; ask again"
            return [protocol.unanswered(one, "failed", why) for one in part]
        return [self._read(one, text) for one, text in zip(part, written, strict=True)]

    def _read(self, asked: Asked, written: Written) -> ShopAnswer:
        self.tokens, self.cut = written.tokens, protocol.is_cut(asked, written)
        answer = protocol.answer(asked, written)
        if answer.outcome == "no-answer":
            self._gate.unread(asked.lane_name, asked.lane.form.name)
        if self._log_prompts and answer.outcome != "refused":
            _LOG.info("asked %r, answered %r", asked.query.prompt, answer.prediction)
        return answer
