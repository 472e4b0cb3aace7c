"""What each worker does inside Ray Train: load, resume from a checkpoint, train to the end.

Ray Train starts `work` on every worker, and restarts all of them when one is lost. Its inputs are
in the Assignment; its output goes to `folder`, which every machine sees.
"""

import os
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ecom.causes import last_words
from ecom.errors import StageError
from ecom.forms import Prompting
from ecom.train import answers, batches, checkpoint, log, loop, model, tracking, zero
from ecom.train.checkpoint import Standing
from ecom.train.config import TrainConfig
from ecom.train.failures import UnrecoverableError, remedy, would_repeat
from ecom.train.loop import Worker
from ecom.train.strategy import Strategy

if TYPE_CHECKING:
    from ray.train import Checkpoint

FAILED = "failed.txt"  # why training cannot continue, even with a retry
VALIDATION_LOSS = "validation_loss"
# The loss of a checkpoint without validation. Ray Train ranks a checkpoint without the number as
# the best of all; inf and NaN become null in its state on disk, and a run whose driver was killed
# then cannot resume.
UNVALIDATED = sys.float_info.max


@dataclass(frozen=True)
class Assignment:
    """One run. `identity` is what its result depends on; `longest` is the base's token limit."""

    config: TrainConfig
    seed: int
    base: str
    corpus: Path
    folder: Path
    name: str
    steps: int
    longest: int | None
    identity: dict[str, Any]
    prompting: Prompting


@dataclass
class _Run:
    """A worker's state during training."""

    assignment: Assignment
    worker: Worker
    strategy: Strategy
    rows: batches.Rows
    held_out: batches.Rows | None
    questions: list[answers.Question]
    standing: Standing

    @property
    def first(self) -> bool:
        return self.worker.rank == 0


def work(assignment: Assignment) -> None:
    """Train to the end. A loss that is not finite ends all workers, with the reason in FAILED.

    (Ray Train would treat an exception as a lost worker, and try again.) Raises UnrecoverableError
    where a single worker fails and would fail again: its peers wait for it and must be ended.
    """
    from ray import train

    # oneDNN keeps a kernel for each of 1,024 shapes that it meets, half a gigabyte and more after a
    # hundred steps; a batch needs fewer than this. It reads the number when it first multiplies.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "256")
    context = train.get_context()
    rank, world = context.get_world_rank(), context.get_world_size()
    try:
        run = _prepare(assignment, rank, world)
        _train(run)
    except StageError as error:
        if rank == 0:
            (assignment.folder / FAILED).write_text(str(error), encoding="utf-8")
    except Exception as error:
        if not would_repeat(error):
            raise
        why = last_words.why("".join(traceback.format_exception(error)))
        why += remedy(error)
        raise UnrecoverableError(f"worker {rank} of {world} failed: {why}") from error


def _prepare(assignment: Assignment, rank: int, world: int) -> _Run:
    from ray import train
    from ray.train.torch import get_device

    config, corpus = assignment.config, assignment.corpus
    with zero.loading(config):
        loaded = model.load(assignment.base, config, assignment.seed)
    built = loop.build_strategy(loaded, config, get_device())
    rows = batches.load_rows(corpus / "train", assignment.longest)
    has_validation = any((corpus / "validation").glob("*.parquet"))
    run = _Run(
        assignment,
        Worker(rank, world, pad_id=loaded.config.pad_token_id or 0),
        built,
        rows,
        batches.load_rows(corpus / "validation", assignment.longest) if has_validation else None,
        answers.load_questions(corpus / "validation", config.generate_rows, assignment.prompting),
        Standing(),
    )
    if found := train.get_checkpoint():
        with found.as_directory() as folder:
            run.standing = checkpoint.load(Path(folder), built, _origin(run))
    if run.first:
        log.remove_after(assignment.folder, run.standing.step)
    return run


def _train(run: _Run) -> None:
    config, steps, standing = run.assignment.config, run.assignment.steps, run.standing
    with _trackers(run) as report:
        if not standing.step:
            _validate(run, report)
        while standing.step < steps and not standing.gave_up(config.patience):
            start = time.monotonic()
            rate = loop.learning_rate(config, standing.step, steps)
            made = _step(run, rate)
            standing.step += 1
            if run.first:
                record = {
                    "loss": made.loss,
                    "learning_rate": rate,
                    "grad_norm": made.grad_norm,
                    "tokens": made.tokens,
                    "padded_tokens": made.padded_tokens,
                    "seconds": round(time.monotonic() - start, 4),
                }
                log.append(run.assignment.folder / log.STEPS, {"step": standing.step, **record})
                report(standing.step, {f"train/{key}": value for key, value in record.items()})
            ends = standing.step == steps
            looks = ends or _is_due(standing.step, config.validate_every_steps)
            if looks:
                _validate(run, report)
            if looks or _is_due(standing.step, config.checkpoint_every_steps):
                _save(run, validated=looks and run.held_out is not None)


def _is_due(step: int, every: int | None) -> bool:
    return every is not None and step % every == 0


def _step(run: _Run, rate: float) -> loop.Step:
    config, seed, step = run.assignment.config, run.assignment.seed, run.standing.step
    chosen = batches.rows_of_step(len(run.rows), config.rows_per_step, seed, step)
    try:
        return loop.train_step(
            run.strategy, run.rows, chosen, config, run.worker, rate=rate, seed=(seed, step)
        )
    except StageError as error:
        ids = run.rows.table["id"].take(chosen[:8]).to_pylist()
        raise StageError(
            f"step {step + 1} of {run.assignment.steps}: {error}; rows of that step: "
            f"{', '.join(ids)}{', …' if len(chosen) > len(ids) else ''}"
        ) from None


def _validate(run: _Run, report: tracking.Log) -> None:
    """Compute the loss of the held-out rows, and ask the questions, if there are any."""
    if run.held_out is None:
        return
    config, step = run.assignment.config, run.standing.step
    loss = loop.validation_loss(run.strategy, run.held_out, config, run.worker)
    run.standing.validations.append((step, loss))
    scores = _scores(run)
    if run.first:
        record = {"step": step, "loss": loss, "scores": scores}
        log.append(run.assignment.folder / log.VALIDATIONS, record)
        values = {"loss": loss, **scores}
        report(step, {f"validation/{key}": value for key, value in values.items()})


def _scores(run: _Run) -> dict[str, float]:
    """Return each form's score. Every worker answers its share; under ZeRO each answers all."""
    import torch
    from transformers import AutoTokenizer

    if not run.questions:
        return {}
    tokenizer = AutoTokenizer.from_pretrained(run.assignment.base)
    worker, alike = run.worker, run.strategy.lockstep or run.worker.world == 1
    share = run.questions if alike else run.questions[worker.rank :: worker.world]
    with run.strategy.evaluating():
        texts = answers.answer(
            run.strategy, share, tokenizer, run.assignment.config.tokens_per_batch
        )
    if alike:
        return answers.scores(run.questions, texts)
    gathered: list[list[str]] = [[] for _ in range(worker.world)]
    torch.distributed.all_gather_object(gathered, texts)
    ordered = [gathered[n % worker.world][n // worker.world] for n in range(len(run.questions))]
    return answers.scores(run.questions, ordered)


def _save(run: _Run, *, validated: bool) -> None:
    """Report a checkpoint to Ray Train, which keeps the best and the latest."""
    from ray import train

    loss = run.standing.validations[-1][1] if validated else UNVALIDATED
    metrics = {"step": run.standing.step, VALIDATION_LOSS: loss}
    with TemporaryDirectory() as folder:
        checkpoint.save(Path(folder), run.strategy, run.standing, _origin(run), first=run.first)
        saved: Checkpoint | None = None
        if any(Path(folder).iterdir()):
            saved = train.Checkpoint.from_directory(folder)
        train.report(metrics, checkpoint=saved)


def _origin(run: _Run) -> dict[str, Any]:
    return {
        "identity": run.assignment.identity,
        "strategy": run.assignment.config.strategy,
        "workers": run.worker.world,
    }


@contextmanager
def _trackers(run: _Run) -> Iterator[tracking.Log]:
    """Yield the function that reports the first worker's numbers; the others report nothing."""
    if not run.first:
        yield lambda step, values: None
        return
    assignment = run.assignment
    settings = assignment.config.model_dump(mode="json")
    with tracking.open_trackers(
        assignment.config.trackers,
        assignment.folder,
        assignment.name,
        settings,
        step=run.standing.step,
    ) as report:
        yield report
