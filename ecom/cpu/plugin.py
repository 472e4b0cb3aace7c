"""A vLLM plugin: vLLM runs it in each of its processes before it loads a model there.

pyproject.toml names `register` as an entry point of the group `vllm.general_plugins`. vLLM calls it
in the engine's process and in every tensor-parallel rank, whoever started the engine: serve,
predict, the contest's interface, or `vllm serve` on a model that ecom made.
"""

import os
from functools import cache

from ecom import cpu

KERNEL = "CPUWNA16LinearKernel"  # vLLM's own for 4-bit weights on CPUs


def register() -> None:
    """Prepare this process for the CPU engine; do nothing where vLLM runs on a GPU.

    May be called more than once in a process.
    """
    from vllm.platforms import current_platform

    if not current_platform.is_cpu():
        return
    _ask_for_tiles()
    if cpu.kind() == "avx2":
        _without_kernel()
    _with_batches()
    _with_seeds()
    _with_base_beside_adapters()


def _ask_for_tiles() -> None:
    """Ask Linux for permission to use AMX tiles, as every process must.

    vLLM does not ask, and its kernels then die of SIGILL, unless oneDNN asked before them. Where
    Linux refuses (a kernel before 5.16, a sandbox), vLLM must treat the CPU as one without AMX.
    """
    import torch

    if torch.cpu._is_amx_tile_supported() and not torch.cpu._init_amx():
        torch.cpu._is_amx_tile_supported = lambda: False


@cache
def _with_batches() -> None:
    """Serve families in 4 bits that vLLM runs as transformers does."""
    from vllm.model_executor.kernels.linear.mixed_precision.cpu import CPUWNA16LinearKernel

    from ecom.cpu import batched

    batched.install(CPUWNA16LinearKernel)


@cache
def _with_seeds() -> None:
    """Support requests with seeds and prompts of any length."""
    from vllm.v1.worker.cpu_model_runner import CPUModelRunner

    from ecom.cpu import seeded

    seeded.install(CPUModelRunner)


@cache
def _with_base_beside_adapters() -> None:
    """Keep adapters out of the base's answers where both answer in one batch."""
    from vllm.lora.punica_wrapper.punica_cpu import PunicaWrapperCPU

    from ecom.cpu import lora

    lora.install(PunicaWrapperCPU)


@cache
def _without_kernel() -> None:
    """Expand 4-bit weights to 16 bits: vLLM's own kernel would fail at the first forward."""
    from vllm.model_executor.kernels.linear import register_linear_kernel
    from vllm.platforms import PlatformEnum

    from ecom.cpu.dequantized import DequantizedLinearKernel

    disabled = [name for name in os.environ.get("VLLM_DISABLED_KERNELS", "").split(",") if name]
    os.environ["VLLM_DISABLED_KERNELS"] = ",".join({*disabled, KERNEL})
    register_linear_kernel(DequantizedLinearKernel, PlatformEnum.CPU, "mp")
