"""One batch, forward and backward, without numbers: every allocation is counted, none is made.

The trainer's own steps (decoder, output layer, cross-entropy, backward, gradient checkpointing) run
on fake tensors; a dispatch mode sees each tensor that an operator makes and hears when it is freed.
What is counted is what comes on top of weights and gradients, which stand before the batch does.

Fake tensors live on the CPU, whose operators differ from a GPU's in two places that matter here,
attention and layer norms under autocast; both are put right.
"""

import contextlib
import weakref
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from ecom.hardware import flash_attention
from ecom.plan import outline
from ecom.train.config import TrainConfig

if TYPE_CHECKING:
    import torch
    from transformers import PretrainedConfig


@dataclass(frozen=True)
class Activations:
    """Bytes on top of weights and gradients.

    kept    saved for the backward when the decoder has run
    peak    at the worst moment of forward and backward
    """

    kept: int
    peak: int


def alike(train: TrainConfig) -> TrainConfig:
    """Return the same settings for all recipes that `measure` cannot tell apart."""
    return train.model_copy(
        update={
            "method": "full" if train.method == "full" else "lora",
            "precision": train.number_format(),
            "strategy": "ddp" if train.strategy == "ddp" else "deepspeed-zero2",
            "accelerator": "H100" if flash_attention(train.accelerator) else "T4",
            "workers": 1,
            "offload_optimizer": False,
        }
    )


def measure(config: "PretrainedConfig", train: TrainConfig, rows: int, tokens: int) -> Activations:
    """Return what a batch of `rows` × `tokens` takes on one worker.

    Two layers and three are run; each further layer takes what the third one takes.
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
    """Return the same for the model with `count` of its layers, each one run."""
    from torch._subclasses.fake_tensor import FakeTensorMode

    model = outline.build(config, count, train)
    with FakeTensorMode(allow_non_fake_inputs=True):  # tensors on the meta device
        model.to_empty(device="cpu")
        model.tie_weights()  # to_empty made two of one
        return _run(model, train, rows, tokens)


def _run(model: Any, train: TrainConfig, rows: int, tokens: int) -> Activations:
    import torch

    if train.gradient_checkpointing:
        # states of random generators are real tensors, which fake ones do not mix with
        model.gradient_checkpointing_enable({"use_reentrant": False, "preserve_rng_state": False})
    model.train()
    causal = model.get_base_model() if hasattr(model, "get_base_model") else model
    if causal.config._attn_implementation == "sdpa":
        causal.set_attn_implementation(_attention(flash_attention(train.accelerator)))
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
    """The trainer's loss where every token but the first is predicted; and the bytes before it."""
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
    """Return the class; torch is imported where it is used only."""
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves

    class Ledger(TorchDispatchMode):
        """Bytes of the storages that operators make, from their making to their end."""

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
    """Let layer norms compute in fp32 and leave the result so, as CUDA's autocast does."""
    import torch

    def forward(norm: Any, x: "torch.Tensor") -> "torch.Tensor":
        with torch.autocast("cpu", enabled=False):
            weight, bias = (t if t is None else t.float() for t in (norm.weight, norm.bias))
            shape: list[int] = norm.normalized_shape
            return torch.nn.functional.layer_norm(x.float(), shape, weight, bias, norm.eps)

    for module in model.modules():
        if isinstance(module, torch.nn.LayerNorm):
            module.forward = partial(forward, module)  # type: ignore[method-assign]


@cache
def _attention(flash: bool) -> str:
    """Register and return the name of attention as a GPU with, or without, FlashAttention does it.

    transformers makes no mask for an implementation that it does not know, as it makes none for
    batches without padding masks on real tensors.
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
            heads = query.shape[1] // key.shape[1]  # ecom.train.model has them repeated there
            key, value = (half.repeat_interleave(heads, dim=1) for half in (key, value))
        found = aten._scaled_dot_product_flash_attention(
            query, key, value, dropout, True, scale=scaling
        )
        return found[0].transpose(1, 2).contiguous(), None

    name = f"ecom_plan_{'fused' if flash else 'repeated'}"  # a name with "flash" would be loaded
    AttentionInterface.register(name, attend)
    return name
