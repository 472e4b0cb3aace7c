"""What the compress stage cannot do with a base, found before anything is spent.

`family` and `sizes` need no more than a config.json: `ecom plan` and `ecom run` ask them before the
first stage. `model` asks them of a whole checkpoint, when the stage itself begins.
"""

import copy
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom import divisibility, experts
from ecom.compress import checkpoint
from ecom.errors import InputError

if TYPE_CHECKING:
    from transformers import PretrainedConfig

MLP = re.compile(r"layers\.\d+\.mlp\.(gate|up|down)_proj\.(weight|bias|qweight|qzeros|scales)$")
_FAMILIES = "name a base of type llama, mistral, qwen2 or qwen3"
_SIXTEEN_BIT = (
    "to train it alone run `ecom corpus` and `ecom train`, and ask it in 16 bit with "
    "predict.models=[base]"
)


def padded_size(size: int, multiple: int) -> int:
    """Return the smallest multiple of `multiple` that is at least `size`."""
    return -(-size // multiple) * multiple


def family(config: "PretrainedConfig") -> str | None:
    """Return why models of this config can be neither merged nor padded nor quantized, or None."""
    if found := quantized(config.to_dict()):
        return found
    names = _tensors(config)
    if names is None:
        return f"transformers generates no text with a model of type {config.model_type}"
    inner = [name.partition(".mlp.")[2] for name in names if not MLP.search(name)]
    odd = sorted({re.sub(r"\.(weight|bias)$", "", name) for name in inner if name})
    if not odd and experts.has(config):
        odd = ["experts"]  # of later layers: DeepSeek's first ones are dense
    if odd or not any(MLP.search(name) for name in names):
        return (
            f"a {config.model_type} model's MLP is {', '.join(odd) or 'named otherwise'}, and only "
            f"gate_proj, up_proj and down_proj can be padded and quantized; {_FAMILIES}, or "
            f"{_SIXTEEN_BIT}"
        )
    return None


def quantized(config: Mapping[str, Any]) -> str | None:
    """Return why a config.json with a quantization_config is refused; None where it has none."""
    found = method(config)
    if not found:
        return None
    return (
        f"the base is quantized already ({found}), and adapters are merged into 16-bit weights; "
        "name the model that it was made from (train.method=qlora makes 4 bits of it by itself)"
    )


def method(config: Mapping[str, Any]) -> str | None:
    """Return the name of what a config.json's weights are quantized with, None for 16 bit."""
    settings = config.get("quantization_config")
    return str(settings.get("quant_method", "quantization_config")) if settings else None


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
    except (AttributeError, TypeError, ValueError):  # no such model, or none of one layer
        return None
    return [name for name, _ in causal.named_parameters()]


def sizes(config: Mapping[str, Any], group_size: int, tensor_parallel: int) -> list[str]:
    """Return what of a config.json does not divide; intermediate_size is as it will be, padded."""
    keys = ("hidden_size", "intermediate_size", "num_attention_heads", "num_hidden_layers")
    missing = [key for key in keys if not isinstance(config.get(key), int)]
    if missing:
        return [f"config.json has no {k}; only Llama-like models are supported" for k in missing]
    padded = {
        **config,
        "intermediate_size": padded_size(config["intermediate_size"], group_size * tensor_parallel),
        "quantization_config": {"group_size": group_size},
    }
    return list(divisibility.faults(padded, tensor_parallel, section="compress"))


def model(path: Path, group_size: int, tensor_parallel: int) -> None:
    """Check that padding is all the model needs to be served in groups over so many GPUs.

    Raises InputError naming every dimension that does not divide, and every MLP that pad.py does
    not know how to pad.
    """
    config = checkpoint.read_json(path / "config.json")
    if wrong := quantized(config):
        raise InputError(f"{path}: {wrong}")
    found = sizes(config, group_size, tensor_parallel) + _unknown_mlp(path, config)
    if found:
        lines = "\n  ".join(found)
        raise InputError(
            f"{path}: cannot be quantized with group_size={group_size} and served with "
            f"tensor_parallel={tensor_parallel}:\n  {lines}"
        )


def _unknown_mlp(path: Path, config: Mapping[str, Any]) -> list[str]:
    """Every MLP must be gate_proj, up_proj and down_proj of the configured size."""
    size, found = config.get("intermediate_size"), checkpoint.shapes(path)
    wrong = []
    for name, shape in found.items():
        match = MLP.search(name)
        if ".mlp." in name and not match:
            wrong.append(f"{name}: only gate_proj, up_proj and down_proj can be padded")
        elif match and match[2] == "weight":
            axis = 1 if match[1] == "down" else 0
            if shape[axis] != size:
                wrong.append(f"{name}: is {shape}, axis {axis} must be intermediate_size {size}")
    if not any(MLP.search(name) for name in found):
        wrong.append("no tensor is named layers.N.mlp.{gate,up,down}_proj: not a Llama-like model")
    return wrong if len(wrong) <= 8 else [*wrong[:8], f"… and {len(wrong) - 8} more tensors"]
