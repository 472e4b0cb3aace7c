"""Decides in which order a replica's vLLM generates answers. Independent of ray.

    write(100 questions) ─► tokens ─► vLLM, each with a due time ─► 100 Written

vLLM starts with what is due first (its priority scheduling). A question that one token answers is
due at once, a text PATIENCE_S after its arrival: texts wait for choices, but no longer than that.
The questions of a list are due one after the other, so that others can pass. And texts never take
all seats in the engine.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any
from uuid import uuid4

from ecom.lanes import Asked, Encoded, LaneName, Written, encode
from ecom.serve.semaphore import PrioritySemaphore

PATIENCE_S = 5.0
SPACING_S: dict[LaneName, float] = {"multiple-choice": 0.01, "open-ended": 1.0}  # in a list


class Scheduler:
    """Lets an engine write answers.

    client    vLLM's AsyncLLM
    limit     tokens of a prompt and its answer together
    seats     sequences that the engine generates at once
    """

    def __init__(self, client: Any, limit: int, seats: int) -> None:
        self._client = client
        self._limit = limit
        self._texts = PrioritySemaphore(max(1, seats * 3 // 4))
        self._encoding = PrioritySemaphore(1)

    async def write(self, asked: Sequence[Asked], first: int = 0) -> list[Written]:
        """Return what is written for questions of one lane, in order.

        first     number of the first question in its list, from 0
        """
        lane = asked[0].lane_name
        due = [self.due(lane, first + n) for n in range(len(asked))]
        # One call after the other: a question that is due at once does not wait for a whole list.
        async with self._encoding.seat(due[0]):
            await asyncio.sleep(0)  # what was encoded before goes to the engine first
            encoded = encode(self._client.get_tokenizer(), asked, self._limit)
        return await asyncio.gather(*map(self._write, encoded, due))

    def due(self, lane: LaneName, number: int = 0) -> int:
        """Return when a question of a list that arrives now is due, ms of the machine's clock."""
        patience = PATIENCE_S if lane == "open-ended" else 0.0
        return int((time.monotonic() + patience + number * SPACING_S[lane]) * 1e3)

    def text_seat(self, due: int) -> AbstractAsyncContextManager[None]:
        """Return the context in which a text is written."""
        return self._texts.seat(due)

    async def _write(self, encoded: Encoded, due: int) -> Written:
        if encoded.error is not None:
            return Written(error=encoded.error)
        if encoded.thinks:
            thought = await self._generate(encoded, self.due("open-ended"), is_text=True)
            if thought.error is not None:
                return thought
            encoded = encoded.after(thought)
        is_text = encoded.asked.lane_name == "open-ended"
        parts = encoded.parts()
        if len(parts) == 1:  # nearly every question: no task of its own for it
            return encoded.joined([await self._generate(parts[0], due, is_text=is_text)])
        written = await asyncio.gather(
            *(self._generate(part, due, is_text=is_text) for part in parts)
        )
        return encoded.joined(written)

    async def _generate(self, encoded: Encoded, due: int, *, is_text: bool) -> Written:
        from vllm import SamplingParams
        from vllm.exceptions import VLLMClientError
        from vllm.sampling_params import RequestOutputKind

        prompt = {"prompt_token_ids": encoded.tokens}
        try:
            params = SamplingParams(**encoded.sampling, output_kind=RequestOutputKind.FINAL_ONLY)
            async with self.text_seat(due) if is_text else nullcontext():
                stream = self._client.generate(prompt, params, uuid4().hex, priority=due)
                [whole] = [output async for output in stream]
        except VLLMClientError as error:  # no replica would take this question
            return Written(error=f"the engine refuses this question: {error}")
        return encoded.written(whole.outputs[0])
