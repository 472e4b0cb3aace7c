"""How one model is trained by several workers: the interface.

    ddp.py    every worker has the full model; gradients are averaged
    zero.py   DeepSpeed: gradients and optimizer states are split (ZeRO-2), weights too (ZeRO-3)

A step is `accumulate` for each batch, then `step`.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import torch

WEIGHTS = "weights.safetensors"  # all trained parameters, by their names in the model
Inputs = Mapping[str, "torch.Tensor"]


class Strategy(Protocol):
    """A model, its optimizer, and the operations that its workers do together."""

    model: Any  # the bare model: peft's, or transformers'
    device: "torch.device"
    lockstep: bool  # every forward is a collective: all workers need the same number
    skips_overflow: bool  # fp16's loss scaler skips a step whose gradients overflow

    def accumulate(self, inputs: Inputs, scale: float, *, last: bool) -> "torch.Tensor":
        """Add the gradients of scale × loss; return the loss, summed and detached."""
        ...

    def step(self, rate: float) -> float:
        """Clip, update, clear; return the gradient's norm before clipping, over all workers."""
        ...

    def loss(self, inputs: Inputs) -> "torch.Tensor":
        """Return the summed loss of a batch without gradients; inside `evaluating` only."""
        ...

    def generate(self, **arguments: Any) -> "torch.Tensor":
        """Call transformers' generate; inside `evaluating` only."""
        ...

    def evaluating(self) -> AbstractContextManager[None]:
        """Switch dropout and gradients off for the block."""
        ...

    def save(self, folder: Path, *, first: bool) -> None:
        """Write this worker's state below `folder`; the first worker also writes WEIGHTS."""
        ...

    def load(self, folder: Path) -> None:
        """Restore what `save` wrote, on all workers."""
        ...
