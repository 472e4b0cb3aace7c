"""The ingress: `ray.serve.llm`'s OpenAI routes and `POST /v1/shop/answer`.

It runs in a Serve replica of its own and asks the model's replicas through their handle, a call a
query: a list costs one HTTP request however long it is.
"""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from fastapi import Request
from fastapi.responses import JSONResponse
from ray.serve.llm.ingress import OpenAiIngress
from ray.serve.llm.openai_api_models import ChatCompletionRequest

from ecom.errors import InputError
from ecom.forms import Prompting
from ecom.serve import router
from ecom.serve.config import ServeConfig
from ecom.serve.router import LANES, Ask, ShopAnswer, ShopQuery

ENDPOINTS = {
    "models": lambda app: app.get("/v1/models"),
    "model_data": lambda app: app.get("/v1/models/{model:path}"),
    "chat": lambda app: app.post("/v1/chat/completions"),
    "completions": lambda app: app.post("/v1/completions"),
    "shop_answer": lambda app: app.post("/v1/shop/answer"),
}


class ShopIngress(OpenAiIngress):
    """`lane_width` is how many queries of one lane are in the engines at a time."""

    def __init__(
        self,
        *,
        serve_config: ServeConfig,
        prompting: Prompting,
        digit_ids: Sequence[int],
        lane_width: int,
        **parent: Any,
    ) -> None:
        super().__init__(**parent)
        self._config = serve_config
        self._prompting = prompting
        self._digit_ids = list(digit_ids) or None
        self._lanes = {lane: asyncio.Semaphore(lane_width) for lane in LANES}

    async def shop_answer(self, request: Request) -> JSONResponse:
        """Answer one query with one object, a list with {"answers": […]} in its order."""
        limits = {
            "max_batch": self._config.max_batch,
            "max_prompt_chars": self._config.max_prompt_chars,
        }
        try:
            body = router.read(await request.body(), **limits)
        except InputError as error:
            return _refused(str(error))
        answers = await asyncio.gather(*map(self._answer, body.queries))
        if not body.single:
            return JSONResponse({"answers": [a.model_dump() for a in answers]})
        return JSONResponse(answers[0].model_dump())

    async def _answer(self, query: ShopQuery | ShopAnswer) -> ShopAnswer:
        if isinstance(query, ShopAnswer):
            return query
        asked = router.ask(query, self._prompting)
        async with self._lanes[asked.lane]:
            try:
                return await self._ask_engine(asked)
            except Exception as error:  # a lost replica must not take the other answers along
                return router.failed(asked, f"the engine failed: {type(error).__name__}: {error}")

    async def _ask_engine(self, asked: Ask) -> ShopAnswer:
        fields = {
            "model": self._config.model_name,
            "messages": asked.messages,
            "max_tokens": asked.max_tokens,
            "temperature": 0,
            "allowed_token_ids": self._digit_ids if asked.lane == "multiple-choice" else None,
            # Serve would give all calls of this HTTP request the same id, which vLLM refuses.
            "request_id": uuid4().hex,
        }
        request = ChatCompletionRequest.model_validate(fields)
        handle = self._get_configured_serve_handle(self._config.model_name)
        async for response in handle.chat.remote(request, None):
            if hasattr(response, "error"):  # ray.serve.llm's ErrorResponse
                return router.failed(asked, response.error.message)
            return router.answer(asked, response.choices[0].message.content or "")
        raise RuntimeError("the engine ended without a response")


def _refused(message: str) -> JSONResponse:
    error = {"message": message, "type": "invalid_request_error", "code": 400}
    return JSONResponse({"error": error}, status_code=400)
