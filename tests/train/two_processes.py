"""Two gloo processes that train under one strategy after the other, for test_strategies.py.

    python -m tests.train.two_processes RANK PORT BASE CORPUS OUT

Writes OUT/NAME.json (the losses) and OUT/NAME/ (the checkpoint after the last step).
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from ecom.train import batches, loop, model, zero
from ecom.train.config import TrainConfig

STEPS, HALF, SEED = 40, 20, 3
CONFIGS: dict[str, dict[str, Any]] = {
    "ddp": {},
    "deepspeed-zero2": {"strategy": "deepspeed-zero2"},
    "deepspeed-zero3": {"strategy": "deepspeed-zero3"},
    "offload": {"strategy": "deepspeed-zero2", "offload_optimizer": True},
    "full": {"method": "full", "learning_rate": 1e-3},
    "full-zero3": {"method": "full", "strategy": "deepspeed-zero3", "learning_rate": 1e-3},
    "qlora": {"method": "qlora"},
}


def config(name: str) -> TrainConfig:
    settings = {
        "rank": 4,
        "alpha": 8,
        "learning_rate": 5e-3,
        "rows_per_step": 8,
        "epochs": 2,
        "tokens_per_batch": 128,
    }
    return TrainConfig.model_validate({**settings, **CONFIGS[name]})


def train(
    settings: TrainConfig,
    base: str,
    rows: batches.Rows,
    worker: loop.Worker,
    steps: range,
    *,
    load: Path | None = None,
    save: Path | None = None,
) -> list[float]:
    """Take the steps as ecom.train.worker does; return their losses."""
    import torch

    with zero.loading(settings):
        loaded = model.load(base, settings, SEED)
    built = loop.build_strategy(loaded, settings, torch.device("cpu"))
    if load:
        built.load(load)
    losses = []
    for step in steps:
        chosen = batches.rows_of_step(len(rows), settings.rows_per_step, SEED, step)
        rate = loop.learning_rate(settings, step, STEPS)
        made = loop.train_step(built, rows, chosen, settings, worker, rate=rate, seed=(SEED, step))
        losses.append(made.loss)
    if save:
        built.save(save, first=worker.rank == 0)
    return losses


def main(rank: int, port: str, base: str, corpus: str, out: str) -> None:
    import torch

    os.environ["LOCAL_RANK"] = str(rank)  # DeepSpeed wants it, and Ray Train sets it
    torch.set_num_threads(1)
    torch.distributed.init_process_group(
        "gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=2
    )
    rows, worker = batches.load_rows(Path(corpus) / "train"), loop.Worker(rank, 2, pad_id=0)
    for name in CONFIGS:
        folder = Path(out) / name
        folder.mkdir(exist_ok=True)
        settings = config(name)
        losses = train(settings, base, rows, worker, range(HALF), save=folder)
        torch.distributed.barrier()
        losses += train(settings, base, rows, worker, range(HALF, STEPS), load=folder, save=folder)
        if rank == 0:
            (Path(out) / f"{name}.json").write_text(json.dumps(losses))
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
