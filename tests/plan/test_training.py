from collections.abc import Callable
from typing import Any

import pytest

from ecom.plan import training
from ecom.plan.base import find
from ecom.plan.memory import Memory
from ecom.recipe import Recipe

GIB = 2**30
QWEN_7B = 7_615_616_512
BLOOM_7B = 7_069_016_064


def lines(memory: Memory) -> dict[str, float]:
    return {line.name: line.gib for line in memory.lines}


@pytest.fixture
def planned(recipe_of: Callable[..., Recipe]) -> Callable[..., dict[str, float]]:
    def plan(base: str, **train: Any) -> dict[str, float]:
        recipe = recipe_of(base, **train)
        return lines(training.plan(find(recipe).config, recipe))

    return plan


def test_full_fine_tuning_under_ddp_takes_16_bytes_a_parameter(
    planned: Callable[..., dict[str, float]],
) -> None:
    found = planned("bloomz-7b1", method="full", accelerator="H200")

    assert found["weights"] == found["gradients"] == pytest.approx(4 * BLOOM_7B / GIB)
    assert found["optimizer states"] == pytest.approx(8 * BLOOM_7B / GIB)


@pytest.mark.parametrize("workers", [4, 8])
def test_zero_divides_what_its_paper_says(
    planned: Callable[..., dict[str, float]], workers: int
) -> None:
    """ZeRO (Rajbhandari et al. 2020), section 3: 2 + 2 + 12 bytes, divided from the right."""
    settings: dict[str, Any] = {"method": "full", "accelerator": "A100-80G", "workers": workers}
    two = planned("bloomz-7b1", strategy="deepspeed-zero2", **settings)
    three = planned("bloomz-7b1", strategy="deepspeed-zero3", **settings)

    assert two["weights"] == pytest.approx(2 * BLOOM_7B / GIB)
    assert two["gradients"] + two["optimizer states"] == pytest.approx(
        14 * BLOOM_7B / workers / GIB
    )
    assert three["weights"] == pytest.approx(2 * BLOOM_7B / workers / GIB)
    assert three["optimizer states"] == two["optimizer states"]
    assert three["working space"] > two["working space"]


def test_lora_halves_the_base_and_keeps_adapters_whole(
    planned: Callable[..., dict[str, float]],
) -> None:
    found = planned("qwen2.5-7b", accelerator="A100-80G", rank=16)

    assert found["weights of the base"] == pytest.approx(2 * QWEN_7B / GIB)
    assert found["weights of the adapters"] == pytest.approx(4 * 40_370_176 / GIB)
    assert found["gradients"] == pytest.approx(4 * 40_370_176 / GIB)
    assert found["optimizer states"] == pytest.approx(8 * 40_370_176 / GIB)


def test_qlora_takes_4_bit_and_its_constants(planned: Callable[..., dict[str, float]]) -> None:
    found = planned("qwen2-72b", method="qlora", accelerator="A100-80G")

    # the same model by unsloth in NF4 is files of 41.2 GB
    assert found["weights of the base"] * GIB == pytest.approx(41.2e9, rel=0.02)
    assert found["working space"] > 2 * 8192 * 29_568 / GIB  # one layer at a time is unpacked


def test_offload_moves_optimizer_states_to_the_machine(recipe_of: Callable[..., Recipe]) -> None:
    recipe = recipe_of(
        "bloomz-7b1",
        method="full",
        accelerator="A100-80G",
        workers=4,
        strategy="deepspeed-zero2",
        offload_optimizer=True,
    )
    found = training.plan(find(recipe).config, recipe)

    assert lines(found)["optimizer states"] == 0
    assert found.host_gib == pytest.approx(16 * BLOOM_7B / 4 / GIB)


def test_elastic_workers_are_planned_for_the_fewest(recipe_of: Callable[..., Recipe]) -> None:
    recipe = recipe_of("tiny", workers=[2, 8])
    found = training.plan(find(recipe).config, recipe)

    assert found.facts["workers"] == 2
    assert "2 workers" in found.title


@pytest.mark.parametrize(
    ("budget", "longest", "rows", "tokens"),
    [(4096, 512, 8, 512), (4096, 4096, 1, 4096), (2048, 4096, 1, 2048), (4096, 3000, 2, 2048)],
)
def test_the_worst_batch_is_full_and_its_rows_are_long(
    recipe_of: Callable[..., Recipe], budget: int, longest: int, rows: int, tokens: int
) -> None:
    recipe = recipe_of("tiny", {"max_tokens": longest}, tokens_per_batch=budget)

    assert training.batch(recipe) == (rows, tokens)


def test_activations_grow_with_the_batch_and_shrink_with_checkpointing(
    planned: Callable[..., dict[str, float]],
) -> None:
    settings: dict[str, Any] = {"accelerator": "A100-80G"}
    small = planned("qwen2.5-7b", tokens_per_batch=1024, **settings)["activations"]
    large = planned("qwen2.5-7b", tokens_per_batch=4096, **settings)["activations"]
    saved = planned("qwen2.5-7b", tokens_per_batch=4096, gradient_checkpointing=True, **settings)

    assert large == pytest.approx(4 * small, rel=0.05)
    inputs = 28 * 4096 * 3584 * 2 / GIB  # of each layer, bf16
    assert inputs < saved["activations"] < 1.3 * inputs


def test_the_loss_needs_its_logits_three_times_in_fp32(
    planned: Callable[..., dict[str, float]],
) -> None:
    found = planned(
        "qwen2.5-7b", accelerator="A100-80G", tokens_per_batch=2048, gradient_checkpointing=True
    )

    assert found["temporaries"] == pytest.approx(3 * 4 * 2048 * 152_064 / GIB, rel=0.05)


def test_nf4_is_as_bitsandbytes_packs_it() -> None:
    functional = pytest.importorskip("bitsandbytes").functional
    import torch

    packed, state = functional.quantize_4bit(
        torch.randn(512, 1024), quant_type="nf4", compress_statistics=True
    )
    held = packed.nbytes + state.absmax.nbytes + state.state2.absmax.nbytes

    assert held == pytest.approx(training.NF4 * 512 * 1024)
