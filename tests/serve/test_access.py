import asyncio
import gzip
import json
import tracemalloc
import zlib
from collections.abc import Mapping
from typing import Any

import pytest
from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.testclient import TestClient

from ecom.errors import InputError
from ecom.serve import access, http

KEYS = ["first-key-0123456789", "second-key-9876543210"]


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(access.VARIABLE, f"{KEYS[0]},\n {KEYS[1]}")


def client(address: str = "127.0.0.1", host: str = "127.0.0.1:8000") -> TestClient:
    app = http.application(access.digests(), max_body_bytes=1000)

    @app.post("/echo")
    async def echo(request: Request) -> int:
        return len(await request.body())

    @app.get("/health")
    async def health() -> bool:
        return True

    @app.get("/")
    async def page() -> bool:
        return True

    return TestClient(app, base_url=f"http://{host}", client=(address, 50000))


def post(http: TestClient, headers: Mapping[str, str] | None = None, body: Any = b"x") -> int:
    reply = http.post("/echo", content=body, headers=headers)
    if reply.status_code != 200:
        assert reply.json()["error"]["message"]
    return reply.status_code


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"Bearer {KEYS[0]}", 200),
        (f"Bearer {KEYS[1]}", 200),
        (f"bearer  {KEYS[1]}", 200),
        (KEYS[0], 401),
        (f"Basic {KEYS[0]}", 401),
        (f"Bearer {KEYS[0]}x", 401),
        (f"Bearer {KEYS[0][:-1]}", 401),
        (f"Bearer {KEYS[0]}, {KEYS[1]}", 401),
        ("Bearer ", 401),
        ("Bearer \xff\xfe", 401),
        (None, 401),
    ],
)
def test_each_key_opens_and_nothing_else(authorization: str | None, status: int) -> None:
    headers = {b"Authorization": authorization.encode("latin-1")} if authorization else {}
    assert post(client("203.0.113.9"), headers) == status  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "host", "status"),
    [
        ("127.0.0.1", "127.0.0.1:8000", 200),
        ("127.0.0.1", "localhost", 200),
        ("::1", "[::1]:8000", 200),
        ("203.0.113.9", "127.0.0.1:8000", 403),
        ("127.0.0.1", "evil.example:8000", 403),  # a name that was made to point here
        ("not an address", "localhost", 403),
    ],
)
def test_without_keys_only_this_machine_is_answered(
    address: str, host: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(access.VARIABLE, raising=False)
    assert post(client(address, host)) == status


def packed(body: bytes, coding: str = "gzip") -> Any:
    headers = {"Content-Encoding": coding}
    return client().post("/echo", content=body, headers=headers)


def test_a_body_packed_by_gzip_is_unpacked_within_the_limit() -> None:
    assert packed(gzip.compress(b"x" * 1000)).json() == 1000
    assert packed(gzip.compress(b"x") + gzip.compress(b"y")).json() == 2
    assert packed(b"x", "identity").json() == 1
    bomb = gzip.compress(b"x" * 2**20)
    assert len(bomb) > 1000 > len(gzip.compress(b"x" * 1001))
    for body in (bomb, gzip.compress(b"x" * 1001)):
        refused = packed(body)
        assert refused.status_code == 413
        assert "serve.max_body_mib" in refused.json()["error"]["message"]


def test_a_bomb_is_not_unpacked_further_than_the_limit() -> None:
    zeros = zlib.compressobj(wbits=31)
    bomb = b"".join(zeros.compress(bytes(2**20)) for _ in range(800)) + zeros.flush()
    app = http.application([], max_body_bytes=2**20)
    tracemalloc.start()
    try:
        found = TestClient(app, base_url="http://localhost", client=("127.0.0.1", 1)).post(
            "/echo", content=bomb, headers={"Content-Encoding": "gzip"}
        )
        assert tracemalloc.get_traced_memory()[1] < 2**25
    finally:
        tracemalloc.stop()
    assert found.status_code == 413


@pytest.mark.parametrize(
    ("body", "coding", "status"),
    [
        (b"x", "gzip", 400),
        (gzip.compress(b"x" * 500)[:-9], "gzip", 400),
        (gzip.compress(b"x")[:-1] + b"!", "gzip", 400),
        (b"x", "br", 415),
        (gzip.compress(gzip.compress(b"x")), "gzip, gzip", 415),
    ],
    ids=["no-gzip", "cut", "wrong-sum", "brotli", "twice"],
)
def test_what_cannot_be_unpacked_is_refused_in_words(body: bytes, coding: str, status: int) -> None:
    refused = packed(body, coding)
    assert refused.status_code == status
    assert refused.json()["error"]["message"]
    assert refused.headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize("path", ["/", "/health", "/echo", "/nowhere"])
def test_head_is_get_without_the_body(path: str) -> None:
    whole, head = client().get(path), client().head(path)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert head.headers["content-length"] == str(len(whole.content))


@pytest.mark.parametrize("path", ["/stream", "/nowhere", "/forbidden"])
def test_every_reply_to_http_1_0_has_its_length(path: str) -> None:
    app = http.application([], 1000)

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse(iter(["a", "b", "c"]))

    sent: list[Any] = []
    received = [{"type": "http.request", "body": b""}]

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return received.pop() if received else await asyncio.Event().wait()

    host = b"evil.example" if path == "/forbidden" else b"localhost"
    scope = {
        "type": "http",
        "http_version": "1.0",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", host)],
        "client": ("127.0.0.1", 1),
    }
    asyncio.run(app(scope, receive, send))
    start, *parts = sent
    body = b"".join(part["body"] for part in parts)
    assert dict(start["headers"])[b"content-length"] == str(len(body)).encode()
    assert path != "/stream" or body == b"abc"


@pytest.mark.usefixtures("keys")
def test_health_and_the_page_are_open_to_who_may_connect() -> None:
    far = client("203.0.113.9")
    assert far.get("/health").json() is True
    assert far.get("/").json() is True


def test_a_body_is_bounded_whether_its_length_is_told_or_not() -> None:
    assert post(client(), body=b"x" * 1000) == 200
    assert post(client(), body=b"x" * 1001) == 413
    assert post(client(), body=iter([b"x" * 600, b"x" * 600])) == 413
    assert post(client(), headers={"Content-Length": "9" * 30}) == 413
    assert post(client(), headers={"Content-Length": "-1"}) == 400


def test_a_key_that_could_be_guessed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(access.VARIABLE, f"{KEYS[0]} short")
    with pytest.raises(InputError, match="key 2 of 2 has 5 characters, the rule is 16") as caught:
        access.digests()
    assert "short" not in str(caught.value)


@pytest.mark.usefixtures("keys")
def test_what_goes_to_the_replicas_tells_no_key() -> None:
    assert not any(key.encode() in digest for key in KEYS for digest in access.digests())


def test_an_error_of_the_server_tells_nothing_of_its_inside() -> None:
    app = http.application([], 1000)

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("the secret of the house")

    client = TestClient(
        app, base_url="http://localhost", client=("127.0.0.1", 1), raise_server_exceptions=False
    )
    reply = client.get("/broken")
    assert reply.status_code == 500
    assert "secret" not in reply.text
    assert json.loads(reply.text)["error"]["code"] == 500
    assert client.get("/nowhere").json()["error"]["code"] == 404
