"""The ingress: `ray.serve.llm`'s OpenAI routes and `POST /v1/shop/answer`.

It runs in a Serve replica of its own and asks the model's replicas through their handle, a call a
hundred queries: a list costs one HTTP request and a few calls, however long it is.
"""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse
from ray.serve.llm.ingress import OpenAiIngress

from ecom import lanes
from ecom.errors import InputError
from ecom.forms import Prompting
from ecom.serve import router
from ecom.serve.config import ServeConfig
from ecom.serve.router import Ask, ShopAnswer, ShopQuery

SUB_BATCH = 100  # queries in one call of a replica
ATTEMPTS = 3

ENDPOINTS = {
    "models": lambda app: app.get("/v1/models"),
    "model_data": lambda app: app.get("/v1/models/{model:path}"),
    "chat": lambda app: app.post("/v1/chat/completions"),
    "completions": lambda app: app.post("/v1/completions"),
    "shop_answer": lambda app: app.post("/v1/shop/answer"),
}


class ShopIngress(OpenAiIngress):
    """`label_ids` are the model's (ecom/lanes)."""

    def __init__(
        self,
        *,
        serve_config: ServeConfig,
        prompting: Prompting,
        label_ids: Mapping[str, int],
        **parent: Any,
    ) -> None:
        super().__init__(**parent)
        self._config = serve_config
        self._prompting = prompting
        self._ids = label_ids

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
        answers = await self._answers(body.queries)
        if not body.single:
            return JSONResponse({"answers": [a.model_dump() for a in answers]})
        return JSONResponse(answers[0].model_dump())

    async def _answers(self, queries: Sequence[ShopQuery | ShopAnswer]) -> list[ShopAnswer]:
        """Return the answers in order; questions of a lane go to the replicas by the hundred."""
        found = {n: query for n, query in enumerate(queries) if isinstance(query, ShopAnswer)}
        asked = {
            n: router.ask(query, self._prompting, self._ids)
            for n, query in enumerate(queries)
            if isinstance(query, ShopQuery)
        }
        order = sorted(asked, key=lambda n: asked[n].lane)  # stable, multiple choice first
        parts = [order[i : i + SUB_BATCH] for i in range(0, len(order), SUB_BATCH)]
        made = await asyncio.gather(*(self._ask([asked[n] for n in part]) for part in parts))
        found.update(zip(chain(*parts), chain(*made), strict=True))
        return [found[n] for n in range(len(queries))]

    async def _ask(self, asked: Sequence[Ask]) -> list[ShopAnswer]:
        """Ask one replica; where it dies over it, another one: the same answers come again."""
        handle = self._get_configured_serve_handle(self._config.model_name).options(stream=False)
        for attempt in range(ATTEMPTS):
            try:
                texts = await handle.shop.remote(asked)
                return [self._answer(one, text) for one, text in zip(asked, texts, strict=True)]
            except Exception as error:  # a lost replica must not take the other answers along
                reason = f"the engine failed: {type(error).__name__}: {error}"
            await asyncio.sleep(attempt)
        return [router.failed(one, reason) for one in asked]

    def _answer(self, asked: Ask, found: dict[str, Any]) -> ShopAnswer:
        if "error" in found:
            return router.failed(asked, found["error"])
        sure = lanes.confidences(asked.how, self._ids, found["logprobs"])
        return router.answer(asked, found["text"], sure)


def _refused(message: str) -> JSONResponse:
    error = {"message": message, "type": "invalid_request_error", "code": 400}
    return JSONResponse({"error": error}, status_code=400)
