"""Makes torch, and with it vLLM, see another CPU: `PYTHONPATH=tests/cpu/masks ECOM_TEST_CPU=avx2`.

See kinds.py, which sets both.

Python imports a module of this name when it starts, so each process that inherits both variables
sees the same CPU: Ray's workers, vLLM's engine and its ranks. ECOM_TEST_CPU is one of

    avx2         AVX2 only: vLLM loads its library for such CPUs, oneDNN and ATen keep to that
    avx512       AVX-512, but neither its bfloat16 nor AMX: vLLM loads a library of its own there
    amx-refused  a CPU with AMX tiles on a kernel that does not let processes use them; each process
                 that asks for the permission leaves a file of its number in ECOM_TEST_ASKED
"""

import importlib.util
import os
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

CPU = os.environ.get("ECOM_TEST_CPU", "")
HIDDEN = {"avx2": ("avx512", "amx"), "avx512": ("avx512_bf16", "amx"), "amx-refused": ()}
LIBRARIES = {  # ATen and oneDNN ask the processor themselves
    "avx2": {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"},
    "avx512": {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE"},
}
os.environ |= LIBRARIES.get(CPU, {})


def mask(torch_cpu: Any) -> None:
    """Change what `torch.cpu` says of this machine."""
    seen = torch_cpu.get_capabilities()
    there = {name: has for name, has in seen.items() if not name.startswith(HIDDEN[CPU])}
    if CPU == "amx-refused":
        there |= {"avx512_f": True, "avx512_bf16": True, "amx_tile": True}
        torch_cpu._init_amx = refuse
    torch_cpu.get_capabilities = lambda: there


def refuse() -> bool:
    """Note that this process asked, and say no."""
    if folder := os.environ.get("ECOM_TEST_ASKED"):
        (Path(folder) / str(os.getpid())).touch()
    return False


class Masked(Loader):
    """Loads a module as its own loader does, then changes it."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Make the empty module."""
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Fill it, and put the mask on."""
        self._loader.exec_module(module)
        mask(module)


class Finder(MetaPathFinder):
    """Finds torch.cpu, once."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """Return the module's own spec with a loader that masks it."""
        if name != "torch.cpu":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec:
            spec.loader = Masked(spec.loader)
        return spec


if CPU:
    sys.meta_path.insert(0, Finder())
