"""The compress stage, from a config.json alone: sizes on disk, the padding, and memory by step.

16 bit     2 B per parameter
AWQ        4 bits per weight of a linear layer, 16 + 4 bits (scale, zero) per group; the rest 16
merge      one weight: as stored, in fp32, and the result in fp32; plus the shard's cached pages
quantize   two processes; one decoder layer in fp32, four copies (its weights in both processes, a
           backup, a trial); the rows' states in fp32, 24 copies (measured on a layer 1,024 wide
           with 512 and 8,192 tokens: inputs and outputs of attention and MLP are kept); for best,
           inputs² of every linear layer in fp32, and four more of the widest
work       by decoder layer, of weights (out, in), P in all, and T tokens: 4·T·P, the 16-bit and the
           4-bit layer; 40·T·(P + the widest), AWQ's search over 20 scales; for best also 2·T·in²,
           4/3·in³ and in²·out, GPTQ's sums, their factors and the rounding
"""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ecom.compress import room
from ecom.hardware import GIB
from ecom.models import families, stored
from ecom.plan import outline
from ecom.recipe import Recipe

if TYPE_CHECKING:
    from transformers import PretrainedConfig

_WEIGHT_BYTES = 2 + 4 + 4  # stored, in fp32, and the result
_PROCESS_GIB = 0.8  # torch and transformers themselves
_LAYERS, _STATES = 4, 24  # copies in memory while quantizing
_SCALES = 20  # that AWQ tries
_RATE = 5e10  # operations per second of a CPU core, in fp32


@dataclass(frozen=True)
class Compression:
    """The stage's output and requirements.

    parameters             of the base
    stored                 format of a base that is already quantized; the stage refuses it
    group_size             weights that share a scale
    intermediate_size      before and after padding; None where the stage refuses the model
    checkpoint_gib         merged/, 16 bit
    packed_gib             model/, AWQ 4 bit, padded
    disk_gib               the largest use (ecom/compress/room.py)
    merge_gib              resident memory, also for padding
    quantize_gib           resident memory
    quantize_tflop         10¹² operations; fast's search for clips is left out
    """

    parameters: int
    group_size: int
    intermediate_size: tuple[int, int] | None
    checkpoint_gib: float
    packed_gib: float
    disk_gib: float
    merge_gib: float
    quantize_gib: float
    quantize_tflop: float
    stored: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain numbers."""
        return {k: round(v, 3) if isinstance(v, float) else v for k, v in asdict(self).items()}


def plan(config: "PretrainedConfig", recipe: Recipe) -> Compression:
    """Return the sizes for the recipe's base, group size and tensor parallel."""
    group = recipe.compress.group(config.to_dict())
    before = outline.parameters(config)
    whole = 2 * before.total / GIB
    after = outline.padded(config, group * recipe.compress.tensor_parallel)
    size, padded = (getattr(shape, "intermediate_size", None) for shape in (config, after))
    known = families.refusal_to_compress(config.to_dict()) is None
    embedding = int(config.vocab_size) * int(config.hidden_size)
    packed = four_bit_bytes(after, group) / GIB
    return Compression(
        parameters=before.total,
        group_size=group,
        intermediate_size=(int(size), int(padded)) if known and size and padded else None,
        checkpoint_gib=whole,
        packed_gib=packed,
        disk_gib=room.fullest(
            2 * before.total,
            four_bit_bytes(after, group),
            grouped=bool(size and size % group),
            layer=2 * before.linear / outline.layers(config),
            states=4 * _states(config, recipe),
        )
        / GIB,
        merge_gib=_PROCESS_GIB + _WEIGHT_BYTES * max(before.largest, embedding) / GIB,
        quantize_gib=_quantize_gib(config, recipe, before.linear),
        quantize_tflop=_operations(config, recipe) / 1e12,
        stored=stored.method(config.to_dict()),
    )


def _quantize_gib(config: "PretrainedConfig", recipe: Recipe, linear: int) -> float:
    layer, states = linear / outline.layers(config), _states(config, recipe)
    sums = 0
    if recipe.compress.effort == "best":
        shapes = _linear_shapes(config)
        sums = sum(inputs**2 for _, inputs in shapes) + 4 * max(inputs for _, inputs in shapes) ** 2
    return 2 * _PROCESS_GIB + 4 * (_LAYERS * layer + _STATES * states + sums) / GIB


def _operations(config: "PretrainedConfig", recipe: Recipe) -> float:
    tokens = recipe.compress.calibration_rows * recipe.compress.calibration_tokens
    shapes = _linear_shapes(config)
    weights = sum(out * inputs for out, inputs in shapes)
    out, widest = max(shapes, key=lambda shape: shape[1])
    layer: float = 4 * tokens * weights + 2 * _SCALES * tokens * (weights + out * widest)
    if recipe.compress.effort == "best":
        layer += sum(i**2 * (2 * tokens + 4 / 3 * i + out) for out, i in shapes)
    return outline.layers(config) * layer


def _linear_shapes(config: "PretrainedConfig") -> list[tuple[int, int]]:
    """Return (out, in) of one decoder layer's linear layers."""
    from torch import nn

    model = outline.build(config, 1)
    output = model.get_output_embeddings()
    return [
        (module.out_features, module.in_features)
        for module in model.modules()
        if isinstance(module, nn.Linear) and module is not output
    ]


def _states(config: "PretrainedConfig", recipe: Recipe) -> int:
    """Return how many numbers a layer outputs for all calibration rows."""
    tokens = recipe.compress.calibration_rows * recipe.compress.calibration_tokens
    return tokens * int(config.hidden_size)


def four_bit_bytes(config: "PretrainedConfig", group_size: int) -> float:
    """Return the bytes of the AWQ checkpoint of a model of this shape."""
    found = outline.parameters(config)
    return room.packed_weight(group_size) * found.linear + 2 * found.others


def lines(found: Compression) -> list[tuple[str, str]]:
    """Return the plan as (name, value) pairs."""
    if found.stored:
        return [
            ("parameters", f"{found.parameters:,}"),
            (
                "stored as",
                f"{found.stored}: quantized already, so it cannot be trained or compressed",
            ),
        ]
    minutes = found.quantize_tflop * 1e12 / _RATE / 60
    operations = f"{found.quantize_tflop:,.0f} · 10¹²"
    padding = "its MLP cannot be padded: train and serve in 16 bit"
    if found.intermediate_size:
        size, padded = found.intermediate_size
        padding = "none needed" if size == padded else f"intermediate_size {size:,} to {padded:,}"
    return [
        ("parameters", f"{found.parameters:,}"),
        ("padding", padding),
        ("merged/, 16 bit", f"{found.checkpoint_gib:.2f} GiB"),
        ("model/, AWQ 4 bit", f"{found.packed_gib:.2f} GiB, groups of {found.group_size}"),
        ("disk, at the fullest", f"{found.disk_gib:.2f} GiB"),
        ("memory to merge and to pad", f"{found.merge_gib:.2f} GiB, and pages of a shard"),
        ("memory to quantize", f"{found.quantize_gib:.2f} GiB"),
        ("time to quantize", f"{minutes:,.0f} min of a CPU core, or {operations} operations"),
    ]
