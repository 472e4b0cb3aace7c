"""A Hugging Face checkpoint on disk, rewritten tensor by tensor, whatever its size.

merge.py and pad.py are both `rewrite` with their own function from tensor to tensor.
"""

import errno
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom import progress
from ecom.errors import DataError, StageError

if TYPE_CHECKING:
    from torch import Tensor

INDEX = "model.safetensors.index.json"
_WEIGHTS = {".safetensors", ".bin", ".pt", ".pth", ".gguf", ".h5", ".msgpack", ".onnx"}
# The same weights in other formats; Mistral's hub pages have a consolidated.safetensors too.
_NOT_LOADED = [f"*{end}" for end in sorted(_WEIGHTS - {".safetensors"})] + ["consolidated*"]
# An input may itself be an artifact; its artifact.json does not describe the output.
_NOT_COPIED = {INDEX, "artifact.json"}
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def locate(base: str) -> Path:
    """Return the directory of `base`, a path or a hub name. Raises DataError where there is none.

    With HF_HUB_OFFLINE=1 a hub name must be in the local cache already.
    """
    path = Path(base).expanduser()
    if path.is_dir():
        return path.absolute()
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError

    try:
        with progress.waiting(f"compress: find or download {base}"):
            return Path(snapshot_download(base, ignore_patterns=_NOT_LOADED))
    except (OSError, ValueError, HFValidationError) as error:
        raise DataError(
            f"base {base!r}: neither a directory nor a model on the hub or in its local cache "
            f"({error}); name the directory of a Hugging Face checkpoint"
        ) from None


def read_json(file: Path) -> dict[str, Any]:
    """Return a JSON object. Raises DataError naming the file."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"{file}: missing; is {file.parent} the right directory?") from None
    except ValueError as error:
        raise DataError(f"{file}: not valid JSON ({error}); write it again") from None
    if not isinstance(data, dict):
        raise DataError(f"{file} contains {data!r:.60}, must be a JSON object; write it again")
    return data


@contextmanager
def tensors(file: Path) -> Iterator[Any]:
    """Open one safetensors file lazily. Raises DataError naming a truncated or corrupt file."""
    from safetensors import SafetensorError, safe_open

    try:
        handle = safe_open(file, framework="pt")
    except FileNotFoundError:
        raise DataError(f"{file}: missing; copy the whole checkpoint again") from None
    except (SafetensorError, OSError) as error:
        raise DataError(
            f"{file}: not a complete safetensors file ({error}); copy or save it again"
        ) from None
    with handle as opened:
        yield opened


def tensor(file: Path, name: str) -> "Tensor":
    """Return one tensor of a safetensors file, as it is stored."""
    with tensors(file) as opened:
        found: Tensor = opened.get_tensor(name)
    return found


def write_json(file: Path, value: dict[str, Any]) -> None:
    """Write a JSON object in readable form."""
    file.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def shards(model: Path) -> list[Path]:
    """Return the checkpoint's safetensors files: those its index names, or the only one.

    Raises DataError naming every missing file.
    """
    if (model / INDEX).is_file():
        names = sorted(set(read_json(model / INDEX).get("weight_map", {}).values()))
    else:
        names = ["model.safetensors"]
    missing = [name for name in names if not (model / name).is_file()]
    if missing or not names:
        raise DataError(
            f"{model}: no {', '.join(missing) or 'shards in ' + INDEX}; a complete "
            "checkpoint in safetensors format is needed (save_pretrained writes it)"
        )
    return [model / name for name in names]


def shard_of(model: Path) -> dict[str, Path]:
    """Return every tensor's file."""
    found: dict[str, Path] = {}
    for shard in shards(model):
        with tensors(shard) as file:
            found |= dict.fromkeys(file.offset_keys(), shard)
    return found


def shapes(model: Path) -> dict[str, list[int]]:
    """Return every tensor's shape, read from the files' headers alone."""
    found: dict[str, list[int]] = {}
    for shard in shards(model):
        with tensors(shard) as file:
            found |= {name: file.get_slice(name).get_shape() for name in file.offset_keys()}
    return found


def rewrite(source: Path, target: Path, change: Callable[[str, "Tensor"], "Tensor"]) -> None:
    """Write `source` to the new directory `target`, each tensor replaced by `change(name, tensor)`.

    File layout, the tensors' order and dtypes, and all files without weights are kept. In memory
    are one tensor and the system's cache of the shard. Raises DataError, before anything is
    written, where a shard is missing or truncated, and StageError where the disk is full; then
    `target` is removed.
    """
    files = shards(source)
    for file in files:
        with tensors(file):
            pass
    target.mkdir(parents=True)
    try:
        copy_files(source, target)
        size = sum(_rewrite_shard(file, target / file.name, change) for file in files)
        if (source / INDEX).is_file():
            index = read_json(source / INDEX)
            index["metadata"] = {**index.get("metadata", {}), "total_size": size}
            write_json(target / INDEX, index)
    except OSError as error:
        shutil.rmtree(target)
        if error.errno not in _FULL:
            raise
        raise StageError(
            f"{target}: the disk is full ({error.strerror}); {source} takes "
            f"{sum(file.stat().st_size for file in files) / 2**30:.1f} GiB, and the output as "
            "much: make room, or set workdir to another disk"
        ) from None


def _rewrite_shard(source: Path, target: Path, change: Callable[[str, "Tensor"], "Tensor"]) -> int:
    """Write one safetensors file, tensor by tensor; return its tensors' bytes.

    The header comes first and gives each tensor's offset, which is known last: space is reserved,
    and what is not used is filled with spaces, as the format allows
    (https://github.com/huggingface/safetensors#format).
    """
    import torch

    with tensors(source) as file, target.open("wb") as out:
        header: dict[str, Any] = {"__metadata__": file.metadata() or {"format": "pt"}}
        names = list(file.offset_keys())
        room = len(json.dumps([header, names])) + 200 * len(names)
        out.seek(8 + room + -room % 8)
        end = 0
        for name in names:
            stored = file.get_tensor(name)
            new = change(name, stored).contiguous()
            assert new.dtype == stored.dtype, f"{name}: {stored.dtype} became {new.dtype}"
            start, end = end, end + new.numel() * new.element_size()
            out.write(new.flatten().view(torch.uint8).numpy().data)
            header[name] = {
                "dtype": file.get_slice(name).get_dtype(),
                "shape": list(new.shape),
                "data_offsets": [start, end],
            }
        text = json.dumps(header).encode().ljust(room + -room % 8)
        out.seek(0)
        out.write(len(text).to_bytes(8, "little") + text)
    return end


def save(tensors: "dict[str, Tensor]", file: Path, **metadata: str) -> None:
    """Write a safetensors file completely or not at all; `metadata` goes into its header.

    Raises StageError where it cannot be written, as on a full disk.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    unfinished = file.with_suffix(".partial")
    try:
        save_file(tensors, unfinished, {"format": "pt", **metadata})
    except SafetensorError as error:
        unfinished.unlink(missing_ok=True)
        raise StageError(
            f"{file}: cannot be written ({error}); make room, or set workdir to another disk, and "
            "run the stage again"
        ) from None
    unfinished.rename(file)


def copy_files(source: Path, target: Path) -> None:
    """Copy all but weights and hidden files, byte for byte, folders included."""
    for file in sorted(source.rglob("*")):
        name = file.relative_to(source)
        hidden = any(part.startswith(".") for part in name.parts)
        kept = file.suffix not in _WEIGHTS and str(name) not in _NOT_COPIED
        if file.is_file() and kept and not hidden:
            (target / name.parent).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target / name)
