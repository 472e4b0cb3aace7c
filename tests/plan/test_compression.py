"""Sizes of published models, from their config.json alone."""

from collections.abc import Callable

import pytest

from ecom.plan import compression
from ecom.plan.base import find
from ecom.plan.compression import Compression
from ecom.recipe import Recipe

Planned = Callable[..., Compression]


@pytest.fixture
def planned(recipe_of: Callable[..., Recipe]) -> Planned:
    def plan(base: str, **compress: int | str) -> Compression:
        data = recipe_of(base).model_dump()
        data["compress"] |= compress
        recipe = Recipe.model_validate(data)
        return compression.plan(find(recipe).config, recipe)

    return plan


def test_the_papers_72b(planned: Planned) -> None:
    found = planned("qwen2-72b", tensor_parallel=4)
    assert found.intermediate_size == (29_568, 29_696)
    assert found.packed_gib == pytest.approx(38.74, abs=0.01)  # Innova, section 2.4
    assert found.checkpoint_gib * 2**30 == pytest.approx(2 * 72_706_203_648)  # Qwen2's model card
    # no padding before packing: 29,568 fills groups of 128
    assert found.disk_gib == pytest.approx(found.checkpoint_gib + 2 * found.packed_gib)
    assert found.merge_gib < 20
    # far less than the whole model, and less still with fewer rows to calibrate on
    fewer = planned("qwen2-72b", calibration_rows=16)
    assert fewer.quantize_gib < 25 < found.quantize_gib < found.checkpoint_gib / 2


def test_the_best_effort_takes_more_memory_and_a_little_more_time(planned: Planned) -> None:
    fast, best = (planned("qwen2.5-7b", effort=effort) for effort in ("fast", "best"))
    widest = 18_944  # inputs of down_proj: a matrix of their products in fp32
    assert best.quantize_gib - fast.quantize_gib > 4 * widest**2 / 2**30
    assert fast.quantize_tflop < best.quantize_tflop < 1.5 * fast.quantize_tflop
    assert best.packed_gib == fast.packed_gib
    [(_, text)] = [line for line in compression.lines(best) if line[0] == "time to quantize"]
    assert f"{best.quantize_tflop * 1e12 / 5e10 / 60:,.0f} min of a CPU core" in text


def test_what_does_not_fill_its_groups_is_padded_in_16_bit_too(planned: Planned) -> None:
    found = planned("qwen2-72b", group_size=512)
    assert found.intermediate_size == (29_568, 29_696)
    assert found.disk_gib == pytest.approx(2 * found.checkpoint_gib + 2 * found.packed_gib)


def test_a_model_without_padding_says_so(planned: Planned) -> None:
    assert ("padding", "none needed") in compression.lines(planned("qwen2.5-7b"))
    bloom = planned("bloomz-7b1")
    assert bloom.intermediate_size is None
    assert "16 bit" in dict(compression.lines(bloom))["padding"]
