"""The model's replica: `ray.serve.llm`'s server and its vLLM engine, and sub-batches of questions.

    ShopIngress ─► write(100 questions) ─► scheduler.py ─► vLLM ─► 100 Written
                   whole, chat, completions: requests of OpenAI's routes, in a text's seat

It overrides `_get_default_engine_class` and `_start_engine` of Ray's LLMServer, and uses its
`_llm_config`.
"""

import asyncio
import json
import os
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from ray.serve.llm.deployment import LLMServer

from ecom import ray_internals
from ecom.causes import processes
from ecom.causes.last_words import VERDICT
from ecom.errors import InputError, StageError
from ecom.forms import Prompting
from ecom.lanes import Asked, Asker, Written
from ecom.rows import Query
from ecom.serve import engine_requests
from ecom.serve.engine_requests import Route
from ecom.serve.metrics import count_tokens
from ecom.serve.scheduler import Scheduler


class ShopServer(LLMServer):
    """Serves a directory that every node sees: nothing is downloaded, no usage is reported.

    Either would start a process that imports vLLM, 10 to 15 s on two cores.
    """

    def _get_default_engine_class(self) -> Any:
        return ray_internals.engine_class()

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
        client = ray_internals.engine_client(engine)
        self._tokenizer = client.get_tokenizer()
        self._scheduler = Scheduler(client, settings["max_model_len"], settings["max_num_seqs"])
        await self._warm_up()

    async def _warm_up(self) -> None:
        """Answer two made-up questions: the first ones compile templates and kernels."""
        asker = Asker({}, Prompting())
        for prompt in ("Which is a shoe?\n0. boot\n1. lamp", "Describe a lamp."):
            await self.write([asker.ask(Query(prompt), {"max_tokens": 2})])

    async def write(self, asked: Sequence[Asked], first: int = 0) -> list[Written]:
        """Return what the model writes for questions of one lane; with none it is a health check.

        first     number of the first question in its list, from 0

        Ends this process where its engine is dead: Serve starts another one, and the caller tries
        that one or another replica.
        """
        if not asked:
            return []
        async with _no_dead_engine():
            written = await self._scheduler.write(asked, first)
        prompts, texts = zip(*(one.tokens for one in written), strict=True)
        count_tokens(asked[0].lane_name, sum(prompts), sum(texts))
        return written

    async def whole(self, route: Route, fields: dict[str, Any]) -> tuple[int, str]:
        """Answer a chat or completion that is not streamed: HTTP status, and body or error.

        `ray.serve.llm` would send the request as an object and the answer as a stream of one part.
        """
        try:
            requests = engine_requests.requests(route, self._in_words(fields))
        except InputError as error:
            return 400, str(error)
        made = await asyncio.gather(*(self._one(route, one, n) for n, one in enumerate(requests)))
        for one in made:
            if isinstance(one, ray_internals.error_response()):
                return one.error.code, one.error.message
        for one in made:
            count_tokens("open-ended", one.usage.prompt_tokens, one.usage.completion_tokens)
        return 200, engine_requests.joined(made).model_dump_json()

    async def _one(self, route: Route, request: Any, number: int) -> Any:
        request.priority = self._scheduler.due("open-ended", number)
        async with self._scheduler.text_seat(request.priority), _no_dead_engine():
            [made] = [part async for part in getattr(self.engine, route)(request)]
        return made

    async def chat(self, request: Any, raw_request_info: Any = None) -> Any:
        """Stream as `ray.serve.llm` does, in a text's seat."""
        return self._stream(super().chat, request, raw_request_info)

    async def completions(self, request: Any, raw_request_info: Any = None) -> Any:
        """Stream as `ray.serve.llm` does, in a text's seat."""
        return self._stream(super().completions, request, raw_request_info)

    async def _stream(self, answer: Any, request: Any, info: Any) -> AsyncGenerator[Any, None]:
        hidden = not (request.stream_options and request.stream_options.include_usage)
        # The engine always reports its token counts, even if the caller does not ask for them.
        fields = request.model_dump(exclude_unset=True) | {
            "stream_options": {"include_usage": True}
        }
        request = type(request).model_validate(self._in_words(fields))
        request.priority = self._scheduler.due("open-ended")
        async with self._scheduler.text_seat(request.priority), _no_dead_engine():
            async for part in await answer(request, info):
                if kept := _counted(part, hidden):
                    yield kept

    def _in_words(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Return a chat whose texts spell no special token, for vLLM to render and encode."""
        return engine_requests.in_words(fields, self._tokenizer)


@asynccontextmanager
async def _no_dead_engine() -> AsyncIterator[None]:
    """End the process of a dead engine: it fails at once, and so would attract all requests."""
    from vllm.v1.engine.exceptions import EngineDeadError

    try:
        yield
    except EngineDeadError as error:
        print(f"{VERDICT}{processes.explain(error)}", flush=True)
        os._exit(1)


def _counted(part: Any, hidden: bool) -> Any:
    """Count the tokens that a part of a stream reports; return the caller's part."""
    if not isinstance(part, list):  # an error
        return part
    kept = []
    for line in part:
        is_usage = isinstance(line, str) and '"choices":[]' in line
        if is_usage:
            usage = json.loads(line.removeprefix("data: "))["usage"]
            count_tokens("open-ended", usage["prompt_tokens"], usage["completion_tokens"])
        if not (is_usage and hidden):
            kept.append(line)
    return kept
