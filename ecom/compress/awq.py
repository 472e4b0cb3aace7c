"""AutoAWQ's GEMM format: checked, and read back to plain weights; also round-to-nearest.

A layer with weight (out, in) is stored transposed: `qweight` (in, out / 8) and `qzeros`
(in / group, out / 8) pack eight 4-bit numbers per int32, `scales` (in / group, out) is fp16, and
    weight[o, i] = (q[i, o] - zero[i // group, o]) * scale[i // group, o].
The nibble at bits 4·k of an int32 belongs to column ORDER[k] of its eight.
"""

from collections.abc import Callable, Container
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ecom.compress import checkpoint
from ecom.errors import StageError

if TYPE_CHECKING:
    from torch import Tensor

ORDER = (0, 2, 4, 6, 1, 3, 5, 7)
PER_INT32 = len(ORDER)
_KINDS = ("qweight", "qzeros", "scales")


def quantization_config(group_size: int) -> dict[str, object]:
    """Return config.json's quantization_config for this format."""
    return {
        "quant_method": "awq",
        "bits": 4,
        "group_size": group_size,
        "zero_point": True,
        "version": "gemm",
    }


def check(written: Path, group_size: int, package: str) -> None:
    """Raise StageError where a model is in another format than `package` writes."""
    found = checkpoint.read_json(written / "config.json").get("quantization_config") or {}
    wanted = quantization_config(group_size)
    wrong = [f"{k}={found.get(k)!r}, not {v!r}" for k, v in wanted.items() if found.get(k) != v]
    if wrong:
        raise StageError(
            f"{written}: this is not AutoAWQ's GEMM format: {'; '.join(wrong)}. Install the "
            f"supported version: {package}"
        )


def unpack(packed: "Tensor") -> "Tensor":
    """Return the 4-bit numbers of an int32 tensor: (rows, n) -> uint8 (rows, 8 · n)."""
    import torch

    shifts = torch.arange(0, 32, 4)
    nibbles = (packed.unsqueeze(-1) >> shifts) & 15  # (rows, n, 8), the k-th at bits 4·k
    columns = torch.empty_like(nibbles, dtype=torch.uint8)
    columns[..., list(ORDER)] = nibbles.to(torch.uint8)
    return columns.flatten(1)


def dequantize(qweight: "Tensor", qzeros: "Tensor", scales: "Tensor") -> "Tensor":
    """Return the plain fp32 weight (out, in) of one packed layer."""
    group_size = qweight.shape[0] // scales.shape[0]
    zeros = unpack(qzeros).float().repeat_interleave(group_size, dim=0)
    scale = scales.float().repeat_interleave(group_size, dim=0)
    return ((unpack(qweight).float() - zeros) * scale).t().contiguous()


def reader(model: Path) -> "Callable[[str], Tensor]":
    """Return a function that reads an AWQ checkpoint's weights by their plain names, as fp32."""
    files = checkpoint.shard_of(model)

    return partial(dequantized, files.keys(), lambda name: checkpoint.tensor(files[name], name))


def dequantized(names: Container[str], stored: "Callable[[str], Tensor]", name: str) -> "Tensor":
    """Return one weight by its plain name, as fp32; `names` are those of the stored tensors."""
    if name in names:
        return stored(name).float()
    layer = name.removesuffix(".weight")
    return dequantize(*(stored(f"{layer}.{kind}") for kind in _KINDS))


def dequantized_weights(model: Path) -> dict[str, "Tensor"]:
    """Return all weights of an AWQ checkpoint by name, the packed ones dequantized, as fp32."""
    read, kinds = reader(model), tuple(f".{kind}" for kind in _KINDS)
    names = (
        n if not n.endswith(kinds) else n.rpartition(".")[0] + ".weight"
        for n in checkpoint.shard_of(model)
    )
    return {name: read(name) for name in dict.fromkeys(names)}


def round_to_nearest(weight: "Tensor", group_size: int) -> "Tensor":
    """Return weight (out, in) after 4-bit rounding in groups along `in`, without calibration.

    Asymmetric, with 0 in the range: scale = (max - min) / 15 in fp16, zero = round(-min / scale).
    An incomplete last group is rounded as if filled with zeros.
    """
    import torch

    out, inner = weight.shape
    filled = torch.nn.functional.pad(weight.float(), (0, -inner % group_size))
    groups = filled.view(out, -1, group_size)
    low = groups.amin(-1, keepdim=True).clamp(max=0)
    high = groups.amax(-1, keepdim=True).clamp(min=0)
    scale = ((high - low) / 15).clamp(min=1e-5).half().float()
    zero = (-low / scale).round().clamp(0, 15)
    q = (groups / scale + zero).round().clamp(0, 15)
    return ((q - zero) * scale).view(out, -1)[:, :inner].contiguous()
