import json
from collections.abc import Mapping
from typing import Any

import pytest
from fastapi import Request
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
