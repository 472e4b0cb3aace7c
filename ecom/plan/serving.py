"""The memory of one engine (serve, predict) on each of its GPUs, and sizes that do not divide.

    base      16 bits per weight, or those of the quantization that its config.json names
    AWQ       4 bits per weight of a linear layer, 16 + 4 bits (scale, zero) per group; the rest 16
    KV cache  2 (K, V) × layers × key-value heads per GPU × head_dim × 2 B per token (1 B in fp8);
              at least one request of max_model_len tokens must fit

Weights are those of the padded model, divided by tensor_parallel. The forward's working space is an
estimate: vLLM measures it at start and gives the cache the rest.
"""

from typing import TYPE_CHECKING

from ecom import cpu, engine, hardware
from ecom.engine import EngineConfig
from ecom.hardware import GIB, usable_gib
from ecom.models import stored
from ecom.plan import adapters, compression, outline
from ecom.plan.memory import ROOM, Line, Memory
from ecom.plan.training import CONTEXT_GIB
from ecom.predict.config import ADAPTERS, ModelName
from ecom.recipe import Recipe

if TYPE_CHECKING:
    from transformers import PretrainedConfig

STEP_TOKENS = 8192  # vLLM's max_num_batched_tokens where none is set
GRAPHS_GIB = 0.5  # CUDA graphs


def plan(config: "PretrainedConfig", recipe: Recipe) -> Memory:
    """Return the memory of one GPU of one replica for the models that the predict stage asks.

    Without a section `predict` that is the 4-bit model, as in `ecom serve`.
    """
    settings, models = recipe.engine, asked(recipe)
    four_bit = set(models) <= {"awq", ADAPTERS}
    served = _served(config, recipe) if four_bit else config
    ranks = settings.tensor_parallel
    token = _token_bytes(served, settings)
    cache = token * settings.max_model_len / GIB
    held, how = _weight_bytes(served, recipe, four_bit)
    beside = adapters.served_gib(config, recipe) / ranks
    lines = [
        Line("weights", held / ranks / GIB, how),
        *([Line("adapters", beside, "16 bit, those of one batch")] if beside else []),
        Line("working space", _working_gib(served, settings), "context, forward, sampler"),
    ]
    if settings.accelerator == "cpu":
        cache = float(settings.cpu_kv_cache_gib)
    usable = usable_gib(settings.accelerator, ranks)
    room = ROOM if settings.accelerator == "cpu" else settings.gpu_memory_utilization
    left = max(0.0, room * usable - sum(line.gib for line in lines))
    tokens = int((cache if settings.accelerator == "cpu" else left) * GIB / token)
    lines.append(
        Line(
            "KV cache, at least",
            cache,
            f"{settings.max_model_len:,} tokens at {token / 1024:.0f} KiB; room for {tokens:,}, "
            f"{tokens // settings.max_model_len:,} requests of full length",
        )
    )
    return Memory(
        title=f"engine: {ranks} × {settings.accelerator} a replica, {', '.join(models)}",
        lines=tuple(lines),
        usable_gib=usable,
        on_gpu=settings.accelerator != "cpu",
        room=room,
        faults=tuple(faults(config, recipe, four_bit, _card(settings.accelerator))),
        facts={"tensor_parallel": ranks, "kv_cache_tokens": tokens},
    )


def asked(recipe: Recipe) -> tuple[ModelName, ...]:
    """Return the models that engines run: where predict asks none, the served one."""
    return (recipe.predict and recipe.predict.models) or ("awq",)


def _served(config: "PretrainedConfig", recipe: Recipe) -> "PretrainedConfig":
    """Return the config of the 4-bit model, padded."""
    group = recipe.compress.group(config.to_dict())
    return outline.padded(config, group * recipe.compress.tensor_parallel)


def _card(name: hardware.Name) -> hardware.Gpu | None:
    return None if name == "cpu" else hardware.gpu(name)


def _weight_bytes(config: "PretrainedConfig", recipe: Recipe, four_bit: bool) -> tuple[float, str]:
    """Return the bytes of the weights over all ranks, and how they are stored."""
    if not four_bit:
        return _base_bytes(config)
    if recipe.engine.accelerator == "cpu" and not cpu.has_four_bit_kernel():
        how = "AWQ, turned back into 16 bit: this CPU has no 4-bit kernel"
        return 2.0 * outline.parameters(config).total, how
    group = recipe.compress.group(config.to_dict())
    return compression.four_bit_bytes(config, group), f"AWQ, 4 bit, groups of {group}"


def _base_bytes(config: "PretrainedConfig") -> tuple[float, str]:
    """Return the bytes of the base as stored, and its format."""
    found, own = outline.parameters(config), config.to_dict()
    method, bits = stored.method(own), stored.bits(own)
    if method is None:
        return 2.0 * found.total, "16 bit"
    if bits is None:
        return 2.0 * found.total, f"{method}, counted as 16 bit"
    return bits / 8 * found.linear + 2.0 * found.others, f"{method}, {bits} bit, as the base is"


def _heads(config: "PretrainedConfig") -> tuple[int, int, int]:
    """Return query heads, key-value heads and the size of a head."""
    heads = int(config.num_attention_heads)
    size = getattr(config, "head_dim", None) or config.hidden_size // heads
    return heads, int(getattr(config, "num_key_value_heads", None) or heads), int(size)


def _token_bytes(config: "PretrainedConfig", settings: EngineConfig) -> int:
    _, kv_heads, size = _heads(config)
    kept = str(settings.vllm_overrides.get("kv_cache_dtype", "auto"))
    heads = max(1, kv_heads // settings.tensor_parallel)
    return 2 * outline.layers(config) * heads * size * (1 if kept.startswith("fp8") else 2)


def _working_gib(config: "PretrainedConfig", settings: EngineConfig) -> float:
    """Return the context, one layer's tensors in a full step, its dequantized weights, sampling."""
    if settings.accelerator == "cpu":
        return CONTEXT_GIB
    hidden, ranks = int(config.hidden_size), settings.tensor_parallel
    inner: float = (getattr(config, "intermediate_size", None) or 4 * hidden) / ranks
    step = min(STEP_TOKENS, settings.max_num_seqs * settings.max_model_len)
    layer = step * (4 * hidden + 3 * inner) * 2 + 2 * hidden * inner * 2
    sampler = settings.max_num_seqs * int(config.vocab_size) * 12
    graphs = 0.0 if settings.vllm_overrides.get("enforce_eager") else GRAPHS_GIB
    return CONTEXT_GIB + (layer + sampler) / GIB + graphs


def faults(
    config: "PretrainedConfig", recipe: Recipe, four_bit: bool, card: hardware.Gpu | None = None
) -> list[str]:
    """Return what prevents serving the base, in 4 bit or as it is, with the engine.

    `card` is the GPU that any-gpu means; without it the GPU's own rules are left out.
    """
    served = _served(config, recipe) if four_bit else config
    heads, kv_heads, size = _heads(served)
    shape = {
        "model_type": served.model_type,
        "hidden_size": served.hidden_size,
        "intermediate_size": getattr(served, "intermediate_size", None) or 4 * served.hidden_size,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "head_dim": size,
        "num_hidden_layers": outline.layers(served),
        "vocab_size": served.vocab_size,
        "max_position_embeddings": getattr(served, "max_position_embeddings", None),
    }
    if four_bit:
        shape["quantization_config"] = {"group_size": recipe.compress.group(shape)}
    elif own := stored.quantization(config.to_dict()):
        shape["quantization_config"] = own
    return list(engine.faults(shape, recipe.engine, card))
