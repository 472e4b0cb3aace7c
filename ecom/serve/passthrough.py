"""Passes chats and completions on to vLLM as they are: no lane, no form."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import Response, StreamingResponse

from ecom import ray_internals
from ecom.errors import InputError
from ecom.serve import engine_requests, http
from ecom.serve.admission import Gate
from ecom.serve.engine_requests import Route
from ecom.serve.openai_protocol import ChatBody, CompletionBody
from ecom.serve.pool import ATTEMPTS, Pool, persist

DEADLINE_S = 600.0  # `ray.serve.llm` ends a stream after the same time

# (the engine's request, its route, the HTTP request) -> a response that streams
Stream = Callable[[Any, Route, Request], Awaitable[Response]]


class Passthrough:
    """Passes requests on to the replicas of a pool; `stream` answers those that stream."""

    def __init__(self, pool: Pool, gate: Gate, stream: Stream) -> None:
        self._pool, self._gate, self._stream = pool, gate, stream

    async def answer(
        self, body: ChatBody | CompletionBody, route: Route, request: Request
    ) -> Response:
        """Let vLLM answer, on another replica where one dies. Raises Full."""
        start, count = time.perf_counter(), body.answers
        fields = body.model_dump(exclude_none=True)
        self._gate.take({"open-ended": count}, DEADLINE_S, single=True)
        outcome = "cancelled"
        try:
            response, outcome = await self._response(route, fields, request)
            if isinstance(response, StreamingResponse):
                stream = self._watched(response.body_iterator, count, start)
                await anext(stream)  # from here on its `finally` runs
                response.body_iterator, outcome = stream, "streaming"
            return response
        finally:
            if outcome != "streaming":
                self._gate.leave("open-ended", {outcome: count}, start, single=True)

    async def _response(
        self, route: Route, fields: dict[str, Any], request: Request
    ) -> tuple[Response, str]:
        """Return the response, and the request's outcome."""
        refusal = ray_internals.http_error()
        call = partial(self._streamed if fields["stream"] else self._whole, route, fields, request)
        final = (TimeoutError, InputError, HTTPException, refusal)
        try:
            return await persist(call, f"a {route}", *final), "answered"
        except TimeoutError:
            return http.refused(504, f"not answered in {DEADLINE_S:g} s"), "late"
        except InputError as error:
            return http.refused(400, str(error)), "refused"
        except HTTPException as error:
            return http.refused(error.status_code, str(error.detail)), "refused"
        except refusal as error:
            status = 504 if error.status_code == 408 else error.status_code
            return http.refused(status, error.message), "late" if status == 504 else "refused"
        except Exception:  # a lost replica can raise anything
            return http.refused(503, f"the engine failed {ATTEMPTS} times", 5), "failed"

    async def _streamed(self, route: Route, fields: dict[str, Any], request: Request) -> Response:
        return await self._stream(engine_requests.request(route, fields), route, request)

    async def _whole(self, route: Route, fields: dict[str, Any], _: Request) -> Response:
        async with asyncio.timeout(DEADLINE_S):
            status, text = await self._pool.whole(route, fields)
        if status != 200:
            raise HTTPException(status, text)
        return http.json_text(text)

    async def _watched(
        self, stream: Any, count: int, start: float
    ) -> AsyncIterator[str | bytes | memoryview]:
        """Pass a stream on, and free its seat in the queue when it ends, however it ends."""
        outcome = "cancelled"
        try:
            yield ""
            async for part in stream:
                yield part
            outcome = "answered"
        except Exception:
            outcome = "failed"  # the status is already sent; the stream ends without its [DONE]
            raise
        finally:
            self._gate.leave("open-ended", {outcome: count}, start, single=True)
