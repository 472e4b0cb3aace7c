"""A model's logits at chosen positions, and nowhere else.

For a vocabulary of 152,000 the output layer would dwarf all else on the way. Only its input is
chosen here; everything is the model's own forward, which may scale or cap the logits (Granite,
Cohere, Gemma-2).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


def predicting(causal: Any, ids: "Tensor", chosen: "Tensor") -> "Tensor":
    """Return the logits (N, V) that predict `ids[:, 1:][chosen]`.

    `ids` are (B, T), `chosen` (B, T - 1) says of each token but the first whether it is one of N.
    """
    with _outputs_only(causal, chosen):
        found: Tensor = causal(input_ids=ids, use_cache=False).logits[0]
    return found


@contextmanager
def _outputs_only(causal: Any, chosen: "Tensor") -> Iterator[None]:
    def select(_: Any, inputs: "tuple[Tensor]") -> "tuple[Tensor]":
        [hidden] = inputs  # (B, T, D)
        return (hidden[:, :-1][chosen].unsqueeze(0),)

    handle = causal.get_output_embeddings().register_forward_pre_hook(select)
    try:
        yield
    finally:
        handle.remove()
