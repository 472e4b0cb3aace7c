"""Every strategy, on two gloo processes and through a checkpoint, against one plain process."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ecom.train import batches, loop, model
from ecom.train.publish import publish
from ecom.train.strategy import WEIGHTS
from tests.train import two_processes as two

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def trained(corpus: Path, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("two")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    module = [sys.executable, "-m", "tests.train.two_processes"]
    arguments = [port, str(tiny_model), str(corpus), str(out)]
    both = [
        subprocess.Popen([*module, rank, *arguments], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for rank in "01"
    ]
    for process in both:
        _, stderr = process.communicate()
        assert process.returncode == 0, stderr[-4000:]
    return out


def plain(corpus: Path, base: Path, name: str) -> tuple[list[float], dict[str, Any]]:
    """The same run in one process, written with nothing but torch, transformers and peft."""
    import torch

    settings = two.config(name)
    bare = model.load(str(base), settings, seed=two.SEED)
    parameters = [p for p in bare.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, weight_decay=0)
    rows = batches.load_rows(corpus / "train")
    losses = []
    for step in range(two.STEPS):
        optimizer.param_groups[0]["lr"] = loop.learning_rate(settings, step, two.STEPS)
        chosen = batches.rows_of_step(len(rows), settings.rows_per_step, two.SEED, step)
        batch = batches.collate(rows, chosen, pad_id=0, prompt_weight=0.0)
        labels = batch["input_ids"].masked_fill(batch["weights"] == 0, -100)
        loss = bare(input_ids=batch["input_ids"], labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses, {n: p.detach() for n, p in bare.named_parameters() if p.requires_grad}


@pytest.mark.parametrize("name", sorted(two.CONFIGS.keys() - {"qlora"}))
def test_two_workers_learn_what_one_plain_process_learns(
    name: str, trained: Path, corpus: Path, tiny_model: Path
) -> None:
    from safetensors.torch import load_file

    losses, weights = plain(corpus, tiny_model, name)
    assert json.loads((trained / f"{name}.json").read_text()) == pytest.approx(losses, abs=1e-5)
    saved = load_file(trained / name / WEIGHTS)
    assert saved.keys() == weights.keys()
    for key, tensor in saved.items():
        assert (tensor - weights[key]).abs().max() < 1e-4, key
    assert losses[-1] < losses[0]


def test_another_number_of_workers_goes_on_under_ddp(
    trained: Path, corpus: Path, tiny_model: Path, tmp_path: Path
) -> None:
    rows, alone = batches.load_rows(corpus / "train"), loop.Worker(0, 1, pad_id=0)
    settings, base = two.config("ddp"), str(tiny_model)
    first = two.train(settings, base, rows, alone, range(two.HALF), save=tmp_path)
    second = two.train(settings, base, rows, alone, range(two.HALF, two.STEPS), load=tmp_path)
    both = json.loads((trained / "ddp.json").read_text())
    assert first + second == pytest.approx(both, abs=1e-5)
    # the last checkpoint of two, gone on with by one
    more = two.train(
        settings, base, rows, alone, range(two.STEPS, two.STEPS + 3), load=trained / "ddp"
    )
    assert max(more) < both[0]


def test_qlora_learns_in_four_bits(trained: Path, tiny_model: Path, tmp_path: Path) -> None:
    losses = json.loads((trained / "qlora.json").read_text())
    assert losses[-1] < losses[0]
    publish(trained / "qlora", str(tiny_model), two.config("qlora"), tmp_path / "adapter")
    assert (tmp_path / "adapter" / "adapter_model.safetensors").is_file()
