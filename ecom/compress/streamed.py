"""A Llama-like checkpoint's logits with one decoder layer in memory at a time.

    rows ─► embedding ─► layer 0 ─► layer 1 ─► … ─► norm ─► lm_head ─► logits

Each part is read, runs on all rows (on the GPU where there is one), and is dropped: a 72B model
takes what one layer takes in fp32, and the rows' hidden states, which wait in the host's memory.
transformers' own modules do the computing, peft's the adapters'.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom.compress import checkpoint
from ecom.compress.sample import Row

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

_OF_PEFT = re.compile(r"\.(base_layer|original_module)(?=\.)")
Read = Callable[[str], "Tensor"]  # a weight by its name in the checkpoint, as fp32


Told = Callable[[int, str, "Tensor", "Tensor", "Tensor"], None]
"""Told of each linear layer as it runs: number of the row, the module's name inside the decoder
layer, weight (out, in), x (T, in) and y (T, out)."""

Run = Callable[[Read, "Told | None"], "list[Tensor]"]
"""Runs one decoder layer on all rows with these weights; returns the rows' states (1, T, D)."""

Watch = Callable[[str, Run], "list[Tensor]"]
"""Called with a decoder layer's name in place of running it; returns the states to go on with."""


def reader(model: Path) -> Read:
    """Return how to read the weights of a checkpoint that is not quantized."""
    files = checkpoint.shard_of(model)

    return lambda name: checkpoint.tensor(files[name], name).float()


def skeleton(model: Path, adapter: Path | None = None) -> Any:
    """Return the checkpoint's model without weights; an adapter's own are there."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    config = AutoConfig.from_pretrained(model)
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    with torch.device("meta"):
        causal = AutoModelForCausalLM.from_config(
            config, dtype=torch.float32, attn_implementation="sdpa"
        )
    if adapter is None:
        return causal.eval()
    return _with_adapter(causal, adapter).eval()


def _with_adapter(causal: Any, adapter: Path) -> Any:
    """Return peft's layers in the model. peft itself would send their weights where the base is."""
    from peft import PeftConfig, get_peft_model, load_peft_weights

    config = PeftConfig.from_pretrained(str(adapter))
    model: Any = get_peft_model(causal, config, low_cpu_mem_usage=True)
    saved = load_peft_weights(str(adapter), device="cpu")
    own = {}
    for name, _ in model.named_parameters():
        key = name.replace(".default", "").replace(".modules_to_save", "")
        found = saved.get(key, saved.get(key.removesuffix(".weight")))
        if found is not None and ".original_module." not in name:
            own[name] = found.float()
    model.load_state_dict(own, strict=False, assign=True)
    return model.get_base_model()


def response_logits(
    causal: Any, read: Read, rows: Sequence[Row], watch: Watch | None = None
) -> "list[Tensor]":
    """Return for each row the logits (response tokens, vocabulary) that predict its response.

    `causal` is a `skeleton`, and one again afterwards.
    """
    import torch

    decoder, head = causal.get_decoder(), causal.get_output_embeddings()
    states = embed(causal, [row.prompt + row.response for row in rows], read)
    for number in range(len(decoder.layers)):
        run = partial(run_layer, causal, number, states)
        states = watch(f"model.layers.{number}", run) if watch else run(read, None)
    with torch.no_grad(), _there(causal, decoder.norm, read), _there(causal, head, read):
        # the token at position p is predicted at p - 1
        return [
            head(decoder.norm(state[0, len(row.prompt) - 1 : -1].to(_device()))).cpu()
            for state, row in zip(states, rows, strict=True)
        ]


def embed(causal: Any, rows: Sequence[Sequence[int]], read: Read) -> "list[Tensor]":
    """Return the states (1, T, D) with which rows of token ids enter the first decoder layer."""
    import torch

    module = causal.get_decoder().embed_tokens
    with torch.no_grad(), _there(causal, module, read):
        return [module(torch.tensor([row], device=_device())).cpu() for row in rows]


def run_layer(
    causal: Any, number: int, states: "Sequence[Tensor]", read: Read, told: Told | None = None
) -> "list[Tensor]":
    """Return the rows' states (1, T, D) after a decoder layer that they enter with `states`."""
    import torch

    decoder = causal.get_decoder()
    layer, device = decoder.layers[number], _device()
    rotary = type(decoder.rotary_emb)(config=causal.config).to(device)  # its numbers are no weights
    made = []
    with torch.no_grad(), _there(causal, layer, read):
        for row, waiting in enumerate(states):
            state = waiting.to(device)
            place = torch.arange(state.shape[1], device=device).unsqueeze(0)
            with _heard(layer, partial(told, row) if told else None):
                output = layer(state, position_ids=place, position_embeddings=rotary(state, place))
            made.append((output[0] if isinstance(output, tuple) else output).cpu())
    return made


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


@contextmanager
def _there(causal: Any, module: "Module", read: Read) -> Iterator[None]:
    """Have the module's weights in memory for the block."""
    prefix = next(name for name, one in causal.named_modules() if one is module)
    tied = causal.config.tie_word_embeddings and module is causal.get_output_embeddings()
    stored = "model.embed_tokens" if tied else prefix
    missing = [name for name, weight in module.named_parameters() if weight.is_meta]
    weights = {name: read(_OF_PEFT.sub("", f"{stored}.{name}")).to(_device()) for name in missing}
    module.load_state_dict(weights, strict=False, assign=True)
    try:
        yield
    finally:
        gone = {name: weight.to("meta") for name, weight in weights.items()}
        module.load_state_dict(gone, strict=False, assign=True)


@contextmanager
def _heard(layer: Any, told: "Callable[..., None] | None") -> Iterator[None]:
    """Call told(name, weight, x, y) for each linear layer that runs in the block."""
    import torch

    def hook(name: str, module: Any, inputs: Any, output: Any) -> None:
        assert told is not None
        told(name, module.weight, inputs[0].flatten(0, -2), output.flatten(0, -2))

    handles = [
        module.register_forward_hook(partial(hook, name))
        for name, module in layer.named_modules()
        if told and isinstance(module, torch.nn.Linear)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
