r"""Ask a running endpoint; used by `ecom ask "…"`. ECOM_API_KEY is sent where it is set.

ask("http://127.0.0.1:8000", "Which is a shoe?\n0. red boot\n1. lamp").answer
"""

import os
from typing import Any

import httpx

from ecom import proxies
from ecom.errors import EcomError, InputError
from ecom.serve.protocol import ShopAnswer

TIMEOUT_S = 120.0


def ask(
    url: str,
    prompt: str,
    is_multiple_choice: bool | None = None,
    *,
    id: str | int | None = None,
    timeout_s: float = TIMEOUT_S,
    **offer: Any,
) -> ShopAnswer:
    """Return the endpoint's answer. Raises InputError for a bad query or URL, else EcomError.

    `offer` says what may be answered, and how: options, labels, choose, order, choice.
    """
    query = {"prompt": prompt, "is_multiple_choice": is_multiple_choice, "id": id, **offer}
    return ShopAnswer.model_validate(post(url, "/v1/shop/answer", query, timeout_s=timeout_s))


def ask_all(
    url: str, queries: list[dict[str, Any]], *, timeout_s: float = TIMEOUT_S
) -> list[ShopAnswer]:
    """Return the answers to a list of queries, in their order, from one request."""
    reply = post(url, "/v1/shop/answer", {"queries": queries}, timeout_s=timeout_s)
    return [ShopAnswer.model_validate(answer) for answer in reply["answers"]]


def post(url: str, path: str, body: dict[str, Any], *, timeout_s: float = TIMEOUT_S) -> Any:
    """Post `body` and return the endpoint's JSON. Raises InputError or EcomError."""
    where = url.rstrip("/") + path
    try:
        reply = httpx.post(
            where,
            json=body,
            timeout=timeout_s,
            headers=headers(),
            trust_env=not proxies.is_here(where),
        )
    except UnicodeEncodeError as error:
        raise InputError(
            f"{error.object[error.start : error.end]!r} is no whole character; write the question "
            "in the terminal's encoding"
        ) from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise InputError(f"{url!r} is not an address ({error}); give http://HOST:PORT") from None
    except httpx.ConnectError:
        raise EcomError(
            f"nothing answers at {url}{proxies.used(url)}; start the endpoint with `ecom serve "
            "RECIPE`, or name a running one with --url"
        ) from None
    except httpx.TimeoutException:
        raise EcomError(
            f"{where} did not answer within {timeout_s:g} s; is the machine busy? Ask again"
        ) from None
    except httpx.TransportError as error:
        through = proxies.used(url)
        raise EcomError(f"{where}{through}: the connection broke off: {error}") from None
    if reply.is_success:
        return reply.json()
    kind = InputError if reply.is_client_error else EcomError
    raise kind(f"{where}{proxies.used(url)} replied {reply.status_code}: {_message(reply)}")


def headers() -> dict[str, str]:
    """Return the authorization header: ECOM_API_KEY, else the first of ECOM_API_KEYS, if set."""
    mine, served = os.environ.get("ECOM_API_KEY", ""), os.environ.get("ECOM_API_KEYS", "")
    keys = [mine, *served.replace(",", " ").split()]
    return {"Authorization": f"Bearer {key}"} if (key := next(filter(None, keys), "")) else {}


def _message(reply: httpx.Response) -> str:
    """Return the server's own words: OpenAI's error object, or else the start of the body."""
    try:
        return str(reply.json()["error"]["message"])
    except (ValueError, LookupError, TypeError):
        return f"{reply.text[:300]!r}; is this an ecom endpoint?"
