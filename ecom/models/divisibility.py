"""Which sizes of a model must divide, so that ranks and quantization groups share them evenly.

| size                          | must be a multiple of                 | of which layers        |
|-------------------------------|---------------------------------------|------------------------|
| num_attention_heads           | tensor_parallel: whole heads          | q_proj, o_proj         |
| num_key_value_heads           | tensor_parallel, or divide it: copies | k_proj, v_proj         |
| intermediate_size             | tensor_parallel × group_size          | down_proj, its inputs  |
| heads × head_dim              | tensor_parallel × group_size          | o_proj, its inputs     |
| hidden_size                   | group_size                            | the others, inputs     |
| the same, kv heads × head_dim | tensor_parallel × the kernel's tile   | all                    |
| vocab_size, padded to 64s     | tensor_parallel                       | embed_tokens, lm_head  |

group_size is 1 for a checkpoint that is not quantized; the tile is 1 except for 4 bit on CPUs. vLLM
raises for a split group on GPUs; its CPU backend silently serves the model with wrong scales. plan,
compress and serve all check here, so they refuse the same models. The layers' names are those of
most families (families.py).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ecom.models import families, stored

GROUP_SIZES = (128, 64, 32)
VOCABULARY_UNIT = 64  # vllm.model_executor.layers.vocab_parallel_embedding


def head_dim(shape: Mapping[str, Any]) -> int:
    """Return the size of an attention head."""
    heads = shape.get("num_attention_heads", 0)
    return int(shape.get("head_dim") or (shape.get("hidden_size", 0) // heads if heads else 0))


def padded_size(size: int, multiple: int) -> int:
    """Return the smallest multiple of `multiple` that is at least `size`."""
    return -(-size // multiple) * multiple


def faults_when_compressed(shape: Mapping[str, Any], group: int, ranks: int) -> list[str]:
    """Return the sizes in a 16-bit model's config.json that fail once it is quantized and padded.

    `group` is compress.group_size, `ranks` compress.tensor_parallel.
    """
    keys = ("hidden_size", "intermediate_size", "num_attention_heads", "num_hidden_layers")
    if missing := [key for key in keys if not isinstance(shape.get(key), int)]:
        return [f"config.json has no {k}; only Llama-like models are supported" for k in missing]
    padded = {
        **shape,
        "intermediate_size": padded_size(shape["intermediate_size"], group * ranks),
        "quantization_config": {"group_size": group},
    }
    return list(faults(padded, ranks, section="compress"))


def group_size(shape: Mapping[str, Any], ranks: int) -> int:
    """Return the largest group size that a model's sizes divide by, of those that vLLM takes.

    vLLM's kernels for GPUs (Marlin) take 32, 64 and 128, the one for CPUs all multiples of 2. Where
    none divides, the smallest: `faults_when_compressed` then says why.

    >>> group_size({"hidden_size": 576, "intermediate_size": 1536, "num_attention_heads": 9,
    ...             "num_hidden_layers": 30, "vocab_size": 49152}, ranks=1)
    64
    """
    hidden, heads = shape.get("hidden_size") or 0, shape.get("num_attention_heads") or 0
    inner = heads * head_dim(shape)
    fitting = (size for size in GROUP_SIZES if hidden % size == inner % (size * ranks) == 0)
    return next(fitting, GROUP_SIZES[-1])


def faults(
    shape: Mapping[str, Any], ranks: int, *, tile: int = 1, section: str = "engine"
) -> Iterator[str]:
    """Yield every size of a `config.json` that does not divide: layers, the rule, the remedy.

    `ranks` is the tensor_parallel of the recipe's `section`.
    """
    group, family = stored.group_size(shape), families.of(shape)
    heads, dim = shape.get("num_attention_heads", 0), head_dim(shape)
    kv_heads, hidden = shape.get("num_key_value_heads") or heads, shape.get("hidden_size", 0)
    fewer = f"set {section}.tensor_parallel below {ranks}"
    if ranks == 1:
        fewer = "use an unquantized model"
    if heads % ranks:
        yield (
            f"num_attention_heads {heads} is not a multiple of tensor_parallel {ranks} "
            f"({_layers(shape, family.query, family.attention_output)}); {fewer}"
        )
    if kv_heads % ranks and ranks % kv_heads:
        yield (
            f"num_key_value_heads {kv_heads} is neither a multiple nor a divisor of "
            f"tensor_parallel {ranks} ({_layers(shape, *family.key_value)}); {fewer}"
        )
    inner = shape.get("intermediate_size", 0)
    sizes = [  # name, size, in how many parts, group size, layers
        ("intermediate_size", inner, ranks, group, (family.mlp_output,)),
        ("heads × head_dim", heads * dim, ranks, group, (family.attention_output,)),
        ("hidden_size", hidden, 1, group, family.inputs),
    ]
    if tile > 1:
        kv_width = kv_heads * dim
        sizes.append(("kv heads × head_dim", kv_width, min(ranks, kv_heads), 1, family.key_value))
    for name, size, parts, groups, layers in sizes:
        rule = _rule(name, size, parts, groups, tile)
        if rule:
            pad = _padding(size, ranks, max(groups, tile)) if name == "intermediate_size" else ""
            smaller = "quantize with a smaller compress.group_size, or "
            yield (
                f"{rule} ({_layers(shape, *layers)}); {pad}"
                f"{smaller if groups > GROUP_SIZES[-1] else ''}{fewer}"
            )
    padded = padded_size(shape.get("vocab_size", 0), VOCABULARY_UNIT)
    if padded % ranks:
        yield (
            f"vocab_size {shape['vocab_size']}, padded to {padded} by vLLM, is not a multiple of "
            f"tensor_parallel {ranks} (embed_tokens, lm_head); {fewer}"
        )


def _rule(name: str, size: int, ranks: int, group: int, tile: int) -> str:
    """Return the fault where equal parts of `size` cut a group or a tile, else ""."""
    unit = group if group > 1 else tile
    if size % (ranks * unit) == 0:
        return ""
    parts = [f"tensor_parallel {ranks}"] if ranks > 1 else []
    if unit > 1:
        parts.append(f"{'group_size' if group > 1 else 'the kernel tile'} {unit}")
    product = f" = {ranks * unit}" if len(parts) > 1 else ""
    return f"{name} {size} is not a multiple of {' × '.join(parts)}{product}"


def _padding(size: int, ranks: int, unit: int) -> str:
    padded = padded_size(size, ranks * unit)
    return f"zero-pad it to {padded} (compress.tensor_parallel={ranks}, then `ecom run` again), "


def _layers(shape: Mapping[str, Any], *names: str) -> str:
    count = shape.get("num_hidden_layers")
    which = f"of layers 0 to {count - 1}" if count else "of every layer"
    return f"{', '.join(names)} {which}"
