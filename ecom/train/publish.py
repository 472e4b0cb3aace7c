"""Converts a checkpoint's weights to a standard format: peft's adapter, or a transformers model.

    adapter/   adapter_config.json, adapter_model.safetensors, README.md (the model card)
    model/     method full: config.json, safetensors in the base's dtype, tokenizer files, card

It runs where training was started, on the base's outline: no weight of the base is read.
"""

import shutil
from pathlib import Path
from typing import Any

from ecom.train.config import TrainConfig
from ecom.train.model import adapted, outline
from ecom.train.strategy import WEIGHTS

TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.json",
    "merges.txt",
    "tokenizer.model",
    "added_tokens.json",
    "chat_template.jinja",
    "generation_config.json",
)


def folder_name(config: TrainConfig) -> str:
    """Return the name of the output folder in the artifact."""
    return "model" if config.method == "full" else "adapter"


def publish(checkpoint: Path, base: str, config: TrainConfig, target: Path) -> None:
    """Write the checkpoint's adapter, or its full model, to the new directory `target`."""
    from safetensors.torch import load_file

    weights = load_file(checkpoint / WEIGHTS)
    _, model = outline(base)
    if config.method == "full":
        _model(weights, model, base, target)
    else:
        _adapter(weights, adapted(model, base, config), base, target)


def _adapter(weights: dict[str, Any], model: Any, base: str, target: Path) -> None:
    from peft import get_peft_model_state_dict
    from safetensors.torch import save_file

    target.mkdir()
    state = get_peft_model_state_dict(model, state_dict=weights, save_embedding_layers=False)
    save_file(
        {k: v.float() for k, v in state.items()},
        target / "adapter_model.safetensors",
        {"format": "pt"},
    )
    lora = model.peft_config["default"]
    lora.base_model_name_or_path, lora.inference_mode = base, True
    # peft keeps a set, whose order differs from run to run; the same training gives the same bytes.
    if isinstance(lora.target_modules, set):
        lora.target_modules = sorted(lora.target_modules)
    lora.save_pretrained(str(target))


def _model(weights: dict[str, Any], model: Any, base: str, target: Path) -> None:
    from transformers.utils import logging

    logging.disable_progress_bar()
    dtype = model.config.dtype or next(iter(weights.values())).dtype
    state = {name: tensor.to(dtype) for name, tensor in weights.items()}
    model.save_pretrained(target, state_dict=state)
    folder = Path(base)
    if not folder.is_dir():
        from huggingface_hub import snapshot_download

        folder = Path(snapshot_download(base, allow_patterns=list(TOKENIZER_FILES)))
    for file in sorted(folder.iterdir()):
        if file.name in TOKENIZER_FILES:
            shutil.copyfile(file, target / file.name)
