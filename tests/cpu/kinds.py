"""What a process, and all that it starts, needs in its environment to run on another kind of CPU.

    amx           AMX tiles: this CPU's, or emulated where it has none (tiles/amx.c)
    avx512        AVX-512 without bfloat16 and AMX
    avx2          AVX2 only
    amx-refused   AMX tiles that Linux does not let a process use
    this          the CPU as it is

`amx` needs a C compiler where the CPU has no tiles, and AVX-512 with bfloat16 in any case.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Literal

from ecom import cpu

Kind = Literal["this", "amx", "avx512", "avx2", "amx-refused"]

HERE = Path(__file__).parent


def environment(kind: Kind, folder: Path) -> dict[str, str]:
    """Return the variables; `folder` is for what has to be built."""
    if kind == "this":
        return {}
    if kind == "amx":
        return {} if cpu.kind() == "amx" else _emulated(folder)
    path = os.pathsep.join([str(HERE / "masks"), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {"ECOM_TEST_CPU": kind, "PYTHONPATH": path}


def missing_for_tiles() -> str | None:
    """Say what this machine lacks to run or emulate AMX, or None."""
    import torch

    if not torch.cpu._is_avx512_bf16_supported():
        return "this CPU has no AVX-512 with bfloat16, which vLLM's kernels for AMX tiles use too"
    if cpu.kind() != "amx" and not shutil.which("cc"):
        return "this CPU has no AMX, and no C compiler is there to build its emulation"
    return None


def _emulated(folder: Path) -> dict[str, str]:
    """Build the emulation against torch's own headers; have every process load it."""
    import torch

    include = Path(torch.__file__).parent / "include"
    library = folder / "amx.so"
    command = ["cc", "-O3", "-march=native", "-shared", "-fPIC", f"-I{include}", "-o", str(library)]
    subprocess.run([*command, str(HERE / "tiles" / "amx.c"), "-ldl"], check=True)
    preloaded = os.pathsep.join(filter(None, [str(library), os.environ.get("LD_PRELOAD")]))
    return {"LD_PRELOAD": preloaded, "RAY_LD_PRELOAD_ON_WORKERS": "1"}
