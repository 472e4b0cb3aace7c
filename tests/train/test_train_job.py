"""Ray Train for real: two workers against one plain process, and a driver killed on its way."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecom.artifact import Draft
from ecom.train import batches, job, loop
from ecom.train.config import TrainConfig
from ecom.train.model import load_lora, response_loss

pytestmark = pytest.mark.integration

CONFIG = TrainConfig(
    workers=2, rank=4, alpha=8, learning_rate=5e-3, rows_per_step=8, epochs=2,
    tokens_per_batch=128, checkpoint_every_steps=5,
)  # fmt: skip
ROWS = 160


@pytest.fixture(scope="module", autouse=True)
def ray_ends() -> Iterator[None]:
    yield
    import ray

    ray.shutdown()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    for split, count in (("train", ROWS), ("validation", 9)):
        (folder / split).mkdir()
        table = pa.table(
            {
                "id": [f"{split}{n:04d}" for n in range(count)],
                "prompt_ids": [[5 + n % 40] * (1 + n % 23) for n in range(count)],
                "response_ids": [[100 + n % 7, 2] for n in range(count)],
            }
        )
        pq.write_table(table, folder / split / "part.parquet")
    return folder


@pytest.fixture(scope="module")
def trained(
    corpus: Path, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Draft, dict[str, list[float]]]:
    draft = Draft(tmp_path_factory.mktemp("train"))
    job.run(CONFIG, seed=3, base=str(tiny_model), corpus=corpus, draft=draft)
    return draft, json.loads((draft.path / "loss.json").read_text())


def plain(corpus: Path, base: Path) -> tuple[list[float], dict[str, Any]]:
    """The same run in one process, written with nothing but torch and peft."""
    import torch
    from peft import get_peft_model_state_dict

    model = load_lora(str(base), CONFIG, seed=3)
    module = response_loss(model)
    optimizer = torch.optim.AdamW(
        [p for p in model.parameters() if p.requires_grad], weight_decay=0
    )
    rows = batches.load_rows(corpus / "train")
    losses = []
    for step in range(40):
        optimizer.param_groups[0]["lr"] = loop.learning_rate(CONFIG, step, 40)
        chosen = batches.rows_of_step(len(rows), 8, 3, step)
        batch = batches.collate(rows, chosen, pad_id=0)
        loss = module(**batch) / (batch["labels"] != -100).sum()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(module.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses, get_peft_model_state_dict(model)


def test_two_workers_learn_what_one_plain_process_learns(
    trained: tuple[Draft, dict[str, list[float]]], corpus: Path, tiny_model: Path
) -> None:
    from safetensors.torch import load_file

    draft, record = trained
    losses, weights = plain(corpus, tiny_model)
    assert record["train"] == pytest.approx(losses, abs=1e-5)
    saved = load_file(draft.path / "adapter" / "adapter_model.safetensors")
    assert saved.keys() == weights.keys()
    for name, tensor in saved.items():
        assert (tensor - weights[name]).abs().max() < 1e-4, name
    assert record["validation_after"] < record["validation_before"]


def test_a_killed_driver_goes_on_from_its_checkpoint_to_the_same_adapter(
    trained: tuple[Draft, dict[str, list[float]]], corpus: Path, tiny_model: Path, tmp_path: Path
) -> None:
    import ray
    from safetensors.torch import load_file

    ray.shutdown()
    script = (
        "import sys; from pathlib import Path; from ecom.artifact import Draft\n"
        "from ecom.train import job; from ecom.train.config import TrainConfig\n"
        "config = TrainConfig.model_validate_json(sys.argv[1])\n"
        "job.run(config, seed=3, base=sys.argv[2], corpus=Path(sys.argv[3]),"
        " draft=Draft(Path(sys.argv[4])))\n"
    )
    arguments = [CONFIG.model_dump_json(), str(tiny_model), str(corpus), str(tmp_path)]
    driver = subprocess.Popen(
        [sys.executable, "-c", script, *arguments], start_new_session=True
    )  # fmt: skip
    checkpoints = tmp_path / job._RUN_NAME
    while driver.poll() is None and len(list(checkpoints.glob("checkpoint_*"))) < 2:
        try:
            driver.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
    assert driver.poll() is None, "the driver was to be killed before it ended"
    os.killpg(driver.pid, signal.SIGKILL)
    driver.wait()

    draft = Draft(tmp_path)
    job.run(CONFIG, seed=3, base=str(tiny_model), corpus=corpus, draft=draft)
    whole, record = trained
    resumed = json.loads((tmp_path / "loss.json").read_text())
    assert resumed == record, "every loss, bit for bit"
    first, second = (
        load_file(path / "adapter" / "adapter_model.safetensors") for path in (whole.path, tmp_path)
    )
    assert all((first[name] == second[name]).all() for name in first)
