"""Why stages refuse a base by its config.json, whatever the memory."""

from typing import TYPE_CHECKING

from ecom.errors import InputError
from ecom.models import divisibility, families
from ecom.plan import outline, serving
from ecom.predict.config import ADAPTERS
from ecom.recipe import Recipe

if TYPE_CHECKING:
    from transformers import PretrainedConfig


def of_asked(config: "PretrainedConfig", recipe: Recipe) -> list[str]:
    """Return the faults for the models that engines run; the base needs no compress stage."""
    return find(config, recipe) if set(serving.asked(recipe)) != {"base"} else []


def find(config: "PretrainedConfig", recipe: Recipe) -> list[str]:
    """Return the faults of all stages of `ecom run`, each with its stage and a remedy."""
    shape, ranks = config.to_dict(), recipe.compress.tensor_parallel
    if unsupported := families.refusal(shape):
        return [unsupported]
    if refused := families.refusal_to_compress(shape):
        return [f"compress: {refused}"]
    undivided = divisibility.faults_when_compressed(shape, recipe.compress.group(shape), ranks)
    found = [f"compress: {fault}" for fault in undivided]
    if recipe.train.number_format() == "fp16" and not families.of(shape).float16:
        found.append(
            f"train: the numbers of a model of type {config.model_type} exceed fp16, in which "
            f"{recipe.train.accelerator} trains; set train.precision=fp32, or train.accelerator to "
            "a card with bfloat16, e.g. L4"
        )
    try:
        outline.build(config, 1, recipe.train)
    except InputError as error:
        found.append(str(error))
    sixteen_bit = set(serving.asked(recipe)) - {"awq", ADAPTERS}
    for four_bit in (True, *([False] if sixteen_bit else [])):
        found += [f"engine: {fault}" for fault in serving.faults(config, recipe, four_bit)]
    return list(dict.fromkeys(found))
