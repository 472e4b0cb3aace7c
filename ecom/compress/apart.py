"""Adapters that stay separate: checked, and padded like the model, so that vLLM loads both.

A padded neuron has weight 0 in the model's gate, up and down projections, and in the adapter:
lora_A of down_proj gets columns of zeros, lora_B of gate_proj and up_proj rows of zeros. The
function stays the same.
"""

from collections.abc import Sequence
from pathlib import Path

from ecom.compress import checkpoint, lora, pad
from ecom.compress.adapters import Weighted
from ecom.errors import DataError
from ecom.models import families

LARGEST_RANK = 512  # vLLM's limit


def check(base: Path, adapters: Sequence[Weighted]) -> None:
    """Raise DataError where an adapter does not fit the base, or vLLM cannot run it beside it."""
    family, wrong = families.of(checkpoint.read_json(base / "config.json")), []
    for one in adapters:
        learnt = lora.read_plain(base, one.path, "adapters kept apart")
        others = sorted(name for name in learnt if not family.adapts(name))
        wrong += [f"{one.name}: {name} is no linear layer of a decoder layer" for name in others]
        config = checkpoint.read_json(one.path / "adapter_config.json")
        ranks = {config["r"], *(config.get("rank_pattern") or {}).values()}
        if max(ranks) > LARGEST_RANK:
            wrong.append(f"{one.name}: rank {max(ranks)} is over vLLM's {LARGEST_RANK}")
    if wrong:
        raise DataError(
            "these adapters cannot be served beside the base: " + "; ".join(wrong) + "; train "
            "others (train.target_modules, train.rank), or write compress.combine.method: merge"
        )


def write(adapters: Sequence[Weighted], target: Path, *, model: Path, base: Path) -> None:
    """Write each adapter to a directory below `target`, padded as `model` is against `base`."""
    family = families.of(checkpoint.read_json(base / "config.json"))
    extra = pad.intermediate_size(model) - pad.intermediate_size(base)
    for one in adapters:
        made = target / one.path.name
        made.mkdir(parents=True)
        checkpoint.copy_files(one.path, made)
        with checkpoint.tensors(one.path / "adapter_model.safetensors") as file:
            tensors = {
                name: pad.padded(family, name, file.get_tensor(name), extra=extra)
                for name in file.keys()  # noqa: SIM118
            }
        checkpoint.save(tensors, made / "adapter_model.safetensors")
