"""The memory of one batch, forward and backward: allocations are counted but not made.

The trainer's own steps (decoder, output layer, cross-entropy, backward, gradient checkpointing) run
on fake tensors, which have a shape but no numbers. A dispatch mode sees each tensor that an
operator makes, and a finalizer sees it freed. Weights and gradients exist before the batch and are
not counted.

Fake tensors are on the CPU, whose operators differ from a GPU's in two relevant places: attention
and layer norms under autocast. Both are replaced by a GPU's behaviour, but for the attention of a
recipe that trains on a CPU (ecom/models/attention.py).
"""

import contextlib
import weakref
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from ecom import hardware
from ecom.models import attention
from ecom.plan import outline
from ecom.train.config import TrainConfig

if TYPE_CHECKING:
    import torch
    from transformers import PretrainedConfig


@dataclass(frozen=True)
class Activations:
    """Bytes in addition to weights and gradients.

    kept    what the decoder's forward saves for the backward
    peak    the most at any moment of forward and backward
    """

    kept: int
    peak: int


def normalized(train: TrainConfig) -> TrainConfig:
    """Return equivalent settings, so that a cache has each measurement once.

    Settings that do not change the memory of a batch (lora or qlora, the number of workers, the
    GPU's name) get one value.
    """
    gpu: hardware.Name = "H100" if hardware.flash_attention(train.accelerator) else "T4"
    return train.model_copy(
        update={
            "method": "full" if train.method == "full" else "lora",
            "precision": train.number_format(),
            "strategy": "ddp" if train.strategy == "ddp" else "deepspeed-zero2",
            "accelerator": "cpu" if train.accelerator == "cpu" else gpu,
            "workers": 1,
            "offload_optimizer": False,
        }
    )


def measure(config: "PretrainedConfig", train: TrainConfig, rows: int, tokens: int) -> Activations:
    """Return the memory of a batch of `rows` × `tokens` on one worker.

    Models of two and of three layers are run; each further layer takes what the third one adds.
    """
    few = [min(count, outline.layers(config)) for count in (2, 3)]
    second, third = (measure_layers(config, count, train, rows, tokens) for count in few)
    more = outline.layers(config) - few[0]
    return Activations(
        kept=second.kept + more * (third.kept - second.kept),
        peak=second.peak + more * (third.peak - second.peak),
    )


def measure_layers(
    config: "PretrainedConfig", count: int, train: TrainConfig, rows: int, tokens: int
) -> Activations:
    """Return the same for a model of only `count` layers."""
    from torch._subclasses.fake_tensor import FakeTensorMode

    model = outline.build(config, count, train)
    with FakeTensorMode(allow_non_fake_inputs=True):  # tensors on the meta device
        model.to_empty(device="cpu")
        model.tie_weights()  # to_empty made two of one
        return _run(model, train, rows, tokens)


def _run(model: Any, train: TrainConfig, rows: int, tokens: int) -> Activations:
    import torch

    if train.gradient_checkpointing:
        # states of random generators are real tensors, which cannot be mixed with fake ones
        model.gradient_checkpointing_enable({"use_reentrant": False, "preserve_rng_state": False})
    model.train()
    causal = model.get_base_model() if hasattr(model, "get_base_model") else model
    attention.cap(causal)
    if causal.config._attn_implementation == "sdpa":
        in_blocks = train.accelerator == "cpu" and tokens <= attention.LONGEST
        fused = hardware.flash_attention(train.accelerator)
        causal.set_attn_implementation(_blocks() if in_blocks else _attention(fused))
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.grad = torch.zeros_like(parameter)
    ids = torch.zeros((rows, tokens), dtype=torch.long)
    ledger = _ledger()(
        *model.parameters(),
        *(p.grad for p in model.parameters() if p.grad is not None),
        *model.buffers(),
        ids,
    )
    autocasts = train.strategy == "ddp" and outline.halved(train)
    if autocasts:
        _norms_in_fp32(model)
    dtype = torch.bfloat16 if train.number_format() == "bf16" else torch.float16
    with ledger:
        with torch.autocast("cpu", dtype) if autocasts else contextlib.nullcontext():
            loss, kept = _loss(causal, ids, ledger)
        loss.backward()
    return Activations(kept, ledger.peak)


def _loss(causal: Any, ids: "torch.Tensor", ledger: Any) -> "tuple[torch.Tensor, int]":
    """Return the trainer's loss over every token but the first, and the bytes in use before it."""
    import torch

    kept = 0

    def select(_: Any, inputs: "tuple[torch.Tensor]") -> "tuple[torch.Tensor]":
        nonlocal kept
        kept = ledger.live
        [hidden] = inputs  # (B, T, D)
        return (hidden[:, :-1].flatten(0, 1).unsqueeze(0),)

    causal.get_output_embeddings().register_forward_pre_hook(select)
    logits = causal(input_ids=ids, use_cache=False).logits[0]  # (N, V)
    targets = ids[:, 1:].flatten()
    losses = torch.nn.functional.cross_entropy(logits.float(), targets, reduction="none")
    return losses.sum(), kept


@cache
def _ledger() -> Any:
    """Return the class Ledger, defined here because torch is imported only where it is used."""
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves

    class Ledger(TorchDispatchMode):
        """Counts the bytes of the storages that operators make, until they are freed."""

        def __init__(self, *before: "torch.Tensor") -> None:
            super().__init__()  # type: ignore[no-untyped-call]
            self.live = self.peak = 0
            self._known = {tensor.untyped_storage()._cdata for tensor in before}

        def __torch_dispatch__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            found = func(*args, **(kwargs or {}))
            for tensor in tree_leaves(found):
                if isinstance(tensor, torch.Tensor):
                    self._add(tensor.untyped_storage())
            return found

        def _add(self, storage: "torch.UntypedStorage") -> None:
            key, size = storage._cdata, storage.nbytes()
            if key not in self._known:
                self._known.add(key)
                self.live += size
                self.peak = max(self.peak, self.live)
                weakref.finalize(storage, self._drop, key, size)

        def _drop(self, key: int, size: int) -> None:
            self._known.discard(key)
            self.live -= size

    return Ledger


def _norms_in_fp32(model: Any) -> None:
    """Make layer norms compute and return fp32, as under CUDA's autocast."""
    import torch

    def forward(norm: Any, x: "torch.Tensor") -> "torch.Tensor":
        with torch.autocast("cpu", enabled=False):
            weight, bias = (t if t is None else t.float() for t in (norm.weight, norm.bias))
            shape: list[int] = norm.normalized_shape
            return torch.nn.functional.layer_norm(x.float(), shape, weight, bias, norm.eps)

    for module in model.modules():
        if isinstance(module, torch.nn.LayerNorm):
            module.forward = partial(forward, module)  # type: ignore[method-assign]


def _blocks() -> str:
    """Return the name of a CPU's attention, as causal attention without a mask."""
    from transformers import AttentionInterface

    AttentionInterface.register(name := "ecom_plan_blocks", attention.attend)
    return name


@cache
def _attention(flash: bool) -> str:
    """Register attention as on a GPU with or without FlashAttention, and return its name.

    transformers builds no mask for an implementation that it does not know, nor for real batches
    without padding.
    """
    import torch
    from transformers import AttentionInterface

    aten = torch.ops.aten

    def attend(
        module: Any,
        query: Any,
        key: Any,
        value: Any,
        mask: Any,
        dropout: float = 0.0,
        scaling: float | None = None,
        **_: Any,
    ) -> Any:
        if not flash and query.shape[1] != key.shape[1]:
            heads = query.shape[1] // key.shape[1]  # repeated as in ecom.train.model
            key, value = (half.repeat_interleave(heads, dim=1) for half in (key, value))
        found = aten._scaled_dot_product_flash_attention(
            query, key, value, dropout, True, scale=scaling
        )
        return found[0].transpose(1, 2).contiguous(), None

    name = f"ecom_plan_{'fused' if flash else 'repeated'}"  # "flash" would load a kernel
    AttentionInterface.register(name, attend)
    return name
