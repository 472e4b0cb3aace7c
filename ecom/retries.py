"""When to ask an HTTP endpoint again: one retry policy for all callers.

    async def once() -> Reply: …                      # raises AgainError(reason, retry_after(…))

    reply = await retrying(stop_after_attempt(6), first_wait_s=1)(once)

The first wait is `first_wait_s`, and each further one is twice as long, up to MAX_WAIT_S, with some
random jitter to spread simultaneous callers. No wait is shorter than Retry-After asks for.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from email.utils import parsedate_to_datetime

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    wait_exponential,
    wait_random,
)
from tenacity.stop import stop_base

MAX_WAIT_S = 60.0  # of our choice; an endpoint may ask for more


class AgainError(Exception):
    """A try failed, but another one may succeed. `after_s` is the least wait before it."""

    def __init__(self, reason: str, after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.after_s = after_s


def retrying(
    stop: stop_base,
    first_wait_s: float,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    on_failure: Callable[[str], None] | None = None,
) -> AsyncRetrying:
    """Return a caller that repeats a function while it raises AgainError, until `stop`.

    It then raises the last AgainError. `on_failure` is called with the reason of each failed try.
    """
    ours = wait_exponential(multiplier=first_wait_s, max=MAX_WAIT_S) + wait_random(0, first_wait_s)

    def wait(state: RetryCallState) -> float:
        return max(ours(state), _error(state).after_s)

    def after(state: RetryCallState) -> None:
        if on_failure:
            on_failure(str(_error(state)))

    again = retry_if_exception_type(AgainError)
    return AsyncRetrying(retry=again, stop=stop, wait=wait, sleep=sleep, after=after, reraise=True)


def retry_after(headers: Mapping[str, str]) -> float:
    """Return the seconds that Retry-After asks for, as a number or a date; 0.0 without one."""
    value = headers.get("retry-after", "").strip()
    try:
        if re.fullmatch(r"\d{1,9}(\.\d+)?", value):
            return float(value)
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _error(state: RetryCallState) -> AgainError:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, AgainError)  # `retry` guarantees it
    return error
