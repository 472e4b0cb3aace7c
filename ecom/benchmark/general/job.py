"""What tuning on shopping costs in general skill: `ecom benchmark RECIPE --general TASK,…`.

    models, shares ─► each: lm-eval's tasks (harness.py) ─► general ──┐
                      each: predict + evaluate's gold ────► shopping ─┴► table, tradeoff.png

Changes are against the base, over the same questions, each with its 95 % interval. The folder is an
artifact; a stopped run goes on with the models that it has not asked.
"""

import json
import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ecom import artifact, ecominstruct, pipeline, progress
from ecom.benchmark.asking import KEY, Endpoint, served
from ecom.benchmark.general import harness, points, tradeoff
from ecom.benchmark.general.harness import Score
from ecom.benchmark.general.points import Point
from ecom.errors import InputError
from ecom.evaluate import job as evaluate
from ecom.predict import job as predict
from ecom.raw import reading

if TYPE_CHECKING:
    from ecom.recipe import Recipe

STAGE = "general"
_NORMAL = 1.96  # standard errors on each side of a 95 % interval


@dataclass(frozen=True)
class Settings:
    """What is asked.

    tasks       names of lm-eval's tasks, groups or tags
    tasks_dir   a folder of further ones
    limit       the most questions of each task
    chat        whether the model's chat template is around each prompt
    """

    tasks: tuple[str, ...]
    tasks_dir: Path | None = None
    limit: int | None = None
    chat: bool = False


def run(
    recipe: "Recipe", settings: Settings, who: Sequence[Point] | Endpoint, to: Path
) -> tuple[artifact.Artifact, bool]:
    """Ask all models; return the artifact in `to`, and whether it was there before.

    An endpoint is asked the general tasks alone. Raises InputError where lm-eval is not installed,
    a task is not known or its data are not to be had.
    """
    harness.check()
    if settings.tasks_dir and not settings.tasks_dir.is_dir():
        raise InputError(f"--tasks-dir {settings.tasks_dir}: no such folder; name one of tasks")
    identity, parents = _identity(recipe, settings, who)
    done = artifact.load(to)
    if done and done.fingerprint == artifact.fingerprint(STAGE, identity, parents):
        return done, True
    with artifact.writing(to, STAGE, identity, parents, resume=True) as draft:
        general: dict[str, dict[str, Score]] = {}
        shopping: dict[str, dict[str, Any] | None] = {}
        why_not = "an endpoint is asked" if isinstance(who, Endpoint) else _no_shopping(recipe)
        if isinstance(who, Endpoint):
            general["endpoint"] = _kept(draft, "endpoint") or _of_endpoint(
                recipe, settings, who, draft
            )
        else:
            for point in who:
                general[point.name] = _ask(recipe, settings, point, draft, shopping=not why_not)
            shopping = {} if why_not else _shopping(recipe, [one.name for one in who], draft)
        shares = {} if isinstance(who, Endpoint) else {one.name: one.share for one in who}
        found = {
            "tasks": list(settings.tasks),
            "limit": settings.limit,
            "chat": settings.chat,
            "lm_eval": metadata.version("lm-eval"),
            "no_shopping": why_not,
            "models": {
                name: {
                    "share": shares.get(name),
                    "general": _general(scores, general.get("base")),
                    "shopping": shopping.get(name),
                }
                for name, scores in general.items()
            },
        }
        _write(found, draft)
    whole = artifact.load(to)
    assert whole
    return whole, False


def _identity(
    recipe: "Recipe", settings: Settings, who: Sequence[Point] | Endpoint
) -> tuple[dict[str, Any], dict[str, str]]:
    identity: dict[str, Any] = {
        **asdict(settings),
        "tasks_dir": str(settings.tasks_dir) if settings.tasks_dir else None,
        "engine": recipe.engine.model_dump(mode="json"),
    }
    parents: dict[str, str] = {}
    if settings.tasks_dir:
        parents["tasks_dir"] = artifact.file_fingerprint(settings.tasks_dir)
    if isinstance(who, Endpoint):
        return identity | {"endpoint": who.url, "model": who.model}, parents
    folders = {one.name: one.folder for one in who if one.folder and Path(one.folder).is_dir()}
    parents |= {name: artifact.model_fingerprint(Path(path)) for name, path in folders.items()}
    for stage in ("train", "compress"):
        if one := artifact.load(pipeline.directory(recipe, stage)):
            parents[stage] = one.fingerprint
    for config in filter(None, (recipe.predict, recipe.evaluate)):
        identity[type(config).__name__] = config.model_dump(mode="json")
    for path in _asked_files(recipe):
        parents |= {str(file): artifact.file_fingerprint(file) for file in reading.local(path)}
    identity["models"] = [asdict(one) for one in who]
    return identity | {"prompting": recipe.prompting.identity()}, parents


def _asked_files(recipe: "Recipe") -> list[str]:
    """Return the questions and the right answers of the recipe."""
    if not (recipe.predict and recipe.evaluate):
        return []
    named = (recipe.predict.queries, recipe.evaluate.gold)
    return [pipeline.sample_or(recipe, path) for path in named]


def _no_shopping(recipe: "Recipe") -> str:
    """Return why shopping is not measured, or ""."""
    paths = _asked_files(recipe)
    if not paths:
        return "the recipe has no predict and evaluate sections"
    return (
        "EcomInstruct's folders have rules of their own" if ecominstruct.is_tasks(paths[1]) else ""
    )


def _ask(
    recipe: "Recipe", settings: Settings, point: Point, draft: artifact.Draft, *, shopping: bool
) -> dict[str, Score]:
    """Return a model's scores in the general tasks; its answers about shopping are kept."""
    answers = draft.path / "shopping" / f"{point.name}.jsonl"
    known = _kept(draft, point.name)
    if known and (answers.is_file() or not shopping):
        return known
    with points.made(recipe, point, draft.path) as folder:
        if not known:
            arguments = harness.of_model(folder, recipe.engine)
            known = _run("vllm", arguments, recipe, settings, point.name, draft)
        if shopping and not answers.is_file():
            _predict(recipe, folder, answers)
    return known


def _of_endpoint(
    recipe: "Recipe", settings: Settings, who: Endpoint, draft: artifact.Draft
) -> dict[str, Score]:
    model = who.model or served(f"{who.url}/v1")
    url = who.url.removesuffix("/v1") if who.model else who.url
    tokenizer = pipeline.models(recipe)["awq"]
    if not Path(tokenizer).is_dir():
        tokenizer = pipeline.base(recipe)
    most = recipe.engine.max_model_len
    kind, arguments = harness.of_endpoint(url, model, tokenizer, most, chat=settings.chat)
    return _run(kind, arguments, recipe, settings, "endpoint", draft)


def _run(
    model: harness.Model,
    arguments: Mapping[str, Any],
    recipe: "Recipe",
    settings: Settings,
    name: str,
    draft: artifact.Draft,
) -> dict[str, Score]:
    where = str(settings.tasks_dir.absolute()) if settings.tasks_dir else None
    asked = harness.Asked(model, arguments, settings.tasks, where, settings.limit, settings.chat)
    (draft.path / "general").mkdir(exist_ok=True)
    log = draft.path / "general" / f"{name}.log"
    with progress.waiting(f"benchmark: {name}: lm-eval, {', '.join(settings.tasks)}"):
        found = harness.run(asked, recipe.engine, log, KEY)
    text = json.dumps({task: asdict(score) for task, score in found.items()})
    log.with_suffix(".json").write_text(text, encoding="utf-8")
    return found


def _kept(draft: artifact.Draft, name: str) -> dict[str, Score] | None:
    """Return the scores that a stopped run has found."""
    file = draft.path / "general" / f"{name}.json"
    return harness.read(file) if file.is_file() else None


def _predict(recipe: "Recipe", folder: str, answers: Path) -> None:
    """Ask a model the recipe's questions, as the predict stage does."""
    assert recipe.predict
    own: dict[str, Any] = {
        "models": ("base",),
        "endpoint": None,
        "baselines": {},
        "output": "jsonl",
    }
    work = answers.with_suffix(".asked")
    work.mkdir(parents=True, exist_ok=True)
    predict.run(
        recipe.predict.model_copy(update=own),
        recipe.engine,
        prompting=recipe.prompting,
        models={"base": folder},
        queries=_asked_files(recipe)[0],
        draft=artifact.Draft(work),
    )
    (work / "base.jsonl").rename(answers)
    shutil.rmtree(work)


def _shopping(
    recipe: "Recipe", names: Sequence[str], draft: artifact.Draft
) -> dict[str, dict[str, Any] | None]:
    """Return each model's score over all, as `ecom evaluate` finds it, and its gain."""
    config = recipe.evaluate
    assert config
    gold, folder = _asked_files(recipe)[1], draft.path / "shopping"
    found: dict[str, dict[str, Any] | None] = {}
    for name in names:
        file, first = folder / f"{name}.jsonl", folder / f"{names[0]}.jsonl"
        if name == names[0]:
            score = evaluate.score_files(gold, file, config, seed=recipe.seed)["official"]
            found[name] = {"score": score["overall"], "gain": 0.0, "interval": [0.0, 0.0]}
            continue
        both, _ = evaluate.compare_files(gold, first, file, config, seed=recipe.seed)
        row = both["official"]["overall"]
        found[name] = row and {
            "score": row["b"],
            "gain": row["difference"],
            "interval": list(row["interval"]),
        }
    return found


def _general(scores: Mapping[str, Score], base: Mapping[str, Score] | None) -> dict[str, Any]:
    """Return the mean over the tasks where more is better, its change, and each task.

    The interval is normal, of the paired differences; None where a task's score is no mean.
    """
    counted = [task for task, one in scores.items() if one.higher]
    change, interval = None, None
    if base and counted:
        change = sum(scores[task].value - base[task].value for task in counted) / len(counted)
        errors = [_error(scores[task], base[task]) for task in counted]
        if None not in errors:
            spread = _NORMAL * math.hypot(*filter(None, errors)) / len(counted)
            interval = [change - spread, change + spread]
    mean = sum(scores[task].value for task in counted) / len(counted) if counted else None
    return {
        "score": mean,
        "change": change,
        "interval": interval,
        "tasks": {
            task: {
                "metric": one.metric,
                "score": one.value,
                "stderr": one.stderr,
                "n": one.n,
                "higher_is_better": one.higher,
            }
            for task, one in scores.items()
        },
    }


def _error(score: Score, base: Score) -> float | None:
    """Return the standard error of the mean difference, question by question."""
    if len(score.rows) < 2 or len(score.rows) != len(base.rows):
        return None
    differences = np.subtract(score.rows, base.rows)
    return float(np.std(differences, ddof=1) / math.sqrt(len(differences)))


def _write(found: dict[str, Any], draft: artifact.Draft) -> None:
    text = json.dumps(found, indent=2, ensure_ascii=False)
    (draft.path / "scores.json").write_text(text, encoding="utf-8")
    (draft.path / "report.md").write_text(tradeoff.markdown(found), encoding="utf-8")
    if tradeoff.is_drawn(found):
        tradeoff.draw(found, draft.path / "tradeoff.png")
    for name, one in found["models"].items():
        scores = {of: (one[of] or {}).get("score") for of in ("general", "shopping")}
        draft.metrics[name] = scores
