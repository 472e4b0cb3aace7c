"""vLLM's settings from a recipe. The rules for CPU, T4 and tensor parallel live here only.

serve and predict both start their engines from `engine_kwargs` and `engine_env`, so that they
answer alike.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class EngineConfig(BaseModel):
    """One engine, which is one replica: `tensor_parallel` accelerators, or that many CPU cores."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accelerator: Literal["cpu", "T4"] = "cpu"
    tensor_parallel: int = Field(default=1, ge=1)
    max_model_len: int = Field(default=1024, ge=32, description="prompt and answer, tokens")
    max_num_seqs: int = Field(default=16, ge=1, description="sequences decoded together")
    gpu_memory_utilization: float = Field(default=0.90, gt=0, le=1)
    cpu_kv_cache_gib: int = Field(default=1, ge=1)
    seed: int = 0
    vllm_overrides: dict[str, Any] = Field(default_factory=dict, description="passed on as they are")


def engine_kwargs(config: EngineConfig) -> dict[str, Any]:
    """Return the keyword arguments of vLLM's engine.

    A T4 (compute capability 7.5) has no bfloat16 and no FlashAttention: half precision, and vLLM
    picks its Triton attention by itself. The CPU backend wants bfloat16, eager mode and worker
    processes (`mp`); it refuses Ray's executor.
    """
    common = {
        "max_model_len": config.max_model_len,
        "max_num_seqs": config.max_num_seqs,
        "tensor_parallel_size": config.tensor_parallel,
        "seed": config.seed,
        "enable_prefix_caching": True,
    }
    if config.accelerator == "cpu":
        special = {
            "dtype": "bfloat16",
            "enforce_eager": True,
            "distributed_executor_backend": "mp",
        }
    else:
        special = {
            "dtype": "half",
            "gpu_memory_utilization": config.gpu_memory_utilization,
        }
    return {**common, **special, **config.vllm_overrides}


def engine_env(config: EngineConfig) -> dict[str, str]:
    """Return the environment of the engine's process; weights come from disk, never from a hub."""
    env = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
    if config.accelerator == "cpu":
        env["VLLM_CPU_KVCACHE_SPACE"] = str(config.cpu_kv_cache_gib)
        if config.tensor_parallel > 1:
            # One NUMA node: without a binding for each rank vLLM refuses to start.
            env["VLLM_CPU_OMP_THREADS_BIND"] = "|".join(map(str, range(config.tensor_parallel)))
    return env


def engine_resources(config: EngineConfig) -> list[dict[str, float]]:
    """Return the placement-group bundles of one replica."""
    if config.accelerator == "cpu":
        return [{"CPU": 1}] * config.tensor_parallel
    return [{"CPU": 1, "GPU": 1}] * config.tensor_parallel
