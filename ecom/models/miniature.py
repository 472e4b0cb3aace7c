"""A few random layers of a base's architecture, to test on what a stage does with a model.

To save memory, training computes the loss and compression the logits in ways of their own. For an
architecture that computes something there that no other does, the numbers would be wrong without a
warning. On a miniature they are compared with transformers' own forward in a second.
"""

import copy
import math
from typing import TYPE_CHECKING

from ecom.errors import InputError

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel

WORDS = 64  # of its vocabulary
TOLERANCE = 1e-4  # of the larger of two numbers that have to be equal, both computed in fp32


def build(config: "PretrainedConfig") -> "PreTrainedModel":
    """Return a random model in fp32 of that architecture: every kind of its layers, few words.

    Hidden size and heads are the base's own. Its weights are large enough for logits of about ±10,
    where a cap or a scale shows. Raises InputError where transformers has no such model.
    """
    import torch
    from transformers import AutoModelForCausalLM

    small = copy.deepcopy(config)
    if hasattr(small, "quantization_config"):
        del small.quantization_config
    count = _layers(small)
    for name, value in small.to_dict().items():
        if isinstance(value, list) and len(value) == config.num_hidden_layers:
            setattr(small, name, value[:count])
    small.num_hidden_layers = count
    small.vocab_size, small.pad_token_id = WORDS, None
    if getattr(small, "intermediate_size", None):
        small.intermediate_size = min(small.intermediate_size, 256)
    if getattr(small, "sliding_window", None):
        small.sliding_window = 8  # shorter than the rows that are tried
    small.initializer_range = 5 / math.sqrt(small.hidden_size)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        try:
            model = AutoModelForCausalLM.from_config(small, dtype=torch.float32)
        except ValueError:
            raise InputError(
                f"base: transformers generates no text with a model of type {small.model_type}; "
                "name another base, e.g. one of type qwen2, qwen3, llama or mistral"
            ) from None
    made: PreTrainedModel = model.eval()
    return made


def _layers(config: "PretrainedConfig") -> int:
    """Return how many of the first layers hold one of every kind, 2 at least."""
    kinds = getattr(config, "layer_types", None) or []
    first = [kinds.index(kind) + 1 for kind in set(kinds)]
    return min(max([2, *first]), int(config.num_hidden_layers))


def equal(one: float, other: float) -> bool:
    """Say whether two numbers are the same but for rounding."""
    return math.isclose(one, other, rel_tol=TOLERANCE)
