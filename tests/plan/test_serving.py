from collections.abc import Callable
from typing import Any

import pytest
import torch

from ecom.plan import refusals, serving
from ecom.plan.base import find
from ecom.plan.memory import Memory
from ecom.recipe import Recipe

T4 = {"accelerator": "T4", "max_model_len": 4096}


@pytest.fixture
def planned(recipe_of: Callable[..., Recipe]) -> Callable[..., Memory]:
    def plan(base: str, compress: dict[str, Any] | None = None, **engine: Any) -> Memory:
        data = recipe_of(base, engine={**T4, **engine}).model_dump()
        data["compress"] |= compress or {"tensor_parallel": engine.get("tensor_parallel", 1)}
        recipe = Recipe.model_validate(data)
        return serving.plan(find(recipe).config, recipe)

    return plan


def test_four_t4_hold_the_paper_s_model(planned: Callable[..., Memory]) -> None:
    found = planned("qwen2-72b", tensor_parallel=4, gpu_memory_utilization=0.95)

    assert found.fits
    assert 4 * found.lines[0].gib == pytest.approx(38.74, abs=0.01)  # Innova, section 2.4
    assert found.facts["kv_cache_tokens"] > 20_000


def test_a_token_of_the_72b_takes_320_kib_over_all_gpus(planned: Callable[..., Memory]) -> None:
    # K and V × 80 layers × 8 key-value heads × 128 × 2 B = 327,680 B
    for ranks, kib in ((1, 320), (4, 80)):
        cache = planned("qwen2-72b", tensor_parallel=ranks).lines[-1]
        assert f"4,096 tokens at {kib} KiB" in cache.about
        assert cache.gib * 2**30 == 4096 * kib * 1024


def test_what_a_t4_does_not_have_is_a_fault_with_a_remedy(planned: Callable[..., Memory]) -> None:
    found = planned("qwen2.5-7b", vllm_overrides={"kv_cache_dtype": "fp8"})
    assert found.total_gib < found.allowed_gib
    assert not found.fits
    [fault] = found.faults
    assert "set engine.vllm_overrides.kv_cache_dtype=auto" in fault


def test_an_fp8_cache_holds_twice_the_tokens(planned: Callable[..., Memory]) -> None:
    plain = planned("qwen2.5-7b", accelerator="L4")
    fp8 = planned("qwen2.5-7b", accelerator="L4", vllm_overrides={"kv_cache_dtype": "fp8"})
    assert fp8.fits
    tokens = [found.facts["kv_cache_tokens"] for found in (plain, fp8)]
    assert tokens[1] == pytest.approx(2 * tokens[0], abs=1)


def test_two_t4_do_not(planned: Callable[..., Memory]) -> None:
    found = planned("qwen2-72b", tensor_parallel=2)

    assert not found.fits
    assert found.total_gib > found.allowed_gib


def test_one_t4_holds_a_7b_model_in_4_bit_but_not_in_16(
    planned: Callable[..., Memory], recipe_of: Callable[..., Recipe]
) -> None:
    found = planned("qwen2.5-7b")
    assert found.fits
    assert found.lines[0].gib * 2**30 == pytest.approx(5.57e9, rel=0.02)  # Qwen's own AWQ files

    data = recipe_of("qwen2.5-7b", engine=T4).model_dump()
    data["predict"]["models"] = ["awq", "merged"]
    recipe = Recipe.model_validate(data)
    assert not serving.plan(find(recipe).config, recipe).fits


def test_a_cpu_without_a_4_bit_kernel_holds_16_bit_weights(
    planned: Callable[..., Memory], monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = []
    for has in ({"avx2": True, "avx512_f": True}, {"avx2": True}):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda has=has: has)
        weights.append(planned("qwen2.5-7b", accelerator="cpu").lines[0])
    assert weights[0].gib * 2**30 == pytest.approx(5.57e9, rel=0.02)
    assert weights[1].gib * 2**30 == pytest.approx(2 * 7.616e9, rel=0.01)  # Qwen's own count
    assert "16 bit" in weights[1].about


def test_what_does_not_divide_is_a_fault_whatever_the_memory(
    planned: Callable[..., Memory],
) -> None:
    [*_, fault] = planned("qwen2-72b", {"tensor_parallel": 1}, tensor_parallel=4).faults
    assert "intermediate_size 29568" in fault
    assert not planned("qwen2-72b", {"tensor_parallel": 4}, tensor_parallel=4).faults


@pytest.mark.parametrize(("model", "refused"), [("awq", 0), ("adapters", 0), ("merged", 1)])
def test_only_a_model_in_16_bit_must_divide_without_padding(
    recipe_of: Callable[..., Recipe], model: str, refused: int
) -> None:
    data = recipe_of("tiny", engine={"tensor_parallel": 2}, per="skill").model_dump()
    data["compress"] |= {"tensor_parallel": 2, "group_size": 32}
    data["predict"] |= {"models": (model,)}
    recipe = Recipe.model_validate(data)
    config = find(recipe).config
    config.intermediate_size = 257

    assert len(refusals.find(config, recipe)) == refused
