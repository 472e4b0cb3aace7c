"""The supported families of models: the table that all stages ask, one entry per family.

An entry has the names of a decoder layer's linear layers:

                 read the hidden state         write it back
    attention    q_proj, k_proj, v_proj        o_proj
    MLP          gate_proj, up_proj            down_proj          its neurons are between the two

Padding adds neurons to the MLP, parity measures what both halves write back, an adapter beside the
model may change these layers, and tensor parallelism divides them. No family has a norm over the
MLP's neurons, so padding leaves all norms as they are.

`refusal` and the two functions after it return why a base is refused, by its config.json alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ecom.models import stored

EMBEDDING, LAYERS, NORM = "model.embed_tokens", "model.layers", "model.norm"
"""The parts of every compressible model, in this order; lm_head follows."""

WORDS = ("lm_head", "embed_tokens", "word_embeddings", "embed_in", "wte")
"""The layers of any model that have a row for each vocabulary entry."""

_TENSOR = re.compile(
    r"layers\.\d+\.(self_attn|mlp)\.(\w+)\.(weight|bias|qweight|qzeros|scales|lora_[AB]\.weight)$"
)
_EXPERTS = ("n_routed_experts", "num_experts", "num_local_experts", "moe_num_experts")


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
    """One family, and the names of the linear layers of its decoder layers.

    name          what its makers call it
    model_types   the architectures' names in config.json
    query         the layer whose outputs are the query heads
    key_value     the layers whose outputs are the heads of keys and of values
    neurons       the layers whose outputs are the MLP's neurons; 2 for gate and up in one layer
    scaled        what AWQ may scale: a layer, and the one that reads its output; {} where the
                  quantizers know the family
    float16       whether its numbers stay in float16's range; if not, vLLM refuses to serve it so
    compressed    whether it goes through the compress stage; otherwise it is trained, and asked
                  in 16 bit
    """

    name: str
    model_types: tuple[str, ...]
    query: str = "q_proj"
    key_value: tuple[str, ...] = ("k_proj", "v_proj")
    attention_output: str = "o_proj"
    neurons: Mapping[str, int] = field(default_factory=lambda: {"gate_proj": 1, "up_proj": 1})
    mlp_output: str = "down_proj"
    scaled: Mapping[str, str] = field(default_factory=dict)
    float16: bool = True
    compressed: bool = True

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


_JOINED = {"gate_up_proj": 2}
# OLMo normalises what attention and MLP write, not what they read. A quantizer that takes its
# post_attention_layernorm for the MLP's input norm, as in Llama, scales what attention writes.
_NO_INPUT_NORM = {"v_proj": "o_proj", "up_proj": "down_proj"}

FAMILIES = (
    Family("Qwen 2 and 2.5", ("qwen2",)),
    Family("Qwen 3", ("qwen3",)),
    Family("Llama and SmolLM 2", ("llama",)),
    Family("Mistral", ("mistral",)),
    Family("SmolLM 3", ("smollm3",)),
    Family("Gemma", ("gemma",)),
    Family("Gemma 2 and Gemma 3 for text alone", ("gemma2", "gemma3_text"), float16=False),
    Family("Phi 3 and 4", ("phi3",), query="qkv_proj", key_value=("qkv_proj",), neurons=_JOINED),
    Family("Granite", ("granite",)),
    Family("OLMo 2 and 3", ("olmo2", "olmo3"), scaled=_NO_INPUT_NORM),
    Family("GLM-4 of 2024", ("glm",), neurons=_JOINED),
    Family("GLM-4 of 2025", ("glm4",), neurons=_JOINED, float16=False),
    Family(
        "BLOOM",
        ("bloom",),
        query="query_key_value",
        key_value=("query_key_value",),
        attention_output="dense",
        neurons={"dense_h_to_4h": 1},
        mlp_output="dense_4h_to_h",
        compressed=False,
    ),
)
_USUAL = Family("", ())


def of(config: Mapping[str, Any]) -> Family:
    """Return the family of a config.json; of an unknown type, the usual names."""
    kind = config.get("model_type")
    return next((one for one in FAMILIES if kind in one.model_types), _USUAL)


def refusal(config: Mapping[str, Any]) -> str | None:
    """Return why no stage takes a model with this config.json, and what works; None if one does.

    None, too, where config.json names no type: transformers then says what is wrong with it.
    """
    if "model_type" not in config:
        return None
    if of(config) is _USUAL:
        return f"{_named(config)} {_reason(config)}; {_supported()}"
    if any(name.endswith("Classification") for name in config.get("architectures") or ()):
        return f"{_named(config)} labels texts and writes none; name a model that writes text"
    return None


def refusal_to_train(config: Mapping[str, Any]) -> str | None:
    """Return why the train stage refuses a model with this config.json; None if it does not."""
    return refusal(config) or stored.refusal(config)


def refusal_to_compress(config: Mapping[str, Any]) -> str | None:
    """Return why the compress stage refuses a model with this config.json; None if it does not."""
    if found := refusal_to_train(config):
        return found
    if of(config).compressed:
        return None
    return (
        f"{_named(config)} cannot be padded and quantized; {_supported()}; to train this one, "
        "run `ecom corpus` and `ecom train` alone, and ask it with predict.models=[base]"
    )


def _named(config: Mapping[str, Any]) -> str:
    classes = ", ".join(config.get("architectures") or ())
    return f"a model of type {config['model_type']}" + (f" ({classes})" if classes else "")


def _reason(config: Mapping[str, Any]) -> str:
    """Return what is unsupported about a model, as far as its config.json says."""
    if any(isinstance(count := config.get(key), int) and count > 1 for key in _EXPERTS):
        return "is a mixture of experts, which is not supported"
    parts = [key for key, value in config.items() if _is_part(key, value)]
    if parts:
        has = ", ".join(sorted(parts))
        return f"is more than a language model (its config.json has {has}), which is not supported"
    if config.get("is_encoder_decoder"):
        return "has an encoder and a decoder, which is not supported"
    return "is not supported"


def _is_part(key: str, value: Any) -> bool:
    """Whether an entry of a config.json has the sizes of a model inside the model."""
    return key.endswith("_config") and isinstance(value, Mapping) and "hidden_size" in value


def _supported() -> str:
    whole, trained = (
        ", ".join(
            f"{one.name} ({', '.join(one.model_types)})"
            for one in FAMILIES
            if one.compressed == compressed
        )
        for compressed in (True, False)
    )
    return f"all stages take {whole}; train, and predict in 16 bit, also take {trained}"
