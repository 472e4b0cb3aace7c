"""The train stage on Ray Train: corpus -> LoRA adapter.

    adapter/      peft's format: adapter_config.json, adapter_model.safetensors
    loss.json     training loss of every step, validation loss before and after
    loss.png      the curve

Ray Train starts the workers, restarts lost ones from the last checkpoint, and after a killed driver
the next run goes on from it too, because checkpoints lie in the artifact's partial directory.
"""

import contextlib
import json
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ecom import cluster, progress
from ecom.artifact import Draft
from ecom.errors import InputError, StageError
from ecom.train import batches, checkpoint, loop
from ecom.train.config import TrainConfig
from ecom.train.model import load_lora, response_loss

if TYPE_CHECKING:
    from rich.progress import Progress

_RUN_NAME = "ray_train"
_PROGRESS = "progress.json"


def run(config: TrainConfig, *, seed: int, base: str, corpus: Path, draft: Draft) -> None:
    """Write the adapter below draft.path. Raises InputError before, StageError during training."""
    rows = batches.load_rows(corpus / "train")
    if min(len(rows), config.rows_per_step) < config.workers:
        raise InputError(
            f"train.workers is {config.workers}, but a step has only "
            f"{min(len(rows), config.rows_per_step)} rows; lower train.workers"
        )
    cluster.connect()
    with _watching(draft.path / _PROGRESS), _ctrl_c():
        result = _trainer(config, seed, base, corpus.absolute(), draft.path).fit()
    if result.checkpoint is None:
        raise StageError("training ended without a checkpoint; look at the log above")
    with result.checkpoint.as_directory() as folder:
        shutil.copytree(Path(folder) / "adapter", draft.path / "adapter", dirs_exist_ok=True)
    losses = json.loads(result.metrics["losses"])
    before, after = result.metrics["validation_before"], result.metrics["validation_after"]
    record = {"train": losses, "validation_before": before, "validation_after": after}
    (draft.path / "loss.json").write_text(json.dumps(record))
    _draw(losses, draft.path / "loss.png")
    shutil.rmtree(draft.path / _RUN_NAME)
    (draft.path / _PROGRESS).unlink()
    draft.metrics.update(
        steps=len(losses),
        loss_first=round(losses[0], 4),
        loss_last=round(losses[-1], 4),
        validation_loss_before=before and round(before, 4),
        validation_loss_after=after and round(after, 4),
        tokens_per_second=result.metrics["tokens_per_second"],
    )


@contextmanager
def _ctrl_c() -> Iterator[None]:
    """Let Ctrl-C end the block as it ends everything else, by KeyboardInterrupt.

    Ray Train puts in a handler of its own, which ends the workers and then the process with exit
    code 1, and stays there for the stages that follow.
    """
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    except SystemExit:
        raise KeyboardInterrupt from None
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)


def _trainer(config: TrainConfig, seed: int, base: str, corpus: Path, storage: Path) -> Any:
    from ray.train import CheckpointConfig, FailureConfig, RunConfig, ScalingConfig
    from ray.train.torch import TorchTrainer

    return TorchTrainer(
        _worker,
        train_loop_config={
            "config": config,
            "seed": seed,
            "base": base,
            "corpus": corpus,
            "progress": storage / _PROGRESS,
        },
        scaling_config=ScalingConfig(
            num_workers=config.workers,
            use_gpu=config.gpus_per_worker > 0,
            resources_per_worker={"CPU": 1, "GPU": config.gpus_per_worker},
        ),
        run_config=RunConfig(
            name=_RUN_NAME,
            storage_path=str(storage),
            failure_config=FailureConfig(max_failures=config.max_failures),
            checkpoint_config=CheckpointConfig(num_to_keep=2),
        ),
    )


def _worker(arguments: dict[str, Any]) -> None:
    """One worker's life: load, resume if there is a checkpoint, step to the end, report."""
    import time

    import torch
    from ray import train
    from ray.train.torch import get_device, prepare_model

    config: TrainConfig = arguments["config"]
    corpus: Path = arguments["corpus"]
    context = train.get_context()
    rank, world = context.get_world_rank(), context.get_world_size()
    place = {"rank": rank, "world": world}
    rows = batches.load_rows(corpus / "train")
    held_out = batches.load_rows(corpus / "validation") if _has_rows(corpus) else None

    model = load_lora(arguments["base"], config, arguments["seed"])
    place["pad_id"] = model.config.pad_token_id or 0
    optimizer = torch.optim.AdamW(
        [p for p in model.parameters() if p.requires_grad],
        lr=config.learning_rate,
        weight_decay=config.weight_decay,
    )
    device = get_device()
    scaler = torch.amp.GradScaler(device.type, enabled=config.precision == "fp16")
    loss_module = prepare_model(response_loss(model))

    state = checkpoint.Progress(0, [], None)
    if found := train.get_checkpoint():
        with found.as_directory() as folder:
            state = checkpoint.load(Path(folder), model, optimizer, scaler)
    elif held_out:
        state.validation_before = loop.validation_loss(loss_module, held_out, config, **place)

    steps = config.epochs * batches.steps_per_epoch(len(rows), config.rows_per_step)
    steps = min(steps, config.max_steps or steps)
    start, tokens = time.monotonic(), 0
    while state.step < steps:
        chosen = batches.rows_of_step(
            len(rows), config.rows_per_step, arguments["seed"], state.step
        )
        for group in optimizer.param_groups:
            group["lr"] = loop.learning_rate(config, state.step, steps)
        loss = loop.train_step(loss_module, optimizer, scaler, rows, chosen, config, **place)
        state.step += 1
        state.losses.append(loss)
        tokens += int(rows.lengths[chosen].sum())
        if rank == 0:
            done = {"step": state.step, "steps": steps, "loss": loss}
            arguments["progress"].write_text(json.dumps(done))
        if state.step == steps or state.step % config.checkpoint_every_steps == 0:
            metrics: dict[str, Any] = {
                "losses": json.dumps(state.losses),
                "tokens_per_second": round(tokens / (time.monotonic() - start)),
                "validation_before": state.validation_before,
                "validation_after": None,
            }
            if held_out and state.step == steps:
                metrics["validation_after"] = loop.validation_loss(
                    loss_module, held_out, config, **place
                )
            with TemporaryDirectory() as folder:
                saved = None
                if rank == 0:
                    checkpoint.save(Path(folder), model, optimizer, scaler, state)
                    saved = train.Checkpoint.from_directory(folder)
                train.report(metrics, checkpoint=saved)


@contextmanager
def _watching(file: Path) -> Iterator[None]:
    """Show a bar of what the first worker writes to `file`, while the block waits for training."""
    stop = threading.Event()

    def follow(bar: "Progress") -> None:
        task = bar.add_task("train", total=None)
        while not stop.wait(0.5):
            with contextlib.suppress(FileNotFoundError, ValueError):  # not there yet, half written
                done = json.loads(file.read_text())
                title = f"train, loss {done['loss']:.3f}"
                bar.update(task, completed=done["step"], total=done["steps"], description=title)

    with progress.bar() as bar:
        watcher = threading.Thread(target=follow, args=(bar,))
        watcher.start()
        try:
            yield
        finally:
            stop.set()
            watcher.join()


def _has_rows(corpus: Path) -> bool:
    return any((corpus / "validation").glob("*.parquet"))


def _draw(losses: list[float], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4))
    axes.plot(range(1, len(losses) + 1), losses)
    axes.set(xlabel="step", ylabel="loss per response token", title="Training loss")
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=120, bbox_inches="tight")
    pyplot.close(figure)
