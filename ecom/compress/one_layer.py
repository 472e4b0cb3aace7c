"""One decoder layer as a checkpoint of its own, so that a quantizer of whole models can do one.

Its words are the calibration rows' positions, and the embedding of a word is the state with which
that position enters the layer, divided by what the family multiplies embeddings by. So the
quantizer sees what it would see in the whole model, and holds no more than one layer. Behind the
layer nothing is left that counts.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom.compress import checkpoint
from ecom.errors import StageError
from ecom.models.families import EMBEDDING, LAYERS, NORM

if TYPE_CHECKING:
    from torch import Tensor


def prefix(number: int) -> str:
    """Return what the names of a decoder layer's tensors begin with."""
    return f"{LAYERS}.{number}."


_FIRST = prefix(0)


def write(
    source: Path, number: int, states: "Sequence[Tensor]", target: Path, scale: float = 1.0
) -> list[list[int]]:
    """Write layer `number` of `source`, entered with `states` (1, T, D), to the directory `target`.

    Weights keep their dtype, states are fp32. `scale` is what the model multiplies its embedding by
    (streamed.embedding_scale). Returns the rows as the new model's token ids.
    """
    import torch

    files, own = checkpoint.shard_of(source), prefix(number)
    weights = {
        name.replace(own, _FIRST, 1): checkpoint.tensor(files[name], name)
        for name in files
        if name.startswith(own)
    }
    words = torch.cat([state[0] for state in states])
    weights[f"{EMBEDDING}.weight"] = words / scale
    weights[f"{NORM}.weight"] = torch.ones(words.shape[1])
    checkpoint.copy_files(source, target)
    checkpoint.save(weights, target / "model.safetensors")
    config = _config(source, number, len(words))
    (target / "config.json").write_text(json.dumps(config))
    ids = torch.arange(len(words)).split([state.shape[1] for state in states])
    return [row.tolist() for row in ids]


def _config(source: Path, number: int, words: int) -> dict[str, Any]:
    """Settings that name one value a layer (layer_types) keep the layer's own.

    transformers derives some of them where config.json lacks them (every how many layers a window
    slides), from the number that the layer has in the whole model.
    """
    from transformers import AutoConfig

    config = checkpoint.read_json(source / "config.json")
    layers = config["num_hidden_layers"]
    for key, value in {**AutoConfig.from_pretrained(source).to_dict(), **config}.items():
        if isinstance(value, list) and len(value) == layers and key != "architectures":
            config[key] = [value[number]]
    tokens = dict.fromkeys(("bos_token_id", "eos_token_id", "pad_token_id"))
    # Tied, because an lm_head of so many words would be the largest of all tensors.
    return {
        **config,
        **tokens,
        "num_hidden_layers": 1,
        "vocab_size": words,
        "tie_word_embeddings": True,
    }


def read(written: Path, number: int) -> "dict[str, Tensor]":
    """Return the tensors of the layer that a quantizer has written, named as layer `number`.

    Floats become fp16, the dtype of AutoAWQ's format. Raises StageError where one does not fit.
    """
    import torch

    found = {}
    for name, file in checkpoint.shard_of(written).items():
        if not name.startswith(_FIRST):
            continue
        tensor = checkpoint.tensor(file, name)
        found[name.replace(_FIRST, prefix(number), 1)] = (
            half(name, tensor) if tensor.dtype != torch.int32 else tensor
        )
    return found


def half(name: str, tensor: "Tensor") -> "Tensor":
    """Return the tensor as fp16. Raises StageError where it holds more than fp16 can."""
    found = tensor.half()
    if not found.isfinite().all():
        raise StageError(
            f"{name}: holds {tensor.abs().max().item():g}, fp16 ends at 65,504 and AWQ's format is "
            "fp16; look at the training loss, and train with a lower train.learning_rate"
        )
    return found
