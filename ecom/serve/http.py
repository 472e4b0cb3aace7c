"""The web application around the routes: access, and errors in OpenAI's form. No ray here."""

import logging
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

import ecom
from ecom.errors import InputError
from ecom.serve.access import Access, error
from ecom.serve.admission import STOPPING, Closed, Full
from ecom.serve.wire import Wire


def application(digests: Sequence[bytes], max_body_bytes: int) -> FastAPI:
    """Return an application without routes. digests: those of the API keys (access.py)."""
    # FastAPI's own pages load scripts from other sites; the playground replaces them.
    app = FastAPI(title="ecom", version=ecom.__version__, docs_url=None, redoc_url=None)
    app.add_middleware(Wire, max_bytes=max_body_bytes)  # behind Access, which is added later
    app.add_middleware(Access, digests=digests, max_bytes=max_body_bytes)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _known)
    app.add_exception_handler(InputError, _wrong)
    app.add_exception_handler(Full, _full)
    app.add_exception_handler(Closed, _closed)
    app.add_exception_handler(Exception, _unexpected)
    return app


def refused(status: int, message: str, retry_after_s: int | None = None) -> Response:
    """Return an error; retry_after_s is when to ask again."""
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return Response(error(status, message), status, headers, media_type="application/json")


def json_text(body: str, status: int = 200) -> Response:
    """Return a response whose body is JSON text already."""
    return Response(body, status, media_type="application/json")


async def _invalid(request: Request, found: Any) -> Response:
    """Name every fault of a body, without its contents: they can be anything."""
    kind = request.headers.get("content-type", "")
    if "json" not in kind:
        return refused(400, f"the body came as {kind!r:.60}; send Content-Type: application/json")
    lines = {f"{_path(fault['loc'])}: {_lower(fault['msg'])}" for fault in found.errors()}
    return refused(400, "; ".join(sorted(lines)[:8]))


async def _known(_: Request, found: Any) -> Response:
    return refused(found.status_code, str(found.detail))


async def _wrong(_: Request, found: Any) -> Response:
    return refused(400, str(found))


async def _full(_: Request, found: Any) -> Response:
    return refused(429, str(found), found.retry_after_s)


async def _closed(*_: Any) -> Response:
    return refused(503, STOPPING, retry_after_s=5)


async def _unexpected(request: Request, found: Exception) -> Response:
    logging.getLogger("ray.serve").error("%s failed", request.url.path, exc_info=found)
    return refused(500, "the server failed over this request; its log says how")


def _path(where: Sequence[str | int]) -> str:
    names = [str(name) for name in where if name != "body"]
    return ".".join(names)[:100] or "the body"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:200]
