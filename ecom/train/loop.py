"""The training loop in plain torch: one optimizer step, the learning rate, the validation loss.

The loss of a step is the summed cross-entropy over the number of response tokens of all workers, so
it does not depend on how rows fall into batches or workers.
"""

import contextlib
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ecom.errors import StageError
from ecom.train.batches import Rows, collate, response_tokens, worker_batches
from ecom.train.config import TrainConfig

if TYPE_CHECKING:
    import torch


def learning_rate(config: TrainConfig, step: int, steps: int) -> float:
    """Return the rate of a step: linear warm-up, then half a cosine down to 0."""
    warmup = config.warmup_fraction * steps
    if step < warmup:
        return config.learning_rate * (step + 1) / (warmup + 1)
    progress = (step - warmup) / max(1.0, steps - warmup)
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * progress))


def train_step(
    loss_module: "torch.nn.Module",
    optimizer: "torch.optim.Optimizer",
    scaler: "torch.amp.GradScaler",
    rows: Rows,
    chosen: Sequence[int],
    config: TrainConfig,
    *,
    rank: int,
    world: int,
    pad_id: int,
) -> float:
    """Take one optimizer step over all workers; return its loss per response token.

    Raises StageError when the loss is not a finite number.
    """
    import torch

    device = next(loss_module.parameters()).device
    tokens = response_tokens(rows, chosen)
    batches = worker_batches(chosen, rows.lengths.tolist(), rank, world, config.tokens_per_batch)
    total = torch.zeros((), device=device)
    for place, batch in enumerate(batches):
        inputs = {k: v.to(device) for k, v in collate(rows, batch, pad_id).items()}
        last = place == len(batches) - 1
        # ddp averages over workers when the last batch flows back, so the mean is undone here
        with contextlib.nullcontext() if last or world == 1 else loss_module.no_sync():  # type: ignore[operator]
            with _autocast(config, device):
                loss = loss_module(**inputs)
            scaler.scale(loss * (world / tokens)).backward()
        total += loss.detach()
    if world > 1:
        torch.distributed.all_reduce(total)
    value = total.item() / tokens
    if not math.isfinite(value):
        raise StageError(
            f"the loss is {value}; lower train.learning_rate ({config.learning_rate}), "
            f"or train in bf16 or fp32 instead of {config.precision}"
        )
    scaler.unscale_(optimizer)
    trained = [p for p in loss_module.parameters() if p.requires_grad]
    torch.nn.utils.clip_grad_norm_(trained, config.max_grad_norm)
    scaler.step(optimizer)
    scaler.update()
    optimizer.zero_grad()
    return value


def validation_loss(
    loss_module: "torch.nn.Module",
    rows: Rows,
    config: TrainConfig,
    *,
    rank: int,
    world: int,
    pad_id: int,
) -> float:
    """Return the loss per response token over all validation rows, the same on every worker."""
    import torch

    device = next(loss_module.parameters()).device
    inner = getattr(loss_module, "module", loss_module)  # without ddp: shares may be uneven
    share = range(rank, len(rows), world)
    sums = torch.zeros(2, device=device)
    inner.eval()
    with torch.no_grad(), _autocast(config, device):
        for batch in worker_batches(share, rows.lengths.tolist(), 0, 1, config.tokens_per_batch):
            inputs = {k: v.to(device) for k, v in collate(rows, batch, pad_id).items()}
            sums += torch.stack([inner(**inputs), sums.new_tensor(response_tokens(rows, batch))])
    inner.train()
    if world > 1:
        torch.distributed.all_reduce(sums)
    return float(sums[0] / sums[1])


def _autocast(
    config: TrainConfig, device: "torch.device"
) -> contextlib.AbstractContextManager[None]:
    import torch

    if config.precision == "fp32":
        return contextlib.nullcontext()
    dtype = torch.bfloat16 if config.precision == "bf16" else torch.float16
    return torch.autocast(device.type, dtype=dtype)
