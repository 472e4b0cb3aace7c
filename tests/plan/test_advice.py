from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecom.plan import report
from ecom.recipe import Recipe, load

pytestmark = pytest.mark.model


@pytest.fixture
def replanned(tmp_path: Path) -> Callable[..., report.Plan]:
    """The plan after the overrides, given as on the command line."""

    def plan(recipe: Recipe, overrides: tuple[str, ...]) -> report.Plan:
        path = tmp_path / "planned.yaml"
        path.write_text(yaml.safe_dump(recipe.model_dump(mode="json")))
        return report.make(load(path, overrides))

    return plan


def advice(plan: report.Plan) -> set[tuple[str, ...]]:
    return {found.overrides for found in plan.train_advice}


def test_what_fits_needs_no_advice(recipe_of: Callable[..., Recipe]) -> None:
    found = report.make(recipe_of("tiny"))

    assert found.fits
    assert not found.train_advice


CASES: dict[str, tuple[str, dict[str, Any], set[tuple[str, ...]]]] = {
    "activations": (
        "mistral-7b",
        {"accelerator": "A10G", "tokens_per_batch": 4096},
        {("train.gradient_checkpointing=true",)},
    ),
    "the base": (
        "qwen2.5-7b",
        {"accelerator": "T4", "tokens_per_batch": 1024, "gradient_checkpointing": True},
        {
            ("train.method=qlora",),
            ("train.accelerator=L4",),
        },
    ),
    "everything": (
        "bloomz-7b1",
        {
            "method": "full",
            "accelerator": "A100-80G",
            "tokens_per_batch": 1024,
            "gradient_checkpointing": True,
            "workers": 4,
        },
        {("train.strategy=deepspeed-zero2",), ("train.accelerator=H200",)},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_advice_names_the_usual_remedies_and_each_one_fits(
    recipe_of: Callable[..., Recipe], replanned: Callable[..., report.Plan], case: str
) -> None:
    base, train, expected = CASES[case]
    data = recipe_of(base, {"max_tokens": 1024}, **train).model_dump()
    data["predict"]["models"] = ["base"]  # BLOOM cannot be compressed
    recipe = Recipe.model_validate(data)
    found = report.make(recipe)

    assert not found.train.fits
    assert expected <= advice(found)
    for option in found.train_advice:
        again = replanned(recipe, option.overrides).train
        assert again.fits
        assert again.total_gib == pytest.approx(option.total_gib)


def test_a_smaller_cache_or_more_gpus_are_advised_for_the_engine(
    recipe_of: Callable[..., Recipe], replanned: Callable[..., report.Plan]
) -> None:
    recipe = recipe_of(
        "qwen2-72b",
        engine={"accelerator": "T4", "tensor_parallel": 2},
        method="qlora",
        accelerator="H200",
    )
    found = report.make(recipe)

    assert ("engine.tensor_parallel=4", "compress.tensor_parallel=4") in {
        option.overrides for option in found.engine_advice
    }
    for option in found.engine_advice:
        assert replanned(recipe, option.overrides).engine.fits


def test_the_least_card_that_holds_it_is_advised_for_the_engine(
    recipe_of: Callable[..., Recipe], replanned: Callable[..., report.Plan]
) -> None:
    # 38.74 GiB of weights: too much for the 39.38 of an A100-40G, and what runs besides for an L40S
    recipe = recipe_of(
        "qwen2-72b", engine={"accelerator": "T4"}, method="qlora", accelerator="H200"
    )
    found = report.make(recipe)

    cards = [o.overrides for o in found.engine_advice if "accelerator" in o.overrides[0]]
    assert cards == [("engine.accelerator=A100-80G",)]
    assert replanned(recipe, cards[0]).engine.fits
