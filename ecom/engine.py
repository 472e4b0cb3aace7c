"""vLLM's settings from a recipe. The rules for CPU, GPUs and tensor parallel are only here.

serve and predict both start their engines from `engine_kwargs` and `engine_env`, so that they give
the same answers. `check_model` checks before anything starts whether a checkpoint can be served.
"""

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, JsonValue

from ecom import cpu, hardware
from ecom.errors import InputError
from ecom.lanes.branches import EVERY
from ecom.models import divisibility, families
from ecom.settings import Settings

# vLLM's CPU kernel for 4-bit weights takes multiples of this only (CPUWNA16LinearKernel).
CPU_TILE = 32
# vLLM's CPU attention takes only these (CPUAttentionBackend), and fails at the first question.
CPU_HEAD_DIMS = (32, 64, 80, 96, 112, 128, 160, 192, 224, 256, 512)


class EngineConfig(Settings):
    """One engine, which is one replica: `tensor_parallel` accelerators, or that many CPU ranks."""

    accelerator: hardware.Name = "cpu"
    """What the engine runs on: this machine's processor, a named GPU, or any-gpu for another NVIDIA
    card."""
    tensor_parallel: int = Field(default=1, ge=1)
    """Devices that one replica is split over. [devices]"""
    max_model_len: int = Field(default=1024, ge=32)
    """Longest prompt and answer together. [tokens]"""
    max_num_seqs: int = Field(default=16, ge=1)
    """Questions that one replica decodes at once. [sequences]"""
    gpu_memory_utilization: float = Field(default=0.90, gt=0, le=1)
    """Share of each GPU's memory that vLLM takes for weights and KV cache."""
    think_tokens: int = Field(default=0, ge=0)
    """Most tokens of calculation before the answer to an arithmetic multiple choice; 0: it answers
    at once. [tokens]"""
    cpu_kv_cache_gib: int = Field(default=1, ge=1)
    """Memory for the KV cache of a CPU engine. [GiB]"""
    seed: int = 0
    """Seed of vLLM, for sampled answers to questions without a seed."""
    vllm_overrides: dict[str, JsonValue] = Field(default_factory=dict)
    """Further engine arguments of vLLM, passed unchanged; they override all others."""


def engine_kwargs(config: EngineConfig) -> dict[str, Any]:
    """Return the keyword arguments of vLLM's engine.

    `generation_config="vllm"` keeps a checkpoint's own sampling defaults (Qwen's repetition penalty
    of 1.05) from reaching requests that ask for temperature 0; its end tokens still apply.

    A card without bfloat16 (T4) gets half precision. On all others dtype is `auto`, the
    checkpoint's own: float16 for a 4-bit model of the compress stage, bfloat16 for most bases. With
    any-gpu only the engine's process is sure to see the card: there vLLM turns bfloat16 into half
    precision on a card that lacks it. vLLM also chooses the attention kernels. The CPU backend
    needs bfloat16 and eager mode, and refuses Ray's executor, which `ray.serve.llm` requires on
    GPUs. A single rank runs inside the engine's own process (`uni`): a worker process (`mp`) would
    import vLLM again, 10 s on two cores.
    """
    common = {
        "max_model_len": config.max_model_len,
        "max_num_seqs": config.max_num_seqs,
        "tensor_parallel_size": config.tensor_parallel,
        "seed": config.seed,
        "enable_prefix_caching": True,
        # They cost time at every token, and nobody reads them: ecom/serve/metrics.py has more.
        "disable_log_stats": True,
        "generation_config": "vllm",
        # The lanes (ecom/lanes) depend on these: numbers and texts only where they are asked for,
        # the options' probabilities after all else is ruled out, choices before texts.
        "logits_processors": [
            "ecom.lanes.processor:NumbersOnly",
            "ecom.lanes.processor:TextsOnly",
            "ecom.lanes.processor:Spelled",
        ],
        "logprobs_mode": "processed_logprobs",
        "max_logprobs": EVERY,
        "scheduling_policy": "priority",
    }
    if config.accelerator == "cpu":
        special = {
            "dtype": "bfloat16",
            "enforce_eager": True,
            "distributed_executor_backend": "mp" if config.tensor_parallel > 1 else "uni",
        }
    else:
        card = hardware.GPUS.get(config.accelerator)
        special = {
            "dtype": "half" if card and not hardware.bfloat16(card.capability) else "auto",
            "gpu_memory_utilization": config.gpu_memory_utilization,
        }
    return {**common, **special, **config.vllm_overrides}


def engine_env(config: EngineConfig) -> dict[str, str]:
    """Return the environment of the engine's process; weights come from disk, never from a hub."""
    env = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
    # An engine process that a signal ends then writes which signal, and where (ecom/causes).
    env["PYTHONFAULTHANDLER"] = "1"
    if config.accelerator == "cpu":
        env["VLLM_CPU_KVCACHE_SPACE"] = str(config.cpu_kv_cache_gib)
        # Processors with AMX would round activations to 8 bits and answer differently.
        env["VLLM_CPU_INT4_W4A8"] = "0"
        # In eager mode vLLM would compile only the rank of a token, which takes four seconds.
        env["TORCHDYNAMO_DISABLE"] = "1"
        # The engine computes on all cores; one is fast enough to tokenize prompts.
        env["TOKENIZERS_PARALLELISM"] = "false"
        if config.tensor_parallel > 1:
            env["VLLM_CPU_OMP_THREADS_BIND"] = _core_lists(config.tensor_parallel)
        else:
            # Otherwise vLLM turns "uni" into "mp": one more process that imports vLLM.
            env["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"
    return env


def engine_resources(config: EngineConfig) -> list[dict[str, float]]:
    """Return the placement-group bundles of one replica, without the card's type."""
    if config.accelerator == "cpu":
        return [{"CPU": 1}] * config.tensor_parallel
    return [{"CPU": 1, "GPU": 1}] * config.tensor_parallel


def check_model(model: Path, config: EngineConfig) -> None:
    """Raise InputError, with every offender, where `model` cannot be served with `config`."""
    try:
        shape = json.loads((model / "config.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"{model}: has no config.json, so it is not a model directory; "
            "`ecom run RECIPE` makes one"
        ) from None
    except ValueError as error:
        raise InputError(
            f"{model / 'config.json'}: not valid JSON: {error}; copy the model again"
        ) from None
    if reasons := list(faults(shape, config)):
        lines = [f"{model} cannot be served with these engine settings:", *reasons]
        raise InputError("\n  ".join(lines))


def notice(model: Path, config: EngineConfig) -> None:
    """Print a line on stderr where this machine's CPU serves `model` in another way than stored."""
    if config.accelerator == "cpu":
        shape = json.loads((model / "config.json").read_text(encoding="utf-8"))
        if text := cpu.notice(shape):
            print(f"note: {text}", file=sys.stderr)


def faults(
    shape: Mapping[str, Any], config: EngineConfig, card: hardware.Gpu | None = None
) -> Iterator[str]:
    """Yield each reason why this engine cannot serve a model of this `config.json`.

    `card` is the GPU behind any-gpu. Without it the card's own limits are left to vLLM: the process
    that starts an engine may not see its GPU, or would occupy some of its memory by looking.
    """
    four_bit_on_cpu = shape.get("quantization_config") and config.accelerator == "cpu"
    tile = CPU_TILE if four_bit_on_cpu else 1
    yield from divisibility.faults(shape, config.tensor_parallel, tile=tile)
    yield from _limits(shape, config, divisibility.head_dim(shape))
    card = card or hardware.GPUS.get(config.accelerator)
    yield from _too_narrow(shape, config, card)
    if card:
        yield from _unsupported(card.capability, config)


def _limits(shape: Mapping[str, Any], config: EngineConfig, dim: int) -> Iterator[str]:
    if config.accelerator == "cpu" and dim not in CPU_HEAD_DIMS:
        yield (
            f"head_dim {dim} is not one that vLLM's CPU attention supports "
            f"({', '.join(map(str, CPU_HEAD_DIMS))}); use a model with other num_attention_heads"
        )
    longest = shape.get("max_position_embeddings")
    if longest and config.max_model_len > longest:
        yield (
            f"engine.max_model_len {config.max_model_len} is over the model's "
            f"max_position_embeddings {longest}; set engine.max_model_len={longest} or less"
        )
    cores = len(os.sched_getaffinity(0))
    if config.accelerator == "cpu" and config.tensor_parallel > cores:
        yield (
            f"engine.tensor_parallel {config.tensor_parallel} is over this machine's {cores} "
            f"CPU cores, and each rank needs one; set engine.tensor_parallel={cores} or less"
        )


def _too_narrow(
    shape: Mapping[str, Any], config: EngineConfig, card: hardware.Gpu | None
) -> Iterator[str]:
    """Yield a fault where the engine would compute in float16 and vLLM refuses that family."""
    if families.of(shape).float16:
        return
    why = f"vLLM serves no model of type {shape['model_type']} in float16, which ends at 65,504"
    if card and not hardware.bfloat16(card.capability):
        yield (
            f"{why}, and {hardware.described(config.accelerator)} has no bfloat16; set "
            "engine.accelerator to cpu or a later card, e.g. L4, or use a base of another family"
        )
    elif engine_kwargs(config)["dtype"] in ("half", "float16"):
        yield f"{why}; set engine.vllm_overrides.dtype=bfloat16"


def _unsupported(capability: hardware.Capability, config: EngineConfig) -> Iterator[str]:
    """Yield the settings that vLLM refuses on a card of this compute capability.

    vLLM itself refuses them only after its engine was started. `dtype: auto` always works: vLLM
    turns a bfloat16 checkpoint into half precision where it must, with a warning.
    """
    has = f"{hardware.described(config.accelerator)} has compute capability " + ".".join(
        map(str, capability)
    )
    if not hardware.vllm(capability):
        yield (
            f"engine.accelerator {config.accelerator}: {has}, and vLLM and its 4-bit kernels begin "
            "at 7.5; set engine.accelerator to a later card, e.g. T4 or L4"
        )
        return
    overrides = config.vllm_overrides
    attention = overrides.get("attention_config")
    inner = attention.get("backend") if isinstance(attention, dict) else None
    backend, cache = overrides.get("attention_backend"), overrides.get("kv_cache_dtype")
    bfloat16, flash = hardware.bfloat16(capability), hardware.flash_kernels(capability)
    fp8 = hardware.fp8_cache(capability, str(backend or inner or ""))
    flash_rule = "FlashAttention and FlashInfer begin at 8.0"
    bfloat16_rule = "bfloat16 begins at 8.0"
    fp8_rule = (
        "fp8 begins at 8.9 (with FlashInfer at 8.0, with FlashAttention on 9.x and 10.x only)"
    )
    rules = [  # setting, value, prefix of the values in question, do they work, why, what to set
        ("dtype", overrides.get("dtype"), "bfloat16", bfloat16, bfloat16_rule, "half"),
        ("kv_cache_dtype", cache, "bfloat16", bfloat16, bfloat16_rule, "auto"),
        ("kv_cache_dtype", cache, "fp8", fp8, fp8_rule, "auto"),
        ("attention_backend", backend, "flash", flash, flash_rule, "TRITON_ATTN"),
        ("attention_config.backend", inner, "flash", flash, flash_rule, "TRITON_ATTN"),
    ]
    for name, value, prefix, works, rule, instead in rules:
        if not works and str(value).lower().startswith(prefix):
            yield (
                f"engine.vllm_overrides.{name} {value}: {has}, and {rule}; "
                f"set engine.vllm_overrides.{name}={instead}"
            )


def _core_lists(ranks: int) -> str:
    """Return this machine's cores in `ranks` equal lists, "0,1|2,3".

    vLLM's own binding needs a NUMA node for each rank and refuses to start with fewer.
    """
    cores = sorted(os.sched_getaffinity(0))
    share = max(1, len(cores) // ranks)
    lists = [cores[i * share : (i + 1) * share] for i in range(ranks)]
    return "|".join(",".join(map(str, cores)) for cores in lists)


def less_memory(cause: str) -> str:
    """Return a line on what to set where an engine ran out of memory; else ""."""
    if "KV cache" in cause or "kv cache" in cause or "cache blocks" in cause:
        return (
            "\nThe KV cache does not fit: lower engine.max_model_len; on a CPU fit "
            "engine.cpu_kv_cache_gib to the machine, on a GPU raise engine.gpu_memory_utilization"
        )
    if re.search(r"out.of.memory|MemoryError|Free memory on device", cause, re.IGNORECASE):
        return (
            "\nIf memory is short, lower engine.max_model_len, engine.max_num_seqs, "
            "engine.cpu_kv_cache_gib (CPU) or engine.gpu_memory_utilization (GPU), or use fewer "
            "replicas"
        )
    return ""
