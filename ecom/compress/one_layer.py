"""One decoder layer as a separate checkpoint, so that a quantizer of whole models can process it.

Its vocabulary is the positions of the calibration rows. The embedding of a position is the state
with which it enters the layer, divided by the family's embedding factor. So the quantizer sees what
it would see in the whole model, with only one layer in memory. Nothing after the layer matters.
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
    """Return the prefix of the names of a decoder layer's tensors."""
    return f"{LAYERS}.{number}."


_FIRST = prefix(0)


def write(
    source: Path, number: int, states: "Sequence[Tensor]", target: Path, scale: float = 1.0
) -> list[list[int]]:
    """Write layer `number` of `source`, entered with `states` (1, T, D), to the directory `target`.

    Weights keep their dtype, states are fp32. `scale` is the model's embedding factor
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
    """Return the config; settings with one value per layer (layer_types) keep this layer's value.

    transformers derives some that config.json lacks (every how many layers a window slides) from
    the layer's number in the whole model.
    """
    from transformers import AutoConfig

    config = checkpoint.read_json(source / "config.json")
    layers = config["num_hidden_layers"]
    for key, value in {**AutoConfig.from_pretrained(source).to_dict(), **config}.items():
        if isinstance(value, list) and len(value) == layers and key != "architectures":
            config[key] = [value[number]]
    tokens = dict.fromkeys(("bos_token_id", "eos_token_id", "pad_token_id"))
    # Tied, because an lm_head of this vocabulary would be the largest of all tensors.
    return {
        **config,
        **tokens,
        "num_hidden_layers": 1,
        "vocab_size": words,
        "tie_word_embeddings": True,
    }


def read(written: Path, number: int) -> "dict[str, Tensor]":
    """Return the layer's tensors that a quantizer has written, named as layer `number`.

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
    """Return the tensor as fp16. Raises StageError where its numbers exceed fp16."""
    found = tensor.half()
    if not found.isfinite().all():
        raise StageError(
            f"{name} has {tensor.abs().max().item():g}, fp16 ends at 65,504 and AWQ's format is "
            "fp16; look at the training loss, and train with a lower train.learning_rate"
        )
    return found
