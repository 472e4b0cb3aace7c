"""Base + LoRA adapter -> one plain checkpoint, streamed shard by shard.

LoRA (Hu et al. 2021, https://arxiv.org/abs/2106.09685): W' = W + scale · B·A with scale = alpha/r,
or alpha/√r for rank-stabilised LoRA (https://arxiv.org/abs/2312.03732). The sum is made in fp32
and rounded once, to the dtype W is stored in. Tensors that no adapter touches are copied.
"""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom.compress import checkpoint
from ecom.errors import DataError

if TYPE_CHECKING:
    from torch import Tensor

_PREFIX = "base_model.model."
# What adapter_config.json may say; anything else changes the formula above.
_PLAIN: dict[str, tuple[Any, ...]] = {
    "peft_type": ("LORA",),
    "bias": ("none",),
    "lora_bias": (False, None),
    "use_dora": (False, None),
    "use_qalora": (False, None),
    "fan_in_fan_out": (False, None),
}
_EMPTY = (
    "alora_invocation_tokens",
    "arrow_config",
    "kasa_config",
    "layer_replication",
    "modules_to_save",
    "monteclora_config",
    "target_parameters",
    "trainable_token_indices",
    "use_bdlora",
)
# These replace the base's weights when training starts, so the sum with the base would be wrong.
_CHANGES_BASE = ("pissa", "olora", "corda", "loftq", "lora_ga")


def merge(base: Path, adapter: Path, target: Path) -> None:
    """Write base + adapter to the new directory `target`, in the base's dtype and file layout.

    Raises DataError, before anything is written, naming every setting that is not plain LoRA and
    every adapter tensor that has no place in the base.
    """
    import torch

    config = checkpoint.read_json(adapter / "adapter_config.json")
    _check_config(adapter, config)
    pairs = _read_pairs(adapter, checkpoint.shapes(base))

    def change(name: str, weight: "Tensor") -> "Tensor":
        if name not in pairs:
            return weight
        a, b = pairs[name]  # (r, in), (out, r)
        scale = _scale(config, name.removesuffix(".weight"), rank=a.shape[0])
        return (weight.float() + scale * (b.float() @ a.float())).to(weight.dtype)

    with torch.no_grad():
        checkpoint.rewrite(base, target, change)


def _scale(config: Mapping[str, Any], module: str, rank: int) -> float:
    """alpha/r, or alpha/√r; alpha of a module as peft reads it from `alpha_pattern`."""
    alpha = config["lora_alpha"]
    for pattern, value in (config.get("alpha_pattern") or {}).items():
        if re.match(rf"(.*\.)?({pattern})$", module):
            alpha = value
            break
    return float(alpha) / (math.sqrt(rank) if config.get("use_rslora") else rank)


def _check_config(adapter: Path, config: Mapping[str, Any]) -> None:
    wrong = [
        f"{key}={config[key]!r} (supported: {allowed[0]!r})"
        for key, allowed in _PLAIN.items()
        if key in config and config[key] not in allowed
    ]
    wrong += [f"{key}={config[key]!r} (supported: none)" for key in _EMPTY if config.get(key)]
    if str(config.get("init_lora_weights")).startswith(_CHANGES_BASE):
        wrong.append(
            f"init_lora_weights={config['init_lora_weights']!r} (it changes the base's own "
            "weights; save the adapter with path_initial_model_for_weight_conversion)"
        )
    if "lora_alpha" not in config or "peft_type" not in config:
        wrong.append("peft_type and lora_alpha must be there")
    if wrong:
        raise DataError(
            f"{adapter / 'adapter_config.json'}: only plain LoRA on linear layers can be merged; "
            f"not supported: {'; '.join(wrong)}. Train a plain LoRA adapter, or merge this one "
            "with peft and name the result as base"
        )


def _read_pairs(
    adapter: Path, shapes: Mapping[str, list[int]]
) -> dict[str, tuple["Tensor", "Tensor"]]:
    """Return the base tensor's name -> (A (r, in), B (out, r))."""
    halves: dict[str, dict[str, Tensor]] = {}
    wrong: list[str] = []
    with checkpoint.tensors(adapter / "adapter_model.safetensors") as file:
        for key in sorted(file.keys()):
            match = re.fullmatch(r"(.+)\.lora_([AB])\.weight", key.removeprefix(_PREFIX))
            if reason := _unsupported(key):
                wrong.append(f"{key}: {reason}")
            elif not match or f"{match[1]}.weight" not in shapes:
                wrong.append(f"{key}: no such layer in the base")
            else:
                halves.setdefault(f"{match[1]}.weight", {})[match[2]] = file.get_tensor(key)
    for name, half in halves.items():
        if len(half) < 2:
            wrong.append(f"{name}: lora_{'B' if 'A' in half else 'A'} is missing")
        elif [half["B"].shape[0], half["A"].shape[1]] != shapes[name]:
            wrong.append(
                f"{name}: B·A is {half['B'].shape[0]} × {half['A'].shape[1]}, "
                f"the base's is {' × '.join(map(str, shapes[name]))}"
            )
    if wrong or not halves:
        lines = "\n  ".join(wrong or ["it holds no tensors"])
        raise DataError(
            f"{adapter / 'adapter_model.safetensors'}: cannot be merged into this base:\n  {lines}"
            "\nName the base that the adapter was trained on, and train linear layers only"
        )
    return {name: (half["A"], half["B"]) for name, half in halves.items()}


def _unsupported(key: str) -> str | None:
    if "lora_magnitude_vector" in key:
        return "DoRA is not supported"
    if "lora_embedding_" in key or "embed_tokens" in key:
        return "adapters of the embedding are not supported"
    if "lm_head" in key:
        return "adapters of lm_head are not supported"
    return "trained biases are not supported" if key.endswith(".bias") else None
