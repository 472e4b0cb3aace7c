"""How a model attends: with its caps, and on CPUs in blocks of a row.

torch's fused kernel for CPUs spends most of its time in the backward of short rows. `attend`
computes the scores of BLOCK queries at a time, with the keys up to the last of them, by torch's own
batched products: 2 to 3 times as fast in bf16 and 1.1 to 1.4 times in fp32, up to LONGEST tokens.
Its scores are kept for the backward, B x H x T x T / 2 numbers, so longer rows go to the fused
kernel.

Shapes: B rows, T tokens, H query heads, K heads of keys and values, D numbers of a head.
"""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

NAME = "ecom_blocks"  # among transformers' attention functions
BLOCK, LONGEST = 128, 1024  # tokens


def cap(model: "PreTrainedModel") -> None:
    """Let a model that caps its attention scores do so, as Gemma 2 does.

    The fused kernels cannot, and transformers takes them all the same, without the cap.
    """
    if getattr(model.config, "attn_logit_softcapping", None):
        model.set_attn_implementation("eager")


def use_blocks(model: "PreTrainedModel") -> None:
    """Let a model that attends by torch's fused kernel do so in blocks."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    if model.config._attn_implementation != "sdpa":
        return
    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    model.set_attn_implementation(NAME)


def attend(
    module: Any,
    query: "torch.Tensor",
    key: "torch.Tensor",
    value: "torch.Tensor",
    attention_mask: "torch.Tensor | None",
    dropout: float = 0.0,
    scaling: float | None = None,
    **more: Any,
) -> "tuple[torch.Tensor, None]":
    """Return (B, T, H, D) of query (B, H, T, D) and key and value (B, K, T, D); causal.

    What is more than that, a mask or dropout say, is left to transformers' function for the fused
    kernel.
    """
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    tokens = query.shape[2]
    usual = tokens == key.shape[2] <= LONGEST and query.shape[3] == value.shape[3]
    if not usual or attention_mask is not None or dropout or _is_special(module, more):
        return sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **more
        )
    scale = query.shape[3] ** -0.5 if scaling is None else scaling
    ends = [*range(0, tokens, BLOCK), tokens]
    found = [_block(query, key, value, scale, *ends_of) for ends_of in pairwise(ends)]
    return _joined(found).transpose(1, 2), None


def _is_special(module: Any, more: dict[str, Any]) -> bool:
    """Whether a model asks for more than causal attention: capped scores, a bias of positions."""
    causal = more.get("is_causal")
    causal = getattr(module, "is_causal", True) if causal is None else causal
    return not causal or any(more.get(name) is not None for name in ("position_bias", "softcap"))


def _block(
    query: "torch.Tensor",
    key: "torch.Tensor",
    value: "torch.Tensor",
    scale: float,
    begin: int,
    end: int,
) -> "torch.Tensor":
    """Return (B, H, end - begin, D): the queries of one block over all keys up to its end."""
    import torch

    rows, heads, _, width = query.shape
    keys, length = key.shape[1], end - begin
    group = heads // keys  # the query heads that share a key: their queries stand one below another
    later = torch.full((length, end), -torch.inf, dtype=query.dtype).triu(1 + begin)
    scores = torch.baddbmm(
        later.repeat(group, 1),
        query[:, :, begin:end].reshape(rows * keys, group * length, width),
        key[:, :, :end].reshape(rows * keys, end, width).transpose(1, 2),
        alpha=scale,
    )
    chances = scores.softmax(-1)
    found = chances @ value[:, :, :end].reshape(rows * keys, end, width)
    return found.view(rows, heads, length, width)


def _joined(blocks: "list[torch.Tensor]") -> "torch.Tensor":
    import torch

    return blocks[0] if len(blocks) == 1 else torch.cat(blocks, 2)
