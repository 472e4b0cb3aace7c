"""A public benchmark from its authors' files to a report: `ecom benchmark NAME PATH`.

    PATH ─► questions ─┬► asked (asking.py) ─┐
                       └► --answers FILE ────┴► scores ─► scores.json, report.html, report.md,
                                                          rows.parquet, answers, rejected/

The folder is an artifact. A stopped run goes on where it ended. rows.parquet has our scores of each
row, so `ecom evaluate --compare` compares two models on a benchmark.
"""

import json
import random
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from ecom import artifact, pipeline, progress, shopbench
from ecom.benchmark import BENCHMARKS, report, scores
from ecom.benchmark.asking import KEY, WORDINGS, Endpoint, Engines, Wording, ask
from ecom.benchmark.base import Benchmark, Question
from ecom.completions.config import is_address
from ecom.engine import EngineConfig
from ecom.errors import DataError, InputError
from ecom.evaluate import failures, rows
from ecom.evaluate.config import Encoders
from ecom.evaluate.gold import Answered, raise_all, read_predictions
from ecom.forms import Prompting
from ecom.raw import reading
from ecom.shopbench import Place, Rejected

if TYPE_CHECKING:
    from rich.table import Table

    from ecom.recipe import Recipe

Prompt = Literal["authors", "ours", "both"]
NAMES: Mapping[str, str] = {"authors": "authors' words", "ours": "our words"}
LONGEST = 4_096  # tokens
ANSWERS = "answers"  # the run of `--answers`


@dataclass(frozen=True)
class Settings:
    """How a benchmark is run.

    prompt     whose words are asked
    per_task   the most questions of each task; None: all
    samples    bootstrap samples behind each interval
    seed       of the questions drawn, and of the bootstrap
    """

    prompt: Prompt = "both"
    per_task: int | None = None
    encoders: Encoders | None = None
    samples: int = 1_000
    seed: int = 0


def run(
    name: str,
    path: Path,
    who: Engines | Endpoint | Path,
    settings: Settings,
    to: Path,
) -> tuple[artifact.Artifact, bool]:
    """Ask and score a benchmark; return its artifact in `to`, and whether it was there before.

    `who` answers: a model, an endpoint, or a file of answers. Raises InputError for a benchmark
    that is not known or has no words of its authors, and DataError where no question is left.
    """
    benchmark = find(name)
    wordings = _wordings(benchmark, settings.prompt) if not isinstance(who, Path) else ()
    identity, parents = _identity(benchmark, path, who, settings)
    mark = artifact.fingerprint("benchmark", identity, parents)
    done = artifact.load(to)
    if done and done.stage != "benchmark":
        raise InputError(f"{to}: holds what `ecom {done.stage}` wrote; name another folder: --to")
    if done and done.fingerprint == mark:
        return done, True
    with artifact.writing(to, "benchmark", identity, parents, resume=True) as draft:
        asked, rejected = _questions(benchmark, path, settings)
        shopbench.write_rejected(draft.path / "rejected" / "questions.jsonl", rejected)
        if isinstance(who, Path):
            answers = {ANSWERS: _recorded(who, asked)}
        else:
            made = ask(asked, wordings, who, draft.path / "asked")
            answers = {NAMES[wording]: made[wording] for wording in wordings}
            for wording in wordings:
                _write_answers(draft.path / f"{wording}.jsonl", asked, made[wording])
        _write(benchmark, asked, rejected, answers, settings, draft)
        shutil.rmtree(draft.path / "asked", ignore_errors=True)  # its answers are in WORDING.jsonl
    whole = artifact.load(to)
    assert whole
    return whole, False


def find(name: str) -> Benchmark:
    """Return the benchmark of this name. Raises InputError."""
    if name not in BENCHMARKS:
        known = ", ".join(BENCHMARKS)
        raise InputError(f"{name!r:.60}: no such benchmark; give one of {known}")
    return BENCHMARKS[name]


def answerer(
    model: str | None, endpoint: str | None, served: str | None, recipe: "Recipe | None"
) -> Engines | Endpoint:
    """Return who answers: a model or an endpoint. Raises InputError.

    Without a recipe a model has its own prompting, and an engine with room for long questions.
    """
    if endpoint:
        if not is_address(endpoint):  # it may hold a secret, so it is not shown
            raise InputError(f"--endpoint: give it as http://HOST:PORT, and a key in {KEY}")
        return Endpoint(endpoint.rstrip("/"), served, recipe.prompting if recipe else Prompting())
    if served:
        raise InputError(f"--served-model {served!r:.60} is for --endpoint; leave it out")
    assert model
    known = pipeline.models(recipe) if recipe else {}
    folder = Path(known.get(model, model))
    if model in known and folder.is_absolute() and not folder.is_dir():
        raise InputError(
            f"--model {model}: {folder} is not there yet; make it first: ecom run RECIPE"
        )
    if recipe:
        return Engines(folder, recipe.engine, recipe.prompting)
    return Engines(folder, EngineConfig(max_model_len=_room(folder)), Prompting.load(folder))


def _room(model: Path) -> int:
    """Return the longest prompt and answer together, in tokens: 4,096, or what the model can."""
    try:
        config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return LONGEST  # the engine says what is wrong with the folder
    known = config.get("max_position_embeddings")
    return min(LONGEST, known) if isinstance(known, int) else LONGEST


def table(found: Mapping[str, Any]) -> "Table":
    """Return scores.json as a table for a terminal."""
    return report.table(found)


def check_prompt(value: str) -> Prompt:
    """Return whose words are asked. Raises InputError."""
    for known in get_args(Prompt):
        if value == known:
            return known  # type: ignore[no-any-return]
    raise InputError(f"--prompt {value!r:.60}: give authors, ours or both")


def listed() -> dict[str, Any]:
    """Return {"benchmarks": [{name, about, where, licence, questions, scored_by}]}."""
    shown = ("name", "about", "where", "licence", "questions", "scored_by")
    return {
        "benchmarks": [{name: getattr(one, name) for name in shown} for one in BENCHMARKS.values()]
    }


def list_table() -> "Table":
    """Return the list as a table for a terminal."""
    from rich.table import Table

    shown = Table("name", "about", title="Benchmarks", title_justify="left", show_lines=True)
    for one in BENCHMARKS.values():
        lines = (
            f"{one.about}",
            f"questions: {one.questions}",
            f"scored by: {one.scored_by}",
            f"where: {one.where}",
            f"licence: {one.licence}",
        )
        shown.add_row(one.name, "\n".join(lines))
    return shown


def _wordings(benchmark: Benchmark, prompt: Prompt) -> tuple[Wording, ...]:
    """Return the wordings to ask. Raises InputError where the authors have none."""
    if benchmark.asks_models or prompt == "ours":
        return WORDINGS if prompt == "both" else (prompt,)
    if prompt == "authors":
        raise InputError(
            f"{benchmark.name}: its authors ask no language model, so they have no words; "
            "leave --prompt out"
        )
    return ("ours",)


def _identity(
    benchmark: Benchmark, path: Path, who: Engines | Endpoint | Path, settings: Settings
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the configuration and the parents of the artifact."""
    local = {str(file): artifact.file_fingerprint(file) for file in reading.local(str(path))}
    asked: dict[str, Any]
    if isinstance(who, Path):
        asked, parents = {"answers": str(who)}, {str(who): _of_file(who)}
    elif isinstance(who, Endpoint):
        asked, parents = {"endpoint": who.url, "model": who.model}, {}
    else:
        asked = {"model": str(who.model), "engine": who.engine.model_dump(mode="json")}
        is_here = who.model.is_dir()
        parents = {"model": artifact.model_fingerprint(who.model)} if is_here else {}
    if not isinstance(who, Path):
        asked["prompting"] = who.prompting.identity()
    plain = {**asdict(settings), "encoders": dict(settings.encoders or {})}
    return {"benchmark": benchmark.name, "path": str(path), **asked, **plain}, {**local, **parents}


def _of_file(path: Path) -> str:
    if not path.is_file():
        raise DataError(f'{path}: no such file; give lines of {{"prediction": "…"}}')
    return artifact.file_fingerprint(path)


def _questions(
    benchmark: Benchmark, path: Path, settings: Settings
) -> tuple[list[Question], list[tuple[Place, Rejected]]]:
    """Return the questions, in the files' order, and the rows that are none."""
    asked: list[Question] = []
    rejected: list[tuple[Place, Rejected]] = []
    with progress.bar(rate=True) as bar:
        task = bar.add_task("benchmark: read questions", total=None, unit="rows")
        for place, item in bar.track(benchmark.read(path), task_id=task):
            if isinstance(item, Rejected):
                rejected.append((place, item))
            else:
                asked.append(item)
    if not asked:
        why = f"; {rejected[0][0]}: {rejected[0][1].reason}" if rejected else ""
        raise DataError(
            f"{path}: no question of {benchmark.name} in it{why}; download it: {benchmark.where}"
        )
    if settings.per_task:
        asked = _drawn(asked, settings.per_task, settings.seed)
    return asked, rejected


def _drawn(asked: Sequence[Question], most: int, seed: int) -> list[Question]:
    """Return at most so many questions of each task, in the files' order."""
    rng = random.Random(seed)
    by_task: dict[str, list[int]] = {}
    for row, one in enumerate(asked):
        by_task.setdefault(one.task, []).append(row)
    kept = {
        row
        for of_task in by_task.values()
        for row in (rng.sample(of_task, most) if len(of_task) > most else of_task)
    }
    return [asked[row] for row in sorted(kept)]


def _recorded(file: Path, asked: Sequence[Question]) -> list[Answered]:
    """Return the answers of a file, by id or in the order of the questions."""
    answers, faults = read_predictions(file, scores.golds_of(asked))
    raise_all(faults, "the answers do not fit the questions")
    return answers


def _write_answers(file: Path, asked: Sequence[Question], answers: Sequence[Answered]) -> None:
    """Write answers as `--answers` reads them."""
    with file.open("w", encoding="utf-8") as stream:
        for question, one in zip(asked, answers, strict=True):
            row = {"id": question.id, "prediction": one.text, "error": one.error}
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")


def _write(
    benchmark: Benchmark,
    asked: Sequence[Question],
    rejected: Sequence[tuple[Place, Rejected]],
    answers: Mapping[str, Sequence[Answered]],
    settings: Settings,
    draft: artifact.Draft,
) -> None:
    """Score the answers and write all files of the report below the draft."""
    golds, encoders = scores.golds_of(asked), settings.encoders or {}
    with progress.waiting("benchmark: score the answers"):
        scored = {
            name: scores.score(benchmark, asked, said, encoders, settings.samples, settings.seed)
            for name, said in answers.items()
        }
    known = {name for one in asked for name in (one.task, one.skill)} | {"overall"}
    used = {one.measure for one in asked} & benchmark.measures.keys()
    found: dict[str, Any] = {
        "benchmark": benchmark.name,
        "where": benchmark.where,
        "licence": benchmark.licence,
        "questions": len(asked),
        "per_task": settings.per_task,
        "rejected": dict(Counter(row.reason for _, row in rejected).most_common()),
        "notes": list(benchmark.notes),
        "measured": bool(benchmark.measures),
        "pooled": benchmark.pooled,
        "measures": {m.name: m.about for n, m in benchmark.measures.items() if n in used},
        "runs": {
            name: {
                "authors": one.authors,
                "ours": one.ours,
                "also": one.also,
                "errors": sum(bool(said.error) for said in answers[name]),
            }
            for name, one in scored.items()
        },
        "published": [asdict(one) for one in benchmark.published if one.scores.keys() & known],
        "failures": {
            name: failures.count(golds, one.kinds, "task") for name, one in scored.items()
        },
    }
    text = json.dumps(found, indent=2, ensure_ascii=False)
    (draft.path / "scores.json").write_text(text, encoding="utf-8")
    (draft.path / "report.md").write_text(report.markdown(found), encoding="utf-8")
    shown = {
        name: failures.examples(golds, answers[name], one.kinds, "task")
        for name, one in scored.items()
    }
    (draft.path / "report.html").write_text(report.html(found, shown), encoding="utf-8")
    rated = {name: one.rated for name, one in scored.items()}
    kinds = {name: one.kinds for name, one in scored.items()}
    rows.write(draft.path / "rows.parquet", golds, answers, rated, kinds)
    draft.metrics.update(
        questions=len(asked),
        rejected=len(rejected),
        overall={
            name: {rules: (run[rules] or {}).get("overall") for rules in report.RULES}
            for name, run in found["runs"].items()
        },
    )
