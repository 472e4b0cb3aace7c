"""The train stage on Ray Train: corpus -> LoRA adapter, or a whole model.

    adapter/ or model/    the weights with the lowest validation loss, with a model card
    last/                 those of the last step, where they are others
    log.jsonl             every step; validation.jsonl: every validation (ecom/train/log.py)
    loss.png              both as curves
    tensorboard/, …       what the trackers keep
    rejected/             rows too long for the base

Ray Train starts the workers, and restarts them from the last checkpoint when one is lost; after a
killed driver the next run goes on from it too, for checkpoints lie in the unfinished artifact.
"""

import json
import shutil
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom import artifact, cluster, hardware, progress
from ecom.artifact import Draft
from ecom.causes import actors
from ecom.errors import StageError
from ecom.forms import Prompting
from ecom.train import card, check, checkpoint, curves, log
from ecom.train.config import TrainConfig
from ecom.train.failures import UnrecoverableError
from ecom.train.publish import folder_name, publish
from ecom.train.worker import FAILED, UNVALIDATED, VALIDATION_LOSS, Assignment, work

if TYPE_CHECKING:
    from rich.progress import Progress

_RUN_NAME = "ray_train"
DEFAULT = Prompting()


def run(
    config: TrainConfig,
    *,
    seed: int,
    base: str,
    corpus: Path,
    draft: Draft,
    prompting: Prompting = DEFAULT,
) -> None:
    """Write the adapter below draft.path; `prompting` limits the answers that validation asks for.

    Raises InputError before, StageError during training.
    """
    with progress.waiting("train: check the recipe and the corpus"):
        plan = check.before(config, base, corpus, draft.path / "rejected")
    source = artifact.load(corpus)
    identity = {"train": config.identity(), "seed": seed, "base": base, "rows": plan.rows,
                "corpus": source.fingerprint if source else None}  # fmt: skip
    assignment = Assignment(
        config, seed, base, corpus.absolute(), draft.path.absolute(), draft.path.parent.name,
        plan.steps, plan.longest, identity, prompting,
    )  # fmt: skip
    storage = draft.path / _RUN_NAME
    _check_checkpoint(storage, config, identity)
    (draft.path / FAILED).unlink(missing_ok=True)
    cluster.connect()
    cluster.check_gpus("train", config.accelerator, config.worker_range()[0])
    with _watching(draft.path, plan.steps), _ctrl_c():
        result = _fit(assignment)
    if (draft.path / FAILED).is_file():
        # with these settings it cannot go on, so nothing stands in the way of others
        (draft.path / artifact.UNFINISHED).unlink(missing_ok=True)
        raise StageError((draft.path / FAILED).read_text(encoding="utf-8"))
    if result.checkpoint is None:
        raise StageError("training ended without a checkpoint; look at the log above")
    with progress.waiting("train: write the weights"):
        _publish(result, assignment)
    _finish(draft, assignment, plan)
    shutil.rmtree(storage)
    (draft.path / artifact.UNFINISHED).unlink(missing_ok=True)


def _check_checkpoint(storage: Path, config: TrainConfig, identity: dict[str, Any]) -> None:
    """Raise InputError where an unfinished run cannot be gone on with; workers would fail on it."""
    low, _ = config.worker_range()
    origin = {"identity": identity, "strategy": config.strategy, "workers": low}
    found = sorted(storage.glob(f"checkpoint_*/{checkpoint.STATE}"))
    if found:
        checkpoint.check(found[-1].parent, origin)


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


def _fit(assignment: Assignment) -> Any:
    """Train, with new workers for lost ones. Raises StageError with the cause where that fails."""
    from ray.exceptions import RayError
    from ray.train import ControllerError, TrainingFailedError, WorkerGroupError

    try:
        return _trainer(assignment).fit()
    except WorkerGroupError as error:
        rank, failure = _first_cause(error.worker_failures)
        # of a Python error only Ray's own text has the place
        text = _text(failure) if _process_ended(failure) else str(error)
        raise StageError(
            f"training failed, and its retries are used up (train.max_failures is "
            f"{assignment.config.max_failures}); worker {rank} at last: {actors.why(text)}"
        ) from None
    except ControllerError as error:
        failure = error.controller_failure
        if isinstance(failure, UnrecoverableError):
            raise StageError(f"training cannot go on: {failure}") from None
        raise StageError(f"training failed: {actors.why(_text(failure))}") from None
    except (TrainingFailedError, RayError) as error:
        raise StageError(f"training failed: {actors.why(_text(error))}") from None


def _first_cause(failures: Mapping[int, Exception]) -> tuple[int, Exception]:
    """Return the rank and error of a worker whose process died, before those that lost a peer."""
    died = {rank: error for rank, error in failures.items() if _process_ended(error)}
    return min((died or failures).items(), key=lambda item: item[0])


def _process_ended(error: Exception) -> bool:
    from ray.train.v2._internal.exceptions import WorkerHealthCheckFailedError

    return isinstance(error, WorkerHealthCheckFailedError)


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _stop_in_vain() -> Any:
    """Return the callback that ends training, instead of another try, where none can help."""
    from ray.train import UserCallback

    class Stop(UserCallback):
        def after_exception(
            self, run_context: Any, worker_exceptions: Mapping[int, Exception]
        ) -> None:
            for failure in worker_exceptions.values():
                if isinstance(failure, UnrecoverableError):
                    raise failure
            rank, failure = _first_cause(worker_exceptions)
            why = ""
            with suppress(Exception):  # whatever fails here, Ray Train tries again
                why = actors.why(_text(failure))
            if "SIGILL" in why:
                raise UnrecoverableError(f"worker {rank} failed: {why}")

    return Stop()


def _trainer(assignment: Assignment) -> Any:
    from ray.train import CheckpointConfig, FailureConfig, RunConfig, ScalingConfig
    from ray.train.torch import TorchTrainer

    config = assignment.config
    gpu = config.accelerator != "cpu"
    return TorchTrainer(
        lambda: work(assignment),
        scaling_config=ScalingConfig(
            num_workers=config.workers,  # type: ignore[arg-type]  # (min, max) is allowed
            use_gpu=gpu,
            resources_per_worker={"CPU": 1, "GPU": 1} if gpu else {"CPU": 1},
            accelerator_type=hardware.ray_type(config.accelerator),
        ),
        run_config=RunConfig(
            name=_RUN_NAME,
            storage_path=str(assignment.folder),
            callbacks=[_stop_in_vain()],
            failure_config=FailureConfig(max_failures=config.max_failures),
            checkpoint_config=CheckpointConfig(
                num_to_keep=1,  # the best; Ray Train keeps the latest besides
                checkpoint_score_attribute=VALIDATION_LOSS,
                checkpoint_score_order="min",
            ),
        ),
    )


def _publish(result: Any, assignment: Assignment) -> None:
    """Write the best weights, and the last where they are others."""
    config, folder = assignment.config, assignment.folder
    last = Path(result.checkpoint.path)
    loss, best = min(
        ((found[VALIDATION_LOSS], kept.path) for kept, found in result.best_checkpoints)
    )
    best = last if loss == UNVALIDATED else Path(best)
    name = folder_name(config)
    for target in (folder / name, folder / "last"):
        shutil.rmtree(target, ignore_errors=True)
    publish(best, assignment.base, config, folder / name)
    if best != last:
        publish(last, assignment.base, config, folder / "last")


def _finish(draft: Draft, assignment: Assignment, plan: check.Plan) -> None:
    """Draw the curves, write the card, fill in the metrics."""
    steps = log.read(draft.path / log.STEPS)
    validations = log.read(draft.path / log.VALIDATIONS)
    curves.draw(steps, validations, draft.path / "loss.png")
    before, best = None, None
    if validations:
        before = validations[0]["loss"]
        best = min(validations[1:], key=lambda found: found["loss"])
    tokens, padded = (sum(s[key] for s in steps) for key in ("tokens", "padded_tokens"))
    draft.metrics.update(
        steps=len(steps),
        rows=plan.rows,
        rows_rejected=plan.rejected,
        loss_first=round(steps[0]["loss"], 4),
        loss_last=round(steps[-1]["loss"], 4),
        validation_loss_before=before and round(before, 4),
        validation_loss_after=best and round(best["loss"], 4),
        best_step=best["step"] if best else len(steps),
        tokens_per_second=round(tokens / sum(s["seconds"] for s in steps)),
        padding=round(1 - tokens / padded, 4),
    )
    if best and best["scores"]:
        draft.metrics["scores"] = best["scores"]
    text = card.text(assignment, draft.metrics)
    (draft.path / folder_name(assignment.config) / "README.md").write_text(text, encoding="utf-8")


@contextmanager
def _watching(folder: Path, steps: int) -> Iterator[None]:
    """Show a bar of what the first worker logs, while the block waits for training."""
    stop = threading.Event()

    def follow(bar: "Progress") -> None:
        task = bar.add_task("train: starting workers", total=steps, unit="steps")
        over = False
        while not over:
            over = stop.wait(0.5)  # the last step is shown too
            if done := log.last(folder / log.STEPS):
                speed = done["tokens"] / max(done["seconds"], 1e-9)
                padding = 1 - done["tokens"] / done["padded_tokens"]
                note = f"{speed:,.0f} tokens/s, {100 * padding:.0f} % padding"
                bar.update(
                    task, completed=done["step"], description="train", loss=done["loss"], note=note
                )
                _note(folder, done["step"], steps)

    with progress.bar() as bar:
        watcher = threading.Thread(target=follow, args=(bar,))
        watcher.start()
        try:
            yield
        finally:
            stop.set()
            watcher.join()


def _note(folder: Path, step: int, steps: int) -> None:
    """Say what would be lost with the unfinished artifact, once there is anything."""
    if any((folder / _RUN_NAME).glob(f"checkpoint_*/{checkpoint.STATE}")):
        told = {"done": f"training at step {step} of {steps}"}
        (folder / artifact.UNFINISHED).write_text(json.dumps(told), encoding="utf-8")
