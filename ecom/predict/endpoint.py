"""Ask a running ecom endpoint, list by list, AT_ONCE lists at a time.

    batch ─► POST /v1/shop/answer ─┬► 200 ─► answers: each a prediction, or its error
                 ▲                 ├► 429, 5xx, no connection, no answer in time
                 └─── waits ───────┘    longer each time, and as long as Retry-After says
                                   └► any other status ends the run: the recipe or key is wrong

Questions that the endpoint did not answer (late, failed) are asked again, too. After PATIENCE_S
these get errors. Where no answer came at all the run ends, and the next run continues.
"""

import asyncio
import os
from collections.abc import Callable, Container, Iterator
from pathlib import Path
from typing import Any

import httpx
from tenacity import stop_before_delay

from ecom import proxies
from ecom.errors import DataError, InputError, StageError
from ecom.lanes import failed
from ecom.predict.kept import to_json
from ecom.predict.questions import take
from ecom.retries import AgainError, retry_after, retrying
from ecom.rows import Prediction, Query

AT_ONCE = 4  # requests
PATIENCE_S = 600.0  # for one batch, from its first try
FIRST_WAIT_S = 1.0  # before the second try (ecom/retries.py)
SECONDS_PER_ROW = 10.0  # the endpoint's own limit for a list is this times its rows
MARGIN_S = 30.0  # for the transfer
_GATEWAY = (502, 504)  # what a proxy replies that cannot reach the host
_AGAIN = ("late", "failed")  # outcomes that may differ the next time

Batch = tuple[list[int], list[int]]  # rows, and where their questions begin in the file
Add = Callable[[list[int], list[str]], None]


def ask(
    url: str, questions: Path, batches: Iterator[Batch], add: Add, tasks: Container[str] = ()
) -> None:
    """Pass the answers to `add` as they come: rows, and their predictions as JSON.

    `tasks` are those with their own prompting: only these are named to the endpoint.

    Raises StageError where the endpoint cannot be reached, InputError where it refuses us, and
    DataError for questions that no endpoint accepts.
    """
    asyncio.run(_ask_all(url, questions, batches, add, tasks))


async def _ask_all(
    url: str, questions: Path, batches: Iterator[Batch], add: Add, tasks: Container[str]
) -> None:
    key = os.environ.get("ECOM_API_KEY")
    headers = {"Authorization": f"Bearer {key}"} if key else {}

    errors: list[Exception] = []

    async def ask_some() -> None:
        try:
            for rows, starts in batches:  # all tasks share these
                if errors:  # no more questions are sent, but answers under way are kept
                    return
                made = await _answers(client, take(questions, starts), tasks)
                add(rows, list(map(to_json, made)))
        except Exception as error:
            errors.append(error)

    direct = proxies.is_here(url)
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=not direct) as client:
        await _check(client)
        await asyncio.gather(*(ask_some() for _ in range(AT_ONCE)))
    if errors:
        raise errors[0]


async def _check(client: httpx.AsyncClient) -> None:
    """Check that an endpoint answers and accepts our key, before any waiting."""
    through = proxies.used(str(client.base_url))
    try:
        reply = await client.get("/v1/models", timeout=MARGIN_S)
        unreached = f"HTTP {reply.status_code}" if reply.status_code in _GATEWAY and through else ""
    except httpx.TransportError as error:
        unreached = str(error) or type(error).__name__
    if unreached:
        raise StageError(
            f"nothing answers at {client.base_url}{through}: {unreached}; start it with `ecom "
            "serve RECIPE`, or set predict.endpoint to the one that runs"
        )
    if reply.is_client_error and reply.status_code != 429:
        raise _refused(reply)


async def _answers(
    client: httpx.AsyncClient, queries: list[Query], tasks: Container[str]
) -> list[Prediction]:
    """Ask until every question has an answer, or has failed for good."""
    found: dict[int, Prediction] = {}
    tries = retrying(stop_before_delay(PATIENCE_S), FIRST_WAIT_S)
    try:
        await tries(_try, client, queries, found, tasks)
    except AgainError as error:
        if not found:
            raise StageError(
                f"{client.base_url}{proxies.used(str(client.base_url))}: a batch got no answer for "
                f"{PATIENCE_S:g} s, at last: {error}; run again when the endpoint is up; the "
                "answers so far are kept"
            ) from None
    return [found[row] for row in range(len(queries))]


async def _try(
    client: httpx.AsyncClient,
    queries: list[Query],
    found: dict[int, Prediction],
    tasks: Container[str],
) -> None:
    """Ask the questions without an answer. Raises AgainError while some still have none."""
    missing = [n for n in range(len(queries)) if n not in found or found[n].error]
    body = {"queries": [_body(queries[n], tasks) for n in missing]}
    timeout_s = SECONDS_PER_ROW * len(missing) + MARGIN_S
    try:
        reply = await client.post("/v1/shop/answer", json=body, timeout=timeout_s)
    except httpx.TimeoutException:
        raise AgainError(f"no answer within {timeout_s:g} s") from None
    except httpx.TransportError as error:
        raise AgainError(f"the connection failed: {error or type(error).__name__}") from None
    answers = _read(reply, len(missing))
    found.update(
        (n, _prediction(queries[n], reply)) for n, reply in zip(missing, answers, strict=True)
    )
    if late := sum(answer.get("outcome") in _AGAIN for answer in answers):
        raise AgainError(f"{late} of {len(missing)} questions were not answered")


def _body(query: Query, tasks: Container[str] = ()) -> dict[str, Any]:
    if query.max_tokens is not None:
        raise DataError(
            f"predict.endpoint: question {query.id!r} has its own form and token limit "
            "(EcomInstruct), which no endpoint accepts; ask the models: predict.endpoint=null"
        )
    names = ("prompt", "is_multiple_choice", "options", "labels", "choose", "order", "choice")
    said = {name: getattr(query, name) for name in names}
    usual = (None, "label")  # an endpoint of an older release knows no choice
    body = {name: value for name, value in said.items() if value not in usual}
    return body | ({"task": query.task} if query.task in tasks else {})


def _read(reply: httpx.Response, count: int) -> list[dict[str, Any]]:
    """Return the answers in a reply; a late reply (504) may contain some, too."""
    if reply.is_client_error and reply.status_code != 429:
        raise _refused(reply)
    try:
        answers = reply.json()["answers"]
        if len(answers) == count and all(isinstance(answer, dict) for answer in answers):
            return list(answers)
    except (ValueError, LookupError, TypeError):
        pass
    raise AgainError(
        f"HTTP {reply.status_code} without {count} answers", retry_after(reply.headers)
    )


def _prediction(query: Query, reply: dict[str, Any]) -> Prediction:
    """Return the endpoint's answer as a Prediction; a text without an answer is no error here."""
    text = reply.get("prediction") or ""
    if not text and reply.get("outcome") != "no-answer" and reply.get("error"):
        return failed(query, str(reply["error"]))
    sure = (reply.get("confidences") or {}).get(text)
    return Prediction(query.id, text, reply["answer"], reply["form"], sure)


def _refused(reply: httpx.Response) -> InputError:
    try:
        said = str(reply.json()["error"]["message"])
    except (ValueError, LookupError, TypeError):
        said = f"{reply.text[:200]!r}; is this an endpoint of ecom?"
    remedies = {
        401: "put its key into the environment variable ECOM_API_KEY",
        404: "give predict.endpoint as `ecom serve` prints it, without a path",
        413: "set predict.batch_size to less",
    }
    remedy = remedies.get(
        reply.status_code, "set predict.batch_size to less, or correct the question"
    )
    where = f"{reply.url}{proxies.used(str(reply.url))}"
    return InputError(f"predict.endpoint {where} replied {reply.status_code}: {said}; {remedy}")
