"""Recognises a mixture of experts, which no stage after the corpus supports."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PretrainedConfig

_COUNTS = ("n_routed_experts", "num_experts", "num_local_experts", "moe_num_experts")


def has(config: "PretrainedConfig") -> bool:
    """Whether a config.json names a mixture of experts, in any of its layers."""
    found = (getattr(config, name, None) for name in _COUNTS)
    return any(isinstance(count, int) and count > 1 for count in found)


def refusal(config: "PretrainedConfig") -> str:
    """Return why such a base is refused, and what to use instead."""
    return (
        f"base: a model of type {config.model_type} is a mixture of experts, which is not "
        "supported; name a dense base, e.g. one of type qwen2, qwen3, llama or mistral"
    )
