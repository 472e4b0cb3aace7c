"""The stages in order, and what each one reads. A finished stage with the same fingerprint is kept.

    quickstart? ─► corpus ─► train ─► compress ─► serve ─► predict ─► evaluate

`serve` here starts the endpoint, asks it a question of every form and stops it again: a recipe that
has run the whole way has a model that is known to serve. `ecom serve` keeps it running.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecom import artifact, checks, contamination, progress
from ecom.compress.config import TRAINED
from ecom.corpus.config import CorpusConfig
from ecom.errors import DataError, InputError
from ecom.predict.config import ADAPTERS
from ecom.recipe import Recipe

STAGES = ("quickstart", "corpus", "train", "compress", "serve", "predict", "evaluate")


@dataclass(frozen=True)
class Step:
    """One stage of one recipe: what bears its identity, and how it is carried out.

    config     what changes the output, as plain JSON
    parents    names of the stages it reads
    files      paths outside the artifacts that it reads
    """

    stage: str
    config: Mapping[str, Any]
    parents: tuple[str, ...]
    files: tuple[Path, ...]
    carry_out: Callable[[artifact.Draft], None]
    resume: bool = False


def stages(recipe: Recipe) -> list[str]:
    """Return the names of the stages that `ecom run` carries out, in order."""
    return [stage for stage in STAGES if stage != "quickstart" or recipe.quickstart]


def directory(recipe: Recipe, stage: str) -> Path:
    """Return where a stage's artifact lies: an absolute path, for Ray's workers stand elsewhere."""
    return Path(recipe.workdir).absolute() / stage


def models(recipe: Recipe) -> dict[str, str]:
    """Return where the models that can answer lie, by the names that a recipe gives them."""
    compress = directory(recipe, "compress")
    return {
        "base": base(recipe),
        "merged": str(compress / "merged"),
        "awq": str(compress / "model"),
        "adapters": str(compress / "model"),
    }


def base(recipe: Recipe) -> str:
    """Return the base model's directory, an absolute path, or its hub name."""
    if recipe.base == "sample":
        return str(directory(recipe, "quickstart") / "base")
    here = Path(recipe.base)
    return str(here.absolute()) if here.is_dir() else recipe.base


def sample_or(recipe: Recipe, path: str) -> Path:
    """Return the questions that `path` names; `sample` is the quickstart's test file."""
    return directory(recipe, "quickstart") / "test.jsonl" if path == "sample" else Path(path)


def check(recipe: Recipe, beside: Path) -> None:
    """Raise InputError for what some stage of `ecom run` would refuse, before anything is spent.

    `beside` is the folder of the recipe, where its base may be described (ecom/plan/base.py).
    """
    checks.sections(recipe, stages(recipe))
    if not _is_made_and_served(recipe):
        checks.base(recipe, beside)


def _is_made_and_served(recipe: Recipe) -> bool:
    """Say whether the model has been compressed and served with these very settings."""
    settings: dict[str, dict[str, Any]] = {
        "compress": {"base": recipe.base, "config": recipe.compress.model_dump(mode="json")},
        "serve": {
            "config": recipe.serve.model_dump(mode="json"),
            "engine": recipe.engine.model_dump(mode="json"),
        },
    }
    made = {stage: artifact.load(directory(recipe, stage)) for stage in settings}
    return all(
        whole is not None and settings[stage].items() <= whole.config.items()
        for stage, whole in made.items()
    )


def run_stage(recipe: Recipe, stage: str) -> tuple[artifact.Artifact, bool]:
    """Carry out one stage unless its artifact is up to date; return it and whether it was reused.

    Raises InputError when a stage that it reads has not been run with this recipe, or a section of
    the recipe is missing, DataError where few-shot examples are evaluation rows.
    """
    checks.sections(recipe, [stage])
    if stage in ("corpus", "predict", "evaluate"):
        _check_examples(recipe)
    path = directory(recipe, stage)
    with progress.waiting(f"{stage}: fingerprint what it reads"):
        step = _step(recipe, stage)
        identity = {**step.config, "files": {str(f): _print_of(f) for f in step.files}}
    parents = {name: _parent(recipe, stage, name) for name in step.parents}
    whole = artifact.load(path)
    if whole and whole.fingerprint == artifact.fingerprint(stage, identity, parents):
        return whole, True
    with artifact.writing(path, stage, identity, parents, resume=step.resume) as draft:
        step.carry_out(draft)
    done = artifact.load(path)
    assert done is not None
    return done, False


def _check_examples(recipe: Recipe) -> None:
    """Raise DataError where few-shot examples are rows of the gold, as far as it is there yet."""
    gold = sample_or(recipe, recipe.evaluate.gold) if recipe.evaluate else None
    if gold and gold.exists():
        contamination.check_examples(recipe.prompting, gold)


def _parent(recipe: Recipe, stage: str, name: str) -> str:
    """Return the fingerprint of a stage that another reads."""
    whole = artifact.load(directory(recipe, name))
    if whole is None:
        raise InputError(
            f"{stage} reads the {name} stage, and {directory(recipe, name)} holds no artifact; "
            f"run it first: ecom {name} RECIPE, or everything: ecom run RECIPE"
        )
    return whole.fingerprint


def _print_of(path: Path) -> str:
    if not path.exists():
        raise DataError(f"{path}: no such file or folder; the recipe names it")
    return artifact.file_fingerprint(path)


def _base_parents(recipe: Recipe) -> tuple[str, ...]:
    return ("quickstart",) if recipe.base == "sample" else ()


def _base_identity(recipe: Recipe, *, weights: bool = True) -> dict[str, str]:
    """Return the base's name, and where it is a directory the fingerprint of its files.

    The quickstart's own base counts as a parent; a hub name stands for itself.
    """
    here = Path(recipe.base)
    if recipe.base == "sample" or not here.is_dir():
        return {"base": recipe.base}
    return {"base": recipe.base, "base_files": artifact.model_fingerprint(here, weights=weights)}


def _step(recipe: Recipe, stage: str) -> Step:
    builders: dict[str, Callable[[Recipe], Step]] = {
        "quickstart": _quickstart,
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
    assert config, "checks.sections lets no other pass"
    return Step(
        "quickstart",
        {"config": config.model_dump(), "seed": recipe.seed, "prompting": recipe.prompting.words()},
        (),
        (),
        lambda draft: job.run(config, seed=recipe.seed, prompting=recipe.prompting, draft=draft),
    )


def _corpus(recipe: Recipe) -> Step:
    from ecom.corpus import job

    config = recipe.corpus
    assert config, "checks.sections lets no other pass"
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
        ("quickstart",) if sampled else (),
        tuple(Path(path) for path in dict.fromkeys(_corpus_paths(config)) if path != "sample"),
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
    """Return the fingerprints of further models, of those that are directories."""
    found = {
        name: artifact.model_fingerprint(Path(name))
        for name in models
        if name and Path(name).is_dir()
    }
    return {"judges": found} if found else {}


def _corpus_paths(config: CorpusConfig) -> Iterator[str]:
    """Yield the files that the corpus is made of; a URL stands for itself, unread."""
    for source in config.sources:
        yield from (path for path in (source.path, source.products) if path and "://" not in path)
    yield from config.without
    yield from config.review_files
    if config.synthesis:
        names = config.synthesis.task_names
        yield from (name for name in names if name.endswith((".yaml", ".yml")))
        if config.synthesis.shots and "://" not in config.synthesis.shots.path:
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
    """Return (parents, files) of a file of questions that a stage reads."""
    return (("quickstart",), ()) if path == "sample" else ((), (Path(path),))


def _serve(recipe: Recipe) -> Step:
    from ecom.serve import job

    assert recipe.predict, "checks.sections lets no other pass"
    asked = recipe.predict.queries

    def carry_out(draft: artifact.Draft) -> None:
        import ray

        ray.shutdown()  # Serve alone on a cluster ends cleanly; beside earlier stages it complains
        job.run(
            recipe.serve,
            recipe.engine,
            prompting=recipe.prompting,
            model=directory(recipe, "compress") / "model",
            queries=sample_or(recipe, asked),
            draft=draft,
        )

    parents, files = _questions(asked)
    return Step(
        "serve",
        {
            "config": recipe.serve.model_dump(),
            "engine": recipe.engine.model_dump(),
            "prompting": recipe.prompting.identity(),
        },
        ("compress", *parents),
        files,
        carry_out,
    )


def _predict(recipe: Recipe) -> Step:
    from ecom.predict import job, routes

    config = recipe.predict
    assert config, "checks.sections lets no other pass"
    parents, files = _questions(config.queries)
    named: tuple[str, ...] = () if config.endpoint else config.models
    asked = {name: models(recipe)[name] for name in named}
    identity: dict[str, Any] = {"config": config.identity()}
    if asked:
        own = ("compress",) if asked.keys() - {"base"} else ()
        parents = (*own, *_base_parents(recipe), *parents)
        identity |= {"engine": recipe.engine.model_dump(), **_base_identity(recipe)}
        if ADAPTERS in asked:
            identity["per"] = recipe.train.per
    if asked or config.baselines:
        identity["prompting"] = recipe.prompting.identity()
    if config.endpoint and recipe.prompting.by_task:  # whose names are sent along
        identity["tasks"] = sorted(recipe.prompting.by_task)

    def carry_out(draft: artifact.Draft) -> None:
        found = None
        if ADAPTERS in asked:
            assert recipe.train.per  # the recipe was checked
            folder = directory(recipe, "compress") / "adapters"
            found = routes.find(folder, recipe.train.per, config.default_adapter)
        job.run(
            config,
            recipe.engine,
            prompting=recipe.prompting,
            models=asked,
            queries=sample_or(recipe, config.queries),
            draft=draft,
            routes=found,
        )

    return Step("predict", identity, tuple(dict.fromkeys(parents)), files, carry_out, resume=True)


def _evaluate(recipe: Recipe) -> Step:
    from ecom.evaluate import job

    config, predicted = recipe.evaluate, recipe.predict
    assert config, "checks.sections lets no other pass"
    assert predicted, "checks.sections lets no other pass"
    parents, files = _questions(config.gold)
    predictions = {
        name: directory(recipe, "predict") / f"{name}.{predicted.output}"
        for name in predicted.names()
    }
    # What an endpoint or a baseline was trained on is not known here.
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
