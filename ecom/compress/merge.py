"""Base + adapter -> one plain checkpoint, streamed shard by shard.

    LoRA    W' = W + s·BA                         Hu et al. 2021, https://arxiv.org/abs/2106.09685
    DoRA    W' = m · (W + s·BA) / ‖W + s·BA‖      Liu et al. 2024, https://arxiv.org/abs/2402.09353

s is alpha/r, or alpha/√r in rank-stabilised LoRA (https://arxiv.org/abs/2312.03732). The norm is
that of each row of (out, in), as peft takes it. W' is computed in fp32 and rounded once, to the
dtype W is stored in. Tensors that no adapter touches are copied.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from ecom.compress import checkpoint, lora

if TYPE_CHECKING:
    from torch import Tensor


def merge(base: Path, adapter: Path, target: Path) -> None:
    """Write base + adapter to the new directory `target`, in the base's dtype and file layout.

    Raises DataError, before anything is written, where the adapter is neither LoRA nor DoRA or does
    not fit the base.
    """
    import torch

    layers = lora.read(base, adapter)

    def change(name: str, weight: "Tensor") -> "Tensor":
        return _adapted(weight, layers[name]).to(weight.dtype) if name in layers else weight

    with torch.no_grad():
        checkpoint.rewrite(base, target, change)


def _adapted(weight: "Tensor", layer: lora.Layer) -> "Tensor":
    """Return W' (out, in) in fp32."""
    import torch

    new = torch.addmm(weight.float(), layer.b.float(), layer.a.float(), alpha=layer.scale)
    if layer.magnitude is not None:
        new *= (layer.magnitude.float() / torch.linalg.vector_norm(new, dim=1)).unsqueeze(1)
    return new
