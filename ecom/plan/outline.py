"""A model without weights, built from its config.json, to count its parameters by kind.

transformers and peft build it on torch's meta device, where tensors have a shape and a dtype but no
memory, so a 72B model costs no more than a small one.
"""

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ecom.errors import InputError
from ecom.models import families
from ecom.models.divisibility import padded_size
from ecom.train.config import TrainConfig
from ecom.train.model import adapted

if TYPE_CHECKING:
    from transformers import PretrainedConfig


@dataclass(frozen=True)
class Parameters:
    """Numbers of parameters; tied ones count once.

    trained    of the adapters, or of the whole model
    linear     frozen weights of linear layers except the output layer: qlora stores them in 4 bit
    others     all other frozen ones: embeddings, output layer, norms, biases
    largest    those of the largest of these linear layers
    """

    trained: int
    linear: int
    others: int
    largest: int

    @property
    def total(self) -> int:
        """Return the parameters of the base and of the adapters, if any."""
        return self.trained + self.linear + self.others


def layers(config: "PretrainedConfig") -> int:
    """Return the number of decoder layers."""
    return int(config.num_hidden_layers)


def padded(config: "PretrainedConfig", multiple: int) -> "PretrainedConfig":
    """Return the config after the compress stage: intermediate_size is padded to a multiple."""
    size = getattr(config, "intermediate_size", None)
    if not size:
        return config
    made = copy.deepcopy(config)
    made.intermediate_size = padded_size(size, multiple)
    return made


def build(config: "PretrainedConfig", count: int, train: TrainConfig | None = None) -> Any:
    """Return the model with `count` layers on the meta device, with adapters if `train` has any.

    Raises InputError where the architecture is not supported, or a target module matches nothing.
    """
    import torch
    from transformers import AutoModelForCausalLM

    if unsupported := families.refusal(config.to_dict()):
        raise InputError(f"base: {unsupported}; name another base")
    small = copy.deepcopy(config)
    if kinds := getattr(small, "layer_types", None):
        small.layer_types = kinds[:count]
    small.num_hidden_layers = count
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(small, dtype=_dtype(train))
        if train is None or train.method == "full":
            return model
        trained = adapted(model, "this base", train)
    # DeepSpeed halves the adapters, too
    return trained if train.strategy == "ddp" else trained.to(_dtype(train))


def halved(train: TrainConfig) -> bool:
    """Whether frozen weights take 2 bytes instead of 4."""
    return train.number_format() != "fp32"


def _dtype(train: TrainConfig | None) -> Any:
    """Return the dtype in which ecom.train.model loads the base, after DeepSpeed's halving."""
    import torch

    if train is None or not halved(train) or (train.method == "full" and train.strategy == "ddp"):
        return torch.float32
    return torch.bfloat16 if train.number_format() == "bf16" else torch.float16


def parameters(config: "PretrainedConfig", train: TrainConfig | None = None) -> Parameters:
    """Count the whole model from one layer and two. Without `train` nothing is trained."""
    one, two = (_count(config, min(count, layers(config)), train) for count in (1, 2))
    more = layers(config) - 1
    return Parameters(
        trained=one.trained + more * (two.trained - one.trained),
        linear=one.linear + more * (two.linear - one.linear),
        others=one.others + more * (two.others - one.others),
        largest=one.largest,
    )


def _count(config: "PretrainedConfig", count: int, train: TrainConfig | None) -> Parameters:
    import torch

    model = build(config, count, train)
    output = model.get_output_embeddings()
    kept = {id(p) for p in output.parameters()} if output is not None else set()
    linear = {
        id(module.weight)
        for module in model.modules()
        if isinstance(module, torch.nn.Linear) and id(module.weight) not in kept
    }
    everything = list(model.parameters())
    trained = [p for p in everything if train and p.requires_grad]
    frozen = [p for p in everything if not (train and p.requires_grad)]
    sizes = [p.numel() for p in frozen if id(p) in linear]
    return Parameters(
        trained=sum(p.numel() for p in trained),
        linear=sum(sizes),
        others=sum(p.numel() for p in frozen) - sum(sizes),
        largest=max(sizes, default=0),
    )
