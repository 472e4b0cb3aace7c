"""Lets vLLM's 4-bit kernel for CPUs take the states of transformers' own models.

vLLM runs families for which it has no model of its own (OLMo 2 and 3, SmolLM 3) as transformers
does, with states (1, tokens, size). Its kernel takes the second dimension for the size, and fails.
"""

from typing import Any


def install(kernel: Any) -> None:
    """Let the kernel's `apply_weights` take any number of dimensions before the last."""
    plain = kernel.apply_weights

    def apply_weights(self: Any, layer: Any, x: Any, bias: Any = None) -> Any:
        return plain(self, layer, x.flatten(0, -2), bias).unflatten(0, x.shape[:-1])

    kernel.apply_weights = apply_weights
