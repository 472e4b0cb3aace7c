"""The model's replica: `ray.serve.llm`'s server and its vLLM engine, and sub-batches of questions.

    ShopIngress ─► shop(100 questions) ─► chats, tokens ─► vLLM, each with its time ─► 100 texts

vLLM takes up first what is due first (its priority scheduling). A question that one token answers
is due at once, a text PATIENCE_S after it came: texts wait while questions come, and for no longer.
And texts never hold all places in the engine.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import nullcontext
from typing import Any
from uuid import uuid4

from ray.serve.llm.deployment import LLMServer

from ecom.lanes import too_long
from ecom.serve.router import Ask

PATIENCE_S = 5.0


class ShopServer(LLMServer):
    """Serves a directory that every node sees: nothing is downloaded, nothing is reported home.

    Each of the two would start a process that imports vLLM, 10 to 15 s on two cores.
    """

    async def _start_engine(self) -> None:
        callback, engine = self._llm_config.get_or_create_callback(), self.engine
        if callback is None or engine is None:
            raise RuntimeError("ray.serve.llm gave this replica no engine; is it still 2.60?")
        callback.ctx.run_init_node = False
        await engine.start()
        settings = self._llm_config.engine_kwargs
        self._limit: int = settings["max_model_len"]
        self._texts = asyncio.Semaphore(max(1, settings["max_num_seqs"] * 3 // 4))

    async def shop(self, asked: Sequence[Ask]) -> list[dict[str, Any]]:
        """Answer questions: each with its text and logprobs, or its error.

        logprobs are of the first token, by token id. Raises where the engine is dead.
        """
        tokenizer = self._client.get_tokenizer()
        chats = [one.messages for one in asked]
        texts = tokenizer.apply_chat_template(chats, add_generation_prompt=True, tokenize=False)
        tokens = tokenizer(texts, add_special_tokens=False)["input_ids"]
        return await asyncio.gather(*map(self._write, tokens, asked))

    async def _write(self, tokens: list[int], asked: Ask) -> dict[str, Any]:
        from vllm import SamplingParams
        from vllm.sampling_params import RequestOutputKind

        if error := too_long(tokens, asked.how, self._limit):
            return {"error": error}
        is_text = asked.lane == "open-ended"
        due = self._due(is_text)
        params = SamplingParams(**asked.how.sampling, output_kind=RequestOutputKind.FINAL_ONLY)
        async with self._texts if is_text else nullcontext():
            stream = self._client.generate(
                {"prompt_token_ids": tokens}, params, uuid4().hex, priority=due
            )
            [whole] = [output async for output in stream]
        first = whole.outputs[0]
        logprobs = {token: found.logprob for token, found in (first.logprobs or [{}])[0].items()}
        return {"text": first.text, "logprobs": logprobs}

    async def chat(self, request: Any, raw_request_info: Any = None) -> Any:
        """Answer as `ray.serve.llm` does, in a text's place."""
        request.priority = self._due(is_text=True)
        return self._in_place(await super().chat(request, raw_request_info))

    async def completions(self, request: Any, raw_request_info: Any = None) -> Any:
        """Answer as `ray.serve.llm` does, in a text's place."""
        request.priority = self._due(is_text=True)
        return self._in_place(await super().completions(request, raw_request_info))

    async def _in_place(self, stream: AsyncGenerator[Any, None]) -> AsyncGenerator[Any, None]:
        async with self._texts:
            async for part in stream:
                yield part

    def _due(self, is_text: bool) -> int:
        """Return when, in ms of the machine's clock, a request is due that comes now."""
        return int((time.monotonic() + PATIENCE_S * is_text) * 1e3)

    @property
    def _client(self) -> Any:
        """The AsyncLLM of vLLM, which `ray.serve.llm` 2.60 keeps to itself."""
        engine: Any = self.engine
        return engine._engine_client
