"""The ingress: `ray.serve.llm`'s OpenAI routes, `POST /v1/shop/answer`, the playground.

It runs in Serve replicas of its own and asks the model's replicas through their handle, a call a
hundred questions: a list costs one HTTP request and a few calls, however long it is.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from ray.llm._internal.serve.core.configs.openai_api_models import OpenAIHTTPException
from ray.serve._private.constants import RAY_SERVE_USE_GRPC_BY_DEFAULT
from ray.serve.context import _get_global_client
from ray.serve.llm.ingress import OpenAiIngress

from ecom.engine import EngineConfig
from ecom.errors import InputError
from ecom.forms import Prompting
from ecom.serve import access, chat, haproxy, plain, router, web
from ecom.serve.answering import ATTEMPTS, SUB_BATCH, Answering
from ecom.serve.chat import ChatBody, CompletionBody
from ecom.serve.config import SHOP, ServeConfig
from ecom.serve.gate import Gate
from ecom.serve.gathering import Gathering
from ecom.serve.plain import Route
from ecom.serve.router import Ask, ShopAnswer, ShopQuery

CALLS = 2  # of single choices, under way at a time, for each replica
READY_S = 5.0
PLAIN_S = 600.0  # a chat's or completion's deadline; after it `ray.serve.llm` ends them, too
STATUS = {"answered": 200, "no-answer": 200, "refused": 400, "failed": 503, "late": 504}


class ShopIngress(OpenAiIngress):
    """`label_ids` are the model's (ecom/lanes), `engine` is that of each of its replicas.

    Raises InputError where everyone may connect and no key is asked for (`keyed`).
    """

    def __init__(
        self,
        *,
        serve_config: ServeConfig,
        prompting: Prompting,
        label_ids: Mapping[str, int],
        engine: EngineConfig,
        keyed: bool,
        llm_deployments: Mapping[str, Any],
        **parent: Any,
    ) -> None:
        serve: Any = _get_global_client()
        haproxy.check_reach(serve.http_config.host, keyed=keyed)
        # A handle calls as the process does that made it, and `ecom serve` made it outside of the
        # cluster: it would call actors, where gRPC costs half (haproxy.py).
        by_actor = not RAY_SERVE_USE_GRPC_BY_DEFAULT
        handles = {
            name: handle.options(_by_reference=by_actor) for name, handle in llm_deployments.items()
        }
        super().__init__(llm_deployments=handles, **parent)
        replicas = handles[serve_config.model_name]
        self._shop = replicas.options(method_name="shop")
        self._whole = replicas.options(method_name="whole")
        self._config = serve_config
        self._prompting = prompting
        self._ids = label_ids
        self._think = engine.think_tokens
        places = engine.max_num_seqs * max(1, serve_config.min_replicas)
        self._gate = Gate(serve_config.max_queue, places)
        self._choose = Gathering(
            self._call,
            most=CALLS * serve_config.max_replicas,
            size=SUB_BATCH["multiple-choice"],
            timeout_s=serve_config.seconds_per_query,
        )
        self._log = logging.getLogger("ray.serve")

    async def check_health(self) -> None:
        """Tell the queues' lengths again: Serve calls this, and Ray forgets what is 20 s old."""
        self._gate.show()

    async def page(self) -> Response:
        """Show the playground."""
        return web.playground()

    async def health(self) -> dict[str, bool]:
        """Say that this process answers."""
        return {"healthy": True}

    async def ready(self) -> Response:
        """Say whether a replica of the model answers; where none need be up, that one can come."""
        try:
            if self._config.min_replicas:
                await asyncio.wait_for(self._shop.remote([]), READY_S)
        except Exception as error:  # whatever it is: not ready
            reason = f"no replica of the model answered in {READY_S:g} s: {type(error).__name__}"
            return web.refused(503, reason, retry_after_s=5)
        return JSONResponse({"ready": True, "model": self._config.model_name})

    async def shop_answer(self, request: Request) -> Response:
        """Answer one query with one object, a list with {"answers": […]} in its order.

        With `stream` a list's answers come as JSON lines. Raises InputError, which becomes 400, and
        Full, which becomes 429 (web.py).
        """
        limits = {
            "max_batch": self._config.max_batch,
            "max_prompt_chars": self._config.max_prompt_chars,
        }
        body = router.read(await request.body(), **limits)
        run = self._answering(body.queries, body.single)
        if body.stream:
            return StreamingResponse(run.lines(), media_type="application/x-ndjson")
        answers = [answer async for answer in run.answers()]
        if not body.single:
            return _list(answers)
        [answer] = answers
        if STATUS[answer.outcome] == 200:
            return _json(answer.model_dump_json())
        return web.refused(STATUS[answer.outcome], answer.error or "")

    async def one_model(self, model: str) -> Response:
        """Describe a model."""
        if card := await self.model(model):
            return JSONResponse(card.model_dump())
        why = f"no model {model!r:.100} here; GET /v1/models lists them"
        return web.refused(404, why)

    async def openai_chat(self, body: ChatBody, request: Request) -> Response:
        """Answer a chat; with model="shop" its last turn goes down its lane."""
        self._check(body)
        if body.model != SHOP:
            return await self._plain(body, "chat", request)
        return await self._shop_chat(body, request)

    async def openai_completions(self, body: CompletionBody, request: Request) -> Response:
        """Go on with a text, as the model itself does."""
        self._check(body)
        if body.model == SHOP:
            why = f'model="{SHOP}" answers chats; name "{self._config.model_name}" for completions'
            raise InputError(why)
        return await self._plain(body, "completions", request)

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
        asked = chat.turns(self._asked(chat.question(body)), body)
        if body.stream and asked.how.form.is_text:
            # A text of no other form than its own can be read while it is written.
            text = chat.as_text(asked, body, self._config.model_name)
            return await self._plain(text, "chat", request)
        run = self._answering([asked], single=True)
        [answer] = [answer async for answer in run.answers()]
        if STATUS[answer.outcome] != 200:
            return web.refused(STATUS[answer.outcome], answer.error or "")
        whole = chat.completion(body, answer, run.tokens, cut=run.cut)
        if body.stream:
            return StreamingResponse(chat.chunks(body, whole), media_type="text/event-stream")
        return JSONResponse(whole)

    async def _plain(
        self, body: ChatBody | CompletionBody, route: Route, request: Request
    ) -> Response:
        """Let vLLM answer; another replica where one dies over it."""
        start, count = time.perf_counter(), body.n or 1
        fields = body.model_dump(exclude_none=True, exclude={"is_multiple_choice", "task"})
        self._gate.take({"open-ended": count}, PLAIN_S, single=True)
        outcome = "cancelled"
        try:
            response, outcome = await self._attempts(route, fields, request)
            if isinstance(response, StreamingResponse):
                stream = self._watched(response.body_iterator, count, start)
                await anext(stream)  # from here on its `finally` is sure to come
                response.body_iterator, outcome = stream, "streaming"
            return response
        finally:
            if outcome != "streaming":
                self._gate.leave("open-ended", {outcome: count}, start, single=True)

    async def _attempts(
        self, route: Route, fields: dict[str, Any], request: Request
    ) -> tuple[Response, str]:
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(attempt - 1)
            try:
                if fields["stream"]:
                    asked = plain.request(route, fields)
                    return await self._process_llm_request(asked, route, request), "answered"
                async with asyncio.timeout(PLAIN_S):
                    status, text = await self._whole.remote(route, fields)
                if status != 200:
                    return web.refused(status, text), "refused"
                return _json(text), "answered"
            except TimeoutError:
                return web.refused(504, f"not answered in {PLAIN_S:g} s"), "late"
            except InputError as error:
                return web.refused(400, str(error)), "refused"
            except OpenAIHTTPException as error:
                status = 504 if error.status_code == 408 else error.status_code
                return web.refused(status, error.message), "late" if status == 504 else "refused"
            except HTTPException as error:
                return web.refused(error.status_code, str(error.detail)), "refused"
            except Exception as error:  # whatever a lost replica makes of a call
                self._log.warning("a replica failed over a %s: %s", route, type(error))
        return web.refused(503, f"the engine failed {ATTEMPTS} times", 5), "failed"

    async def _watched(
        self, stream: Any, count: int, start: float
    ) -> AsyncIterator[str | bytes | memoryview]:
        """Hand a stream on, and let its place in the queue go when it ends, however it does."""
        outcome = "cancelled"
        try:
            yield ""
            async for part in stream:
                yield part
            outcome = "answered"
        except Exception:
            outcome = "failed"  # the status is out already; the stream ends without its [DONE]
            raise
        finally:
            self._gate.leave("open-ended", {outcome: count}, start, single=True)

    def _answering(
        self, queries: Sequence[ShopQuery | ShopAnswer | Ask], single: bool
    ) -> Answering:
        """Send questions on their way. Raises Full."""
        asked = [self._asked(one) if isinstance(one, ShopQuery) else one for one in queries]
        return Answering(
            asked,
            self._ask,
            self._gate,
            self._ids,
            single=single,
            deadline_s=self._config.seconds_per_query * len(asked),
            log_prompts=self._config.log_prompts,
        )

    def _asked(self, query: ShopQuery) -> Ask:
        return router.ask(query, self._prompting, self._ids, think_tokens=self._think)

    async def _ask(self, asked: Sequence[Ask], place: int) -> list[dict[str, Any]]:
        if len(asked) == 1 and not asked[0].how.form.open_ended and not asked[0].how.think:
            return [await self._choose(asked[0])]
        return await self._call(asked, place)

    async def _call(self, asked: Sequence[Ask], place: int = 0) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self._shop.remote(asked, place)
        return found


def _list(answers: Sequence[ShopAnswer]) -> Response:
    """Return a list's answers; 504 where some came too late, with those that did not."""
    parts = ",".join(answer.model_dump_json() for answer in answers)
    late = sum(answer.outcome == "late" for answer in answers)
    if not late:
        return _json(f'{{"answers":[{parts}]}}')
    why = access.error(
        504, f"{late} of {len(answers)} questions were not answered in time"
    ).decode()
    return _json(f'{why[:-1]}, "answers":[{parts}]}}', 504)


def _json(body: str, status: int = 200) -> Response:
    return Response(body, status, media_type="application/json")
