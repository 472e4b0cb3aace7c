"""Zero-pad `intermediate_size`, and only it, so that quantization groups divide over GPUs.

Qwen2-72B: 29,568 = 231 × 128 is no multiple of 128 × 4; padded to 29,696 it is (the Innova paper,
papers/). A padded neuron computes act(0) · 0 = 0 and is read with weight 0: the model is the same
function. A 16-bit layer is padded with zeros; a packed AWQ layer with q = 0, zero point 0 and
scale 1, which is 0 too, and no kernel that divides by a scale meets 0.

Packing first and padding after keeps AWQ's scales clean: zero channels in the calibration would hit
its scale clamp and eat the range of fp16.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom import divisibility
from ecom.compress import checkpoint
from ecom.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor

_MLP = re.compile(r"layers\.\d+\.mlp\.(gate|up|down)_proj\.(weight|bias|qweight|qzeros|scales)$")
_PER_INT32 = 8  # 4-bit numbers in one int32


def padded_size(size: int, multiple: int) -> int:
    """Return the smallest multiple of `multiple` that is at least `size`."""
    return -(-size // multiple) * multiple


def intermediate_size(model: Path) -> int:
    """Return what the checkpoint's config.json says."""
    return int(checkpoint.read_json(model / "config.json")["intermediate_size"])


def check(model: Path, group_size: int, tensor_parallel: int) -> None:
    """Check that padding is all the model needs to be served in groups over so many GPUs.

    Raises InputError naming every dimension that does not divide, and every MLP that this module
    does not know how to pad.
    """
    config = checkpoint.read_json(model / "config.json")
    wrong = _indivisible(config, group_size, tensor_parallel) + _unknown_mlp(model, config)
    if wrong:
        lines = "\n  ".join(wrong)
        raise InputError(
            f"{model}: cannot be quantized with group_size={group_size} and served with "
            f"tensor_parallel={tensor_parallel}:\n  {lines}"
        )


def _indivisible(config: Mapping[str, Any], group_size: int, tensor_parallel: int) -> list[str]:
    """Return what does not divide of the model as it will be: intermediate_size is padded."""
    keys = ("hidden_size", "intermediate_size", "num_attention_heads", "num_hidden_layers")
    missing = [k for k in keys if not isinstance(config.get(k), int)]
    if missing:
        return [f"config.json has no {k}; only Llama-like models are supported" for k in missing]
    padded = {
        **config,
        "intermediate_size": padded_size(config["intermediate_size"], group_size * tensor_parallel),
        "quantization_config": {"group_size": group_size},
    }
    return list(divisibility.faults(padded, tensor_parallel, section="compress"))


def _unknown_mlp(model: Path, config: Mapping[str, Any]) -> list[str]:
    """Every MLP must be gate_proj, up_proj and down_proj of the configured size."""
    size, found = config.get("intermediate_size"), checkpoint.shapes(model)
    wrong = []
    for name, sizes in found.items():
        match = _MLP.search(name)
        if ".mlp." in name and not match:
            wrong.append(f"{name}: only gate_proj, up_proj and down_proj can be padded")
        elif match and match[2] == "weight":
            axis = 1 if match[1] == "down" else 0
            if sizes[axis] != size:
                wrong.append(f"{name}: is {sizes}, axis {axis} must be intermediate_size {size}")
    if not any(_MLP.search(name) for name in found):
        wrong.append("no tensor is named layers.N.mlp.{gate,up,down}_proj: not a Llama-like model")
    return wrong if len(wrong) <= 8 else [*wrong[:8], f"… and {len(wrong) - 8} more tensors"]


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
    match = _MLP.search(name)
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
