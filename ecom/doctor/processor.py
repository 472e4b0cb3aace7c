"""The CPU: its cores, and which of vLLM's kernels it can run."""

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ecom.doctor import cgroup
from ecom.doctor.finding import Finding

QUICKSTART_CORES = 2  # the machine that the README's seconds were measured on
KERNELS = {"amx": "AMX", "avx512": "AVX-512", "avx2": "AVX2", "none": "no AVX2"}


@dataclass(frozen=True)
class Processor:
    """The CPU of this machine.

    cores    that this process may use, by its affinity and a container's quota
    kernels  "amx", "avx512", "avx2" or "none"; empty where torch, which knows, cannot be imported
    trouble  why torch cannot be imported
    """

    model: str
    architecture: str
    cores: float
    kernels: str = ""
    bfloat16: bool = False
    four_bit_kernel: bool = False
    trouble: str = ""


def look() -> Processor:
    """Read /proc/cpuinfo, the affinity and the quota, and ask torch for the instruction set."""
    cores = min([float(len(os.sched_getaffinity(0))), *cgroup.cores()])
    model, architecture = _model(), platform.machine()
    try:
        import torch

        from ecom import cpu

        return Processor(
            model,
            architecture,
            cores,
            kernels=cpu.kind(),
            bfloat16=torch.cpu._is_avx512_bf16_supported(),
            four_bit_kernel=cpu.has_four_bit_kernel(),
        )
    except Exception as error:  # a broken torch fails in many ways: a library, a symbol, a file
        return Processor(model, architecture, cores, trouble=f"{type(error).__name__}: {error}")


def judge(cpu: Processor) -> Iterator[Finding]:
    """Yield what the cores and the instructions allow."""
    shown = f"{cpu.model}, {cpu.cores:g} core{'s' * (cpu.cores != 1)} usable"
    if cpu.cores < QUICKSTART_CORES:
        remedy = f"it runs, but slower than the README says; give it {QUICKSTART_CORES} cores"
        yield Finding("note", "CPU", shown, remedy)
    else:
        yield Finding("ok", "CPU", shown)
    yield _kernels(cpu)


def _kernels(cpu: Processor) -> Finding:
    if cpu.architecture not in ("x86_64", "AMD64"):
        remedy = "use an x86-64 machine"
        return Finding("problem", "CPU kernels", f"untried on {cpu.architecture}", remedy)
    if not cpu.kernels:
        found = f"unknown, because torch cannot be imported: {cpu.trouble}"
        return Finding("problem", "CPU kernels", found, "make setup installs it")
    name = KERNELS[cpu.kernels] + (", bfloat16" if cpu.bfloat16 else "")
    if cpu.kernels == "none":
        remedy = "use a CPU with AVX2 (Intel and AMD since about 2015)"
        return Finding("problem", "CPU kernels", f"{name}: vLLM cannot run", remedy)
    if not cpu.four_bit_kernel:
        remedy = "works as it is; a CPU with AVX-512 serves 4-bit weights as they are"
        return Finding(
            "note", "CPU kernels", f"{name}: 4-bit weights are served in 16 bits", remedy
        )
    return Finding("ok", "CPU kernels", f"{name}: 4-bit weights are served as they are")


def _model() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or "unknown model"
