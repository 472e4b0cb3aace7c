"""The model's replica: `ray.serve.llm`'s server and its vLLM engine, and sub-batches of questions.

    ShopIngress ─► shop(100 questions) ─► chats, tokens ─► vLLM, each with its time ─► 100 texts

vLLM takes up first what is due first (its priority scheduling). A question that one token answers
is due at once, a text PATIENCE_S after it came: texts wait while questions come, and for no longer.
The questions of a list are due one after the other, so that others may pass. And texts never hold
all places in the engine.
"""

import asyncio
import json
import os
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from typing import Any
from uuid import uuid4

from ray.llm._internal.serve.core.configs.openai_api_models import ErrorResponse
from ray.llm._internal.serve.engines.vllm.vllm_engine import VLLMEngine
from ray.serve.llm.deployment import LLMServer

from ecom.causes import processes
from ecom.causes.last_words import VERDICT
from ecom.chats import chat_ids
from ecom.errors import InputError, StageError
from ecom.forms import Prompting
from ecom.lanes import thinking, too_long
from ecom.serve import plain, router
from ecom.serve.metrics import metric
from ecom.serve.places import Places
from ecom.serve.plain import Route
from ecom.serve.router import Ask, Lane, ShopQuery

PATIENCE_S = 5.0
SPACING_S: dict[Lane, float] = {"multiple-choice": 0.01, "open-ended": 1.0}  # in a list


class ShopEngine(VLLMEngine):
    """Runs a single CPU rank inside the engine's own process, where engine.py asks for that.

    `ray.serve.llm` always gives it a process of its own. That one imports vLLM once more, and the
    two wait for each other by spinning: on two cores it took half of what the machine can do.
    """

    def _start_async_llm_engine(self, args: Any, config: Any, group: Any) -> Any:
        if self.llm_config.engine_kwargs.get("distributed_executor_backend") == "uni":
            config.parallel_config.distributed_executor_backend = "uni"
        return super()._start_async_llm_engine(args, config, group)


class ShopServer(LLMServer):
    """Serves a directory that every node sees: nothing is downloaded, nothing is reported home.

    Each of the two would start a process that imports vLLM, 10 to 15 s on two cores.
    """

    def _get_default_engine_class(self) -> type[VLLMEngine]:
        return ShopEngine

    async def _start_engine(self) -> None:
        callback, engine = self._llm_config.get_or_create_callback(), self.engine
        if callback is None or engine is None:
            raise RuntimeError("ray.serve.llm gave this replica no engine; is it still 2.60?")
        callback.ctx.run_init_node = False
        try:
            await engine.start()
        except Exception as error:
            raise StageError(processes.explain(error)) from error
        settings = self._llm_config.engine_kwargs
        self._limit: int = settings["max_model_len"]
        self._texts = Places(max(1, settings["max_num_seqs"] * 3 // 4))
        self._reading = Places(1)
        await self._warm_up()

    async def _warm_up(self) -> None:
        """Answer once what nobody asked: templates and kernels are compiled over the first one."""
        for prompt in ("Which is a shoe?\n0. boot\n1. lamp", "Describe a lamp."):
            query = ShopQuery(prompt=prompt, max_tokens=2)
            await self.shop([router.ask(query, Prompting(), {})])

    async def shop(self, asked: Sequence[Ask], place: int = 0) -> list[dict[str, Any]]:
        """Answer questions: each with its text, logprobs and tokens, or its error.

        place     of the first question in its list, from 0
        logprobs  of the first token, by token id
        tokens    how many the prompt and the text have; cut: the text ended at its limit

        Ends this process where its engine is dead: Serve starts another one, and the caller asks it
        or its neighbour.
        """
        if not asked:
            return []
        lane = asked[0].lane
        due = [self._due(lane, place + n) for n in range(len(asked))]
        # One call after the other: what is due at once does not wait for the whole of a list.
        async with self._reading.place(due[0]):
            await asyncio.sleep(0)  # what was read before goes to the engine first
            tokens = chat_ids(self._client.get_tokenizer(), [one.messages for one in asked])
        async with _no_dead_engine():
            made = await asyncio.gather(*map(self._write, tokens, asked, due))
        counts = [one["tokens"] for one in made if "tokens" in one]
        _count(lane, sum(prompt for prompt, _ in counts), sum(text for _, text in counts))
        return made

    async def _write(self, tokens: list[int], asked: Ask, due: int) -> dict[str, Any]:
        if error := too_long(tokens, asked.how, self._limit):
            return {"error": error}
        thought = 0
        if asked.how.think:
            late = self._due("open-ended")
            first = await self._generate(tokens, thinking.sampling(asked.how.think), late, True)
            thought = len(first.token_ids)
            tokens = thinking.onward(tokens, first.text, self._client.get_tokenizer())
        is_text = asked.lane == "open-ended"
        # A label is one token: nothing to put together while it is written.
        sampling = asked.how.sampling | {"detokenize": not asked.how.labels}
        made = await self._generate(tokens, sampling, due, is_text)
        text = made.text or self._client.get_tokenizer().decode(made.token_ids)
        logprobs = {token: found.logprob for token, found in (made.logprobs or [{}])[0].items()}
        return {
            "text": text,
            "logprobs": logprobs,
            "tokens": (len(tokens) - thought, len(made.token_ids) + thought),
            "cut": made.finish_reason == "length",
        }

    async def _generate(
        self, tokens: list[int], sampling: dict[str, Any], due: int, is_text: bool
    ) -> Any:
        from vllm import SamplingParams
        from vllm.sampling_params import RequestOutputKind

        params = SamplingParams(**sampling, output_kind=RequestOutputKind.FINAL_ONLY)
        async with self._texts.place(due) if is_text else nullcontext():
            stream = self._client.generate(
                {"prompt_token_ids": tokens}, params, uuid4().hex, priority=due
            )
            [whole] = [output async for output in stream]
        return whole.outputs[0]

    async def whole(self, route: Route, fields: dict[str, Any]) -> tuple[int, str]:
        """Answer a chat or completion that is not streamed: HTTP status, and body or what is wrong.

        `ray.serve.llm` would send the request as an object and the answer as a stream of one.
        """
        try:
            request = plain.request(route, self._worded(fields))
        except InputError as error:
            return 400, str(error)
        request.priority = self._due("open-ended")
        async with self._texts.place(request.priority), _no_dead_engine():
            [made] = [part async for part in getattr(self.engine, route)(request)]
        if isinstance(made, ErrorResponse):
            return made.error.code, made.error.message
        _count("open-ended", made.usage.prompt_tokens, made.usage.completion_tokens)
        return 200, made.model_dump_json()

    async def chat(self, request: Any, raw_request_info: Any = None) -> Any:
        """Stream as `ray.serve.llm` does, in a text's place."""
        return self._stream(super().chat, request, raw_request_info)

    async def completions(self, request: Any, raw_request_info: Any = None) -> Any:
        """Stream as `ray.serve.llm` does, in a text's place."""
        return self._stream(super().completions, request, raw_request_info)

    async def _stream(self, answer: Any, request: Any, info: Any) -> AsyncGenerator[Any, None]:
        hidden = not (request.stream_options and request.stream_options.include_usage)
        # The engine tells how much it wrote, whether the caller asks or not.
        fields = request.model_dump(exclude_unset=True) | {
            "stream_options": {"include_usage": True}
        }
        request = type(request).model_validate(self._worded(fields))
        request.priority = self._due("open-ended")
        async with self._texts.place(request.priority), _no_dead_engine():
            async for part in await answer(request, info):
                if kept := _counted(part, hidden):
                    yield kept

    def _worded(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Return a chat whose texts spell no special token: vLLM will render and encode it."""
        return plain.worded(fields, self._client.get_tokenizer())

    def _due(self, lane: Lane, place: int = 0) -> int:
        """Return when, in ms of the machine's clock, a question is due that comes now."""
        patience = PATIENCE_S if lane == "open-ended" else 0.0
        return int((time.monotonic() + patience + place * SPACING_S[lane]) * 1e3)

    @property
    def _client(self) -> Any:
        """The AsyncLLM of vLLM, which `ray.serve.llm` 2.60 keeps to itself."""
        engine: Any = self.engine
        return engine._engine_client


@asynccontextmanager
async def _no_dead_engine() -> AsyncIterator[None]:
    """A replica whose engine is gone fails at once, and so would draw all requests to itself."""
    from vllm.v1.engine.exceptions import EngineDeadError

    try:
        yield
    except EngineDeadError as error:
        print(f"{VERDICT}{processes.explain(error)}", flush=True)
        os._exit(1)


def _counted(part: Any, hidden: bool) -> Any:
    """Count the tokens that a part of a stream tells; return what the caller gets of it."""
    if not isinstance(part, list):  # an error
        return part
    kept = []
    for line in part:
        is_usage = isinstance(line, str) and '"choices":[]' in line
        if is_usage:
            usage = json.loads(line.removeprefix("data: "))["usage"]
            _count("open-ended", usage["prompt_tokens"], usage["completion_tokens"])
        if not (is_usage and hidden):
            kept.append(line)
    return kept


def _count(lane: Lane, prompt: int, written: int) -> None:
    for kind, tokens in (("prompt", prompt), ("written", written)):
        if tokens:
            metric("ecom_tokens").inc(tokens, {"lane": lane, "kind": kind})
