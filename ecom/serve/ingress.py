"""The ingress: `POST /v1/shop/answer`, OpenAI's routes, the playground.

It runs in its own Serve replicas and calls the model's replicas through their handle, with up to a
hundred questions per call: a list costs one HTTP request and a few calls, however long it is.

    shop_answer ────────────────► Dispatch ────┐
    openai_chat, with model="shop" ──┘         ├─► Pool ─► replica.py
    openai_chat, openai_completions ─► Passthrough

Used of Ray's OpenAiIngress: `model`, `models` and the private `_process_llm_request`.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from ray.serve.llm.ingress import OpenAiIngress

from ecom import ray_internals
from ecom.engine import EngineConfig
from ecom.errors import InputError
from ecom.lanes import Asked, Asker
from ecom.serve import access, chat, haproxy, http, page, protocol
from ecom.serve.admission import STOPPING, Gate
from ecom.serve.config import SHOP, ServeConfig
from ecom.serve.dispatch import Dispatch
from ecom.serve.openai_protocol import ChatBody, CompletionBody
from ecom.serve.passthrough import Passthrough
from ecom.serve.pool import Pool
from ecom.serve.protocol import ShopAnswer, ShopQuery

READY_S = 5.0
STATUS = {"answered": 200, "no-answer": 200, "refused": 400, "failed": 503, "late": 504}


class ShopIngress(OpenAiIngress):
    """Asks the model with `asker`; `engine` has the settings of each of its replicas.

    created     Unix time at which the model was made

    Raises InputError where everyone can connect and no key is required (`keyed`).
    """

    def __init__(
        self,
        *,
        serve_config: ServeConfig,
        asker: Asker,
        engine: EngineConfig,
        keyed: bool,
        created: int,
        llm_deployments: Mapping[str, Any],
        **parent: Any,
    ) -> None:
        haproxy.check_reach(ray_internals.serve_host(), keyed=keyed)
        handles = {
            name: ray_internals.own_transport(handle) for name, handle in llm_deployments.items()
        }
        super().__init__(llm_deployments=handles, **parent)
        self._config = serve_config
        self._asker = asker
        self._created = created
        seats = engine.max_num_seqs * max(1, serve_config.min_replicas)
        self._gate = Gate(serve_config.max_queue, seats)
        self._pool = Pool(
            handles[serve_config.model_name],
            replicas=serve_config.max_replicas,
            timeout_s=serve_config.seconds_per_query,
        )
        self._plain = Passthrough(self._pool, self._gate, self._process_llm_request)

    async def check_health(self) -> None:
        """Report the queues' lengths again. Serve calls this; Ray drops values older than 20 s."""
        self._gate.show()

    async def drain(self) -> int:
        """Accept no more questions; return the number of those that are not answered yet.

        launch.py calls it before it stops the endpoint. It is no route.
        """
        return self._gate.close()

    async def page(self) -> Response:
        """Show the playground."""
        return page.playground()

    async def health(self) -> dict[str, bool]:
        """Confirm that this process answers."""
        return {"healthy": True}

    async def ready(self) -> Response:
        """Report whether a replica of the model answers or, with min_replicas 0, can be started."""
        if self._gate.closed:
            return http.refused(503, STOPPING, retry_after_s=5)
        try:
            if self._config.min_replicas:
                await asyncio.wait_for(self._pool.ready(), READY_S)
        except Exception as error:  # any error means: not ready
            reason = f"no replica of the model answered in {READY_S:g} s: {type(error).__name__}"
            return http.refused(503, reason, retry_after_s=5)
        return JSONResponse({"ready": True, "model": self._config.model_name})

    async def shop_answer(self, request: Request) -> Response:
        """Answer one query with one object, a list with {"answers": […]} in its order.

        With `stream` a list's answers come as JSON lines. Raises InputError, which becomes 400, and
        Full, which becomes 429 (http.py).
        """
        limits = {
            "max_batch": self._config.max_batch,
            "max_prompt_chars": self._config.max_prompt_chars,
        }
        body = protocol.read(await request.body(), **limits)
        run = self._dispatch(list(map(self._asked, body.queries)), body.single)
        if body.stream:
            return StreamingResponse(run.lines(), media_type="application/x-ndjson")
        answers = [answer async for answer in run.answers()]
        if not body.single:
            return _list(answers)
        [answer] = answers
        if STATUS[answer.outcome] == 200:
            return http.json_text(answer.model_dump_json())
        return http.refused(STATUS[answer.outcome], answer.error or "")

    async def all_models(self) -> Response:
        """List the models."""
        listed = await self.models()
        return JSONResponse({"object": "list", "data": list(map(self._described, listed.data))})

    async def one_model(self, model: str) -> Response:
        """Describe a model."""
        if card := await self.model(model):
            return JSONResponse(self._described(card))
        why = f"no model {model!r:.100} here; GET /v1/models lists them"
        return http.refused(404, why)

    def _described(self, card: Any) -> dict[str, Any]:
        return {**card.model_dump(), "created": self._created}

    async def openai_chat(self, body: ChatBody, request: Request) -> Response:
        """Answer a chat; with model="shop" its last turn goes through its lane."""
        self._check(body)
        if body.model == SHOP:
            return await self._shop_chat(body, request)
        if found := [name for name in chat.SHOP_ONLY if getattr(body, name) is not None]:
            why = f'{", ".join(found)}: only for model="{SHOP}"; leave it out, or ask that'
            raise InputError(why)
        return await self._plain.answer(body, "chat", request)

    async def openai_completions(self, body: CompletionBody, request: Request) -> Response:
        """Continue a text, with the model as it is."""
        self._check(body)
        if body.model == SHOP:
            why = f'model="{SHOP}" answers chats; name "{self._config.model_name}" for completions'
            raise InputError(why)
        return await self._plain.answer(body, "completions", request)

    def _check(self, body: ChatBody | CompletionBody) -> None:
        known, most = (self._config.model_name, SHOP), self._config.max_prompt_chars
        if body.model not in known:
            raise HTTPException(
                404, f"no model {body.model!r:.100} here; name one of {', '.join(known)}"
            )
        if body.chars > most:
            raise HTTPException(
                400,
                f"the prompt has {body.chars} characters, the limit is {most}; shorten it, or "
                "start the server with a larger serve.max_prompt_chars",
            )

    async def _shop_chat(self, body: ChatBody, request: Request) -> Response:
        asked = chat.turns(protocol.ask(chat.question(body), self._asker), body)
        chat.check(asked, body)
        if body.stream and asked.lane.form.is_text:
            # Only free text can be shown while it is written.
            text = chat.as_text(asked, body, self._config.model_name)
            return await self._plain.answer(text, "chat", request)
        run = self._dispatch([asked], single=True)
        [answer] = [answer async for answer in run.answers()]
        if STATUS[answer.outcome] != 200:
            return http.refused(STATUS[answer.outcome], answer.error or "")
        whole = chat.completion(body, answer, run.tokens, cut=run.cut)
        if body.stream:
            return StreamingResponse(chat.chunks(body, whole), media_type="text/event-stream")
        return JSONResponse(whole)

    def _asked(self, query: ShopQuery | ShopAnswer) -> Asked | ShopAnswer:
        if isinstance(query, ShopAnswer):
            return query
        try:
            return protocol.ask(query, self._asker)
        except InputError as error:  # what it offers is not known before its prompt is read
            return ShopAnswer(id=query.id, error=str(error))

    def _dispatch(self, asked: Sequence[Asked | ShopAnswer], single: bool) -> Dispatch:
        """Send questions to the replicas. Raises Full."""
        return Dispatch(
            asked,
            self._pool,
            self._gate,
            single=single,
            deadline_s=self._config.seconds_per_query * len(asked),
            log_prompts=self._config.log_prompts,
        )


def _list(answers: Sequence[ShopAnswer]) -> Response:
    """Return a list's answers; with status 504 where some are late, and all that came in time."""
    parts = ",".join(answer.model_dump_json() for answer in answers)
    late = sum(answer.outcome == "late" for answer in answers)
    if not late:
        return http.json_text(f'{{"answers":[{parts}]}}')
    why = access.error(504, f"{late} of {len(answers)} questions were not answered in time")
    return http.json_text(f'{why.decode()[:-1]}, "answers":[{parts}]}}', 504)
