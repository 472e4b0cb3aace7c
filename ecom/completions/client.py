"""Ask an OpenAI-compatible endpoint: concurrent requests, retries, one budget.

    Request ─► a try (counted first) ─┬► 200 ─► Reply ─► cache
                  ▲                   ├► 408, 409, 425, 429, 5xx, time-out, no connection, nonsense
                  └── waits, longer ──┘     after `tries` of them this request failed
                                      ├► 400 about this request's content: it failed
                                      └► any other status ends the run: the recipe is wrong

A 400 is about the content where its message says so (a content filter, the model's context), or
where other requests with the same settings were answered.

A wait is at least as long as Retry-After says, and then applies to all requests. When the run ends,
requests under way are still awaited: they may be billed already. The key goes only into a header;
where an endpoint repeats it in a message, it is masked.
"""

import asyncio
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from tenacity import stop_after_attempt

from ecom import proxies
from ecom.completions.cache import Cache, Reply
from ecom.completions.config import Access
from ecom.errors import EcomError, InputError, StageError
from ecom.retries import AgainError, retry_after, retrying

LONGEST_RETRY_AFTER_S = 600.0  # the run ends if an endpoint asks for a longer wait
FAILED_IN_A_ROW = 10  # requests, with every try of each: then the endpoint is down
_AGAIN = (408, 409, 425, 429)
_OWN_CONTENT = re.compile(
    r"content.?(filter|policy)|content management policy|context.?length", re.I
)


@dataclass(frozen=True, slots=True)
class Request:
    """One chat to complete. `key` is the key of its answer in the cache.

    body    the messages, and the sampling settings
    """

    key: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """The endpoint and model to ask. `named` is the recipe's key of these settings, for errors."""

    url: str
    model: str
    access: Access
    named: str


Done = Callable[[Request, Reply | str], None]  # a str: why a try failed; the last one counts


class _ContentError(Exception):
    """The endpoint refuses this request because of its content."""


class _OverError(Exception):
    """No further try is made: the budget is used up, or an error ended the run."""


def ask(requests: Iterable[Request], target: Target, cache: Cache, budget: int, done: Done) -> None:
    """Put every answer into the cache; call `done` with each, and with why a try failed.

    `budget` is the number of tries left; requests beyond it are not reported.
    Raises InputError where key, model or request are refused, StageError where the endpoint is
    down or asks for a very long wait. Answers so far stay in the cache.
    """
    asyncio.run(_Asking(target, cache, budget, done).all(requests))


def api_key(target: Target) -> str | None:
    """Return the key from the environment; None where none is needed. Errors never show it."""
    variable, where = target.access.api_key_env, f"{target.named}.api_key_env"
    if variable is None:
        return None
    key = os.environ.get(variable, "").strip()
    if not key:
        raise InputError(f"{where}: {variable} is not set; export {variable}=… before the run")
    if not re.fullmatch(r"[!-~]+", key):
        odd = len(re.sub(r"[!-~]+", "", key))
        raise InputError(
            f"{variable} has {odd} characters that no key has (spaces, other scripts); export "
            "only the key"
        )
    return key


class _Asking:
    """The shared state of one run's requests."""

    def __init__(self, target: Target, cache: Cache, budget: int, done: Done) -> None:
        self.target, self.access = target, target.access
        self.cache, self.budget, self.done = cache, budget, done
        self.where = f"{target.url.rstrip('/')}/chat/completions"
        self.key = api_key(target)
        self.over = asyncio.Event()
        self.error: EcomError | None = None
        self.open_at = 0.0  # time.monotonic() before which nothing is sent
        self.failed_in_a_row = 0
        self.known_good = cache.any_reply()  # the settings, for other requests

    async def all(self, requests: Iterable[Request]) -> None:
        """Send all requests, `concurrency` at a time; then raise the error that ended the run."""
        at_once = self.access.concurrency
        waiting = iter(requests)
        async with httpx.AsyncClient(
            headers={"Authorization": f"Bearer {self.key}"} if self.key else {},
            timeout=self.access.timeout_s,
            limits=httpx.Limits(max_connections=at_once),
            trust_env=not proxies.is_here(self.where),  # else through a proxy, where one is set
        ) as self.client:
            await asyncio.gather(*(self._lane(waiting) for _ in range(at_once)))
        if self.error:
            raise self.error

    async def _lane(self, waiting: Iterator[Request]) -> None:
        for request in waiting:
            if self.over.is_set():
                return
            try:
                reply = await self._persist(request)
                self.cache.keep(request.key, reply)
            except _OverError:
                return
            except EcomError as error:
                self._end(error)
            except (AgainError, _ContentError) as error:
                self._failed(request, error)
            else:
                self.failed_in_a_row, self.known_good = 0, True
                self.done(request, reply)

    def _failed(self, request: Request, error: Exception) -> None:
        self.failed_in_a_row += 1
        self.done(request, str(error))
        if self.failed_in_a_row < FAILED_IN_A_ROW:
            return
        if isinstance(error, _ContentError):
            self._end(
                InputError(
                    f"{self.where} refused {FAILED_IN_A_ROW} requests in a row, the last one with: "
                    f"{error}; {_remedy(400, self.target.named)}. What was answered before is kept"
                )
            )
        else:
            self._end(
                StageError(
                    f"{self.where}: {FAILED_IN_A_ROW} requests in a row failed, each up to "
                    f"{self.access.tries} times, the last one with: {error}; run again "
                    "later, what was answered is kept"
                )
            )

    def _end(self, error: EcomError) -> None:
        self.error = self.error or error
        self.over.set()

    async def _persist(self, request: Request) -> Reply:
        """Try until there is an answer. Raises AgainError when the tries are used up."""
        tries = retrying(
            stop_after_attempt(self.access.tries),
            self.access.first_wait_s,
            sleep=self._sleep,
            on_failure=lambda why: self.done(request, why),
        )
        return await tries(self._try, request)

    async def _sleep(self, seconds: float) -> None:
        """Wait, but not past the end."""
        try:
            await asyncio.wait_for(self.over.wait(), seconds)
        except TimeoutError:
            return

    async def _try(self, request: Request) -> Reply:
        """Send a request once. Raises AgainError, _OverError or what ends the run."""
        while (left := self.open_at - time.monotonic()) > 0 and not self.over.is_set():
            await self._sleep(left)
        if self.budget <= 0:
            self.over.set()
        if self.over.is_set():
            raise _OverError
        self.budget -= 1
        self.cache.begin(request.key)
        body = {"model": self.target.model, **request.body}
        try:
            async with asyncio.timeout(self.access.timeout_s):  # httpx's limit is between bytes
                answer = await self.client.post(self.where, json=body)
        except (TimeoutError, httpx.TimeoutException):
            raise AgainError(f"no answer within {self.access.timeout_s:g} s") from None
        except httpx.RequestError as error:
            raise AgainError(
                f"the connection{proxies.used(self.where)} failed ({type(error).__name__})"
            ) from None
        return self._reply(answer)

    def _reply(self, answer: httpx.Response) -> Reply:
        """Return the reply in an HTTP answer, or raise the error that it means."""
        status = answer.status_code
        if status == 200:
            return self._completion(answer)
        said = self._said(answer)
        if (status in _AGAIN and "insufficient_quota" not in said) or status >= 500:
            after_s = retry_after(answer.headers)
            if after_s > LONGEST_RETRY_AFTER_S:
                raise StageError(
                    f"{self.where} replied {status} and asks to wait {after_s:.0f} s; run "
                    "again then, what was answered is kept"
                )
            self.open_at = max(self.open_at, time.monotonic() + after_s)
            raise AgainError(f"HTTP {status}", after_s)
        if status == 400 and (self.known_good or _OWN_CONTENT.search(said)):
            raise _ContentError(f"HTTP 400: {said}")
        raise InputError(
            f"{self.where}{proxies.used(self.where)} replied {status}: {said}; "
            f"{_remedy(status, self.target.named)}. What was answered before is kept"
        )

    def _completion(self, answer: httpx.Response) -> Reply:
        try:
            body = answer.json()
            choice = body["choices"][0]
            refusal = choice["message"].get("refusal")
            text = choice["message"].get("content") or refusal or ""
            usage = body.get("usage") or {}
            if not isinstance(text, str):
                raise TypeError
            return Reply(
                text=self._blot(text),
                whole=choice.get("finish_reason") != "length",
                prompt_tokens=_count(usage, "prompt_tokens"),
                completion_tokens=_count(usage, "completion_tokens"),
                refused=bool(refusal) or choice.get("finish_reason") == "content_filter",
            )
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            raise AgainError("HTTP 200 without a chat completion") from None

    def _said(self, answer: httpx.Response) -> str:
        """Return the endpoint's message: OpenAI's error object, or else the start of the body."""
        try:
            error = answer.json()["error"]
            code = f" ({error['code']})" if error.get("code") else ""
            return self._blot(f"{error['message']}{code}")[:300]
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return repr(self._blot(answer.text)[:300])

    def _blot(self, text: str) -> str:
        """Mask the key in a text. Short keys are placeholders, as "EMPTY", and may be words."""
        return text.replace(self.key, "[key]") if self.key and len(self.key) > 7 else text


def _remedy(status: int, named: str) -> str:
    remedies = {
        401: f"check the key in the variable of {named}.api_key_env",
        403: f"check what the key is allowed to, and {named}.model",
        404: f"check {named}.url (it ends with the version, as /v1) and .model",
        429: "the quota of this key is used up",
    }
    if 300 <= status < 400:
        return f"{named}.url moved; redirects are not followed, name the new one"
    return remedies.get(
        status, f"check {named}.model and what is sent with it: max_tokens, temperature, …"
    )


def _count(usage: Any, name: str) -> int:
    number = usage.get(name)
    return number if isinstance(number, int) and number >= 0 else 0
