"""A checkpoint: everything that the next step depends on.

A resumed run goes on as if it had never stopped: adapter, optimizer, loss scaler, step, random
state, and the losses so far.

    adapter/      peft's format (safetensors)
    state.pt      plain tensors and numbers; read with weights_only, so no code runs from it
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from peft import PeftModel


@dataclass
class Progress:
    """Steps taken, the loss of each, and the validation loss before the first."""

    step: int
    losses: list[float]
    validation_before: float | None


def save(
    folder: Path,
    model: "PeftModel",
    optimizer: "torch.optim.Optimizer",
    scaler: "torch.amp.GradScaler",
    progress: Progress,
) -> None:
    """Write a checkpoint; called by rank 0 (all ranks hold the same state under ddp)."""
    import torch

    model.save_pretrained(str(folder / "adapter"))
    state = {
        "optimizer": optimizer.state_dict(),
        "scaler": scaler.state_dict(),
        "random": torch.get_rng_state(),
        "step": progress.step,
        "losses": progress.losses,
        "validation_before": progress.validation_before,
    }
    torch.save(state, folder / "state.pt")


def load(
    folder: Path,
    model: "PeftModel",
    optimizer: "torch.optim.Optimizer",
    scaler: "torch.amp.GradScaler",
) -> Progress:
    """Put a checkpoint's state into place and return where to go on."""
    import torch
    from peft import set_peft_model_state_dict
    from safetensors.torch import load_file

    weights = load_file(folder / "adapter" / "adapter_model.safetensors")
    set_peft_model_state_dict(model, weights)
    state: dict[str, Any] = torch.load(folder / "state.pt", weights_only=True)
    optimizer.load_state_dict(state["optimizer"])
    scaler.load_state_dict(state["scaler"])
    torch.set_rng_state(state["random"])
    return Progress(state["step"], state["losses"], state["validation_before"])
