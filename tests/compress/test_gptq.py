"""GPTQ's rounding: beside rounding to nearest on inputs that correlate."""

import pytest
import torch

from ecom.compress import awq
from ecom.compress.quantizers import gptq
from ecom.errors import StageError

pytestmark = pytest.mark.model


def _inputs(tokens: int, width: int) -> torch.Tensor:
    """Inputs that correlate, a few of them strong."""
    numbers = torch.Generator().manual_seed(1)
    mixed = torch.randn(tokens, 24, generator=numbers) @ torch.randn(24, width, generator=numbers)
    mixed += torch.randn(tokens, width, generator=numbers)
    mixed[:, :4] *= 10
    return mixed


def _weight(out: int, width: int) -> torch.Tensor:
    drawn = torch.randn(out, width, generator=torch.Generator().manual_seed(2))
    return drawn.div(width**0.5)


@pytest.mark.parametrize("group_size", [32, 128])
def test_outputs_are_closer_than_when_rounded_to_nearest(group_size: int) -> None:
    weight, (x, fresh) = _weight(64, 256), _inputs(1200, 256).split(600)
    made = gptq.quantize("up_proj", weight, x.t() @ x, group_size)[0]
    nearest = awq.round_to_nearest(weight, group_size)
    wrong, plain = ((fresh @ (other - weight).t()).norm() for other in (made, nearest))
    assert wrong < 0.5 * plain


def test_inputs_that_are_always_zero_do_no_harm() -> None:
    weight, x = _weight(16, 64), _inputs(40, 64)  # fewer tokens than inputs, too
    weight[:, 40:], x[:, 40:] = 0, 0
    made = gptq.quantize("up_proj", weight, x.t() @ x, 32)[0]
    assert made[:, 40:].abs().max() == 0
    assert 0 < (x @ (made - weight).t()).norm() < 0.1 * (x @ weight.t()).norm()
    unseen = gptq.quantize("up_proj", weight, torch.zeros(64, 64), 32)[0]
    assert (unseen - weight).abs().max() < 0.1  # rows that never reach it: rounded to nearest


def test_numbers_that_overflow_are_told() -> None:
    with pytest.raises(StageError, match=r"up_proj: .*overflow.*learning_rate"):
        gptq.quantize("up_proj", _weight(16, 64) * float("inf"), torch.eye(64), 32)
