"""What is counted without numbers against what a real run of the trainer's own loss takes."""

from typing import Any

import pytest
import torch

from ecom.models import attention
from ecom.plan import micro_batch, outline
from ecom.train.config import TrainConfig
from ecom.train.model import adapted, weighted_loss

pytestmark = pytest.mark.model

ROWS, TOKENS = 3, 96
SHAPES: dict[str, dict[str, Any]] = {
    "qwen2": {"num_key_value_heads": 2, "tie_word_embeddings": True},
    "qwen3": {"num_key_value_heads": 2, "head_dim": 16},
    "llama": {"num_key_value_heads": 4},
    "mistral": {"num_key_value_heads": 2, "sliding_window": None},
    "bloom": {},
}


def shape(family: str, layers: int = 4) -> Any:
    from transformers import AutoConfig

    return AutoConfig.for_model(
        family,
        vocab_size=128,
        hidden_size=64,
        intermediate_size=160,
        num_hidden_layers=layers,
        num_attention_heads=4,
        max_position_embeddings=256,
        **SHAPES[family],
    )


class Real:
    """The trainer's loss on real numbers, gradients in place."""

    def __init__(self, config: Any, train: TrainConfig) -> None:
        from transformers import AutoModelForCausalLM

        torch.manual_seed(0)
        self.model: Any = AutoModelForCausalLM.from_config(config)
        attention.use_blocks(self.model)
        if train.method == "lora":
            self.model = adapted(self.model, "this base", train)
        if train.gradient_checkpointing:
            self.model.gradient_checkpointing_enable({"use_reentrant": False})
        self.model.train()
        for parameter in self.model.parameters():
            parameter.grad = torch.zeros_like(parameter) if parameter.requires_grad else None
        self.ids = torch.randint(128, (ROWS, TOKENS))
        self.weights = torch.ones(ROWS, TOKENS)

    def loss(self) -> torch.Tensor:
        found: torch.Tensor = weighted_loss(self.model)(self.ids, self.weights)
        return found


def kept_bytes(real: Real) -> int:
    """Distinct storages, parameters left out, that autograd saves in the decoder."""
    known = {p.untyped_storage().data_ptr() for p in real.model.parameters()}
    known |= {b.untyped_storage().data_ptr() for b in real.model.buffers()}
    known.add(real.ids.untyped_storage().data_ptr())
    found: dict[int, int] = {}
    alive = []  # else an address could come twice

    def note(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in known:
            found[storage.data_ptr()] = storage.nbytes()
            alive.append(tensor)
        return tensor

    causal = real.model.get_base_model() if hasattr(real.model, "peft_config") else real.model
    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        hidden = causal.get_decoder()(input_ids=real.ids, use_cache=False).last_hidden_state
    note(hidden)
    return sum(found.values())


def peak_bytes(real: Real) -> int:
    """The most that torch's CPU allocator held at once, above what it held before."""
    from torch.profiler import ProfilerActivity, profile

    real.loss().backward()  # caches of rotary embeddings and the like are there from now on
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        real.loss().backward()
    live = peak = 0
    events = [e for e in seen.profiler.kineto_results.events() if e.name() == "[memory]"]
    for event in sorted(events, key=lambda e: e.start_ns()):
        live += event.nbytes()
        peak = max(peak, live)
    return peak


@pytest.mark.parametrize(
    ("family", "method", "checkpointing"),
    [
        ("qwen2", "lora", True),
        ("qwen3", "lora", False),
        ("llama", "full", True),
        ("mistral", "full", False),
        ("bloom", "lora", False),
    ],
)
def test_it_counts_what_a_real_batch_takes(family: str, method: Any, checkpointing: bool) -> None:
    config = shape(family)
    train = TrainConfig(method=method, rank=4, gradient_checkpointing=checkpointing)
    found = micro_batch.measure(config, train, ROWS, TOKENS)
    real = Real(config, train)

    assert found.peak == pytest.approx(peak_bytes(real), rel=0.02)
    if not checkpointing:  # its own hooks hide what it keeps from ours
        assert found.kept == pytest.approx(kept_bytes(real), rel=0.01)


def test_many_layers_follow_from_three() -> None:
    config = shape("qwen2", layers=6)
    for checkpointing in (False, True):
        train = TrainConfig(
            accelerator="A100-80G", rank=4, dropout=0.1, gradient_checkpointing=checkpointing
        )
        found = micro_batch.measure(config, train, ROWS, TOKENS)
        whole = micro_batch.measure_layers(config, 6, train, ROWS, TOKENS)
        assert found == whole


def test_without_flash_attention_scores_are_not_kept_either() -> None:
    scores = 4 * 64 * 512**2  # fp32, of 64 heads

    def peak(accelerator: Any, kv_heads: int) -> int:
        config = shape("qwen2")
        config.num_attention_heads, config.num_key_value_heads = 64, kv_heads
        config.hidden_size = 512
        train = TrainConfig(accelerator=accelerator, gradient_checkpointing=True)
        return micro_batch.measure_layers(config, 1, train, 1, 512).peak

    assert peak("A100-80G", 8) < peak("T4", 8) < scores, "key and value are repeated"


def test_half_precision_halves_and_copies_whole_weights() -> None:
    config = shape("llama")
    weights = outline.parameters(config).total

    def kept(**settings: Any) -> int:
        return micro_batch.measure(config, TrainConfig(**settings), ROWS, TOKENS).kept

    lora = kept(accelerator="A100-80G") / kept(accelerator="A100-80G", precision="fp32")
    assert 0.4 < lora < 0.7
    # under autocast a 16-bit copy of every linear weight waits for the backward
    whole = kept(method="full", accelerator="A100-80G")
    zero = kept(method="full", accelerator="A100-80G", strategy="deepspeed-zero2")
    assert whole - zero > 0.8 * 2 * weights
