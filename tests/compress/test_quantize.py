"""Quantizing layer by layer: what a layer sees, going on after a crash, what is refused."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecom.compress import pad, streamed
from ecom.compress.config import CompressConfig
from ecom.compress.quantize import calibration_blocks, quantize
from ecom.compress.sample import draw
from ecom.errors import DataError, StageError

if TYPE_CHECKING:
    from conftest import Compressed

pytestmark = pytest.mark.model

torch = pytest.importorskip("torch")

WORKER = ["ecom.compress.worker", "auto-round"]
ROWS = [[5, 9, 70, 3, 8, 1], [7, 7, 100, 2, 60, 4]]


@pytest.mark.parametrize("random_model", ["qwen2", "llama"], indirect=True)
def test_states_between_layers_are_the_whole_models(random_model: Path) -> None:
    from transformers import AutoModelForCausalLM

    whole = AutoModelForCausalLM.from_pretrained(random_model)
    found = whole(input_ids=torch.tensor(ROWS), output_hidden_states=True).hidden_states
    causal, read = streamed.skeleton(random_model), streamed.reader(random_model)
    states = streamed.embed(causal, ROWS, read)
    assert torch.equal(torch.cat(states), found[0])
    states = streamed.run_layer(causal, 0, states, read)
    assert (torch.cat(states) - found[1]).abs().max() < 1e-5


@pytest.mark.integration
def test_a_killed_run_goes_on_at_its_layer_and_ends_the_same(
    compressed: "Compressed", tmp_path: Path
) -> None:
    import psutil

    config, packed = compressed.config, tmp_path / "packed"
    grouped = tmp_path / "grouped"
    group_size = config.group(json.loads((compressed.base / "config.json").read_text()))
    pad.pad(compressed.path / "merged", grouped, group_size)
    rows = draw(compressed.corpus, "train", config.calibration_rows, seed=0)
    blocks = calibration_blocks(rows, config.calibration_tokens)
    steps: list[tuple[int, int, float | None]] = []

    def kill(done: int, layers: int, error: float | None) -> None:
        steps.append((done, layers, error))
        if done == 1:
            children = (p for p in psutil.Process().children() if p.status() != "zombie")
            [own] = [child for child in children if child.cmdline()[-2:] == WORKER]
            own.kill()

    message = r"(?s)auto-round ended with SIGKILL .*memory.* resume.* last words"
    with pytest.raises(StageError, match=message):
        quantize(grouped, packed, blocks, config, 0, kill)
    assert not (packed / "config.json").exists()
    first = (packed / "model-00002-of-00004.safetensors").stat()
    quantize(grouped, packed, blocks, config, 0, lambda *layer: steps.append(layer))
    assert [done for done, _, _ in steps] == [0, 1, 1, 2]
    assert all(error is None or 0 < error < 0.3 for _, _, error in steps)
    assert (packed / "model-00002-of-00004.safetensors").stat().st_mtime_ns == first.st_mtime_ns
    assert not (packed / "work").exists()
    pad.pad(packed, tmp_path / "model", group_size * config.tensor_parallel)
    for shard in sorted(compressed.path.glob("model/model*.safetensors")):
        assert (tmp_path / "model" / shard.name).read_bytes() == shard.read_bytes()
    quantize(grouped, packed, blocks, config, 0, kill)  # whole already: no worker to kill


@pytest.mark.parametrize("random_model", ["llama"], indirect=True)
def test_rows_of_another_tokenizer_are_refused(random_model: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"token 9999, but the model has 128"):
        quantize(random_model, tmp_path / "out", [[1, 9999]], CompressConfig(), 0, lambda *_: None)
    assert not (tmp_path / "out").exists()
