"""One optimizer step, the learning rate, the validation loss: the loop's parts in plain torch.

The loss of a step is the weighted cross-entropy over the summed weight of all workers' tokens, so
it does not depend on how rows are distributed over batches and workers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ecom.errors import StageError
from ecom.rows import content_id
from ecom.train.batches import Rows, collate, loss_weight, padded_tokens, worker_batches
from ecom.train.config import TrainConfig
from ecom.train.strategy import Strategy

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Worker:
    """One of the processes that train together, and its padding token."""

    rank: int
    world: int
    pad_id: int


@dataclass(frozen=True)
class Step:
    """The measurements of one step; tokens of all workers, without and with padding."""

    loss: float
    grad_norm: float
    tokens: int
    padded_tokens: int


def build_strategy(model: Any, config: TrainConfig, device: "torch.device") -> Strategy:
    """Return the recipe's strategy for the model that this worker has loaded."""
    from ecom.train.ddp import Ddp
    from ecom.train.zero import Zero

    kind = Ddp if config.strategy == "ddp" else Zero
    return kind(model, config, device)


def learning_rate(config: TrainConfig, step: int, steps: int) -> float:
    """Return the rate of a step: linear warm-up, then the schedule's decay to 0, if any."""
    warmup = config.warmup_fraction * steps
    if step < warmup:
        return config.learning_rate * (step + 1) / (warmup + 1)
    done = (step - warmup) / max(1.0, steps - warmup)
    left = {"cosine": 0.5 * (1 + math.cos(math.pi * done)), "linear": 1 - done, "constant": 1.0}
    return config.learning_rate * left[config.schedule]


def train_step(
    strategy: Strategy,
    rows: Rows,
    chosen: Sequence[int],
    config: TrainConfig,
    worker: Worker,
    *,
    rate: float,
    seed: Sequence[int],
) -> Step:
    """Take one optimizer step over all workers; its loss is per weighted token.

    Dropout depends only on `seed` and the worker's rank, so a step that is repeated after a crash
    is the same. Raises StageError when loss or gradient is not a finite number.
    """
    import torch

    torch.manual_seed(int(content_id(*seed, worker.rank), 16) >> 1)
    weight = loss_weight(rows, chosen, config.prompt_weight)
    dealt = worker_batches(
        chosen, rows.lengths, worker.world, config.tokens_per_batch, equal=strategy.lockstep
    )
    mine = dealt[worker.rank]
    total = torch.zeros((), device=strategy.device)
    for index, batch in enumerate(mine):
        inputs = _inputs(rows, batch, config, worker, strategy)
        # strategies average gradients over workers, so the mean is undone here
        scale, last = worker.world / weight, index == len(mine) - 1
        total += strategy.accumulate(inputs, scale, last=last)
    loss = _sum(total, worker).item() / weight
    remedy = (
        f"lower train.learning_rate ({config.learning_rate}), or train in bf16 or fp32 "
        f"instead of {config.number_format()}"
    )
    if not math.isfinite(loss):
        raise StageError(f"the loss is {loss}; {remedy}")
    norm = strategy.step(rate)
    if not math.isfinite(norm) and not strategy.skips_overflow:
        raise StageError(f"the gradient's norm is {norm} at a loss of {loss:.4g}; {remedy}")
    every = [batch for batches in dealt for batch in batches]
    tokens = int(rows.lengths[list(chosen)].sum())
    return Step(loss, norm, tokens, padded_tokens(every, rows.lengths))


def validation_loss(strategy: Strategy, rows: Rows, config: TrainConfig, worker: Worker) -> float:
    """Return the loss per response token over all rows, the same on every worker."""
    import torch

    everything = range(len(rows))
    dealt = worker_batches(
        everything, rows.lengths, worker.world, config.tokens_per_batch, equal=strategy.lockstep
    )
    total = torch.zeros((), device=strategy.device)
    alone = config.model_copy(update={"prompt_weight": 0.0})
    with strategy.evaluating():
        for batch in dealt[worker.rank]:
            total += strategy.loss(_inputs(rows, batch, alone, worker, strategy))
    return _sum(total, worker).item() / loss_weight(rows, everything, 0.0)


def _inputs(
    rows: Rows, batch: Sequence[int], config: TrainConfig, worker: Worker, strategy: Strategy
) -> "dict[str, torch.Tensor]":
    made = collate(rows, batch, worker.pad_id, config.prompt_weight)
    return {name: tensor.to(strategy.device) for name, tensor in made.items()}


def _sum(value: "torch.Tensor", worker: Worker) -> "torch.Tensor":
    """Return the sum over all workers."""
    import torch

    if worker.world > 1:
        torch.distributed.all_reduce(value)
    return value
