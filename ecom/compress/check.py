"""Finds what prevents a checkpoint from being compressed, before anything is spent.

`ecom plan` and `ecom run` make the same checks on its config.json (ecom.models) before any stage.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecom.compress import checkpoint
from ecom.errors import InputError
from ecom.models import divisibility, families
from ecom.models.families import Family


def model(path: Path, group_size: int, tensor_parallel: int) -> None:
    """Check that padding suffices to serve the model in groups over `tensor_parallel` GPUs.

    Raises InputError naming every size that does not divide, and every MLP that pad.py cannot pad.
    """
    config = checkpoint.read_json(path / "config.json")
    if wrong := families.refusal_to_compress(config):
        raise InputError(f"{path}: {wrong}")
    found = divisibility.faults_when_compressed(config, group_size, tensor_parallel)
    found += _unknown_mlp(path, config, families.of(config))
    if found:
        lines = "\n  ".join(found)
        raise InputError(
            f"{path}: cannot be quantized with group_size={group_size} and served with "
            f"tensor_parallel={tensor_parallel}:\n  {lines}"
        )


def _unknown_mlp(path: Path, config: Mapping[str, Any], family: Family) -> list[str]:
    """Return every MLP layer that is not the family's, or not of the configured size."""
    size, found = config.get("intermediate_size", 0), checkpoint.shapes(path)
    known = ", ".join(family.mlp)
    wrong = []
    for name, shape in found.items():
        neurons = family.neurons_of(name)
        if ".mlp." in name and not neurons:
            wrong.append(f"{name}: only {known} can be padded")
        elif neurons and neurons.kind == "weight":
            axis, width = (0, size * neurons.parts) if neurons.written else (1, size)
            if shape[axis] != width:
                wrong.append(f"{name}: is {shape}, axis {axis} must be {width}")
    if not any(family.neurons_of(name) for name in found):
        wrong.append(f"no tensor is named layers.N.mlp.X with X of {known}: not a Llama-like model")
    return wrong if len(wrong) <= 8 else [*wrong[:8], f"… and {len(wrong) - 8} more tensors"]
