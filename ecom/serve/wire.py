"""HTTP as some clients speak it: HEAD, bodies packed by gzip, HTTP/1.0. ASGI middleware; no ray."""

import zlib
from gzip import GzipFile
from io import BytesIO

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ecom.serve.access import TooLargeError, error, too_large

GZIP = ("gzip", "x-gzip")


class PackedError(Exception):
    """A body cannot be unpacked. `status`: that of the refusal."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Wire:
    """Answers HEAD as GET without the body, unpacks bodies, and sends HTTP/1.0 no chunks.

    max_bytes   the largest body, unpacked; TooLargeError is raised for a larger one
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            receive = await self._unpacked(Headers(scope=scope), receive)
        except PackedError as found:
            body, headers = error(found.status, str(found)), {"Accept-Encoding": "gzip"}
            refusal = Response(body, found.status, headers, media_type="application/json")
            await refusal(scope, receive, send)
            return
        if scope["http_version"] == "1.0":
            send = _whole(send)
        if scope["method"] == "HEAD":
            scope, send = {**scope, "method": "GET"}, _bodiless(send)
        await self._app(scope, receive, send)

    async def _unpacked(self, headers: Headers, receive: Receive) -> Receive:
        """Return what reads the unpacked body. Raises PackedError and TooLargeError."""
        coding = headers.get("content-encoding", "").strip().lower()
        if coding in ("", "identity"):
            return receive
        if coding not in GZIP:
            raise PackedError(
                415, f"Content-Encoding {coding!r:.40} is not known; send gzip, or none"
            )
        packed = bytearray()
        message = await receive()
        while message["type"] == "http.request":
            packed += message.get("body", b"")
            if not message.get("more_body"):
                message = {"type": "http.request", "body": self._unpack(packed)}
                break
            message = await receive()
        waiting = [message]

        async def unpacked() -> Message:
            return waiting.pop() if waiting else await receive()

        return unpacked

    def _unpack(self, packed: bytes | bytearray) -> bytes:
        """Return the unpacked body; no more of it than the limit is ever unpacked."""
        try:
            with GzipFile(fileobj=BytesIO(packed)) as file:
                body = file.read(self._max_bytes + 1)
        except (OSError, EOFError, zlib.error) as found:
            raise PackedError(400, f"the body is not valid gzip: {found}") from None
        if len(body) > self._max_bytes:
            raise TooLargeError(too_large(f"more than {self._max_bytes} unpacked", self._max_bytes))
        return body


def _bodiless(send: Send) -> Send:
    async def bodiless(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return bodiless


def _whole(send: Send) -> Send:
    """Return a `send` that sends a reply of unknown length at its end, with its length.

    HTTP/1.0 has no chunks, in which streams are sent otherwise.
    """
    start: list[Message] = []
    body = bytearray()

    async def whole(message: Message) -> None:
        if message["type"] == "http.response.start" and "content-length" not in Headers(
            raw=message["headers"]
        ):
            start.append(message)
        elif not start or message["type"] != "http.response.body":
            await send(message)
        else:
            body.extend(message.get("body", b""))
            if not message.get("more_body"):
                MutableHeaders(raw=start[0]["headers"])["content-length"] = str(len(body))
                await send(start.pop())
                await send({**message, "body": bytes(body)})

    return whole
