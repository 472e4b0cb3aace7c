"""GPTQ's rounding (Frantar et al. 2022, https://arxiv.org/abs/2210.17323) in AutoAWQ's groups.

Weights are rounded one input at a time, and what rounding one changes in the outputs on the
calibration rows is made up by the weights not yet rounded:

    H = Σ x xᵀ over the rows' inputs     U = upper Cholesky factor of H⁻¹
    e = (w_j - rounded(w_j)) / U_jj      w_k ← w_k - e · U_jk   for all k > j

Scales and zero points are chosen before, for each group of inputs: of nine ranges, the full one
down to 60 % of it, the one whose rounding errors, weighted by the diagonal of H, are smallest. So
inputs are rounded in any order (the strongest first) and groups stay where the format has them.
"""

from typing import TYPE_CHECKING

from ecom.errors import StageError

if TYPE_CHECKING:
    from torch import Tensor

_RANGES = tuple(1 - 0.05 * step for step in range(9))
_DAMPING = (0.01, 0.1, 1.0)  # of the mean of H's diagonal, added to it; more where H is singular
_BLOCK = 128  # inputs whose corrections are applied to the others at once


def quantize(
    name: str, weight: "Tensor", h: "Tensor", group_size: int
) -> "tuple[Tensor, Tensor, Tensor]":
    """Return weight (out, in) rounded, its scales and its zero points (out, in / group).

    `h` (in, in) is of the layer's inputs; errors name the layer `name`. Scales are numbers of fp16.
    Raises StageError where a number is not finite.
    """
    import torch

    if not (weight.isfinite().all() and h.isfinite().all()):
        raise StageError(
            f"{name}: the weights, or their inputs on the calibration rows, overflow or contain "
            "NaN: look at the training loss, and train with a lower train.learning_rate"
        )
    scales, zeros = _grid(weight, h.diagonal(), group_size)
    order = h.diagonal().argsort(descending=True, stable=True)
    groups = order // group_size
    rounded = torch.empty_like(weight)
    rounded[:, order] = _round(
        weight.t()[order], _inverse_factor(name, h[order][:, order]), scales[groups], zeros[groups]
    ).t()
    return rounded, scales.t().contiguous(), zeros.t().contiguous()


def _grid(weight: "Tensor", strength: "Tensor", group_size: int) -> "tuple[Tensor, Tensor]":
    """Return scales and zero points (in / group, out)."""
    import torch

    groups = weight.view(weight.shape[0], -1, group_size)
    strength = strength.view(-1, group_size)
    low = groups.amin(-1, keepdim=True).clamp(max=0)
    high = groups.amax(-1, keepdim=True).clamp(min=0)
    found: tuple[Tensor, ...] = ()
    for share in _RANGES:
        # 65,504 is fp16's largest number
        scale = ((high - low) * share / 15).clamp(1e-5, 65_504).half().float()
        zero = (-low * share / scale).round().clamp(0, 15)
        rounded = ((groups / scale + zero).round().clamp(0, 15) - zero) * scale
        error = ((rounded - groups).square() * strength).sum(-1, keepdim=True)
        if found:
            better = error < found[0]
            new = zip((error, scale, zero), found, strict=True)
            found = tuple(torch.where(better, one, other) for one, other in new)
        else:
            found = error, scale, zero
    _, scale, zero = found
    return scale.squeeze(-1).t().contiguous(), zero.squeeze(-1).t().contiguous()


def _inverse_factor(name: str, h: "Tensor") -> "Tensor":
    """Return the upper Cholesky factor of h's inverse, h damped until it has one."""
    import torch

    mean = h.diagonal().mean().clamp(min=1e-6)
    for share in _DAMPING:
        damped = h.clone()
        damped.diagonal().add_(share * mean)
        lower, failed = torch.linalg.cholesky_ex(damped)
        if failed:
            continue
        inverse = torch.cholesky_inverse(lower)
        factor: Tensor
        factor, failed = torch.linalg.cholesky_ex(inverse, upper=True)
        if not failed:
            return factor
    raise StageError(
        f"{name}: its inputs' products on the calibration rows cannot be inverted; set "
        "compress.effort=fast, or raise compress.calibration_rows"
    )


def _round(weight: "Tensor", factor: "Tensor", scales: "Tensor", zeros: "Tensor") -> "Tensor":
    """Return weight (in, out) rounded; it is used up."""
    import torch

    rounded = torch.empty_like(weight)
    for start in range(0, len(weight), _BLOCK):
        end = min(start + _BLOCK, len(weight))
        errors = torch.empty_like(weight[start:end])
        for j in range(start, end):
            numbers = (weight[j] / scales[j] + zeros[j]).round_().clamp_(0, 15)
            rounded[j] = (numbers - zeros[j]) * scales[j]
            errors[j - start] = (weight[j] - rounded[j]) / factor[j, j]
            weight[j + 1 : end] -= torch.outer(factor[j, j + 1 : end], errors[j - start])
        weight[end:] -= factor[start:end, end:].t() @ errors
    return rounded
