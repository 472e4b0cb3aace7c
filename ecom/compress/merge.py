"""Base + adapters -> one plain checkpoint, streamed tensor by tensor.

    LoRA     W' = W + s·BA                         Hu et al. 2021, https://arxiv.org/abs/2106.09685
    DoRA     W' = m · (W + s·BA) / ‖W + s·BA‖      Liu et al. 2024, https://arxiv.org/abs/2402.09353
    several  W + Σ cᵢ (Wᵢ' − W)                    each adapter i with its weight cᵢ; for LoRA
                                                   W + Σ cᵢ sᵢ BᵢAᵢ, peft's combination type `cat`
    WiSE-FT  W + α (W'' − W)    Wortsman et al. 2021, https://arxiv.org/abs/2109.01903; α is `keep`

s is alpha/r, or alpha/√r in rank-stabilised LoRA (https://arxiv.org/abs/2312.03732). The norm is
that of each row of (out, in), as in peft. All is computed in fp32 and rounded once, to the dtype in
which W is stored. Unchanged tensors are copied.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ecom.compress import checkpoint, lora
from ecom.errors import DataError

if TYPE_CHECKING:
    from torch import Tensor


def merge(
    base: Path,
    adapters: Sequence[tuple[Path, float]],
    target: Path,
    keep: float = 1.0,
    by_layer: Mapping[str, Sequence[float]] | None = None,
) -> None:
    """Write the base with its adapters, (directory, weight) each, to the new directory `target`.

    `by_layer` has other weights for single tensors by their names, one per adapter. The base's
    dtype and file layout stay. Raises DataError, before anything is written, where an adapter is
    neither LoRA nor DoRA or does not fit the base.
    """
    import torch

    read = [lora.read(base, path) for path, _ in adapters]
    everywhere = [weight for _, weight in adapters]

    def change(name: str, weight: "Tensor") -> "Tensor":
        shares = (by_layer or {}).get(name, everywhere)
        pairs = zip(read, shares, strict=True)
        learnt = [(one[name](), share * keep) for one, share in pairs if name in one]
        return _adapted(weight.float(), learnt).to(weight.dtype) if learnt else weight

    with torch.no_grad():
        checkpoint.rewrite(base, target, change)


def _adapted(plain: "Tensor", learnt: "Sequence[tuple[lora.Layer | Tensor, float]]") -> "Tensor":
    """Return W'' (out, in) in fp32.

    Σ cᵢ Wᵢ' + (1 − Σ cᵢ) W where Wᵢ' is a complete weight: one with cᵢ = 1 stays bit-identical.
    """
    deltas = [(one, c) for one, c in learnt if _is_delta(one)]
    wholes = [(_whole(plain, one), c) for one, c in learnt if not _is_delta(one)]
    total = plain * (1 - sum(c for _, c in wholes))
    for new, c in wholes:
        total.add_(new, alpha=c)
    for one, c in deltas:
        assert isinstance(one, lora.Layer)
        total.addmm_(one.b.float(), one.a.float(), alpha=one.scale * c)
    return total


def _is_delta(one: "lora.Layer | Tensor") -> bool:
    return isinstance(one, lora.Layer) and one.magnitude is None


def _whole(plain: "Tensor", one: "lora.Layer | Tensor") -> "Tensor":
    """Return W' of DoRA, or of a fully trained module."""
    import torch

    if not isinstance(one, lora.Layer):
        return one.float()
    assert one.magnitude is not None
    new = torch.addmm(plain, one.b.float(), one.a.float(), alpha=one.scale)
    return new.mul_((one.magnitude.float() / torch.linalg.vector_norm(new, dim=1)).unsqueeze(1))


def interpolate(base: Path, model: Path, target: Path, keep: float) -> None:
    """Write base + keep · (model − base) for a fully trained model, in the model's layout.

    Raises DataError, before anything is written, where the two do not have the same tensors.
    """
    theirs, ours = checkpoint.shapes(base), checkpoint.shapes(model)
    odd = sorted(n for n in {*theirs, *ours} if theirs.get(n) != ours.get(n))
    if odd:
        raise DataError(
            f"{model}: cannot be interpolated with {base}: {', '.join(odd[:4])} differ "
            "in shape; name the base that the model was trained from"
        )
    shard_of = checkpoint.shard_of(base)

    def change(name: str, weight: "Tensor") -> "Tensor":
        with checkpoint.tensors(shard_of[name]) as file:
            plain: Tensor = file.get_tensor(name).float()
        return plain.lerp_(weight.float(), keep).to(weight.dtype)

    checkpoint.rewrite(model, target, change)
