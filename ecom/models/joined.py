"""Recognises a model that joins a language model with others, for images or sound."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PretrainedConfig


def refusal(config: "PretrainedConfig") -> str | None:
    """Return why such a base is refused, and what to use instead; None for a language model.

    Its config.json has the sizes of each part in a section of its own.
    """
    parts = sorted(config.sub_configs)
    if "text_config" not in parts and hasattr(config, "num_hidden_layers"):
        return None
    return (
        f"base: a model of type {config.model_type} is more than a language model (its config.json "
        f"has {', '.join(parts) or 'no num_hidden_layers'}), which is not supported; name a base "
        "for text alone, e.g. one of type qwen2, qwen3, llama or mistral"
    )
