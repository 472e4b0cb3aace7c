"""The accelerators that a recipe can name: memory, compute capability, Ray's name for each.

    cpu               this machine's processor
    T4 … B200         the cards of the table below
    any-gpu           any other NVIDIA card (RTX …): read from the GPUs that a process sees

train, plan, serve, predict and the contest's interface all read this table. All that depends on a
card's compute capability is a function here.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ecom.errors import InputError

GIB = 2**30
Capability = tuple[int, int]  # (major, minor)
Name = Literal[
    "cpu",
    "T4",
    "V100",
    "L4",
    "A10G",
    "A100-40G",
    "L40S",
    "A100-80G",
    "H100",
    "H200",
    "B200",
    "any-gpu",
]


@dataclass(frozen=True)
class Gpu:
    """One card.

    usable_gib    what torch reports as its total, GiB
    capability    NVIDIA's compute capability
    ray_type      Ray's accelerator_type, which a node of the cluster must have; None: any GPU
    """

    usable_gib: float
    capability: Capability
    ray_type: str | None


# From the smallest to the largest, of two equal ones the cheaper first: plan's advice tries them in
# this order.
# Memory is less than the card's name and nvidia-smi say: it is the "total capacity of … GiB" in
# torch's out-of-memory errors, and the smallest of several such figures.
# Ray takes a node's GPU type from NVML's name (ray.util.accelerators), which does not contain the
# memory of an A100: Ray knows "A100-40G" and "A100-80G" only where somebody has added them.
# torch's default builds (CUDA 13) have no kernels for a V100; its builds for CUDA 12.6 do.
GPUS: Mapping[Name, Gpu] = {
    "T4": Gpu(14.56, (7, 5), "T4"),  # g4dn and others with ECC; nvidia-smi: 15,360 MiB
    "V100": Gpu(15.77, (7, 0), "V100"),  # the 16 GB one; nvidia-smi: 16,160 MiB
    "L4": Gpu(21.95, (8, 9), "L4"),  # g6; nvidia-smi: 23,034 MiB
    "A10G": Gpu(21.96, (8, 6), "A10G"),  # g5; nvidia-smi: 23,028 MiB
    "A100-40G": Gpu(39.38, (8, 0), "A100"),  # p4d; nvidia-smi: 40,960 MiB
    "L40S": Gpu(44.39, (8, 9), "L40S"),  # g6e; nvidia-smi: 46,068 MiB
    "A100-80G": Gpu(79.14, (8, 0), "A100"),  # nvidia-smi: 81,920 MiB
    "H100": Gpu(79.10, (9, 0), "H100"),  # the 80 GB ones; nvidia-smi: 81,559 MiB
    "H200": Gpu(139.72, (9, 0), "H200"),  # nvidia-smi: 143,771 MiB
    "B200": Gpu(178.35, (10, 0), "B200"),  # nvidia-smi: 183,359 MiB
}


def gpu(name: Name) -> Gpu:
    """Return the named card; for any-gpu, the least memory and capability that this process sees.

    Reading any-gpu creates a CUDA context in this process. Raises InputError where there is no GPU.
    """
    return GPUS[name] if name in GPUS else _visible()


def _visible() -> Gpu:
    import torch

    cards = [torch.cuda.get_device_properties(n) for n in range(torch.cuda.device_count())]
    if not cards:
        raise InputError(
            "accelerator any-gpu: its memory and compute capability are read from a GPU, and this "
            f"machine has none that torch sees; name one of {', '.join(GPUS)} "
            "(engine.accelerator=…, train.accelerator=…), or run this where the GPU is"
        )
    return Gpu(
        usable_gib=min(card.total_memory for card in cards) / GIB,
        capability=min((card.major, card.minor) for card in cards),
        ray_type=None,
    )


def name_of(card: str, memory: int) -> Name:
    """Return the recipe's name for a card that NVIDIA's driver calls `card`.

    `memory` is its total in bytes. It distinguishes the two A100s, and the V100 of 32 GB and the
    H100 of 94 GB from those of the table.
    """
    words = card.replace("-", " ").split()
    same_model = [n for n in GPUS if n.partition("-")[0] in words]
    same_size = [n for n in same_model if abs(memory / GIB / GPUS[n].usable_gib - 1) < 0.1]
    return same_size[0] if same_size else "any-gpu"


def ray_type(name: Name) -> str | None:
    """Return the accelerator_type to ask Ray for; None where any node will do."""
    return GPUS[name].ray_type if name in GPUS else None


def usable_gib(name: Name, workers: int) -> float:
    """Return the GiB of one worker: its GPU's memory, or its share of this machine's."""
    if name == "cpu":
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / GIB / workers
    return gpu(name).usable_gib


def described(name: Name) -> str:
    """Return the card's name for the middle of a sentence: "a T4", "this machine's GPU"."""
    if name == "any-gpu":
        return "this machine's GPU"
    return f"an {name}" if name[0] in "AHL" else f"a {name}"


def bfloat16(capability: Capability) -> bool:
    """Say whether the card computes in bfloat16."""
    return capability >= (8, 0)


def flash_kernels(capability: Capability) -> bool:
    """Say whether FlashAttention and FlashInfer run on the card.

    FlashInfer's kernels for 7.5 are broken: vLLM 0.29 requires 8.0 for both
    (supports_compute_capability in vllm/v1/attention/backends/flash_attn.py and flashinfer.py).
    """
    return capability >= (8, 0)


def flash_attention(name: Name) -> bool:
    """Say whether torch trains there with FlashAttention or the CPU's kernel, in linear memory."""
    return name == "cpu" or flash_kernels(gpu(name).capability)


def vllm(capability: Capability) -> bool:
    """Say whether vLLM 0.29 runs on the card.

    Its CUDA builds have no kernels below 7.5 (CUDA_SUPPORTED_ARCHS in vLLM's CMakeLists.txt), nor
    do AWQ and Marlin (vllm/model_executor/layers/quantization/auto_awq.py).
    """
    return capability >= (7, 5)


def fp8_cache(capability: Capability, backend: str | None) -> bool:
    """Say whether vLLM 0.29 keeps an fp8 KV cache on the card, with `backend` or its own choice.

    Triton needs 8.9 (vllm/v1/attention/backends/triton_attn.py), FlashInfer works wherever it runs
    (flashinfer.py), FlashAttention on 9.x and 10.x only (fa_utils.py, versions 3 and 4).
    """
    flashinfer, triton = flash_kernels(capability), capability >= (8, 9)
    return {
        "FLASH_ATTN": capability[0] in (9, 10),
        "FLASHINFER": flashinfer,
        "TRITON_ATTN": triton,
    }.get((backend or "").upper(), flashinfer or triton)
