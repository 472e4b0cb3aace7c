"""Computes a Llama-like checkpoint's logits with one decoder layer in memory at a time.

    rows ─► embedding ─► layer 0 ─► layer 1 ─► … ─► norm ─► lm_head ─► logits

Each part is read, runs on all rows (on the GPU where there is one), and is dropped: a 72B model
takes the memory of one layer in fp32, and the rows' hidden states, which stay in the host's memory.

transformers' own forward computes, and peft's for adapters. It runs in pieces: up to the first
decoder layer, where the rows' states are captured; each layer, with the masks and rotary embeddings
that the forward would pass to it; and after the last one. So a family's steps outside its layers
(Gemma and Granite scale the embedding, Gemma-2 and Cohere the logits, Mistral masks positions
outside a window) are done here, too. `check` proves it before anything is spent.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom.compress import checkpoint
from ecom.compress.sample import Row
from ecom.errors import InputError
from ecom.models import attention, miniature
from ecom.models.families import EMBEDDING

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

_OF_PEFT = re.compile(r"\.(base_layer|original_module)(?=\.)")
Read = Callable[[str], "Tensor"]  # a weight by its name in the checkpoint, as fp32


OnLinear = Callable[[int, str, "Tensor", "Tensor", "Tensor"], None]
"""Called for each linear layer as it runs: number of the row, the module's name inside the decoder
layer, weight (out, in), x (T, in) and y (T, out)."""

Run = Callable[[Read, "OnLinear | None"], "list[Tensor]"]
"""Runs one decoder layer on all rows with these weights; returns the rows' states (1, T, D)."""

Watch = Callable[[str, Run], "list[Tensor]"]
"""Called with a decoder layer's name instead of running it; returns the states after it."""


def check(model: Path) -> None:
    """Raise InputError where a model of this kind does not give the same logits in pieces.

    A few random layers of its architecture are run both ways.
    """
    import torch
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(model)
    whole = miniature.build(config)
    weights = whole.state_dict()
    tokens = list(range(2, 42))
    rows = [Row(tokens[:30], tokens[30:], "generation"), Row(tokens[:9], tokens[9:12], "ranking")]
    with torch.no_grad():
        theirs = [_whole_logits(whole, row) for row in rows]
    try:
        causal = _empty(whole.config)
        embedding_scale(causal)
        ours = response_logits(causal, lambda name: weights[name], rows)
    except (AttributeError, KeyError, TypeError, RuntimeError) as error:
        raise _unknown(model, config, str(error)) from None
    gap = max((a - b).abs().max().item() for a, b in zip(ours, theirs, strict=True))
    largest = max(logits.abs().max().item() for logits in theirs)
    if not gap <= miniature.TOLERANCE * largest:
        why = (
            f"their logits would differ by {gap:.3g} from those of transformers' own forward, "
            f"whose largest is {largest:.3g}"
        )
        raise _unknown(model, config, why)


def _unknown(model: Path, config: Any, why: str) -> InputError:
    return InputError(
        f"{model}: models of type {config.model_type} cannot be run a layer at a time, and so "
        f"neither quantized nor measured: {why}; use a base of another type"
    )


def _whole_logits(whole: Any, row: Row) -> "Tensor":
    import torch

    ids = torch.tensor([row.prompt + row.response])
    logits: Tensor = whole(input_ids=ids).logits[0, len(row.prompt) - 1 : -1]
    return logits


def reader(model: Path) -> Read:
    """Return a function that reads the weights of an unquantized checkpoint."""
    files = checkpoint.shard_of(model)

    return lambda name: checkpoint.tensor(files[name], name).float()


def skeleton(model: Path, adapter: Path | None = None) -> Any:
    """Return the checkpoint's model without weights, except those of an adapter."""
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(model)
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    causal = _empty(config)
    return causal if adapter is None else _with_adapter(causal, adapter).eval()


def _empty(config: Any) -> Any:
    """Return the model without weights.

    Buffers that are not in checkpoints (rotary frequencies, Gemma's scale) have their numbers.
    """
    import torch
    from accelerate import init_empty_weights
    from transformers import AutoModelForCausalLM

    with init_empty_weights(include_buffers=False):
        causal = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    attention.cap(causal)
    for module in causal.modules():
        for name, buffer in module.named_buffers(recurse=False):
            module.register_buffer(name, buffer.to(_device()), persistent=False)
    return causal.eval()


def _with_adapter(causal: Any, adapter: Path) -> Any:
    """Put peft's layers into the model; peft would move their weights to the base's device."""
    from peft import PeftConfig, get_peft_model, load_peft_weights

    config = PeftConfig.from_pretrained(str(adapter))
    model: Any = get_peft_model(causal, config, low_cpu_mem_usage=True)
    saved = load_peft_weights(str(adapter), device="cpu")
    own = {}
    for name, _ in model.named_parameters():
        key = name.replace(".default", "").replace(".modules_to_save", "")
        found = saved.get(key, saved.get(key.removesuffix(".weight")))
        if found is not None and ".original_module." not in name:
            own[name] = found.float().to(_device())
    model.load_state_dict(own, strict=False, assign=True)
    return model.get_base_model()


def response_logits(
    causal: Any, read: Read, rows: Sequence[Row], watch: Watch | None = None
) -> "list[Tensor]":
    """Return for each row the logits (response tokens, vocabulary) that predict its response.

    `causal` is a `skeleton`, before and after.
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
            _outputs(causal, state.to(_device()), len(row.response) + 1)[0, :-1].cpu()
            for state, row in zip(states, rows, strict=True)
        ]


def embed(causal: Any, rows: Sequence[Sequence[int]], read: Read) -> "list[Tensor]":
    """Return the states (1, T, D) with which rows of token ids enter the first decoder layer."""
    import torch

    with torch.no_grad(), _there(causal, causal.get_input_embeddings(), read):
        return [
            _entering(causal, 0, input_ids=torch.tensor([row], device=_device()))[0].cpu()
            for row in rows
        ]


def embedding_scale(causal: Any) -> float:
    """Return the factor of embeddings before the first decoder layer in the model's forward.

    1 in most families; √D in Gemma, `embedding_multiplier` in Granite. Raises InputError where the
    change is not a factor.
    """
    import torch

    module = causal.get_input_embeddings()
    one = torch.ones(1, 1, device=_device())
    ones = one.expand(module.weight.shape)  # takes no memory, however large
    word = torch.zeros(1, 1, dtype=torch.long, device=_device())
    with torch.no_grad(), _there(causal, module, lambda _: ones):
        state, *_ = _entering(causal, 0, input_ids=word)
    if not torch.all(state == state[0, 0, 0]):
        raise InputError(
            f"{type(causal).__name__} does more than scale embeddings before its "
            "first decoder layer, and cannot be quantized a layer at a time; use another base"
        )
    return float(state[0, 0, 0])


def run_layer(
    causal: Any,
    number: int,
    states: "Sequence[Tensor]",
    read: Read,
    on_linear: OnLinear | None = None,
) -> "list[Tensor]":
    """Return the rows' states (1, T, D) after a decoder layer, from the `states` before it."""
    import torch

    layer, device = causal.get_decoder().layers[number], _device()
    called: dict[int, Any] = {}  # by the row's length: the arguments depend on nothing else
    made = []
    with torch.no_grad(), _there(causal, layer, read):
        for row, waiting in enumerate(states):
            state = waiting.to(device)
            length = state.shape[1]
            if length not in called:
                empty = torch.zeros_like(state)
                _, *called[length] = _entering(causal, number, inputs_embeds=empty)
            args, kwargs = called[length]
            with _heard(layer, partial(on_linear, row) if on_linear else None):
                output = layer(state, *args, **kwargs)
            made.append((output[0] if isinstance(output, tuple) else output).cpu())
    return made


class _Call(Exception):  # noqa: N818 - it ends a forward early
    """The model's forward has reached a decoder layer; contains the arguments of that call."""

    def __init__(self, *call: Any) -> None:
        super().__init__()
        self.call = call


def _entering(
    causal: Any, number: int, **inputs: "Tensor"
) -> "tuple[Tensor, tuple[Any, ...], dict[str, Any]]":
    """Run the model's forward up to decoder layer `number`, without the layers before it.

    Returns the arguments of that layer's call: state (1, T, D), further arguments, named ones.
    """

    def stop(state: "Tensor", *args: Any, **kwargs: Any) -> None:
        raise _Call(state, args, kwargs)

    stand_ins = [_pass] * number + [stop]
    try:
        with _standing_in(causal, stand_ins):
            causal(**inputs, use_cache=False)
    except _Call as reached:
        state, args, kwargs = reached.call
        return state, args, kwargs
    raise AssertionError(f"{type(causal).__name__} ran past its decoder layer {number}")


def _outputs(causal: Any, state: "Tensor", positions: int) -> "Tensor":
    """Run the part of the model's forward after the decoder layers on the last positions.

    Returns logits (1, positions, vocabulary).
    """
    import torch

    def last(*args: Any, **kwargs: Any) -> "Tensor":
        return state

    layers = len(causal.get_decoder().layers)
    with _standing_in(causal, [_pass] * (layers - 1) + [last]):
        found: Tensor = causal(
            inputs_embeds=torch.zeros_like(state), use_cache=False, logits_to_keep=positions
        ).logits
    return found


def _pass(state: "Tensor", *args: Any, **kwargs: Any) -> "Tensor":
    return state


@contextmanager
def _standing_in(causal: Any, forwards: Sequence[Callable[..., Any]]) -> Iterator[None]:
    """Replace the forward of the first decoder layers by these functions."""
    layers = list(causal.get_decoder().layers)[: len(forwards)]
    for layer, forward in zip(layers, forwards, strict=True):
        layer.forward = forward
    try:
        yield
    finally:
        for layer in layers:
            del layer.forward


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


@contextmanager
def _there(causal: Any, module: "Module", read: Read) -> Iterator[None]:
    """Load the module's weights into memory for the block."""
    prefix = next(name for name, one in causal.named_modules() if one is module)
    tied = causal.config.tie_word_embeddings and module is causal.get_output_embeddings()
    stored = EMBEDDING if tied else prefix
    missing = [name for name, weight in module.named_parameters() if weight.is_meta]
    weights = {name: read(_OF_PEFT.sub("", f"{stored}.{name}")).to(_device()) for name in missing}
    module.load_state_dict(weights, strict=False, assign=True)
    try:
        yield
    finally:
        gone = {name: weight.to("meta") for name, weight in weights.items()}
        module.load_state_dict(gone, strict=False, assign=True)


@contextmanager
def _heard(layer: Any, on_linear: "Callable[..., None] | None") -> Iterator[None]:
    """Call on_linear(name, weight, x, y) for each linear layer that runs in the block."""
    import torch

    def hook(name: str, module: Any, inputs: Any, output: Any) -> None:
        assert on_linear is not None
        on_linear(name, module.weight, inputs[0].flatten(0, -2), output.flatten(0, -2))

    handles = [
        module.register_forward_hook(partial(hook, name))
        for name, module in layer.named_modules()
        if on_linear and isinstance(module, torch.nn.Linear)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
