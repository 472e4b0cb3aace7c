"""One request's questions on their way to the replicas and back. Knows no ray: `ask` does.

    questions ─► sub-batches of a lane ─► ask(sub-batch) ─► answers, in the questions' order

A sub-batch that a dying replica takes along is asked again, and what the deadline cuts off is
`late`. Who goes away, or stops to read, cancels what is under way.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from ecom import lanes
from ecom.serve import router
from ecom.serve.gate import Gate
from ecom.serve.router import LANES, Ask, Lane, ShopAnswer

SUB_BATCH: dict[Lane, int] = {"multiple-choice": 100, "open-ended": 16}  # in one call of a replica
ATTEMPTS = 3
_LOG = logging.getLogger("ray.serve")

# (questions of a lane, place of the first in its list) -> what ShopServer.shop returns
AskReplica = Callable[[Sequence[Ask], int], Awaitable[list[dict[str, Any]]]]


class Answering:
    """Answers come from `answers`, in order, each as soon as those before it are there.

    asked         questions, and answers to those that were refused already
    single        one query, and not a list of one
    deadline_s    for all of them
    ids           the model's `lanes.label_ids`

    tokens        of prompt and text, of a single question's answer once it is there
    cut           whether its text ended at the token limit

    Raises Full where the queues take no more.
    """

    def __init__(
        self,
        asked: Sequence[Ask | ShopAnswer],
        ask: AskReplica,
        gate: Gate,
        ids: Mapping[str, int],
        *,
        single: bool,
        deadline_s: float,
        log_prompts: bool = False,
    ) -> None:
        self.tokens, self.cut = (0, 0), False
        self._asked, self._ask, self._gate, self._ids = asked, ask, gate, ids
        self._single, self._log_prompts = single, log_prompts
        self._start = time.perf_counter()
        self._deadline = asyncio.get_running_loop().time() + deadline_s
        self._deadline_s = deadline_s
        counts = Counter(one.lane for one in asked if isinstance(one, Ask))
        gate.take(counts, deadline_s, single=single)
        self._tasks: dict[int, tuple[asyncio.Task[list[ShopAnswer]], int]] = {}
        for lane in LANES:
            rows = [n for n, one in enumerate(asked) if isinstance(one, Ask) and one.lane == lane]
            for first in range(0, len(rows), SUB_BATCH[lane]):
                self._begin(rows[first : first + SUB_BATCH[lane]], lane, first)

    async def answers(self) -> AsyncIterator[ShopAnswer]:
        """Yield the answers in the order of the questions."""
        try:
            for n, one in enumerate(self._asked):
                if isinstance(one, ShopAnswer):
                    yield one
                else:
                    task, place = self._tasks[n]
                    yield (await task)[place]
        finally:
            for task, _ in self._tasks.values():
                task.cancel()

    async def lines(self) -> AsyncIterator[str]:
        """Yield the answers as JSON lines."""
        async for answer in self.answers():
            yield answer.model_dump_json() + "\n"

    def _begin(self, rows: Sequence[int], lane: Lane, place: int) -> None:
        part = [one for one in (self._asked[n] for n in rows) if isinstance(one, Ask)]
        task = asyncio.create_task(self._in_time(part, place))
        # A callback, and no `finally`: a task that is cancelled before it begins has none.
        task.add_done_callback(lambda done: self._leave(lane, len(part), done))
        self._tasks |= {n: (task, k) for k, n in enumerate(rows)}

    def _leave(self, lane: Lane, count: int, done: asyncio.Task[list[ShopAnswer]]) -> None:
        outcomes = {"cancelled": count}
        if not done.cancelled() and not done.exception():
            outcomes = dict(Counter(answer.outcome for answer in done.result()))
        self._gate.leave(lane, outcomes, self._start, single=self._single)

    async def _in_time(self, part: Sequence[Ask], place: int) -> list[ShopAnswer]:
        try:
            async with asyncio.timeout_at(self._deadline):
                return await self._attempts(part, place)
        except TimeoutError:
            why = f"not answered within {self._deadline_s:g} s, the deadline of this request"
            return [router.unanswered(one, "late", why) for one in part]

    async def _attempts(self, part: Sequence[Ask], place: int) -> list[ShopAnswer]:
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(attempt - 1)  # the other replica at once, then with patience
            try:
                found = await self._ask(part, place)
            except Exception as error:  # a lost replica must not take the other answers along
                _LOG.warning("a replica failed over %d questions: %s", len(part), type(error))
            else:
                return [self._read(one, made) for one, made in zip(part, found, strict=True)]
        why = f"the engine failed {ATTEMPTS} times over this question or its neighbours; ask again"
        return [router.unanswered(one, "failed", why) for one in part]

    def _read(self, asked: Ask, made: dict[str, Any]) -> ShopAnswer:
        if "error" in made:
            return router.unanswered(asked, "refused", made["error"])
        self.tokens, self.cut = made["tokens"], made["cut"]
        sure = lanes.confidences(asked.how, self._ids, made["logprobs"])
        answer = router.answer(asked, made["text"], sure)
        if answer.outcome == "no-answer":
            self._gate.unread(asked.lane, asked.how.form.name)
        if self._log_prompts:
            _LOG.info("asked %r, answered %r", asked.query.prompt, answer.prediction)
        return answer
