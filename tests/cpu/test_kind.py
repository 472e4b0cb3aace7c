import importlib.metadata

import pytest
import torch

from ecom import cpu
from ecom.cpu.plugin import register

AWQ = {"quantization_config": {"quant_method": "awq"}}
KINDS = {
    "amx": {"avx2", "avx512_f", "avx512_bf16", "amx_tile"},
    "avx512": {"avx2", "avx512_f"},
    "avx2": {"avx2"},
    "none": {"sse4_2"},
}


@pytest.mark.parametrize(("kind", "has"), KINDS.items())
def test_the_kind_is_the_most_that_vllm_can_use(
    kind: str, has: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: dict.fromkeys(has, True))
    assert cpu.kind() == kind
    assert cpu.has_four_bit_kernel() == (kind in ("amx", "avx512"))
    found = cpu.notice(AWQ)
    assert (found is not None and "16 bits" in found) == (kind in ("avx2", "none"))
    assert cpu.notice({}) is None  # a 16-bit model is what it is


def test_vllm_finds_the_plugin() -> None:
    [plugin] = [
        found
        for found in importlib.metadata.entry_points(group="vllm.general_plugins")
        if found.name == "ecom"
    ]
    assert plugin.load() is register
