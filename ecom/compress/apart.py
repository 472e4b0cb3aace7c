"""Adapters that stay apart: checked, and padded as the model is, for vLLM to load beside it.

A padded neuron of the model has weight 0 in gate, up and down; so has its adapter: lora_A of
down_proj gets columns of zeros, lora_B of gate_proj and up_proj rows. The function is the same.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ecom.compress import checkpoint, lora, pad
from ecom.compress.adapters import Weighted
from ecom.errors import DataError

if TYPE_CHECKING:
    from torch import Tensor

_DOWN_A = re.compile(r"mlp\.down_proj\.lora_A\.weight$")
_UP_B = re.compile(r"mlp\.(gate|up)_proj\.lora_B\.weight$")
_LAYER = re.compile(r"\.layers\.\d+\.(self_attn|mlp)\.\w+_proj\.weight$")
LARGEST_RANK = 512  # of vLLM's


def check(base: Path, adapters: Sequence[Weighted]) -> None:
    """Raise DataError where an adapter does not fit the base, or vLLM cannot run it beside it."""
    wrong = []
    for one in adapters:
        learnt = lora.read_plain(base, one.path, "adapters kept apart")
        others = sorted(name for name in learnt if not _LAYER.search(name))
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
    extra = pad.intermediate_size(model) - pad.intermediate_size(base)
    for one in adapters:
        made = target / one.path.name
        made.mkdir(parents=True)
        checkpoint.copy_files(one.path, made)
        with checkpoint.tensors(one.path / "adapter_model.safetensors") as file:
            tensors = {
                name: _padded(name, file.get_tensor(name), extra)
                for name in file.keys()  # noqa: SIM118
            }
        checkpoint.save(tensors, made / "adapter_model.safetensors")


def _padded(name: str, tensor: "Tensor", extra: int) -> "Tensor":
    if _DOWN_A.search(name):
        return pad.append(tensor, 1, extra, value=0)
    return pad.append(tensor, 0, extra, value=0) if _UP_B.search(name) else tensor
