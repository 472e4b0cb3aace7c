"""The serve stage of `ecom run`: start the endpoint, ask it one question of each form, stop it.

It writes answers.json: {"single": [ShopAnswer, …], "batch": [ShopAnswer, …]} in the same order.
"""

import json
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from ecom.artifact import Draft
from ecom.engine import EngineConfig
from ecom.errors import DataError, InputError, StageError
from ecom.forms import FORMS, FormName, Prompting
from ecom.lanes import read as form_of
from ecom.queries import read
from ecom.serve import client, launch
from ecom.serve.config import ServeConfig
from ecom.serve.protocol import ShopAnswer
from ecom.shopbench import Rejected

SCANNED = 10_000  # lines
FIELDS = ("prompt", "is_multiple_choice", "id", "options", "labels", "choose", "order")
REPORT = "this is a fault of ecom; report it with the endpoint's log"


def run(
    config: ServeConfig,
    engine: EngineConfig,
    *,
    prompting: Prompting,
    model: Path,
    queries: str | Path,
    draft: Draft,
) -> None:
    """Check that `model` can be served; latencies in ms go into `draft.metrics`.

    `queries` is what `ecom.queries` reads. Raises DataError where it contains no question,
    InputError where model or port is wrong, StageError where the endpoint does not work correctly.
    """
    questions = one_per_form(queries)
    start = time.monotonic()
    with launch.running(model, config, engine, prompting) as url:
        draft.metrics["startup_s"] = round(time.monotonic() - start, 2)
        draft.metrics["openai_chat_ms"] = _check_openai(url, config.model_name)
        single, times = [], {}
        for form, question in questions.items():
            answer, times[form] = _timed(lambda q=question: client.ask(url, **q))
            single.append(answer)
        batch, batch_ms = _timed(lambda: client.ask_all(url, list(questions.values())))
    if [answer.id for answer in batch] != [question["id"] for question in questions.values()]:
        ids = [answer.id for answer in batch]
        raise StageError(f"the endpoint answered a list out of order: {ids}; {REPORT}")
    draft.metrics |= {"single_ms": times, "batch_ms": batch_ms, "questions": len(questions)}
    record = {"single": _dump(single), "batch": _dump(batch)}
    (draft.path / "answers.json").write_text(json.dumps(record, indent=2, ensure_ascii=False))
    _show(questions, single)


def one_per_form(queries: str | Path) -> dict[FormName, dict[str, Any]]:
    """Return the first readable question of each form, in the endpoint's format.

    Only the first SCANNED lines are looked at: few files have questions of every form.
    """
    found: dict[FormName, dict[str, Any]] = {}
    for _, query, _ in islice(read(queries), SCANNED):
        if isinstance(query, Rejected):
            continue
        try:
            form = form_of(query).form
        except InputError:  # what it offers is no offer; predict rejects it with the reason
            continue
        found.setdefault(form, {name: getattr(query, name) for name in FIELDS})
        if len(found) == len(FORMS):
            break
    if not found:
        raise DataError(
            f"{queries}: no readable question in it; give ShopBench lines, or EcomInstruct folders"
        )
    return found


def _check_openai(url: str, model_name: str) -> float:
    """Ask the OpenAI routes once; return the milliseconds that a chat of 8 tokens took."""
    models = httpx.get(
        f"{url}/v1/models", timeout=client.TIMEOUT_S, headers=client.headers(), trust_env=False
    )
    listed = models.raise_for_status().json()
    if model_name not in [card["id"] for card in listed["data"]]:
        raise StageError(f"{url}/v1/models does not list {model_name!r}: {listed}; {REPORT}")
    chat = [{"role": "user", "content": "What do you sell?"}]
    body = {"model": model_name, "messages": chat, "max_tokens": 8, "temperature": 0}
    reply, spent = _timed(lambda: client.post(url, "/v1/chat/completions", body))
    if not reply.get("choices"):
        raise StageError(f"{url}/v1/chat/completions gave no choices: {reply}; {REPORT}")
    return spent


def _timed(call: Any) -> tuple[Any, float]:
    start = time.perf_counter()
    result = call()
    return result, round((time.perf_counter() - start) * 1e3, 1)


def _dump(answers: list[ShopAnswer]) -> list[dict[str, Any]]:
    return [answer.model_dump() for answer in answers]


def _show(questions: dict[FormName, dict[str, Any]], answers: list[ShopAnswer]) -> None:
    table = Table(title="served")
    table.add_column("question", overflow="fold")
    for name in ("form", "lane"):
        table.add_column(name, no_wrap=True)
    table.add_column("answer", overflow="fold")
    for question, answer in zip(questions.values(), answers, strict=True):
        asked = " ".join(question["prompt"].split())
        table.add_row(
            asked if len(asked) <= 60 else f"{asked[:40]} … {asked[-17:]}",
            answer.form,
            answer.lane,
            answer.answer or f"none: {answer.error:.60}",
        )
    Console(stderr=True, width=None if sys.stderr.isatty() else 100).print(table)
