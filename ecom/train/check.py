"""Finds faults before a worker starts, and the rows that cannot be trained on."""

import importlib.util
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom.errors import InputError
from ecom.models import miniature
from ecom.train import batches
from ecom.train.config import TrainConfig
from ecom.train.model import adapted, outline, weighted_loss
from ecom.train.tracking import MODULES

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel


@dataclass(frozen=True)
class Plan:
    """What training will do: its rows, the rows left out, and its steps.

    longest       the most tokens that the base reads
    longest_row   those of the longest row
    """

    rows: int
    rejected: int
    steps: int
    longest: int | None
    longest_row: int


@dataclass(frozen=True)
class Base:
    """The base's properties that rows are checked against: its embeddings and longest text.

    `faults` are those of the base and the recipe.
    """

    name: str
    embeddings: int
    longest: int | None
    faults: tuple[str, ...]


def look(config: TrainConfig, base: str) -> Base:
    """Check the recipe against the base. Raises InputError where it cannot be trained."""
    _packages(config)
    shape, model = outline(base)
    faults = list(_weights(base, model, config))
    if config.method != "full" and not faults:
        adapted(model, base, config)
    faults += _other_loss(base, shape)
    embeddings: Any = model.get_input_embeddings()
    longest = getattr(shape, "max_position_embeddings", None)
    return Base(base, len(embeddings.weight), longest, tuple(faults))


def before(config: TrainConfig, base: Base, corpus: Path, rejected: Path, value: str = "") -> Plan:
    """Check a corpus against recipe and base; reject rows that are too long for the base.

    Raises InputError with every fault found, DataError where there is nothing to train on. The
    rows are those of `value` of train.per.
    """
    everything = batches.load_rows(corpus / "train")
    rows = batches.readable(everything, base.longest, corpus / "train")
    faults = [*base.faults, *_unknown_ids(base, everything), *_sizes(config, rows)]
    if faults:
        of = f" of {value}" if value else ""
        raise InputError(f"training{of} cannot start:\n  " + "\n  ".join(faults))
    if len(rows) < len(everything):
        _reject(everything, base.longest, rejected)
    steps = config.epochs * batches.steps_per_epoch(len(rows), config.rows_per_step)
    return Plan(
        len(rows),
        len(everything) - len(rows),
        min(steps, config.max_steps or steps),
        base.longest,
        int(rows.lengths.max()),
    )


def _packages(config: TrainConfig) -> None:
    needed = {MODULES[tracker]: f"train.trackers names {tracker}" for tracker in config.trackers}
    if config.method == "qlora":
        needed["bitsandbytes"] = "train.method is qlora"
    if config.strategy != "ddp":
        needed["deepspeed"] = f"train.strategy is {config.strategy}"
    missing = [
        f"{why}, and the package {module} is not installed: pip install {module}"
        for module, why in needed.items()
        if importlib.util.find_spec(module) is None
    ]
    if missing:
        raise InputError("; ".join(missing))


def _weights(base: str, model: "PreTrainedModel", config: TrainConfig) -> Iterator[str]:
    """Yield faults that would make later stages fail."""
    if Path(base).is_dir() and not any(Path(base).glob("*.safetensors")):
        yield (
            f"base {base} has no *.safetensors, the only format that is read (others can carry "
            "code); convert it with transformers' save_pretrained"
        )
    tied = getattr(model.config, "tie_word_embeddings", False)
    if tied and "lm_head" in config.target_modules and config.method != "full":
        yield (
            f"train.target_modules names lm_head, which {base} ties to its embedding: the adapter "
            "could not be merged; leave lm_head out"
        )


def _other_loss(base: str, shape: "PretrainedConfig") -> Iterator[str]:
    """Yield a fault where the training loss differs from that of transformers' own forward."""
    import torch

    model = miniature.build(shape)
    ids = torch.arange(2, 34).reshape(2, 16)
    weights = torch.ones(2, 16)
    weights[0, :9] = weights[1, :3] = 0  # prompts
    with torch.no_grad():
        logits = model(input_ids=ids).logits[:, :-1].transpose(1, 2)
        losses = torch.nn.functional.cross_entropy(logits, ids[:, 1:], reduction="none")
        theirs = (losses * weights[:, 1:]).sum().item()
        ours = weighted_loss(model)(ids, weights).item()
    if not miniature.equal(ours, theirs):
        yield (
            f"base {base}: a model of type {shape.model_type} has loss {theirs:.4f} in "
            f"transformers' own forward but {ours:.4f} as this stage computes it, so training "
            "would be wrong; name a base of another type"
        )


def _unknown_ids(base: Base, rows: batches.Rows) -> Iterator[str]:
    """Yield a fault where the corpus has tokens for which the base has no embedding."""
    if (highest := rows.highest_id()) >= base.embeddings:
        yield (
            f"the corpus has token id {highest}, but base {base.name} has embeddings of 0 to "
            f"{base.embeddings - 1} only: its tokenizer and its weights do not belong together, or "
            "the corpus was made with another base; name the right base and run the corpus stage "
            "again"
        )


def _sizes(config: TrainConfig, rows: batches.Rows) -> Iterator[str]:
    _, most = config.worker_range()
    if min(len(rows), config.rows_per_step) < most:
        yield (
            f"train.workers is {config.workers}, but a step has only "
            f"{min(len(rows), config.rows_per_step)} rows; lower train.workers"
        )
    if (longest := int(rows.lengths.max())) > config.tokens_per_batch:
        yield (
            f"train.tokens_per_batch is {config.tokens_per_batch}, but the longest row has "
            f"{longest} tokens and is never cut; raise it to {longest}, or lower corpus.max_tokens"
        )


def _reject(rows: batches.Rows, longest: int | None, folder: Path) -> None:
    """Write the ids of rows longer than the base can read to train.jsonl, with the reason."""
    lines = [
        json.dumps({"id": row, "reason": f"{length} tokens, the base reads {longest} at most"})
        for row, length in zip(rows.table["id"].to_pylist(), rows.lengths.tolist(), strict=True)
        if longest is not None and length > longest
    ]
    folder.mkdir(exist_ok=True)
    (folder / "train.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
