"""Asking a benchmark's questions, in the authors' words and in ours, through `ecom predict`.

    questions ─► both wordings ─► predict's job ─► answers, by wording

The authors' words are one user's turn with their system message, if they have one, and free text
up to their token limit. Ours are asked as `ecom predict` does: the model's own prompting, and only
what the question offers may be written.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from ecom import proxies, queries
from ecom.artifact import Draft
from ecom.benchmark.base import Question
from ecom.engine import EngineConfig
from ecom.errors import StageError
from ecom.evaluate.gold import Answered
from ecom.forms import Prompting
from ecom.forms.prompting import Override, Sampling
from ecom.predict import job
from ecom.predict.config import ENDPOINT, Baseline, PredictConfig
from ecom.rows import Query

Wording = Literal["authors", "ours"]
WORDINGS: tuple[Wording, ...] = ("authors", "ours")
KEY = "ECOM_API_KEY"
_OTHER = "model"
_TRIES = 8  # requests to an endpoint for each question, over all runs


@dataclass(frozen=True)
class Engines:
    """A model's directory and how it is started and asked."""

    model: Path
    engine: EngineConfig
    prompting: Prompting


@dataclass(frozen=True)
class Endpoint:
    """A running `ecom serve`, or where `model` is named any OpenAI-compatible endpoint."""

    url: str
    model: str | None
    prompting: Prompting


def ask(
    asked: Sequence[Question],
    wordings: Sequence[Wording],
    who: Engines | Endpoint,
    folder: Path,
) -> dict[Wording, list[Answered]]:
    """Return the answers by wording, in the order of the questions. Files go below `folder`."""
    by_wording: dict[Wording, list[Query]] = {}
    systems: dict[str, str] = {}
    for wording in wordings:
        make = _authors if wording == "authors" else _ours
        by_wording[wording] = [make(question, systems) for question in asked]
    prompting = _with(who.prompting, systems)
    # One engine answers all; an endpoint is asked for each wording in its own way.
    together = isinstance(who, Engines)
    runs = [list(wordings)] if together else [[wording] for wording in wordings]
    found: dict[str, Answered] = {}
    for run in runs:
        place = folder / "-".join(run)
        place.mkdir(parents=True, exist_ok=True)
        file = place / f"asked{queries.WHOLE}"
        queries.write(file, [query for wording in run for query in by_wording[wording]])
        found |= _answers(_run(who, run, prompting, file, len(asked) * len(run)))
    return {
        wording: [found[query.id] for query in of_one] for wording, of_one in by_wording.items()
    }


def _authors(question: Question, systems: dict[str, str]) -> Query:
    """Return the authors' words as a query; its task names how they are asked."""
    words = question.authors
    assert words, "job.run refuses benchmarks without the authors' words"
    task = systems.setdefault(words.system, f"the authors' words {len(systems)}")
    return Query(
        words.prompt,
        is_multiple_choice=False,
        id=f"authors {question.id}",
        form="generation",
        max_tokens=words.max_tokens,
        task=task,
    )


def _ours(question: Question, _: dict[str, str]) -> Query:
    return replace(question.ours, id=f"ours {question.id}")


def _with(prompting: Prompting, systems: Mapping[str, str]) -> Prompting:
    """Return the prompting, and how the authors' words are asked: nothing around, no chance."""
    bare = {
        task: Override(system=system, suffix="", examples=(), sampling=Sampling())
        for system, task in systems.items()
    }
    return prompting.model_copy(update={"by_task": {**prompting.by_task, **bare}})


def _run(
    who: Engines | Endpoint, run: Sequence[Wording], prompting: Prompting, file: Path, rows: int
) -> Path:
    """Ask all questions of a file; return the file of answers."""
    models: dict[str, str] = {}
    engine = EngineConfig()
    settings: dict[str, Any] = {"queries": str(file), "models": ()}
    if isinstance(who, Engines):
        folder = who.model.absolute() if who.model.is_dir() else who.model  # else a hub name
        models, engine = {"base": str(folder)}, who.engine
        settings["models"], name = ("base",), "base"
    elif who.model is None and list(run) == ["ours"]:
        settings["endpoint"], name = who.url, ENDPOINT
    else:
        name = _OTHER
        settings["baselines"] = {_OTHER: _baseline(who, rows, free="ours" in run)}
    config = PredictConfig.model_validate(settings)
    draft = Draft(file.parent)
    job.run(config, engine, prompting=prompting, models=models, queries=file, draft=draft)
    return file.parent / f"{name}.jsonl"


def _baseline(who: Endpoint, rows: int, *, free: bool) -> Baseline:
    """Return the endpoint as one of OpenAI's; `ecom serve` has the model as it is below /v1.

    `free`: answers may be as long as any baseline's, else only as long as the authors let them be.
    """
    url = who.url if who.model else f"{who.url.rstrip('/')}/v1"
    return Baseline(
        url=url,
        model=who.model or served(url),
        max_requests=_TRIES * rows,
        max_tokens=256 if free else 1,  # a question's own limit counts where it is higher
        api_key_env=KEY if os.environ.get(KEY) else None,
    )


def served(url: str) -> str:
    """Return the name of the model that a running `ecom serve` has. Raises StageError."""
    import httpx

    key = os.environ.get(KEY)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        reply = httpx.get(
            f"{url}/models", headers=headers, timeout=30, trust_env=not proxies.is_here(url)
        )
        names = [str(one["id"]) for one in reply.json()["data"]]
    except (httpx.HTTPError, ValueError, LookupError, TypeError) as error:
        raise StageError(
            f"{url}/models: no list of models ({error or type(error).__name__}); start the "
            "endpoint with `ecom serve RECIPE`, or name another endpoint's model: --served-model"
        ) from None
    own = [name for name in names if name != "shop"]
    if not own:
        raise StageError(f"{url}/models lists no model beside shop; name it: --served-model")
    return own[0]


def _answers(file: Path) -> dict[str, Answered]:
    found = {}
    with file.open(encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            found[row["id"]] = Answered(row["prediction"], row["confidence"], row["error"])
    return found
