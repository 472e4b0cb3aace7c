"""The stages in order, and what each one reads. A finished stage with the same fingerprint is kept.

    quickstart? ─► corpus ─► train ─► compress ─► serve ─► predict ─► evaluate

A base in a GGUF file becomes a directory, `base`, before the first stage that reads it.

`serve` here starts the endpoint, asks it a question of every form and stops it again, so that a
finished run has proved that its model can be served. `ecom serve` keeps the endpoint running.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecom import artifact, contamination, progress
from ecom.compress.config import TRAINED
from ecom.corpus.config import CorpusConfig
from ecom.errors import DataError, InputError
from ecom.models import gguf
from ecom.plan import checks
from ecom.predict.config import ADAPTERS, FEW_SHOT
from ecom.raw import reading
from ecom.recipe import Recipe

BASE = "base"
STAGES = ("quickstart", "corpus", "train", "compress", "serve", "predict", "evaluate")


@dataclass(frozen=True)
class Step:
    """One stage of one recipe: what its fingerprint depends on, and how it is run.

    config     the settings that change the output, as plain JSON
    parents    names of the stages that it reads
    files      paths outside the artifacts that it reads
    """

    stage: str
    config: Mapping[str, Any]
    parents: tuple[str, ...]
    files: tuple[Path, ...]
    run: Callable[[artifact.Draft], None]
    resume: bool = False


def stages(recipe: Recipe) -> list[str]:
    """Return the names of the stages that `ecom run` runs, in order."""
    return [stage for stage in STAGES if stage != "quickstart" or recipe.quickstart]


def directory(recipe: Recipe, stage: str) -> Path:
    """Return the path of a stage's artifact, absolute: Ray's workers have other current folders."""
    return Path(recipe.workdir).absolute() / stage


def models(recipe: Recipe) -> dict[str, str]:
    """Return the path of each model that can answer, by its name in a recipe."""
    compress = directory(recipe, "compress")
    return {
        "base": base(recipe),
        "few-shot": base(recipe),
        "merged": str(compress / "merged"),
        "awq": str(compress / "model"),
        "adapters": str(compress / "model"),
    }


def base(recipe: Recipe) -> str:
    """Return the base model's directory as an absolute path, or its hub name."""
    if recipe.base == "sample":
        return str(directory(recipe, "quickstart") / "base")
    if gguf.is_gguf(recipe.base):
        return str(directory(recipe, BASE))
    path = Path(recipe.base)
    return str(path.absolute()) if path.is_dir() else recipe.base


def sample_or(recipe: Recipe, path: str) -> str:
    """Return `path`, or the quickstart's test file for `sample`."""
    return str(directory(recipe, "quickstart") / "test.jsonl") if path == "sample" else path


def check(recipe: Recipe, beside: Path) -> None:
    """Raise InputError before anything is spent if a stage of `ecom run` would refuse the recipe.

    `beside` is the folder of the recipe, where its base may be described (ecom/plan/base.py).
    """
    checks.sections(recipe, stages(recipe))
    if not _is_made_and_served(recipe):
        checks.base(recipe, beside)


def _is_made_and_served(recipe: Recipe) -> bool:
    """Say whether the model has already been compressed and served with the same settings."""
    settings: dict[str, dict[str, Any]] = {
        "compress": {"base": recipe.base, "config": recipe.compress.model_dump(mode="json")},
        "serve": {
            "config": recipe.serve.model_dump(mode="json"),
            "engine": recipe.engine.model_dump(mode="json"),
        },
    }
    made = {stage: artifact.load(directory(recipe, stage)) for stage in settings}
    return all(
        output is not None and settings[stage].items() <= output.config.items()
        for stage, output in made.items()
    )


def run_stage(recipe: Recipe, stage: str) -> tuple[artifact.Artifact, bool]:
    """Run one stage unless its artifact is up to date; return it and whether it was reused.

    Raises InputError when a stage that it reads has not been run with this recipe or a section of
    the recipe is missing, and DataError where few-shot examples are evaluation rows.
    """
    checks.sections(recipe, [stage])
    if stage in ("corpus", "predict", "evaluate"):
        _check_examples(recipe)
    path = directory(recipe, stage)
    with progress.waiting(f"{stage}: fingerprint what it reads"):
        step = _step(recipe, stage)
        files = {str(file): _file_fingerprint(file) for file in step.files}
        identity = {**step.config, "files": files}
    parents = {name: _parent(recipe, stage, name).fingerprint for name in step.parents}
    finished = artifact.load(path)
    if finished and finished.fingerprint == artifact.fingerprint(stage, identity, parents):
        return finished, True
    with artifact.writing(path, stage, identity, parents, resume=step.resume) as draft:
        step.run(draft)
    done = artifact.load(path)
    assert done is not None
    return done, False


def _check_examples(recipe: Recipe) -> None:
    """Raise DataError where few-shot examples are rows of the gold, if the gold exists yet."""
    gold = sample_or(recipe, recipe.evaluate.gold) if recipe.evaluate else None
    if gold and reading.exists(gold):
        contamination.check_examples(recipe.prompting, gold)


def _parent(recipe: Recipe, stage: str, name: str) -> artifact.Artifact:
    """Return the artifact of the stage `name`, which `stage` reads.

    Only the directory of a GGUF file is made where it is not there; no command makes it.
    """
    if name == BASE:
        return run_stage(recipe, BASE)[0]
    parent = artifact.load(directory(recipe, name))
    if parent is None:
        raise InputError(
            f"{stage} reads the {name} stage, and {directory(recipe, name)} holds no artifact; "
            f"run it first: ecom {name} RECIPE, or everything: ecom run RECIPE"
        )
    return parent


def _file_fingerprint(path: Path) -> str:
    if not path.exists():
        raise DataError(f"{path}: no such file or folder; correct the path in the recipe")
    return artifact.file_fingerprint(path)


def _base_parents(recipe: Recipe) -> tuple[str, ...]:
    if gguf.is_gguf(recipe.base):
        return (BASE,)
    return ("quickstart",) if recipe.base == "sample" else ()


def _base_identity(recipe: Recipe, *, weights: bool = True) -> dict[str, str]:
    """Return the base's name and, where it is a directory, the fingerprint of its files.

    The quickstart's own base and one from a GGUF file count as parents; of a hub model only the
    name counts.
    """
    path = Path(recipe.base)
    if recipe.base == "sample" or not path.is_dir():
        return {"base": recipe.base}
    return {"base": recipe.base, "base_files": artifact.model_fingerprint(path, weights=weights)}


def _step(recipe: Recipe, stage: str) -> Step:
    builders: dict[str, Callable[[Recipe], Step]] = {
        "quickstart": _quickstart,
        BASE: _gguf,
        "corpus": _corpus,
        "train": _train,
        "compress": _compress,
        "serve": _serve,
        "predict": _predict,
        "evaluate": _evaluate,
    }
    return builders[stage](recipe)


def _quickstart(recipe: Recipe) -> Step:
    from ecom.quickstart import job

    config = recipe.quickstart
    assert config, "checks.sections has refused a recipe without it"
    return Step(
        "quickstart",
        {"config": config.model_dump(), "seed": recipe.seed, "prompting": recipe.prompting.words()},
        (),
        (),
        lambda draft: job.run(config, seed=recipe.seed, prompting=recipe.prompting, draft=draft),
    )


def _gguf(recipe: Recipe) -> Step:
    def run(draft: artifact.Draft) -> None:
        with progress.waiting("base: the GGUF file becomes a model directory"):
            gguf.convert(recipe.base, draft.path)

    return Step(BASE, {"base": recipe.base}, (), (gguf.find(recipe.base),), run)


def _corpus(recipe: Recipe) -> Step:
    from ecom.corpus import job

    config = recipe.corpus
    assert config, "checks.sections has refused a recipe without it"
    sampled = "sample" in (recipe.base, *(source.path for source in config.sources))
    judged = config.quality is not None and config.quality.by == "base_loss"
    judge = config.quality.model if config.quality else None
    return Step(
        "corpus",
        {
            "config": config.model_dump(),
            "seed": recipe.seed,
            **_base_identity(recipe, weights=judged),
            **_judges([judge]),
            "prompting": recipe.prompting.words(),
        },
        tuple(dict.fromkeys((*(("quickstart",) if sampled else ()), *_base_parents(recipe)))),
        tuple(
            file
            for path in dict.fromkeys(_corpus_paths(config))
            if path != "sample"
            for file in reading.local(path)
        ),
        lambda draft: job.run(
            config,
            seed=recipe.seed,
            prompting=recipe.prompting,
            base=base(recipe),
            sample=directory(recipe, "quickstart") if sampled else None,
            draft=draft,
        ),
        resume=True,
    )


def _judges(models: Iterable[str | None]) -> dict[str, dict[str, str]]:
    """Return the fingerprints of those further models that are directories."""
    judges = {
        name: artifact.model_fingerprint(Path(name))
        for name in models
        if name and Path(name).is_dir()
    }
    return {"judges": judges} if judges else {}


def _corpus_paths(config: CorpusConfig) -> Iterator[str]:
    """Yield the paths that the corpus is made of."""
    for source in config.sources:
        yield from filter(None, (source.path, source.products))
    yield from config.without
    yield from config.review_files
    if config.synthesis:
        names = config.synthesis.task_names
        yield from (name for name in names if name.endswith((".yaml", ".yml")))
        if config.synthesis.shots:
            yield config.synthesis.shots.path


def _train(recipe: Recipe) -> Step:
    from ecom.train import job

    named = {"compress.combine.weights": list(recipe.compress.combine.weights)}
    if recipe.predict and recipe.predict.default_adapter is not None:
        named["predict.default_adapter"] = [recipe.predict.default_adapter]
    return Step(
        "train",
        {"config": recipe.train.identity(), "seed": recipe.seed, **_base_identity(recipe)},
        ("corpus", *_base_parents(recipe)),
        (),
        lambda draft: job.run(
            recipe.train,
            seed=recipe.seed,
            base=base(recipe),
            corpus=directory(recipe, "corpus"),
            prompting=recipe.prompting,
            draft=draft,
            named=named,
        ),
        resume=True,
    )


def _compress(recipe: Recipe) -> Step:
    from ecom.compress import job

    return Step(
        "compress",
        {
            "config": recipe.compress.model_dump(),
            "seed": recipe.seed,
            **_base_identity(recipe),
            "prompting": recipe.prompting.identity(),
        },
        ("corpus", "train", *_base_parents(recipe)),
        tuple(Path(a.path).expanduser() for a in recipe.compress.adapters if a.path != TRAINED),
        lambda draft: job.run(
            recipe.compress,
            seed=recipe.seed,
            prompting=recipe.prompting,
            base=base(recipe),
            trained=directory(recipe, "train"),
            corpus=directory(recipe, "corpus"),
            draft=draft,
        ),
        resume=True,
    )


def _questions(path: str) -> tuple[tuple[str, ...], tuple[Path, ...]]:
    """Return (parents, files) of a stage that reads the questions at `path`; no URL is a file."""
    return (("quickstart",), ()) if path == "sample" else ((), tuple(reading.local(path)))


def _serve(recipe: Recipe) -> Step:
    from ecom.serve import job

    assert recipe.predict, "checks.sections has refused a recipe without it"
    questions = recipe.predict.queries

    def run(draft: artifact.Draft) -> None:
        import ray

        ray.shutdown()  # Serve shuts down cleanly only on a cluster of its own
        job.run(
            recipe.serve,
            recipe.engine,
            prompting=recipe.prompting,
            model=directory(recipe, "compress") / "model",
            queries=sample_or(recipe, questions),
            draft=draft,
        )

    parents, files = _questions(questions)
    return Step(
        "serve",
        {
            "config": recipe.serve.model_dump(),
            "engine": recipe.engine.model_dump(),
            "prompting": recipe.prompting.identity(),
        },
        ("compress", *parents),
        files,
        run,
    )


def _predict(recipe: Recipe) -> Step:
    from ecom.predict import job, routes

    config = recipe.predict
    assert config, "checks.sections has refused a recipe without it"
    parents, files = _questions(config.queries)
    named: tuple[str, ...] = () if config.endpoint else config.models
    answering = {name: models(recipe)[name] for name in named}
    identity: dict[str, Any] = {"config": config.identity()}
    if answering:
        compressed = ("compress",) if answering.keys() - {"base", FEW_SHOT} else ()
        shown = ("corpus",) if FEW_SHOT in answering else ()
        parents = (*compressed, *shown, *_base_parents(recipe), *parents)
        identity |= {"engine": recipe.engine.model_dump(), **_base_identity(recipe)}
        if ADAPTERS in answering:
            identity["per"] = recipe.train.per
    if answering or config.baselines:
        identity["prompting"] = recipe.prompting.identity()
    if config.endpoint and recipe.prompting.by_task:  # the names of the tasks are sent along
        identity["tasks"] = sorted(recipe.prompting.by_task)

    def run(draft: artifact.Draft) -> None:
        by_question = None
        if ADAPTERS in answering:
            assert recipe.train.per  # the recipe was checked
            folder = directory(recipe, "compress") / "adapters"
            by_question = routes.find(folder, recipe.train.per, config.default_adapter)
        job.run(
            config,
            recipe.engine,
            prompting=recipe.prompting,
            models=answering,
            queries=sample_or(recipe, config.queries),
            draft=draft,
            routes=by_question,
            corpus=directory(recipe, "corpus") if FEW_SHOT in answering else None,
        )

    return Step("predict", identity, tuple(dict.fromkeys(parents)), files, run, resume=True)


def _evaluate(recipe: Recipe) -> Step:
    from ecom.evaluate import job

    config, predicted = recipe.evaluate, recipe.predict
    assert config, "checks.sections has refused a recipe without it"
    assert predicted, "checks.sections has refused a recipe without it"
    parents, files = _questions(config.gold)
    predictions = {
        name: directory(recipe, "predict") / f"{name}.{predicted.output}"
        for name in predicted.names()
    }
    # Nobody here knows what an endpoint or a baseline was trained on. Few-shot is shown the corpus.
    trained = predicted.endpoint is None and bool(set(predicted.models) - {"base"})
    return Step(
        "evaluate",
        {"config": config.model_dump(), "seed": recipe.seed, **_judges(config.encoders.values())},
        ("predict", *(("corpus",) if trained else ()), *parents),
        files,
        lambda draft: job.run(
            config,
            seed=recipe.seed,
            gold=sample_or(recipe, config.gold),
            corpus=directory(recipe, "corpus") if trained else None,
            predictions=predictions,
            draft=draft,
        ),
    )
