"""Zero-pad `intermediate_size`, and only it, so that quantization groups divide over GPUs.

Qwen2-72B: 29,568 = 231 × 128 is no multiple of 128 × 4; padded to 29,696 it is (Innova's system,
docs/domain.md). A padded neuron computes act(0) · 0 = 0 and is read with weight 0: the model is
the same function. A 16-bit layer is padded with zeros; a packed AWQ layer with q = 0, zero point 0
and scale 1, which is 0 too, and no kernel that divides by a scale meets 0.

Packing first and padding after keeps AWQ's scales clean: zero channels in the calibration would hit
its scale clamp and eat the range of fp16.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from ecom.compress import checkpoint
from ecom.compress.check import MLP, padded_size
from ecom.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor

_PER_INT32 = 8  # 4-bit numbers in one int32


def intermediate_size(model: Path) -> int:
    """Return what the checkpoint's config.json says."""
    return int(checkpoint.read_json(model / "config.json")["intermediate_size"])


def pad(source: Path, target: Path, multiple: int) -> None:
    """Write `source` to the new directory `target`, intermediate_size padded to a multiple.

    `source` is a plain or an AWQ checkpoint. Raises InputError where an AWQ checkpoint's groups do
    not fill intermediate_size already.
    """
    config = checkpoint.read_json(source / "config.json")
    size = config["intermediate_size"]
    group_size = (config.get("quantization_config") or {}).get("group_size", 1)
    if size % group_size or multiple % group_size:
        raise InputError(
            f"{source}: intermediate_size {size} and the multiple {multiple} must be multiples of "
            f"the checkpoint's group_size {group_size}; pad the 16-bit model before quantizing it"
        )
    extra = padded_size(size, multiple) - size
    checkpoint.rewrite(source, target, lambda name, t: _pad_tensor(name, t, extra, group_size))
    config["intermediate_size"] = size + extra
    checkpoint.write_json(target / "config.json", config)


def _pad_tensor(name: str, tensor: "Tensor", extra: int, group_size: int) -> "Tensor":
    """`extra` neurons more, in the layout of each kind of tensor (awq.py draws the packed ones)."""
    match = MLP.search(name)
    if not match or not extra:
        return tensor
    side, kind = match[1], match[2]
    if side == "down":
        if kind == "bias":
            return tensor
        axis = 1 if kind == "weight" else 0
        count = extra // group_size if kind in ("qzeros", "scales") else extra
    else:
        axis = 0 if kind in ("weight", "bias") else 1
        count = extra // _PER_INT32 if kind in ("qweight", "qzeros") else extra
    return append(tensor, axis, count, value=1 if kind == "scales" else 0)


def append(tensor: "Tensor", axis: int, count: int, value: int) -> "Tensor":
    """Return the tensor with `count` more of `value` at the end of an axis."""
    import torch

    shape = list(tensor.shape)
    shape[axis] = count
    return torch.cat([tensor, tensor.new_full(shape, value)], dim=axis)
