"""Zero-pads `intermediate_size`, and only that, so that quantization groups divide over GPUs.

Qwen2-72B: 29,568 = 231 × 128 is no multiple of 128 × 4; padded to 29,696 it is (Innova's system,
docs/domain.md). A padded neuron computes act(0) · 0 = 0 and is read with weight 0: the model stays
the same function. A 16-bit layer is padded with zeros; a packed AWQ layer with q = 0, zero point 0
and scale 1, which is also 0, and no kernel divides by a scale of 0. An adapter beside the model is
padded in the same way.

Packing before padding keeps AWQ's scales clean: zero channels in the calibration would hit its
scale clamp and use up the range of fp16.
"""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ecom.compress import checkpoint
from ecom.compress.awq import PER_INT32
from ecom.errors import InputError
from ecom.models import families, stored
from ecom.models.divisibility import padded_size
from ecom.models.families import Family

if TYPE_CHECKING:
    from torch import Tensor

_AXES: dict[str, tuple[int | None, int | None]] = {
    # kind of tensor: the axis of a layer's outputs, that of its inputs (awq.py: packed ones)
    "weight": (0, 1),
    "bias": (0, None),
    "qweight": (1, 0),
    "qzeros": (1, 0),
    "scales": (1, 0),
    "lora_A.weight": (None, 1),
    "lora_B.weight": (0, None),
}


def intermediate_size(model: Path) -> int:
    """Return the intermediate_size in the checkpoint's config.json."""
    return int(checkpoint.read_json(model / "config.json")["intermediate_size"])


def pad(source: Path, target: Path, multiple: int) -> None:
    """Write `source` to the new directory `target`, intermediate_size padded to a multiple.

    `source` is a 16-bit or an AWQ checkpoint. Raises InputError where intermediate_size of an AWQ
    checkpoint is no multiple of its groups.
    """
    config = checkpoint.read_json(source / "config.json")
    size, group_size = config["intermediate_size"], stored.group_size(config)
    if size % group_size or multiple % group_size:
        raise InputError(
            f"{source}: intermediate_size {size} and the multiple {multiple} must be multiples of "
            f"the checkpoint's group_size {group_size}; pad the 16-bit model before quantizing it"
        )
    extra = padded_size(size, multiple) - size
    change = partial(padded, families.of(config), extra=extra, group_size=group_size)
    checkpoint.rewrite(source, target, change)
    config["intermediate_size"] = size + extra
    checkpoint.write_json(target / "config.json", config)


def padded(
    family: Family, name: str, tensor: "Tensor", *, extra: int, group_size: int = 1
) -> "Tensor":
    """Return a tensor of the model, or of its adapter, with `extra` more neurons."""
    neurons = family.neurons_of(name)
    axis = _AXES[neurons.kind][0 if neurons.written else 1] if neurons else None
    if neurons is None or axis is None or not extra:
        return tensor
    count = extra
    if neurons.written and neurons.kind in ("qweight", "qzeros"):
        count = extra // PER_INT32
    elif not neurons.written and neurons.kind in ("qzeros", "scales"):
        count = extra // group_size
    return _append(tensor, axis, count, neurons.parts, value=1 if neurons.kind == "scales" else 0)


def _append(tensor: "Tensor", axis: int, count: int, parts: int, value: int) -> "Tensor":
    """Return the tensor with `count` times `value` after each of equal parts along an axis."""
    import torch

    shape = list(tensor.shape)
    shape[axis] = count
    more = tensor.new_full(shape, value)
    return torch.cat([t for part in tensor.chunk(parts, axis) for t in (part, more)], dim=axis)
