"""DeepSpeed's ZeRO (Rajbhandari et al. 2020, arXiv 1910.02054), stage 2 or 3.

Each worker saves its shard of the optimizer's state; only as many workers can read them.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom.train.config import TrainConfig
from ecom.train.model import weighted_loss
from ecom.train.strategy import WEIGHTS, Inputs

if TYPE_CHECKING:
    import torch

_TAG = "zero"


def settings(config: TrainConfig) -> dict[str, Any]:
    """Return DeepSpeed's configuration."""
    # the default bucket is ten times as large: a GiB that a small adapter never fills
    zero: dict[str, Any] = {
        "stage": 3 if config.strategy == "deepspeed-zero3" else 2,
        "reduce_bucket_size": 50_000_000,
    }
    if config.offload_optimizer:
        zero["offload_optimizer"] = {"device": "cpu", "pin_memory": config.accelerator != "cpu"}
    precision = config.number_format()
    return {
        # the loop counts a step's batches and tells DeepSpeed where a step ends
        "train_micro_batch_size_per_gpu": 1,
        "gradient_accumulation_steps": 1,
        "gradient_clipping": config.max_grad_norm,
        "zero_optimization": zero,
        "bf16": {"enabled": precision == "bf16"},
        "fp16": {"enabled": precision == "fp16"},
        # torch's AdamW suffices; DeepSpeed's is compiled on every machine, for minutes
        "zero_force_ds_cpu_optimizer": False,
        "zero_allow_untested_optimizer": True,
    }


@contextlib.contextmanager
def loading(config: TrainConfig) -> Iterator[None]:
    """Under ZeRO-3 let transformers split the base's weights while it reads them."""
    if config.strategy != "deepspeed-zero3":
        yield
        return
    from transformers.integrations.deepspeed import HfDeepSpeedConfig, unset_hf_deepspeed_config

    _start()
    kept = HfDeepSpeedConfig(settings(config))
    try:
        yield
    finally:
        del kept
        unset_hf_deepspeed_config()


class Zero:
    """See ecom.train.strategy.Strategy."""

    def __init__(self, model: Any, config: TrainConfig, device: "torch.device") -> None:
        import deepspeed
        import torch

        _start()
        self.model = model
        self.device = device
        self.lockstep = True
        self.skips_overflow = config.number_format() == "fp16"
        self._cut = config.strategy == "deepspeed-zero3"
        module = weighted_loss(model).to(device)
        trained = [p for p in model.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(
            trained, lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self._engine, *_ = deepspeed.initialize(
            model=module, optimizer=optimizer, config=settings(config), dist_init_required=False
        )

    def accumulate(self, inputs: Inputs, scale: float, *, last: bool) -> "torch.Tensor":
        """Add the gradients of scale × loss; return the loss, summed and detached."""
        self._engine.set_gradient_accumulation_boundary(last)
        loss: torch.Tensor = self._engine(**inputs)
        self._engine.backward(loss * scale)
        if not last:
            self._engine.step()  # counts the batch; no effect before the boundary
        return loss.detach()

    def step(self, rate: float) -> float:
        """Clip, update, clear; return the gradient's norm before clipping."""
        for group in self._engine.optimizer.param_groups:
            group["lr"] = rate
        self._engine.step()
        return float(self._engine.get_global_grad_norm())

    def loss(self, inputs: Inputs) -> "torch.Tensor":
        """Return the summed loss of a batch without gradients."""
        found: torch.Tensor = self._engine(**inputs)
        return found

    def generate(self, **arguments: Any) -> "torch.Tensor":
        """Call transformers' generate."""
        # all workers answer the same questions, so they stop together and none waits alone
        made: torch.Tensor = self.model.generate(**arguments, synced_gpus=False)
        return made

    @contextlib.contextmanager
    def evaluating(self) -> Iterator[None]:
        """Switch dropout and gradients off for the block."""
        import torch

        self._engine.eval()
        try:
            with torch.no_grad():
                yield
        finally:
            self._engine.train()

    def save(self, folder: Path, *, first: bool) -> None:
        """Write this worker's state below `folder`."""
        import deepspeed
        from safetensors.torch import save_file

        whole = {}
        for name, parameter in self.model.named_parameters():
            if parameter.requires_grad:
                with deepspeed.zero.GatheredParameters([parameter], enabled=self._cut):
                    if first:
                        whole[name] = parameter.detach().cpu().clone().contiguous()
        if first:
            save_file(whole, folder / WEIGHTS)
        self._engine.save_checkpoint(
            str(folder), tag=_TAG, save_latest=False, exclude_frozen_parameters=True
        )

    def load(self, folder: Path) -> None:
        """Restore what `save` wrote."""
        self._engine.load_checkpoint(str(folder), tag=_TAG, load_module_strict=False)


def _start() -> None:
    """Give DeepSpeed the process group of Ray Train."""
    import deepspeed
    from deepspeed.ops import __compatible_ops__

    # It would compile an operator for shared memory, which needs a compiler and is useless here.
    __compatible_ops__["deepspeed_shm_comm"] = False
    deepspeed.init_distributed(dist_init_required=False)
