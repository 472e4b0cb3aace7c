"""The train stage on Ray Train: corpus -> LoRA adapter or adapters, or a full model.

    adapter/ or model/    the weights with the lowest validation loss, with a model card
    last/                 those of the last step, where they differ
    log.jsonl             every step; validation.jsonl: every validation (ecom/train/log.py)
    loss.png              both as curves
    tensorboard/, …       the trackers' files
    rejected/             rows too long for the base

With train.per the adapters are in adapters/VALUE/, and the rest in runs/VALUE/ (per.py).

Ray Train starts the workers, and restarts them from the last checkpoint when one is lost. After a
killed driver the next run resumes from it, too: checkpoints are in the unfinished artifact.
"""

import json
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from ecom import artifact, cluster, hardware, progress, ray_internals
from ecom.artifact import Draft
from ecom.causes import actors, memory
from ecom.errors import StageError
from ecom.forms import Prompting
from ecom.train import card, check, checkpoint, curves, follow, log, per
from ecom.train.config import Column, TrainConfig
from ecom.train.failures import LowMemoryError, UnrecoverableError
from ecom.train.per import Named
from ecom.train.publish import folder_name, publish
from ecom.train.worker import FAILED, UNVALIDATED, VALIDATION_LOSS, Assignment, work

_RUN_NAME = "ray_train"
DEFAULT = Prompting()
NONE_NAMED: Named = {}
Planned = tuple[Assignment, check.Plan]


def run(
    config: TrainConfig,
    *,
    seed: int,
    base: str,
    corpus: Path,
    draft: Draft,
    prompting: Prompting = DEFAULT,
    named: Named = NONE_NAMED,
) -> None:
    """Train and write the weights below draft.path.

    Raises InputError before training, StageError during it. Every setting and all rows are checked
    first. An adapter of train.per that an earlier run has finished is kept. `prompting` limits the
    answers at validation; `named` are the adapters that later stages use, by the recipe's key.
    """
    source = artifact.load(corpus)
    identity = {
        "train": config.identity(),
        "seed": seed,
        "base": base,
        "corpus": source.fingerprint if source else None,
    }
    if config.per is not None:
        found = per.counts(corpus, config.per)
        per.check(found, config.per, config.rows_per_step, named)
    with progress.waiting("train: check the recipe and the base"):
        known = check.look(config, base)
    planned = partial(_plan, config, seed, known, prompting, draft=draft, identity=identity)
    if config.per is None:
        draft.metrics.update(_train(*planned(corpus, draft.path), draft.path))
    else:
        _train_each(config, planned, corpus, draft, found)
    (draft.path / artifact.UNFINISHED).unlink(missing_ok=True)


def _train_each(
    config: TrainConfig,
    planned: Callable[..., Planned],
    corpus: Path,
    draft: Draft,
    found: Mapping[str | None, int],
) -> None:
    """Train an adapter for each value of the column, one after the other."""
    assert config.per
    if found.get(None):
        per.reject(corpus, config.per, draft.path / "rejected")
    values = [value for value in found if value is not None]
    todo = {}
    for value in values:
        rows, run = (draft.path / part / per.name(value) for part in (per.ROWS, per.RUNS))
        if not (draft.path / per.ADAPTERS / per.name(value)).is_dir():
            per.write_rows(corpus, config.per, value, rows)
            run.mkdir(parents=True, exist_ok=True)
            todo[value] = planned(rows, run, value)
    (draft.path / per.ADAPTERS).mkdir(exist_ok=True)
    for done, (value, (assignment, plan)) in enumerate(todo.items(), len(values) - len(todo) + 1):
        metrics = _train(assignment, plan, draft.path)
        (assignment.folder / per.METRICS).write_text(json.dumps(metrics), encoding="utf-8")
        target = draft.path / per.ADAPTERS / per.name(value)
        (assignment.folder / folder_name(config)).rename(target)
        note = {"done": f"{done} of {len(values)} adapters are trained"}
        (draft.path / artifact.UNFINISHED).write_text(json.dumps(note), encoding="utf-8")
    _sum_up(config.per, found, draft)


def _sum_up(column: Column, found: Mapping[str | None, int], draft: Draft) -> None:
    """Combine all adapters' metrics, and delete the copies of their rows."""
    runs = {value: draft.path / per.RUNS / per.name(value) for value in found if value is not None}
    made = {value: json.loads((run / per.METRICS).read_text()) for value, run in runs.items()}
    sums = {key: sum(one[key] for one in made.values()) for key in ("steps", "rows", "seconds")}
    rejected = found.get(None, 0) + sum(one["rows_rejected"] for one in made.values())
    draft.metrics.update(sums, rows_rejected=rejected, adapters=made)
    text = per.table(column, made)
    (draft.path / per.ADAPTERS / "README.md").write_text(text, encoding="utf-8")
    shutil.rmtree(draft.path / per.ROWS, ignore_errors=True)


def _plan(
    config: TrainConfig,
    seed: int,
    base: check.Base,
    prompting: Prompting,
    corpus: Path,
    folder: Path,
    value: str = "",
    *,
    draft: Draft,
    identity: dict[str, Any],
) -> Planned:
    """Check one training, on all rows or on those of a `value`, that will write to `folder`."""
    of_value = f" of {value}" if value else ""
    with progress.waiting(f"train: check the rows{of_value}"):
        plan = check.before(config, base, corpus, folder / "rejected", value)
    identity = {**identity, "rows": plan.rows, **({"value": value} if value else {})}
    name = " ".join(part for part in (draft.path.parent.name, value) if part)
    assignment = Assignment(
        config,
        seed,
        base.name,
        corpus.absolute(),
        folder.absolute(),
        name,
        plan.steps,
        plan.longest,
        identity,
        prompting,
    )
    _check_checkpoint(folder / _RUN_NAME, config, identity)
    return assignment, plan


def _train(assignment: Assignment, plan: check.Plan, artifact_folder: Path) -> dict[str, Any]:
    """Train one adapter, or the full model; return its metrics."""
    config, folder = assignment.config, assignment.folder
    unfinished = artifact_folder / artifact.UNFINISHED
    (folder / FAILED).unlink(missing_ok=True)
    cluster.connect()
    cluster.check_gpus("train", config.accelerator, config.worker_range()[0])
    with follow.bar(assignment, folder / _RUN_NAME, unfinished), _ctrl_c():
        result = _fit_in_memory(assignment, plan.longest_row)
    if (folder / FAILED).is_file():
        # it cannot resume with these settings, so a run with other settings may replace it
        unfinished.unlink(missing_ok=True)
        raise StageError((folder / FAILED).read_text(encoding="utf-8"))
    if result.checkpoint is None:
        raise StageError(
            f"training of {assignment.name} ended without a checkpoint; look at the log above"
        )
    with progress.waiting("train: write the weights"):
        _publish(result, assignment)
    metrics = _finish(assignment, plan)
    shutil.rmtree(folder / _RUN_NAME)
    return metrics


def _check_checkpoint(storage: Path, config: TrainConfig, identity: dict[str, Any]) -> None:
    """Raise InputError where an unfinished run cannot be resumed; workers would fail on it."""
    low, _ = config.worker_range()
    origin = {"identity": identity, "strategy": config.strategy, "workers": low}
    if found := checkpoint.last(storage):
        checkpoint.check(found[0], origin)


@contextmanager
def _ctrl_c() -> Iterator[None]:
    """Let Ctrl-C end the block with KeyboardInterrupt, as everywhere else.

    Ray Train installs its own handler, which ends the workers and then the process with exit code
    1, and stays installed for the following stages.
    """
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    except SystemExit:
        raise KeyboardInterrupt from None
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)


def _fit_in_memory(assignment: Assignment, longest_row: int) -> Any:
    """Train, with smaller batches where memory runs out and `train.on_low_memory` asks for it."""
    config = assignment.config
    while True:
        try:
            return _fit(assignment)
        except LowMemoryError as error:
            batch = assignment.config.tokens_per_batch
            smaller = max(longest_row, batch // 2)
            _, step = checkpoint.last(assignment.folder / _RUN_NAME) or (None, 0)
            if config.on_low_memory == "fail" or smaller == batch:
                resumes = f"; the next run resumes from step {step}" if step else ""
                raise StageError(
                    f"training failed: {error}\nLower train.tokens_per_batch (it is {batch:,}) or "
                    "train.workers, or set train.on_low_memory=shrink, which halves the batches "
                    f"where this happens{resumes}"
                ) from None
            assignment = replace(
                assignment, config=config.model_copy(update={"tokens_per_batch": smaller})
            )
            print(
                f"note: train: {error}\nIt continues from step {step} with "
                f"train.tokens_per_batch={smaller}",
                file=sys.stderr,
            )


def _fit(assignment: Assignment) -> Any:
    """Train, replacing lost workers. Raises StageError with the cause where that fails."""
    from ray.exceptions import RayError
    from ray.train import TrainingFailedError

    try:
        return _trainer(assignment).fit()
    except (TrainingFailedError, RayError) as error:
        raise _failure(error, assignment.config.max_failures) from None


def _failure(error: Exception, max_failures: int) -> StageError:
    """Return the error of a training that failed, with its cause."""
    from ray.train import ControllerError, WorkerGroupError

    if isinstance(error, WorkerGroupError):
        rank, failure = _first_cause(error.worker_failures)
        # of a Python error only Ray's text has the traceback
        text = _text(failure) if ray_internals.is_lost_worker(failure) else str(error)
        return StageError(
            f"training failed, and its retries are used up (train.max_failures is "
            f"{max_failures}); worker {rank} at last: {actors.why(text)}"
        )
    failure = error.controller_failure if isinstance(error, ControllerError) else error
    if isinstance(failure, LowMemoryError):
        return failure
    if isinstance(failure, UnrecoverableError):
        return StageError(f"training cannot continue: {failure}")
    if low := memory.found(str(failure)):  # the controller itself was ended
        return LowMemoryError(str(low))
    return StageError(f"training failed: {actors.why(_text(failure))}")


def _first_cause(failures: Mapping[int, Exception]) -> tuple[int, Exception]:
    """Return the rank and error of a worker whose process died, before those that lost a peer."""
    died = {rank: error for rank, error in failures.items() if ray_internals.is_lost_worker(error)}
    return min((died or failures).items(), key=lambda item: item[0])


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _stop_in_vain() -> Any:
    """Return the callback that ends training where a retry cannot help."""
    from ray.train import UserCallback

    class Stop(UserCallback):
        def after_exception(
            self, run_context: Any, worker_exceptions: Mapping[int, Exception]
        ) -> None:
            for failure in worker_exceptions.values():
                if isinstance(failure, UnrecoverableError):
                    raise failure
                if low := memory.found(str(failure)):
                    raise LowMemoryError(str(low))
            rank, failure = _first_cause(worker_exceptions)
            why = ""
            with suppress(Exception):  # if this fails, Ray Train tries again
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
                num_to_keep=1,  # the best; Ray Train also keeps the latest
                checkpoint_score_attribute=VALIDATION_LOSS,
                checkpoint_score_order="min",
            ),
        ),
    )


def _publish(result: Any, assignment: Assignment) -> None:
    """Write the best weights, and the last ones where they differ."""
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


def _finish(assignment: Assignment, plan: check.Plan) -> dict[str, Any]:
    """Draw the curves, write the card; return the metrics."""
    folder = assignment.folder
    steps = log.read(folder / log.STEPS)
    validations = log.read(folder / log.VALIDATIONS)
    curves.draw(steps, validations, folder / "loss.png")
    before, best = None, None
    if validations:
        before = validations[0]["loss"]
        best = min(validations[1:], key=lambda found: found["loss"])
    tokens, padded, seconds = (
        sum(s[key] for s in steps) for key in ("tokens", "padded_tokens", "seconds")
    )
    metrics = {
        "steps": len(steps),
        "rows": plan.rows,
        "rows_rejected": plan.rejected,
        "loss_first": round(steps[0]["loss"], 4),
        "loss_last": round(steps[-1]["loss"], 4),
        "validation_loss_before": before and round(before, 4),
        "validation_loss_after": best and round(best["loss"], 4),
        "best_step": best["step"] if best else len(steps),
        "seconds": round(seconds),
        "tokens_per_second": round(tokens / seconds),
        "padding": round(1 - tokens / padded, 4),
    }
    if best and best["scores"]:
        metrics["scores"] = best["scores"]
    text = card.text(assignment, metrics)
    (folder / folder_name(assignment.config) / "README.md").write_text(text, encoding="utf-8")
    return metrics
