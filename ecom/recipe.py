"""A recipe: YAML plus `key=value` overrides -> one frozen `Recipe`.

    recipe = load(Path("recipes/quickstart.yaml"), ["train.rank=32"])

Every offence is collected and raised once as a RecipeError: the dotted path, the value, the rule
and, for a misspelt name, the nearest valid one.
"""

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ecom.compress.config import CompressConfig
from ecom.corpus.config import CorpusConfig
from ecom.engine import EngineConfig
from ecom.errors import RecipeError
from ecom.evaluate.config import EvaluateConfig
from ecom.forms import Prompting
from ecom.predict.config import PredictConfig
from ecom.quickstart.config import QuickstartConfig
from ecom.serve.config import ServeConfig
from ecom.train.config import TrainConfig


class Recipe(BaseModel):
    """The whole life of one shopping LLM. `base` is a path, a hub name, or `sample`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    workdir: str = Field(description="artifacts go here, one directory a stage")
    seed: int = 0
    base: str = Field(min_length=1)
    prompting: Prompting = Prompting()
    quickstart: QuickstartConfig | None = None
    corpus: CorpusConfig
    train: TrainConfig = TrainConfig()
    compress: CompressConfig = CompressConfig()
    engine: EngineConfig = EngineConfig()
    serve: ServeConfig = ServeConfig()
    predict: PredictConfig
    evaluate: EvaluateConfig


def load(path: Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read, override and check a recipe. Raises RecipeError."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecipeError(f"{path}: no such recipe{_near(path.name, _recipes(path))}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: cannot be read as a text file: {error}") from None
    except yaml.YAMLError as error:
        raise RecipeError(f"{path}: not valid YAML: {error}") from None
    if not isinstance(data, dict):
        raise RecipeError(f"{path}: a recipe is a mapping of keys to values, not {data!r:.80}")
    for override in overrides:
        _apply(data, override)
    try:
        recipe = Recipe.model_validate(data)
    except ValidationError as error:
        lines = [f"  {_explain(e)}" for e in error.errors()]
        raise RecipeError("\n".join([f"{path}: the recipe is wrong:", *lines])) from None
    _check_samples(path, recipe)
    return recipe


def _check_samples(path: Path, recipe: Recipe) -> None:
    """`sample` names what the quickstart stage makes, so it needs that stage."""
    named = {
        "base": recipe.base,
        "predict.queries": recipe.predict.queries,
        "evaluate.gold": recipe.evaluate.gold,
        **{f"corpus.sources.{i}.path": s.path for i, s in enumerate(recipe.corpus.sources)},
    }
    lines = [
        f"  {key}: 'sample' is made by the quickstart stage; add a `quickstart:` section, "
        "or name a path"
        for key, value in named.items()
        if value == "sample" and recipe.quickstart is None
    ]
    lines += [
        f"  corpus.sources.{i}.path: format sample_shop reads the quickstart's own tables; "
        f"write `path: sample` instead of {source.path!r}"
        for i, source in enumerate(recipe.corpus.sources)
        if source.format == "sample_shop" and source.path != "sample"
    ]
    if lines:
        raise RecipeError("\n".join([f"{path}: the recipe is wrong:", *lines]))


def _apply(data: dict[str, Any], override: str) -> None:
    """Set one `dotted.key=value` in place; the value is read as YAML."""
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise RecipeError(f"override {override!r}: write it as dotted.key=value, e.g. train.rank=32")
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RecipeError(f"override {override!r}: the value is not valid YAML: {error}") from None
    *parents, last = key.split(".")
    node: Any = data
    for name in parents:
        node = _child(node, name, override)
    if isinstance(node, list):
        node[_index(node, last, override)] = value
    else:
        node[last] = value


def _child(node: Any, name: str, override: str) -> Any:
    if isinstance(node, list):
        return node[_index(node, name, override)]
    child = node.setdefault(name, {})
    if child is None:
        child = node[name] = {}
    if not isinstance(child, dict | list):
        raise RecipeError(f"override {override!r}: {name} is {child!r}, which has no keys below it")
    return child


def _index(node: list[Any], name: str, override: str) -> int:
    if name.isdigit() and int(name) < len(node):
        return int(name)
    raise RecipeError(
        f"override {override!r}: {name!r} is not a place in a list of {len(node)}; count from 0"
    )


def _explain(error: Mapping[str, Any]) -> str:
    """Turn one pydantic error into 'dotted.path: value: rule; remedy'."""
    where, kind, value = error["loc"], error["type"], error["input"]
    path = ".".join(str(part) for part in where)
    if kind == "extra_forbidden":
        names = _names(where[:-1])
        return f"{path}: no such key{_near(str(where[-1]), names)}; known here: {', '.join(names)}"
    if kind == "missing":
        return f"{path}: missing; add it"
    if kind == "literal_error":
        allowed = [name.strip("' ") for name in error["ctx"]["expected"].replace(" or ", ", ").split(",")]
        return f"{path}: {value!r} is not one of {', '.join(allowed)}{_near(str(value), allowed)}"
    return f"{path}: {value!r}: {error['msg'][0].lower()}{error['msg'][1:]}"


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
