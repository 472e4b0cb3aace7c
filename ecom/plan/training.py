"""The memory of the train stage: one worker's, line by line.

    method, strategy          weights            gradients   optimizer (AdamW: two moments)
    lora, ddp                 frozen 2, adapters 4        4   8
    qlora, ddp                NF4, others 2, adapters 4   4   8
    full, ddp                 4                           4   8
    any, ZeRO-2 in 16 bit     trained 2               2 / W   12 / W: moments and an fp32 copy
    any, ZeRO-3 in 16 bit     all 2 / W               2 / W   12 / W

in bytes per parameter, on W workers; in fp32 frozen weights take 4, and ZeRO still keeps its copy.
NF4 with double quantization (Dettmers et al. 2023, arXiv 2305.14314) takes 4 bits per weight, 8
bits for each 64 and 32 bits for each 64 × 256.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ecom.hardware import GIB, usable_gib
from ecom.plan import micro_batch, outline
from ecom.plan.memory import ROOM, Line, Memory
from ecom.recipe import Recipe
from ecom.train.config import TrainConfig

if TYPE_CHECKING:
    from transformers import PretrainedConfig

Measure = Callable[[TrainConfig, int, int], micro_batch.Activations]
NF4 = 0.5 + 1 / 64 + 4 / (64 * 256)
# The CUDA context with its kernels, cuBLAS' workspace, NCCL's buffers; a process that has loaded
# torch and transformers.
CONTEXT_GIB = 0.8
# In elements: ecom.train.zero's reduce_bucket_size, DeepSpeed's stage3_max_live_parameters.
BUCKET, LIVE = 50_000_000, 1_000_000_000


@dataclass(frozen=True)
class Shares:
    """Bytes per parameter in this run before division, and the divisors."""

    frozen: float
    trained: float
    gradient: float
    optimizer: float
    weights_by: int
    others_by: int  # gradients and optimizer states


def shares(train: TrainConfig) -> Shares:
    """Return the row of this module's table."""
    workers = train.worker_range()[0]
    number = 2 if outline.halved(train) else 4
    if train.strategy == "ddp":
        return Shares(number, 4, 4, 8, 1, 1)
    cut = workers if train.strategy == "deepspeed-zero3" else 1
    return Shares(number, number, number, 12, cut, workers)


def plan(config: "PretrainedConfig", recipe: Recipe, measure: Measure | None = None) -> Memory:
    """Return the memory of one train worker; `measure` is micro_batch's, or a cached version."""
    train = recipe.train
    measure = measure or partial(micro_batch.measure, config)
    found = outline.parameters(config, train)
    workers = train.worker_range()[0]
    lines = [*_states(train, found), *_working_space(train, found)]
    rows, tokens = batch(recipe)
    used = measure(micro_batch.normalized(train), rows, tokens)
    top = max(used.peak, _optimizer_step(train, found))
    lines[-1:-1] = [
        Line("activations", used.kept / GIB, f"{rows} × {tokens:,} tokens, {_kept(train)}"),
        Line("temporaries", (top - used.kept) / GIB, "at worst, of loss, backward, optimizer step"),
    ]
    host = 16 * found.trained / workers / GIB if train.offload_optimizer else 0.0
    return Memory(
        title=f"train: {_workers(workers)} on {_where(train)}, {train.method}, {train.strategy}, "
        f"{train.number_format()}",
        lines=tuple(lines),
        usable_gib=usable_gib(train.accelerator, workers),
        on_gpu=train.accelerator != "cpu",
        host_gib=host,
        facts={
            "workers": workers,
            "parameters": found.total,
            "trained_parameters": found.trained,
            "rows": rows,
            "tokens": tokens,
        },
    )


def plan_if_near(
    config: "PretrainedConfig", recipe: Recipe, measure: Measure | None = None
) -> Memory | None:
    """Return `plan`, or None at once where it does not fit even without a batch."""
    train = recipe.train
    found = outline.parameters(config, train)
    least = sum(line.gib for line in [*_states(train, found), *_working_space(train, found)])
    near = least <= ROOM * usable_gib(train.accelerator, train.worker_range()[0])
    return plan(config, recipe, measure) if near else None


def longest_row(recipe: Recipe) -> int:
    """Return the most tokens that a row of the corpus may have."""
    assert recipe.corpus, "report.make refuses other recipes"
    return recipe.corpus.max_tokens


def batch(recipe: Recipe) -> tuple[int, int]:
    """Return rows × tokens of the worst batch: full, with rows as long as possible."""
    longest, budget = longest_row(recipe), recipe.train.tokens_per_batch
    rows = -(-budget // longest)
    return rows, budget // rows


def _states(train: TrainConfig, found: outline.Parameters) -> Iterator[Line]:
    """Yield weights, gradients and optimizer states."""
    of = shares(train)
    cut = f", 1/{of.weights_by} of them" if of.weights_by > 1 else ""
    divided = f", 1/{of.others_by} of them" if of.others_by > 1 else ""
    if train.method == "full":
        weights = of.trained * found.trained / of.weights_by
        yield Line("weights", weights / GIB, f"{_many(found.trained)}, {of.trained} B each{cut}")
    else:
        linear = NF4 if train.method == "qlora" else of.frozen
        weights = (linear * found.linear + of.frozen * found.others) / of.weights_by
        how = f"{of.frozen} B each{cut}"
        if train.method == "qlora":
            how = f"{_many(found.linear)} in NF4, {_many(found.others)} at {of.frozen} B"
        else:
            how = f"{_many(found.linear + found.others)}, {how}"
        yield Line("weights of the base", weights / GIB, how)
        adapters = of.trained * found.trained
        yield Line(
            "weights of the adapters",
            adapters / GIB,
            f"{_many(found.trained)}, {of.trained} B each",
        )
    gradients = of.gradient * found.trained / of.others_by
    yield Line("gradients", gradients / GIB, f"{of.gradient} B each{divided}")
    if train.offload_optimizer:
        yield Line("optimizer states", 0.0, "in the machine's memory")
    else:
        optimizer = of.optimizer * found.trained / of.others_by
        copy = " and fp32 copy" if of.optimizer == 12 else ""
        yield Line(
            "optimizer states",
            optimizer / GIB,
            f"AdamW's two moments{copy}, {of.optimizer} B each{divided}",
        )


def _working_space(train: TrainConfig, found: outline.Parameters) -> Iterator[Line]:
    parts = [(CONTEXT_GIB, "process" if train.accelerator == "cpu" else "CUDA context")]
    of = shares(train)
    if train.strategy != "ddp":
        parts.append((BUCKET * of.gradient / GIB, "DeepSpeed's bucket"))
    if train.strategy == "deepspeed-zero3":
        parts.append((min(LIVE, found.total) * of.frozen / GIB, "gathered weights"))
    if train.method == "qlora":
        parts.append((found.largest * of.frozen / GIB, "one layer out of NF4"))
    yield Line("working space", sum(g for g, _ in parts), ", ".join(name for _, name in parts))


def _optimizer_step(train: TrainConfig, found: outline.Parameters) -> float:
    """Return the temporary bytes of a step, after activations are freed.

    torch's AdamW computes √v of all tensors at once; ZeRO first converts the gradients to fp32.
    """
    if train.offload_optimizer:
        return 0.0
    each = 4 if train.strategy == "ddp" else 8
    return each * found.trained / shares(train).others_by


def _kept(train: TrainConfig) -> str:
    how = "recomputed layer by layer" if train.gradient_checkpointing else "kept for the backward"
    copies = train.method == "full" and train.strategy == "ddp" and outline.halved(train)
    return f"{how}, and weights in 16 bit" if copies else how


def _many(number: int) -> str:
    return f"{number / 1e9:.2f}B" if number >= 1e9 else f"{number / 1e6:.1f}M"


def _workers(workers: int) -> str:
    return "1 worker" if workers == 1 else f"{workers} workers"


def _where(train: TrainConfig) -> str:
    if train.accelerator == "any-gpu":
        return "one GPU each, as this machine's are"
    return "this machine's CPU" if train.accelerator == "cpu" else f"one {train.accelerator} each"
