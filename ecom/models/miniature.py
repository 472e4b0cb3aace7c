"""A few random layers of a base's architecture, to test a stage's computations on.

To save memory, training computes the loss, and compression the logits, with their own code. For an
architecture with an unusual step there, the numbers would be silently wrong. On a miniature they
are compared with transformers' own forward in a second.
"""

import copy
import math
from typing import TYPE_CHECKING

from ecom.models import attention

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel

WORDS = 64  # size of its vocabulary
TOLERANCE = 1e-4  # relative to the larger of two numbers that must be equal, computed in fp32


def build(config: "PretrainedConfig") -> "PreTrainedModel":
    """Return a random fp32 model of that architecture: every kind of layer, a tiny vocabulary.

    Hidden size and heads are the base's. The weights are large enough for logits of about ±10, at
    which a cap or a scale is visible.
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
        model = AutoModelForCausalLM.from_config(small, dtype=torch.float32)
    attention.cap(model)
    made: PreTrainedModel = model.eval()
    return made


def _layers(config: "PretrainedConfig") -> int:
    """Return how many of the first layers include one of every kind, at least 2."""
    kinds = getattr(config, "layer_types", None) or []
    first = [kinds.index(kind) + 1 for kind in set(kinds)]
    return min(max([2, *first]), int(config.num_hidden_layers))


def equal(one: float, other: float) -> bool:
    """Whether two numbers are equal except for rounding."""
    return math.isclose(one, other, rel_tol=TOLERANCE)
