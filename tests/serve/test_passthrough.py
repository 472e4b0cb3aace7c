"""What becomes of a request that is passed on when replicas die, or do not take it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi.responses import Response, StreamingResponse

from ecom.serve.admission import Gate
from ecom.serve.openai_protocol import ChatBody
from ecom.serve.pool import Pool

# They import ray.serve.llm and with it vLLM: 10 s.
pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]


class Handle:
    """A deployment's handle whose replica replies so, one reply a call; an error is raised."""

    def __init__(self, *replies: Any) -> None:
        self.replies = [*replies]

    def options(self, method_name: str) -> "Handle":
        return self

    async def remote(self, *_: Any) -> Any:
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply


def answered(*replies: Any, stream: bool = False, gate: Gate | None = None) -> Response:
    from ecom.serve.passthrough import Passthrough

    handle = Handle(*replies)
    body = ChatBody.model_validate(
        {"model": "ecom", "messages": [{"role": "user", "content": "hello"}], "stream": stream}
    )

    async def run() -> Response:
        pool = Pool(handle, replicas=1, timeout_s=9)
        passthrough = Passthrough(pool, gate or Gate(1, 1), handle.remote)
        response = await passthrough.answer(body, "chat", None)  # type: ignore[arg-type]
        if isinstance(response, StreamingResponse):
            text = "".join([str(part) async for part in response.body_iterator])
            return Response(text, response.status_code)
        return response

    found = asyncio.run(run())
    assert not handle.replies
    return found


def test_another_replica_answers_where_one_is_lost() -> None:
    found = answered(RuntimeError("the actor died"), (200, '{"choices": []}'))
    assert (found.status_code, found.body) == (200, b'{"choices": []}')


def test_a_request_that_no_replica_survives_fails_and_leaves_the_queue() -> None:
    gate = Gate(1, 1)
    for _ in range(2):
        found = answered(*[RuntimeError("the actor died")] * 3, gate=gate)
        assert (found.status_code, found.headers["retry-after"]) == (503, "5")
        assert "the actor died" not in str(found.body)  # an engine's words can hold a prompt


def test_what_the_engine_refuses_is_asked_once_and_said() -> None:
    found = answered((400, "too long"))
    assert found.status_code == 400
    assert json.loads(bytes(found.body))["error"]["message"] == "too long"
    assert answered(TimeoutError()).status_code == 504


def test_a_stream_is_handed_on_and_leaves_the_queue_when_it_ends() -> None:
    async def parts() -> AsyncIterator[str]:
        yield "data: 1\n\n"
        yield "data: [DONE]\n\n"

    gate = Gate(1, 1)
    for _ in range(2):
        reply = StreamingResponse(parts())
        found = answered(RuntimeError("the actor died"), reply, stream=True, gate=gate)
        assert found.body == b"data: 1\n\ndata: [DONE]\n\n"
