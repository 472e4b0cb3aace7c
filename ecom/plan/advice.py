"""What to change where a recipe does not fit: settings that were planned in turn and fit.

Changes of a group are tried alone, then in pairs, then in threes. The smallest number that helps is
reported, and of several values for the same settings the mildest.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from pydantic import ValidationError

from ecom.hardware import GPUS, usable_gib
from ecom.plan.memory import Memory
from ecom.plan.training import longest_row
from ecom.recipe import Recipe

Change = Mapping[str, Any]  # dotted path: value
Planner = Callable[[Recipe], Memory | None]  # None: known not to fit


@dataclass(frozen=True)
class Advice:
    """Overrides of the recipe, as on the command line, and the resulting GiB."""

    overrides: tuple[str, ...]
    total_gib: float
    usable_gib: float

    def to_json(self) -> dict[str, Any]:
        """Return it as plain dicts and lists."""
        return {
            "overrides": list(self.overrides),
            "total_gib": round(self.total_gib, 3),
            "usable_gib": round(self.usable_gib, 3),
        }


def find(recipe: Recipe, groups: Sequence[Sequence[Change]], plan: Planner) -> tuple[Advice, ...]:
    """Return the changes of each group that make `plan` fit, without duplicates."""
    return tuple(dict.fromkeys(one for group in groups for one in _fewest(recipe, group, plan)))


def _fewest(recipe: Recipe, changes: Sequence[Change], plan: Planner) -> list[Advice]:
    for count in (1, 2, 3):
        found: dict[frozenset[str], Advice] = {}
        for chosen in combinations(changes, count):
            merged = {path: value for change in chosen for path, value in change.items()}
            paths = frozenset(merged)
            if len(paths) < sum(map(len, chosen)) or paths in found:
                continue  # two values for one setting, or a milder one has been found
            if advice := _tried(recipe, merged, plan):
                found[paths] = advice
        if found:
            return list(found.values())
    return []


def _tried(recipe: Recipe, change: Change, plan: Planner) -> Advice | None:
    try:
        memory = plan(changed(recipe, change))
    except ValidationError:
        return None  # settings that exclude each other
    if memory is None or not memory.fits:
        return None
    overrides = tuple(f"{path}={_as_yaml(value)}" for path, value in change.items())
    return Advice(overrides, memory.total_gib, memory.usable_gib)


def changed(recipe: Recipe, change: Change) -> Recipe:
    """Return the recipe with other values at dotted paths. Raises ValidationError."""
    data = recipe.model_dump()
    for path, value in change.items():
        *parents, key = path.split(".")
        section = data
        for name in parents:
            section = section[name]
        section[key] = value
    return Recipe.model_validate(data)


def _as_yaml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def for_training(recipe: Recipe) -> list[list[Change]]:
    """Return changes of the train stage: slower settings, other methods, other hardware."""
    return [
        [{f"train.{key}": value for key, value in change.items()} for change in group]
        for group in (_slower(recipe), _methods(recipe), _larger(recipe), _more(recipe))
    ]


def _slower(recipe: Recipe) -> Iterator[Change]:
    train = recipe.train
    if not train.gradient_checkpointing:
        yield {"gradient_checkpointing": True}
    budget = train.tokens_per_batch
    while budget > longest_row(recipe):
        budget = max(longest_row(recipe), budget // 2)
        yield {"tokens_per_batch": budget}
    if train.precision == "fp32" and train.accelerator != "cpu":
        yield {"precision": "auto"}
    if train.strategy != "ddp" and not train.offload_optimizer:
        yield {"offload_optimizer": True}
    if train.accelerator != "cpu" and train.worker_range()[0] > 1:
        yield from ({"strategy": name} for name in ("deepspeed-zero2", "deepspeed-zero3"))


def _methods(recipe: Recipe) -> Iterator[Change]:
    train = recipe.train
    for method in ("lora", "qlora") if train.method == "full" else ("qlora",):
        for checkpointing in sorted({train.gradient_checkpointing, True}):
            wanted = {
                "method": method,
                "strategy": "ddp",
                "offload_optimizer": False,
                "gradient_checkpointing": checkpointing,
            }
            yield {key: value for key, value in wanted.items() if getattr(train, key) != value}


def _larger(recipe: Recipe) -> Iterator[Change]:
    if recipe.train.accelerator == "cpu":
        return
    here = usable_gib(recipe.train.accelerator, 1)
    for name, gpu in GPUS.items():
        if gpu.usable_gib > here:
            yield {"accelerator": name}


def _more(recipe: Recipe) -> Iterator[Change]:
    if recipe.train.accelerator != "cpu":
        for strategy in ("deepspeed-zero2", "deepspeed-zero3"):
            for workers in (2, 4, 8, 16):
                if workers > recipe.train.worker_range()[0]:
                    yield {"strategy": strategy, "workers": workers}


def for_engine(recipe: Recipe) -> list[list[Change]]:
    """Return changes of the engine."""
    settings = recipe.engine
    changes: list[Change] = []
    if settings.accelerator != "cpu" and not settings.vllm_overrides.get("enforce_eager"):
        changes.append({"engine.vllm_overrides.enforce_eager": True})
    if settings.accelerator != "cpu" and settings.gpu_memory_utilization < 0.95:
        changes.append({"engine.gpu_memory_utilization": 0.95})
    length = settings.max_model_len // 2
    while length >= max(32, longest_row(recipe)):
        changes.append({"engine.max_model_len": length})
        length //= 2
    ranks: list[Change] = [
        {"engine.tensor_parallel": number, "compress.tensor_parallel": number}
        for number in (1, 2, 4, 8)
        if number != settings.tensor_parallel
    ]
    # Any other GPU, even a smaller one; those that vLLM does not run on (V100) are refused later.
    others: list[Change] = [
        {"engine.accelerator": name} for name in GPUS if settings.accelerator not in ("cpu", name)
    ]
    return [changes, ranks, others]
