"""Distributed data parallel: every worker has the full model, and torch averages gradients.

All workers have the same state, so rank 0 saves it and any number of workers can resume from it.
"""

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom.errors import StageError
from ecom.train.config import TrainConfig
from ecom.train.model import weighted_loss
from ecom.train.strategy import WEIGHTS, Inputs

if TYPE_CHECKING:
    import torch

_STATE = "state.pt"
_LEAST_SCALE = 1e-4  # if gradients overflow even then, something else is wrong


class Ddp:
    """See ecom.train.strategy.Strategy."""

    lockstep = False

    def __init__(self, model: Any, config: TrainConfig, device: "torch.device") -> None:
        import torch

        precision = config.number_format()
        self.model = model
        self.device = device
        self.skips_overflow = precision == "fp16"
        self._dtype = {"fp32": None, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]
        self._max_grad_norm = config.max_grad_norm
        self._module: Any = weighted_loss(model).to(device)
        if _workers() > 1:
            self._module = torch.nn.parallel.DistributedDataParallel(
                self._module,
                device_ids=[device] if device.type == "cuda" else None,
                # all workers load the same base and draw the same adapter: nothing to broadcast
                init_sync=False,
                gradient_as_bucket_view=True,
            )
        self._trained = [p for p in model.parameters() if p.requires_grad]
        self._optimizer = torch.optim.AdamW(
            self._trained, lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self._scaler = torch.amp.GradScaler(self.device.type, enabled=self.skips_overflow)

    def accumulate(self, inputs: Inputs, scale: float, *, last: bool) -> "torch.Tensor":
        """Add the gradients of scale × loss; return the loss, summed and detached."""
        # gradients are synchronized once per step, with the last batch
        waits = not last and hasattr(self._module, "no_sync")
        with self._module.no_sync() if waits else contextlib.nullcontext():
            with self._autocast():
                loss: torch.Tensor = self._module(**inputs)
            self._scaler.scale(loss * scale).backward()
        return loss.detach()

    def step(self, rate: float) -> float:
        """Clip, update, clear; return the gradient's norm before clipping."""
        import torch

        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._scaler.unscale_(self._optimizer)
        norm = torch.nn.utils.clip_grad_norm_(self._trained, self._max_grad_norm).item()
        if math.isfinite(norm) or self.skips_overflow:  # else the caller ends the run
            self._scaler.step(self._optimizer)
        self._scaler.update()
        self._optimizer.zero_grad()
        if self.skips_overflow and self._scaler.get_scale() < _LEAST_SCALE:
            raise StageError(
                f"gradients overflow fp16 at a loss scale of {self._scaler.get_scale():.1g}; "
                "train in bf16 or fp32 (train.precision), or lower train.learning_rate"
            )
        return norm

    def loss(self, inputs: Inputs) -> "torch.Tensor":
        """Return the summed loss of a batch without gradients."""
        inner = getattr(self._module, "module", self._module)  # bypasses ddp: shares may be uneven
        with self._autocast():
            found: torch.Tensor = inner(**inputs)
        return found

    def generate(self, **arguments: Any) -> "torch.Tensor":
        """Call transformers' generate."""
        with self._autocast():
            made: torch.Tensor = self.model.generate(**arguments)
        return made

    @contextlib.contextmanager
    def evaluating(self) -> Iterator[None]:
        """Switch dropout and gradients off for the block."""
        import torch

        self.model.eval()
        try:
            with torch.no_grad():
                yield
        finally:
            self.model.train()

    def save(self, folder: Path, *, first: bool) -> None:
        """Write this worker's state below `folder`."""
        import torch
        from safetensors.torch import save_file

        if first:
            weights = {
                name: parameter.detach().cpu().contiguous()
                for name, parameter in self.model.named_parameters()
                if parameter.requires_grad
            }
            save_file(weights, folder / WEIGHTS)
            state = {"optimizer": self._optimizer.state_dict(), "scaler": self._scaler.state_dict()}
            torch.save(state, folder / _STATE)

    def load(self, folder: Path) -> None:
        """Restore what `save` wrote."""
        import torch
        from safetensors.torch import load_file

        saved = load_file(folder / WEIGHTS, device=str(self.device))
        with torch.no_grad():
            for name, parameter in self.model.named_parameters():
                if parameter.requires_grad:
                    parameter.copy_(saved[name])
        # tensors and numbers only, so it runs no code
        state = torch.load(folder / _STATE, weights_only=True, map_location=self.device)
        self._optimizer.load_state_dict(state["optimizer"])
        self._scaler.load_state_dict(state["scaler"])

    def _autocast(self) -> contextlib.AbstractContextManager[Any]:
        import torch

        if self._dtype is None:
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, dtype=self._dtype)


def _workers() -> int:
    import torch

    return torch.distributed.get_world_size() if torch.distributed.is_initialized() else 1
