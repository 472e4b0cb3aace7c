"""A LoRA adapter as peft saves it, read and checked against the base that it belongs to.

    adapter_config.json           kind, alpha; what merge.py has no formula for is refused
    adapter_model.safetensors     base_model.model.MODULE.lora_A.weight            (r, in)
                                  base_model.model.MODULE.lora_B.weight            (out, r)
                                  base_model.model.MODULE.lora_magnitude_vector    (out), DoRA only

MODULE is a linear layer's name in the model, e.g. model.layers.0.self_attn.q_proj, or lm_head.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom.compress import checkpoint
from ecom.errors import DataError

if TYPE_CHECKING:
    from torch import Tensor

_TENSOR = re.compile(
    r"(?:base_model\.model\.)?(.+)\.(lora_A|lora_B|lora_magnitude_vector)(?:\.weight)?"
)
# peft saves it beside the adapter of lm_head; it is frozen, so the base has it too.
_COPY_OF_BASE = ".lm_head.base_layer.weight"
# What adapter_config.json may say; anything else changes merge.py's formulas.
_PLAIN: dict[str, tuple[Any, ...]] = {
    "peft_type": ("LORA",),
    "bias": ("none",),
    "lora_bias": (False, None),
    "use_qalora": (False, None),
    "fan_in_fan_out": (False, None),
}
_EMPTY = (
    "alora_invocation_tokens",
    "arrow_config",
    "kasa_config",
    "layer_replication",
    "modules_to_save",
    "monteclora_config",
    "target_parameters",
    "trainable_token_indices",
    "use_bdlora",
)
# These replace the base's weights when training starts, so the sum with the base would be wrong.
_CHANGES_BASE = ("pissa", "olora", "corda", "loftq", "lora_ga")


@dataclass(frozen=True)
class Layer:
    """What was learnt for one linear layer of weight (out, in).

    a          (r, in)
    b          (out, r)
    scale      alpha/r, or alpha/√r
    magnitude  (out), the norm that DoRA gives each row; None in plain LoRA
    """

    a: "Tensor"
    b: "Tensor"
    scale: float
    magnitude: "Tensor | None"


def read(base: Path, adapter: Path) -> dict[str, Layer]:
    """Return the adapter's layers by the names of the weights that they change in the base's files.

    Raises DataError naming every setting that is neither LoRA nor DoRA, and every tensor that has
    no place in the base or not the size that it must have there.
    """
    config = checkpoint.read_json(adapter / "adapter_config.json")
    _check_config(adapter, config)
    file, shapes = adapter / "adapter_model.safetensors", checkpoint.shapes(base)
    modules, wrong = _read_tensors(file)
    dora = bool(config.get("use_dora"))
    layers = {}
    for module, tensors in modules.items():
        name = _stored_name(module, shapes)
        mistakes = _mistakes(base, module, tensors, shapes.get(name), dora)
        wrong += mistakes
        if not mistakes:
            a, b = tensors["lora_A"], tensors["lora_B"]
            scale = _scale(config, module, rank=a.shape[0])
            layers[name] = Layer(a, b, scale, tensors.get("lora_magnitude_vector"))
    if wrong or not layers:
        lines = "\n  ".join(wrong or ["it holds no tensors"])
        raise DataError(
            f"{file}: cannot be merged into {base}:\n  {lines}"
            "\nName the base that the adapter was trained on, and train linear layers only"
        )
    return layers


def _check_config(adapter: Path, config: Mapping[str, Any]) -> None:
    wrong = [
        f"{key}={config[key]!r} (supported: {allowed[0]!r})"
        for key, allowed in _PLAIN.items()
        if key in config and config[key] not in allowed
    ]
    wrong += [f"{key}={config[key]!r} (supported: none)" for key in _EMPTY if config.get(key)]
    if str(config.get("init_lora_weights")).startswith(_CHANGES_BASE):
        wrong.append(
            f"init_lora_weights={config['init_lora_weights']!r} (it changes the base's own "
            "weights; save the adapter with path_initial_model_for_weight_conversion)"
        )
    if "lora_alpha" not in config or "peft_type" not in config:
        wrong.append("peft_type and lora_alpha must be there")
    if wrong:
        raise DataError(
            f"{adapter / 'adapter_config.json'}: only LoRA and DoRA on linear layers can be "
            f"merged; not supported: {'; '.join(wrong)}. Train a plain adapter, or merge this one "
            "with peft and name the result as base"
        )


def _read_tensors(file: Path) -> tuple[dict[str, dict[str, "Tensor"]], list[str]]:
    """Return module -> kind -> tensor, and what is wrong with the tensors that are no such kind."""
    modules: dict[str, dict[str, Tensor]] = {}
    wrong = []
    with checkpoint.tensors(file) as opened:
        for key in sorted(opened.keys()):
            match = _TENSOR.fullmatch(key)
            if "lora_embedding_" in key or "embed_tokens" in key:
                wrong.append(f"{key}: adapters of the embedding are not supported")
            elif key.endswith(".bias"):
                wrong.append(f"{key}: trained biases are not supported")
            elif match:
                modules.setdefault(match[1], {})[match[2]] = opened.get_tensor(key)
            elif not key.endswith(_COPY_OF_BASE):
                wrong.append(f"{key}: not a tensor of LoRA or DoRA")
    return modules, wrong


def _stored_name(module: str, shapes: Mapping[str, list[int]]) -> str:
    """Return what a module's weight is called in the base's files.

    Files of a decoder saved without its lm_head lack the first part of every name: BLOOM's on the
    hub hold h.0.mlp… for the model's transformer.h.0.mlp…
    """
    name = f"{module}.weight"
    bare = name.partition(".")[2]
    return bare if bare in shapes and name not in shapes else name


def _mistakes(
    base: Path,
    module: str,
    tensors: Mapping[str, "Tensor"],
    shape: list[int] | None,
    dora: bool,
) -> list[str]:
    """Return what keeps one module's tensors from being merged into a weight of that shape."""
    if module == "lm_head" and _tied(base):
        return [
            "lm_head: the base ties it to its embedding, so its weight cannot change alone; "
            "leave lm_head out of train.target_modules and train again"
        ]
    if shape is None:
        return [f"{module}.{kind}: no such layer in the base" for kind in tensors]
    kinds = {"lora_A", "lora_B", *(["lora_magnitude_vector"] if dora else [])}
    if missing := sorted(kinds - set(tensors)):
        return [f"{module}.{kind}: is missing" for kind in missing]
    rank = tensors["lora_A"].shape[0]
    right = {
        "lora_A": [rank, *shape[1:]],
        "lora_B": [shape[0], rank],
        "lora_magnitude_vector": [shape[0]],
    }
    wrong = [
        f"{module}.{kind}: is {_size(tensor.shape)}, must be {_size(right[kind])}"
        for kind, tensor in tensors.items()
        if list(tensor.shape) != right[kind]
    ]
    unsaid = sorted(set(tensors) - kinds)
    return wrong + [f"{module}.{kind}: adapter_config.json says no use_dora" for kind in unsaid]


def _size(shape: Sequence[int]) -> str:
    return " × ".join(map(str, shape))


def _tied(base: Path) -> bool:
    from transformers import AutoConfig

    return bool(AutoConfig.from_pretrained(base).tie_word_embeddings)


def _scale(config: Mapping[str, Any], module: str, rank: int) -> float:
    """alpha/r, or alpha/√r; alpha of a module as peft reads it from `alpha_pattern`."""
    alpha = config["lora_alpha"]
    for pattern, value in (config.get("alpha_pattern") or {}).items():
        if re.match(rf"(.*\.)?({pattern})$", module):
            alpha = value
            break
    return float(alpha) / (math.sqrt(rank) if config.get("use_rslora") else rank)
