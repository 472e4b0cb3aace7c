"""Finds the config.json of the recipe's base, which is all that `plan` needs.

    a directory       its own config.json
    a hub name        the hub's cache, then the recipe's neighbours, then the hub itself
    a path elsewhere  the recipe's neighbours
    a GGUF file       its header, or the recipe's neighbours where it is not there

A neighbour is `bases/OWNER/NAME/config.json` beside the recipe. The shipped ones have the sizes of
the hub's config.json, so that shipped recipes can be planned without a network.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ecom.errors import InputError
from ecom.models import families, gguf
from ecom.quickstart.config import TinyBase
from ecom.recipe import Recipe

if TYPE_CHECKING:
    from transformers import PretrainedConfig


@dataclass(frozen=True)
class Base:
    """The base's config, and a description of where it is from."""

    config: "PretrainedConfig"
    source: str


def find(recipe: Recipe, beside: Path | None = None) -> Base:
    """Return the base of the recipe; `beside` is the recipe's folder.

    Raises InputError where no config.json can be read.
    """
    from transformers import AutoConfig

    name = recipe.base
    if name == "sample" and recipe.quickstart and recipe.quickstart.base:
        return Base(_tiny(recipe.quickstart.base), "the recipe's section quickstart.base")
    if gguf.is_gguf(name):
        return _of_gguf(name, beside)
    try:
        if Path(name).is_dir():
            return Base(AutoConfig.from_pretrained(name), str(Path(name) / "config.json"))
        try:
            return Base(AutoConfig.from_pretrained(name, local_files_only=True), "the hub's cache")
        except (OSError, ValueError):
            if folder := _neighbour(name, beside):
                return Base(AutoConfig.from_pretrained(folder), str(folder / "config.json"))
        return Base(AutoConfig.from_pretrained(name), "the hub")
    except (OSError, ValueError) as error:
        if why := unsupported(name):  # of a type that transformers does not know
            raise InputError(f"base {name}: {why}; name another base") from None
        raise InputError(
            f"base {name}: {_fault(name, error)}; name a directory with the model's config.json; "
            "nothing else of it is needed: base=DIR"
        ) from None


def unsupported(name: str) -> str | None:
    """Return why a directory, or a hub name in the hub's cache, is of no supported type.

    transformers need not know the type.
    """
    from transformers import PretrainedConfig

    try:
        return families.refusal(PretrainedConfig.get_config_dict(name, local_files_only=True)[0])
    except (OSError, ValueError):
        return None


def _of_gguf(name: str, beside: Path | None) -> Base:
    from transformers import AutoConfig

    if beside and not gguf.exists(name):
        model = Path(name).stem.casefold()  # SmolLM2-135M-Instruct.Q4_1, or smollm2-…-q4_1
        for folder in sorted(beside.glob("bases/*/*/")):
            if model.startswith(folder.name.casefold()):
                return Base(AutoConfig.from_pretrained(folder), str(folder / "config.json"))
    return Base(gguf.config(name), name)


def _fault(name: str, error: Exception) -> str:
    """Return why there is no config.json."""
    folder = Path(name)
    if folder.is_dir() and not (folder / "config.json").exists():
        return "the directory has no config.json"
    if not folder.exists() and (name.startswith((".", "/", "~")) or name.count("/") > 1):
        return "no such directory, and not a hub name, which is OWNER/MODEL"
    return f"its config.json cannot be read: {str(error).strip().partition(chr(10))[0].rstrip('.')}"


def _neighbour(name: str, beside: Path | None) -> Path | None:
    """Return the neighbour of a hub name, or of a path on another machine that ends like it."""
    for config in sorted(beside.glob("bases/*/*/config.json")) if beside else ():
        owner, model = config.parts[-3:-1]
        if name == f"{owner}/{model}" or (Path(name).is_absolute() and Path(name).name == model):
            return config.parent
    return None


def _tiny(base: TinyBase) -> "PretrainedConfig":
    """Return the config of the model that the quickstart stage makes."""
    from transformers import Qwen2Config

    return Qwen2Config(
        vocab_size=base.vocab_size,
        hidden_size=base.hidden_size,
        intermediate_size=base.intermediate_size,
        num_hidden_layers=base.layers,
        num_attention_heads=base.heads,
        num_key_value_heads=base.kv_heads,
        max_position_embeddings=base.max_position_embeddings,
        tie_word_embeddings=True,
    )
