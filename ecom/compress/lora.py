"""Reads a LoRA adapter as peft saves it, and checks it against its base.

    adapter_config.json           kind, alpha; kinds without a formula in merge.py are refused
    adapter_model.safetensors     base_model.model.MODULE.lora_A.weight            (r, in)
                                  base_model.model.MODULE.lora_B.weight            (out, r)
                                  base_model.model.MODULE.lora_magnitude_vector    (out), DoRA only
                                  base_model.model.MODULE.lora_embedding_A         (r, vocabulary)
                                  base_model.model.MODULE.lora_embedding_B         (hidden, r)
                                  base_model.model.MODULE.weight        of modules_to_save, whole

MODULE is a layer's name in the model, e.g. model.layers.0.self_attn.q_proj, or lm_head.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ecom.compress import checkpoint
from ecom.errors import DataError
from ecom.models.families import WORDS

if TYPE_CHECKING:
    from torch import Tensor

_TENSOR = re.compile(
    r"(?:base_model\.model\.)?(.+)\.(lora_(?:embedding_)?[AB]|lora_magnitude_vector)(?:\.weight)?"
)
_SAVED = re.compile(r"(?:base_model\.model\.)?(.+)\.weight")
# peft saves it beside the adapter of lm_head or embedding; it is frozen, so the base has it too.
_COPY_OF_BASE = ".base_layer.weight"
# Allowed values in adapter_config.json; others would need other formulas in merge.py.
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
    "monteclora_config",
    "target_parameters",
    "trainable_token_indices",
    "use_bdlora",
)
# These change the base's weights when training starts, so the sum with the base would be wrong.
_CHANGES_BASE = ("pissa", "olora", "corda", "loftq", "lora_ga")


@dataclass(frozen=True)
class Layer:
    """The trained change of one layer's weight (out, in); an embedding's is (vocabulary, hidden).

    a          (r, in)
    b          (out, r)
    scale      alpha/r, or alpha/√r
    magnitude  (out), the norm that DoRA gives each row; None in plain LoRA
    """

    a: "Tensor"
    b: "Tensor"
    scale: float
    magnitude: "Tensor | None"


Learnt = Callable[[], "Layer | Tensor"]
"""Reads the trained change of one weight; a tensor is a complete new weight."""


class Stored(NamedTuple):
    """One tensor of the adapter's file."""

    key: str
    shape: list[int]


def read(base: Path, adapter: Path) -> dict[str, Learnt]:
    """Return the adapter's changes by the names of the weights in the base's files.

    Tensors stay in the file until they are read: a 72B model's adapter has gigabytes. Raises
    DataError naming every setting that is neither LoRA nor DoRA, and every tensor that is not in
    the base or has another size there.
    """
    config = checkpoint.read_json(adapter / "adapter_config.json")
    _check_config(adapter, config)
    file, shapes = adapter / "adapter_model.safetensors", checkpoint.shapes(base)
    modules, wrong = _read_tensors(file, config.get("modules_to_save") or [])
    dora, tied = bool(config.get("use_dora")), _tied(base)
    learnt: dict[str, Learnt] = {}
    for module, tensors in modules.items():
        name = _stored_name(module, shapes)
        mistakes = _mistakes(module, tensors, shapes.get(name), dora=dora, tied=tied)
        wrong += mistakes
        if not mistakes:
            learnt[name] = partial(_load, file, config, module, tensors)
    if wrong or not learnt:
        lines = "\n  ".join(wrong or ["it has no tensors"])
        raise DataError(
            f"{file}: cannot be merged into {base}:\n  {lines}"
            "\nName the base that the adapter was trained on, and train linear layers only"
        )
    return learnt


def read_plain(base: Path, adapter: Path, why: str) -> dict[str, Learnt]:
    """Like `read`, but also raises DataError where it is more than LoRA of linear layers.

    `why` names what supports no more.
    """
    config = checkpoint.read_json(adapter / "adapter_config.json")
    wrong = [key for key in ("use_dora", "modules_to_save") if config.get(key)]
    learnt = read(base, adapter)
    with checkpoint.tensors(adapter / "adapter_model.safetensors") as opened:
        wrong += [key for key in opened.keys() if "lora_embedding_" in key]  # noqa: SIM118
    if wrong:
        raise DataError(
            f"{adapter}: {why} support only LoRA of linear layers, this has {', '.join(wrong)}; "
            "train without them, or write compress.combine.method: merge"
        )
    return learnt


def _load(
    file: Path, config: Mapping[str, Any], module: str, stored: Mapping[str, Stored]
) -> "Layer | Tensor":
    with checkpoint.tensors(file) as opened:
        tensors: dict[str, Tensor] = {k: opened.get_tensor(one.key) for k, one in stored.items()}
    if "weight" in tensors:
        return tensors["weight"]
    if "lora_embedding_A" in tensors:  # a layer's are (r, in) and (out, r), these are transposed
        a, b = tensors["lora_embedding_B"].t(), tensors["lora_embedding_A"].t()
    else:
        a, b = tensors["lora_A"], tensors["lora_B"]
    scale = _scale(config, module, rank=a.shape[0])
    return Layer(a, b, scale, tensors.get("lora_magnitude_vector"))


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


def _read_tensors(
    file: Path, saved: Sequence[str]
) -> tuple[dict[str, dict[str, Stored]], list[str]]:
    """Return module -> kind -> tensor, and the faults of all other tensors.

    `saved` are the last parts of the names of fully trained modules.
    """
    modules: dict[str, dict[str, Stored]] = {}
    wrong = []
    with checkpoint.tensors(file) as opened:
        for key in sorted(opened.keys()):
            match, whole = _TENSOR.fullmatch(key), _SAVED.fullmatch(key)
            if key.endswith(_COPY_OF_BASE):
                continue
            stored = Stored(key, opened.get_slice(key).get_shape())
            if match:
                modules.setdefault(match[1], {})[match[2]] = stored
            elif whole and whole[1].endswith(tuple(saved)):
                modules[whole[1]] = {"weight": stored}
            elif key.endswith(".bias"):
                wrong.append(f"{key}: trained biases are not supported")
            else:
                wrong.append(f"{key}: not a tensor of LoRA or DoRA")
    return modules, wrong


def _stored_name(module: str, shapes: Mapping[str, list[int]]) -> str:
    """Return the name of a module's weight in the base's files.

    In files of a decoder saved without its lm_head, names lack the first part: BLOOM's on the hub
    have h.0.mlp… for the model's transformer.h.0.mlp…
    """
    name = f"{module}.weight"
    bare = name.partition(".")[2]
    return bare if bare in shapes and name not in shapes else name


def _mistakes(
    module: str, tensors: Mapping[str, Stored], shape: list[int] | None, *, dora: bool, tied: bool
) -> list[str]:
    """Return what prevents merging one module's tensors into a weight of that shape."""
    if tied and module.split(".")[-1] in WORDS:
        return [
            f"{module}: the base ties lm_head to its embedding, so the weight of one cannot change "
            "alone; leave both out of train.target_modules and train again"
        ]
    if shape is None:
        return [f"{module}.{kind}: no such layer in the base" for kind in tensors]
    right = _right_shapes(tensors, shape, dora)
    if missing := sorted(set(right) - set(tensors)):
        return [f"{module}.{kind}: is missing" for kind in missing]
    if unsaid := sorted(set(tensors) - set(right)):
        why = (
            "DoRA of embeddings is not supported"
            if dora
            else "adapter_config.json does not set use_dora"
        )
        return [f"{module}.{kind}: {why}" for kind in unsaid]
    return [
        f"{module}.{kind}: is {_size(tensor.shape)}, must be {_size(right[kind])}"
        for kind, tensor in tensors.items()
        if tensor.shape != right[kind]
    ]


def _right_shapes(
    tensors: Mapping[str, Stored], shape: list[int], dora: bool
) -> dict[str, list[int]]:
    """Return the kinds of tensors of one module, and their required shapes."""
    if "weight" in tensors:
        return {"weight": shape}
    rows, columns = shape[0], shape[-1]
    if any(kind.startswith("lora_embedding_") for kind in tensors):
        rank = tensors["lora_embedding_A"].shape[0] if "lora_embedding_A" in tensors else 0
        return {"lora_embedding_A": [rank, rows], "lora_embedding_B": [columns, rank]}
    rank = tensors["lora_A"].shape[0] if "lora_A" in tensors else 0
    plain = {"lora_A": [rank, columns], "lora_B": [rows, rank]}
    return {**plain, "lora_magnitude_vector": [rows]} if dora else plain


def _size(shape: Sequence[int]) -> str:
    return " × ".join(map(str, shape))


def _tied(base: Path) -> bool:
    from transformers import AutoConfig

    return bool(AutoConfig.from_pretrained(base).tie_word_embeddings)


def _scale(config: Mapping[str, Any], module: str, rank: int) -> float:
    """Return alpha/r, or alpha/√r; a module's alpha is from `alpha_pattern`, as in peft."""
    alpha = config["lora_alpha"]
    for pattern, value in (config.get("alpha_pattern") or {}).items():
        if re.match(rf"(.*\.)?({pattern})$", module):
            alpha = value
            break
    return float(alpha) / (math.sqrt(rank) if config.get("use_rslora") else rank)
