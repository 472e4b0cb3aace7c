import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom.compress.awq import dequantize, round_to_nearest, unpack

torch = pytest.importorskip("torch")

nibble = st.integers(0, 15)


def _pack_by_hand(row: list[int]) -> int:
    """AutoAWQ's WQLinear_GEMM.from_linear: bits 4·k hold column [0, 2, 4, 6, 1, 3, 5, 7][k]."""
    value = 0
    for k, column in enumerate([0, 2, 4, 6, 1, 3, 5, 7]):
        value |= row[column] << (4 * k)
    return value - 2**32 if value >= 2**31 else value


@settings(deadline=None, max_examples=50)
@given(st.lists(st.lists(nibble, min_size=16, max_size=16), min_size=1, max_size=4))
def test_unpack_reads_what_autoawq_packs(rows: list[list[int]]) -> None:
    packed = [[_pack_by_hand(row[:8]), _pack_by_hand(row[8:])] for row in rows]
    assert unpack(torch.tensor(packed, dtype=torch.int32)).tolist() == rows


def test_dequantize_follows_the_formula_number_by_number() -> None:
    q = torch.randint(0, 16, (4, 8), generator=torch.Generator().manual_seed(0)).tolist()
    zeros = [[7, 0, 15, 3, 8, 1, 2, 9], [1, 2, 3, 4, 5, 6, 7, 8]]
    scales = torch.linspace(0.01, 0.16, 16).view(2, 8).half()
    weight = dequantize(
        torch.tensor([[_pack_by_hand(row)] for row in q], dtype=torch.int32),
        torch.tensor([[_pack_by_hand(row)] for row in zeros], dtype=torch.int32),
        scales,
    )
    for out in range(8):
        for inner in range(4):
            expected = (q[inner][out] - zeros[inner // 2][out]) * scales[inner // 2, out].item()
            assert weight[out, inner].item() == pytest.approx(expected, abs=1e-7)


def test_round_to_nearest_keeps_16_levels_a_group_and_half_a_step() -> None:
    weight = torch.randn(6, 80, generator=torch.Generator().manual_seed(0))
    rounded = round_to_nearest(weight, group_size=32)
    assert rounded.shape == weight.shape
    for row, start in [(0, 0), (3, 32), (5, 64)]:
        old, new = weight[row, start : start + 32], rounded[row, start : start + 32]
        step = (max(old.max().item(), 0) - min(old.min().item(), 0)) / 15
        assert len(new.unique()) <= 16
        assert (old - new).abs().max() <= step * 1.01  # the ends may move by the zero's rounding
        assert (old - new).abs().mean() <= step / 2


def test_round_to_nearest_keeps_zeros() -> None:
    assert not round_to_nearest(torch.zeros(2, 64), group_size=32).any()
