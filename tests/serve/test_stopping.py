"""How the endpoint stops: what is under way is answered, and nothing else is accepted.

It ends the endpoint that the other files of this folder share, so its name is the last of theirs.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from tenacity import Retrying, stop_after_delay, wait_fixed

from ecom.serve import client

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]

CHOICE = "Which is a shoe?\n0. red boot\n1. lamp"
LONG: dict[str, Any] = {
    "model": "ecom",
    "messages": [{"role": "user", "content": "Describe a lamp."}],
    "max_tokens": 450,
    "n": 8,
    "stream": True,
}


def begun(url: str, end: int) -> Iterator[str]:
    """The lines of a stream of eight long texts."""
    body = {**LONG, "logit_bias": {end: -100}}
    with httpx.stream("POST", f"{url}/v1/chat/completions", json=body, timeout=120) as reply:
        yield from reply.iter_lines()


def test_it_answers_what_is_under_way_and_nothing_else(
    url: str, model: Path, stop: Callable[[], None]
) -> None:
    end = json.loads((model / "config.json").read_text())["eos_token_id"]
    streams = [begun(url, end) for _ in range(6)]
    assert all("data:" in next(stream) for stream in streams)
    with ThreadPoolExecutor() as pool:
        stopping = pool.submit(stop)
        for attempt in Retrying(wait=wait_fixed(0.05), stop=stop_after_delay(30)):
            with attempt:
                ready = httpx.get(f"{url}/ready", timeout=60)
                assert ready.status_code == 503
        assert "stopping" in ready.json()["error"]["message"]
        assert httpx.get(f"{url}/health", timeout=60).status_code == 200
        for path, body in (
            ("/v1/shop/answer", {"prompt": CHOICE}),
            ("/v1/chat/completions", LONG),
            ("/v1/chat/completions", {**LONG, "stream": False}),
        ):
            late = httpx.post(f"{url}{path}", json=body, timeout=60)
            assert (late.status_code, late.headers["retry-after"]) == (503, "5")
        for stream in streams:
            *_, last = filter(None, stream)
            assert last == "data: [DONE]"
        stopping.result(60)
    with pytest.raises(Exception, match="nothing answers at"):
        client.ask(url, CHOICE)
