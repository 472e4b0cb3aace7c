"""A recipe: YAML plus `key=value` overrides -> one frozen `Recipe`.

    recipe = load(Path("recipes/quickstart.yaml"), ["train.rank=32"])

All faults are collected and raised once as a RecipeError: the dotted path, the value, the rule and,
for a misspelt name, the nearest valid one.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, Field, ValidationError

from ecom.completions.config import HIDDEN
from ecom.compress.config import CompressConfig
from ecom.corpus.config import CorpusConfig
from ecom.engine import EngineConfig
from ecom.errors import RecipeError
from ecom.evaluate.config import EvaluateConfig
from ecom.forms import Prompting
from ecom.predict.config import PredictConfig
from ecom.quickstart.config import QuickstartConfig
from ecom.serve.config import ServeConfig
from ecom.settings import Settings
from ecom.train.config import VALUES, TrainConfig


class Recipe(Settings):
    """The whole life of one shopping LLM.

    Sections whose default is null may be left out; stages that read such a section need it.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    """Name on models, cards and reports: letters, digits, ".", "_" and "-"."""
    workdir: str
    """Directory of all artifacts; each stage writes one directory in it."""
    seed: int = 0
    """Seed of every draw in all stages; the same seed gives the same artifacts."""
    base: str = Field(min_length=1)
    """The general language model to start from: a directory, a hub name, a GGUF file (a path, or
    package:NAME/FILE inside an installed package), or `sample` for the quickstart's."""
    prompting: Prompting = Prompting()
    """The words around every question, in training and when the model answers."""
    quickstart: QuickstartConfig | None = None
    """A sample shop and a tiny base; null: your own data and base."""
    corpus: CorpusConfig | None = None
    """Raw data to training rows."""
    train: TrainConfig = TrainConfig()
    """Training rows to an adapter."""
    compress: CompressConfig = CompressConfig()
    """Adapter to a merged, padded, 4-bit model."""
    engine: EngineConfig = EngineConfig()
    """vLLM, which answers in serve and predict."""
    serve: ServeConfig = ServeConfig()
    """The HTTP endpoint."""
    predict: PredictConfig | None = None
    """Questions to each model's file of answers."""
    evaluate: EvaluateConfig | None = None
    """Answers to scores and a report."""


def load(path: Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read, override and check a recipe. Raises RecipeError."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RecipeError(
            f"{path}: no such recipe; check the path{_near(path.name, _recipes(path))}"
        ) from None
    except UnicodeDecodeError as error:
        raise RecipeError(f"{path}: not UTF-8: {error}; write it as UTF-8") from None
    except IsADirectoryError:
        raise RecipeError(f"{path}: a folder; name the recipe, a YAML file") from None
    except OSError as error:
        raise RecipeError(f"{path}: cannot be read: {error}; check its permissions") from None
    data = _parse(text, str(path))
    if not isinstance(data, dict):
        found = "empty" if data is None else f"is {data!r:.80}"
        raise RecipeError(f"{path}: {found}; write a recipe as keys with values, e.g. `name: shop`")
    for override in overrides:
        _apply(data, override)
    try:
        recipe = Recipe.model_validate(data)
    except ValidationError as error:
        lines = [f"  {_explain(data, e)}" for e in error.errors()]
        raise RecipeError("\n".join([f"{path}: the recipe is wrong:", *lines])) from None
    faults = [*_sample_faults(recipe), *_shots_faults(recipe), *_adapter_faults(recipe)]
    if faults:
        raise RecipeError("\n".join([f"{path}: the recipe is wrong:", *faults]))
    return recipe


def _parse(text: str, what: str) -> Any:
    """Read YAML. PyYAML raises ValueError, too: for 2023-13-45, or a 5,000-digit number."""
    try:
        return yaml.safe_load(text)
    except RecursionError:
        raise RecipeError(f"{what}: not valid YAML: nested too deeply; write it flatter") from None
    except (yaml.YAMLError, ValueError) as error:
        fault = str(error).replace('"<unicode string>"', "it")
        remedy = "indent with spaces" if "'\\t'" in fault else "quote or indent that value"
        raise RecipeError(f"{what}: not valid YAML: {fault}; {remedy}") from None


def _sample_faults(recipe: Recipe) -> list[str]:
    """Return uses of `sample`, which the quickstart stage makes, without that stage."""
    sources = recipe.corpus.sources if recipe.corpus else ()
    named = {
        "base": recipe.base,
        "predict.queries": recipe.predict.queries if recipe.predict else "",
        "evaluate.gold": recipe.evaluate.gold if recipe.evaluate else "",
        **{f"corpus.sources.{i}.path": source.path for i, source in enumerate(sources)},
    }
    faults = [
        f"  {key}: 'sample' is made by the quickstart stage; add a `quickstart:` section, "
        "or name a path"
        for key, value in named.items()
        if value == "sample" and recipe.quickstart is None
    ]
    if recipe.base == "sample" and recipe.quickstart and recipe.quickstart.base is None:
        faults.append("  base: 'sample' is made from quickstart.base, which is null; name a base")
    faults += [
        f"  corpus.sources.{i}.path: format sample_shop reads the quickstart's own tables; "
        f"write `path: sample` instead of {source.path!r}"
        for i, source in enumerate(sources)
        if source.format == "sample_shop" and source.path != "sample"
    ]
    return faults


def _shots_faults(recipe: Recipe) -> Iterator[str]:
    """Yield evaluation files that `corpus.without` must name, to keep them from the teacher.

    A folder of EcomInstruct tasks is compared row by row, like a file.
    """
    corpus = recipe.corpus
    if corpus is None or corpus.synthesis is None or corpus.synthesis.shots is None:
        return
    shown = Path(corpus.synthesis.shots.path).absolute()
    known = {Path(file).absolute() for file in corpus.without}
    evaluated = {}
    if recipe.predict:
        evaluated[recipe.predict.queries] = "predict.queries"
    if recipe.evaluate:
        evaluated[recipe.evaluate.gold] = "evaluate.gold"
    for file, key in evaluated.items():
        path = Path(file).absolute()
        if file == "sample" or path in known:
            continue
        if path == shown or path in shown.parents or shown in path.parents:
            yield (
                f"  corpus.synthesis.shots.path: {corpus.synthesis.shots.path!r} holds rows of "
                f"{key}; name development rows that are not evaluated"
            )
        else:
            yield (
                f"  corpus.without: add {file!r}, the rows of {key}, so that none of its rows is "
                "shown to the teacher (corpus.synthesis.shots)"
            )


def _adapter_faults(recipe: Recipe) -> list[str]:
    """Return contradictions between train, compress and predict about adapters."""
    per, combine, predict = recipe.train.per, recipe.compress.combine, recipe.predict
    routed = bool(predict and "adapters" in predict.models and predict.endpoint is None)
    default = predict.default_adapter if predict else None
    several = per is not None or len(recipe.compress.adapters) > 1
    rules = {
        "compress.combine.weights: only one adapter is trained; name a column in train.per": (
            bool(combine.weights) and per is None
        ),
        "compress.combine.method: apart keeps train.per's adapters; name a column there": (
            combine.method == "apart" and per is None
        ),
        "compress.combine.method: learned weighs several adapters, and there is one; name a column "
        "in train.per, or more in compress.adapters": combine.method == "learned" and not several,
        "predict.models: adapters needs compress.combine.method: apart": (
            routed and combine.method != "apart"
        ),
        f"predict.models: adapters are per {per}, but a question has a skill, task or form only;"
        " set train.per to one of these": routed and per not in (None, "skill", "task", "form"),
        "predict.default_adapter: predict.models does not name adapters": (
            default is not None and not routed
        ),
    }
    faults = [f"  {rule}" for rule, broken in rules.items() if broken]
    return [*faults, *_value_faults(recipe)]


def _value_faults(recipe: Recipe) -> Iterator[str]:
    """Yield adapters that are not named after a value of train.per, where its values are known."""
    known = VALUES.get(recipe.train.per or "")
    default = recipe.predict.default_adapter if recipe.predict else None
    named = {
        "compress.combine.weights": list(recipe.compress.combine.weights),
        "predict.default_adapter": [] if default is None else [default],
    }
    for key, names in named.items():
        for name in names:
            if known is not None and name not in known:
                yield (
                    f"  {key}: {name!r:.80} is not a {recipe.train.per} (train.per); "
                    f"known: {', '.join(known)}{_near(name, known)}"
                )


def _apply(data: dict[str, Any], override: str) -> None:
    """Set one `dotted.key=value` in place; the value is read as YAML."""
    what = f"override {override!r:.80}"
    key, equals, text = override.partition("=")
    *parents, last = key.split(".")
    if not equals or not all([*parents, last]):
        raise RecipeError(f"{what}: write it as dotted.key=value, e.g. train.rank=32")
    value = _parse(text, what)
    node: Any = data
    for name in parents:
        node = _child(node, name, what)
    if isinstance(node, list):
        node[_index(node, last, what)] = value
    else:
        node[last] = value


def _child(node: dict[str, Any] | list[Any], name: str, what: str) -> Any:
    """Return the mapping or list at `name`, a new mapping where there is nothing."""
    key: Any = _index(node, name, what) if isinstance(node, list) else name
    if isinstance(node, dict) and node.get(name) is None:
        node[name] = {}
    child = node[key]
    if not isinstance(child, dict | list):
        raise RecipeError(
            f"{what}: {name} is {child!r:.80}, which has no keys below it; set {name} itself"
        )
    return child


def _index(node: list[Any], name: str, what: str) -> int:
    if name.isascii() and name.isdigit() and int(name) < len(node):
        return int(name)
    raise RecipeError(f"{what}: {name!r} is not an index of a list of {len(node)}; count from 0")


def _explain(data: dict[str, Any], error: Mapping[str, Any]) -> str:
    """Turn one pydantic error into 'dotted.path: value: rule; remedy'."""
    where, kind, value = error["loc"], error["type"], error["input"]
    path = _path(data, where, kind)
    if kind == "extra_forbidden":
        names = _names(where[:-1])
        return f"{path}: no such key{_near(str(where[-1]), names)}; known here: {', '.join(names)}"
    if kind == "missing":
        return f"{path}: missing; add it"
    if kind == HIDDEN:
        return f"{path}: {error['msg']}"
    if kind == "literal_error":
        expected = error["ctx"]["expected"].replace(" or ", ", ")
        allowed = [name.strip("' ") for name in expected.split(",")]
        near = _near(str(value), allowed)
        return f"{path}: {value!r:.80} is not one of {', '.join(allowed)}{near}"
    return f"{path}: {value!r:.80}: {error['msg'][0].lower()}{error['msg'][1:]}"


def _path(data: Any, where: Sequence[str | int], kind: str) -> str:
    """Return the dotted path as the user wrote it; pydantic's also contains a union's branches."""
    parts = []
    for part in where:
        listed = isinstance(data, list) and isinstance(part, int)
        if listed or (isinstance(data, dict) and part in data):
            data = data[part]
        elif kind != "missing" or part != where[-1]:
            continue
        parts.append(str(part))
    return ".".join(parts)


def _names(where: Sequence[str | int]) -> list[str]:
    """Return the keys that a recipe may have at `where`."""
    model: Any = Recipe
    for part in where:
        if isinstance(part, str) and part in getattr(model, "model_fields", {}):
            model = _model_in(model.model_fields[part].annotation)
    return sorted(getattr(model, "model_fields", {}))


def _model_in(annotation: Any) -> Any:
    """Return the pydantic model inside Optional[...] or tuple[..., ...]."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for m in map(_model_in, get_args(annotation)) if m is not None), None)


def _near(name: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""


def _recipes(path: Path) -> list[str]:
    return [p.name for p in path.parent.glob("*.yaml")] if path.parent.is_dir() else []
