"""Who may send requests, and how large: an ASGI middleware before all routes. Pure; no ray.

With API keys (ECOM_API_KEYS), each request must carry one as `Authorization: Bearer KEY`. Without
keys, only requests from this machine are answered, and only under its own names, so that a web page
whose domain points at this machine (DNS rebinding) is refused.
"""

import hmac
import json
import os
from collections.abc import Sequence
from hashlib import sha256
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ecom.errors import InputError

VARIABLE = "ECOM_API_KEYS"
SHORTEST_KEY = 16
OPEN = {"/health", "/ready"}  # for load balancers
PAGE = {"/", "/openapi.json"}  # open to everyone who can connect: the page itself asks for a key


class TooLargeError(Exception):
    """A request's body is over the limit."""


def digests() -> list[bytes]:
    """Return the SHA-256 of each key in ECOM_API_KEYS, which commas or white space separate.

    Only digests go to the replicas: Serve stores their arguments. Raises InputError.
    """
    keys = os.environ.get(VARIABLE, "").replace(",", " ").split()
    for number, key in enumerate(keys, 1):
        if len(key) < SHORTEST_KEY:
            raise InputError(
                f"{VARIABLE}: key {number} of {len(keys)} has {len(key)} characters, the rule is "
                f"{SHORTEST_KEY} or more; make one with `openssl rand -hex 16`"
            )
    return [sha256(key.encode()).digest() for key in keys]


def is_loopback(host: str) -> bool:
    """Whether a name or address means this machine only.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "shop.example")]
    [True, True, True, False, False]
    """
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def error(status: int, message: str) -> bytes:
    """Return an error's body, in OpenAI's form."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    return json.dumps({"error": {"message": message, "type": kind, "code": status}}).encode()


def too_large(found: str, limit: int) -> str:
    """Return why a body is refused."""
    return (
        f"the body has {found} bytes, the limit is {limit}; split the list, or start the server "
        "with a larger serve.max_body_mib"
    )


class Access:
    """Passes on the requests that are allowed; answers the others with 400, 401, 403 or 413.

    digests     those of the API keys (`digests`); none: only this machine may ask
    max_bytes   the largest body
    """

    def __init__(self, app: ASGIApp, digests: Sequence[bytes], max_bytes: int) -> None:
        self._app = app
        self._digests = digests
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if refusal := self._refusal(scope, headers):
            await _refuse(send, *refusal)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, self._bounded(receive), watched)
        except TooLargeError as found:
            if begun:
                raise
            await _refuse(send, 413, str(found))

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        path = scope["path"]
        if path not in OPEN and (refusal := self._unknown(scope, headers, path in PAGE)):
            return refusal
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit():
            return 400, f"Content-Length {length!r:.40} is not a number of bytes"
        if int(length[:20]) > self._max_bytes:
            return 413, too_large(length[:20], self._max_bytes)
        return None

    def _unknown(self, scope: Scope, headers: Headers, is_page: bool) -> tuple[int, str] | None:
        """Return why the client may not ask, or None."""
        if self._digests:
            if is_page or self._knows(headers.get("authorization", "")):
                return None
            return 401, "no valid API key; send it as `Authorization: Bearer KEY`"
        client = (scope.get("client") or [""])[0]
        host = headers.get("host", "").rsplit(":", 1)[0] if headers.get("host") else ""
        if is_loopback(client) and is_loopback(host):
            return None
        return 403, f"without API keys only this machine is answered; start with {VARIABLE} set"

    def _knows(self, authorization: str) -> bool:
        """Compare with every key, in a time that does not reveal how close a guess was."""
        kind, _, key = authorization.partition(" ")
        asked = sha256(key.strip().encode("utf-8", "surrogateescape")).digest()
        found = [hmac.compare_digest(asked, known) for known in self._digests]
        return any(found) and kind.lower() == "bearer"

    def _bounded(self, receive: Receive) -> Receive:
        seen = 0

        async def bounded() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._max_bytes:
                raise TooLargeError(too_large(f"more than {self._max_bytes}", self._max_bytes))
            return message

        return bounded


async def _refuse(send: Send, status: int, message: str) -> None:
    body = error(status, message)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
