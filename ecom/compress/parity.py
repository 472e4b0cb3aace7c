"""What each step changed, measured on held-out rows in fp32.

Logits are read at the positions that predict the response, one row at a time, and kept: rows ×
response tokens × vocabulary × 4 bytes. One model is in memory at a time.
"""

import math
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom.compress import awq
from ecom.compress.sample import Row
from ecom.errors import StageError

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module


def measure(
    *,
    source: Path,
    adapter: Path | None,
    merged: Path,
    grouped: Path,
    packed: Path,
    model: Path,
    group_size: int,
    rows: Sequence[Row],
) -> dict[str, Any]:
    """Return the numbers of parity.json.

    `merged` is `source` with its adapter; without one it is `source` itself, and the difference
    that merging made is None. `grouped` is `merged` padded to the group size (or `merged` itself),
    `packed` its AWQ form, `model` that padded for tensor parallelism. Raises StageError where a
    number is not finite.
    """
    merged_logits = response_logits(plain(merged), rows)
    merge_difference = (
        max_difference(response_logits(adapted(source, adapter), rows), merged_logits)
        if adapter
        else None
    )
    model_logits = response_logits(dequantized(model), rows)
    padding = max_difference(response_logits(dequantized(packed), rows), model_logits)
    if grouped != merged:
        grouped_logits = response_logits(plain(grouped), rows)
        padding = max(padding, max_difference(merged_logits, grouped_logits))
    perplexities = {
        "merged": perplexity(merged_logits, rows),
        "awq": perplexity(model_logits, rows),
        "rtn": perplexity(response_logits(rounded(merged, group_size), rows), rows),
    }
    for name, value in {"merge": merge_difference, "padding": padding, **perplexities}.items():
        if value is not None and not math.isfinite(value):
            raise StageError(
                f"parity: {name} is {value} on held-out rows; the weights overflow or hold NaN: "
                "look at the training loss, and train with a lower train.learning_rate"
            )
    return {
        "merge_max_logit_difference": merge_difference,
        "padding_max_logit_difference": padding,
        "perplexity": perplexities,
        "held_out_rows": len(rows),
        "response_tokens": sum(len(response) for _, response in rows),
    }


def adapted(base: Path, adapter: Path) -> "Module":
    """Return base + adapter as peft runs it, not merged."""
    from peft import PeftModel

    return PeftModel.from_pretrained(plain(base), adapter)


def plain(model: Path) -> "Module":
    """Return a checkpoint that is not quantized."""
    import torch
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)


def dequantized(model: Path) -> "Module":
    """Return an AWQ checkpoint as a plain model that computes with its 4-bit weights in fp32."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    config = AutoConfig.from_pretrained(model)
    del config.quantization_config
    empty: Module = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    missing, unexpected = empty.load_state_dict(awq.plain_weights(model), strict=False)
    # A tied lm_head is not stored.
    tied = config.tie_word_embeddings
    lost = {*missing, *unexpected} - ({"lm_head.weight"} if tied else set())
    if lost:
        raise StageError(
            f"{model}: {', '.join(sorted(lost)[:4])}: stored and expected tensors differ; "
            "delete the artifact and run the stage again"
        )
    return empty


def rounded(model: Path, group_size: int) -> "Module":
    """Return a plain checkpoint after round-to-nearest of every linear layer but lm_head."""
    import torch

    loaded = plain(model)
    with torch.no_grad():
        for name, module in loaded.named_modules():
            if isinstance(module, torch.nn.Linear) and not name.endswith("lm_head"):
                module.weight.copy_(awq.round_to_nearest(module.weight, group_size))
    return loaded


def response_logits(model: "Module", rows: Sequence[Row]) -> "list[Tensor]":
    """Return for each row the logits (response tokens, vocabulary) that predict its response."""
    import torch

    model.eval()
    logits = []
    with torch.inference_mode():
        for prompt, response in rows:
            ids = torch.tensor([prompt + response])  # (1, tokens)
            # The token at position p is predicted at p - 1.
            positions = torch.arange(len(prompt) - 1, len(prompt) + len(response) - 1)
            logits.append(model(input_ids=ids, logits_to_keep=positions).logits[0].float())
    return logits


def max_difference(a: "Sequence[Tensor]", b: "Sequence[Tensor]") -> float:
    """Return the largest absolute difference between two models' logits; NaN if any is NaN."""
    import torch

    return torch.stack([(x - y).abs().max() for x, y in zip(a, b, strict=True)]).max().item()


def perplexity(logits: "Sequence[Tensor]", rows: Sequence[Row]) -> float:
    """Return exp of the mean negative log-likelihood of all response tokens."""
    import torch

    targets = torch.tensor(list(chain.from_iterable(response for _, response in rows)))
    loss = torch.nn.functional.cross_entropy(torch.cat(list(logits)), targets)
    return math.exp(min(loss.item(), 700.0))  # exp(710) is beyond a double
