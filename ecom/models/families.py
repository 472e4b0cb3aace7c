"""The names of a decoder layer's tensors: one entry per family of architectures.

                 read the hidden state         write it back
    attention    q_proj, k_proj, v_proj        o_proj
    MLP          gate_proj, up_proj            down_proj          its neurons are between the two

Padding adds neurons to the MLP, parity measures what both halves write back, an adapter beside the
model may change these layers, and tensor parallelism divides them. A model type that no entry names
is assigned to the last entry. `refusal` checks that against transformers' own model.
"""

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from ecom.models import experts, stored

if TYPE_CHECKING:
    from transformers import PretrainedConfig

EMBEDDING, LAYERS, NORM = "model.embed_tokens", "model.layers", "model.norm"
"""The parts of every compressible model, in this order; lm_head follows."""

WORDS = ("lm_head", "embed_tokens", "word_embeddings", "embed_in", "wte")
"""The layers of any model that have a row for each vocabulary entry."""

_TENSOR = re.compile(
    r"layers\.\d+\.(self_attn|mlp)\.(\w+)\.(weight|bias|qweight|qzeros|scales|lora_[AB]\.weight)$"
)


class Neurons(NamedTuple):
    """Where the neurons of an MLP are in one of its tensors.

    kind      the end of the tensor's name: weight, bias, qweight, lora_A.weight, …
    written   whether they are the layer's outputs; otherwise its inputs
    parts     the number of equal parts of the outputs, each with all neurons
    """

    kind: str
    written: bool
    parts: int


@dataclass(frozen=True)
class Family:
    """The names of the linear layers of one decoder layer.

    model_types   the architectures' names in config.json; none: all others
    query         the layer whose outputs are the query heads
    key_value     the layers whose outputs are the heads of keys and of values
    neurons       the layers whose outputs are the MLP's neurons; 2 for gate and up in one layer
    """

    model_types: tuple[str, ...] = ()
    query: str = "q_proj"
    key_value: tuple[str, ...] = ("k_proj", "v_proj")
    attention_output: str = "o_proj"
    neurons: Mapping[str, int] = field(default_factory=lambda: {"gate_proj": 1, "up_proj": 1})
    mlp_output: str = "down_proj"

    @property
    def inputs(self) -> tuple[str, ...]:
        """The layers that read the hidden state."""
        return tuple(dict.fromkeys([self.query, *self.key_value, *self.neurons]))

    @property
    def mlp(self) -> tuple[str, ...]:
        """The layers of the MLP."""
        return (*self.neurons, self.mlp_output)

    @property
    def outputs(self) -> tuple[str, str]:
        """Where attention and MLP end, as modules of a decoder layer."""
        return f"self_attn.{self.attention_output}", f"mlp.{self.mlp_output}"

    def neurons_of(self, name: str) -> Neurons | None:
        """Return where the MLP's neurons are in a tensor; None where it has none."""
        found = _TENSOR.search(name)
        if not found or found[1] != "mlp" or found[2] not in self.mlp:
            return None
        return Neurons(found[3], found[2] in self.neurons, self.neurons.get(found[2], 1))

    def adapts(self, name: str) -> bool:
        """Whether a weight belongs to a linear layer of a decoder layer."""
        layers = {*self.inputs, self.attention_output, self.mlp_output}
        found = _TENSOR.search(name)
        return found is not None and found[2] in layers and found[3] == "weight"

    def unknown(self, names: Iterable[str]) -> list[str]:
        """Return the MLP layers that the family does not name, each once."""
        inner = {name.partition(".mlp.")[2] for name in names if not self.neurons_of(name)}
        return sorted({re.sub(r"\.(weight|bias)$", "", name) for name in inner if name})


FAMILIES = (
    Family(("phi3",), query="qkv_proj", key_value=("qkv_proj",), neurons={"gate_up_proj": 2}),
    Family(("glm", "glm4"), neurons={"gate_up_proj": 2}),
    Family(),
)


def of(config: Mapping[str, Any]) -> Family:
    """Return the family of a config.json."""
    kind = config.get("model_type")
    return next(one for one in FAMILIES if kind in one.model_types or not one.model_types)


def refusal(config: "PretrainedConfig") -> str | None:
    """Return why models of this config cannot be merged, padded and quantized, or None."""
    if found := stored.refusal(config.to_dict()):
        return found
    names, family = _tensors(config), of(config.to_dict())
    if names is None:
        return f"transformers generates no text with a model of type {config.model_type}"
    odd = family.unknown(names)
    if not odd and experts.has(config):
        odd = ["experts"]  # in later layers: DeepSeek's first ones are dense
    if odd or not any(family.neurons_of(name) for name in names):
        types = ", ".join(kind for one in FAMILIES for kind in one.model_types)
        return (
            f"a {config.model_type} model's MLP is {', '.join(odd) or 'named otherwise'}, and only "
            f"{', '.join(family.mlp)} can be padded and quantized; name a base of type llama, "
            f"mistral, qwen2, qwen3, {types}, or to train it alone run `ecom corpus` and `ecom "
            "train`, and ask it in 16 bit with predict.models=[base]"
        )
    return None


def _tensors(config: "PretrainedConfig") -> list[str] | None:
    """Return the names of a one-layer model's tensors; None where there is none."""
    import torch
    from transformers import AutoModelForCausalLM

    small = copy.deepcopy(config)
    try:
        if kinds := getattr(small, "layer_types", None):
            small.layer_types = kinds[:1]
        small.num_hidden_layers = 1
        with torch.device("meta"):
            causal = AutoModelForCausalLM.from_config(small)
    except (AttributeError, TypeError, ValueError):  # no such model, or none with one layer
        return None
    return [name for name, _ in causal.named_parameters()]
