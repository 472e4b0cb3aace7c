"""The stage's largest use of the disk: one rule for the stage itself and for `ecom plan`.

    merged/ ─► grouped (only where the MLP does not fill its groups) ─► packed ─► model/

All of these exist when model/ is written. Before that there are, beside `packed`: one layer as the
quantizer gets it and as it writes it, and the states of the calibration rows in fp32, once to
resume from and once in each of these two.
"""

import re
import shutil
from collections.abc import Sequence
from math import prod
from pathlib import Path

from ecom.compress import checkpoint, pad
from ecom.compress.config import CompressConfig
from ecom.errors import InputError
from ecom.models.divisibility import padded_size

_LAYER = re.compile(r"layers\.(\d+)\.(.+)\.weight$")


def fullest(whole: float, packed: float, grouped: bool, layer: float, states: float) -> float:
    """Return bytes, from those of the 16-bit model, the 4-bit model, a 16-bit layer and the states.

    `grouped`: whether the MLP must be padded to fill its groups.
    """
    return whole * (2 if grouped else 1) + packed + max(packed, 1.3 * layer + 3 * states)


def packed_weight(group_size: int) -> float:
    """Return bytes per weight: 4 bits, plus a 16-bit scale and a 4-bit zero point per group."""
    return 0.5 + 2.5 / group_size


def check(
    source: Path, beside: Sequence[Path], tokens: int, target: Path, config: CompressConfig
) -> None:
    """Raise InputError where the disk of `target` has no room for the stage's output.

    `tokens` are those of the calibration rows; `beside` are the adapters kept apart, which are
    written last. Files that an interrupted run left in `target` count as done.
    """
    written = [file for adapter in beside for file in adapter.glob("*.safetensors")]
    needed = _of_checkpoint(source, tokens, config) + sum(file.stat().st_size for file in written)
    needed -= sum(file.stat().st_size for file in target.rglob("*.safetensors"))
    free = shutil.disk_usage(target).free
    if needed > free:
        raise InputError(
            f"{target}: {needed / 2**30:.1f} GiB are needed there and {free / 2**30:.1f} are free; "
            "make room, or set workdir to another disk"
        )


def _of_checkpoint(source: Path, tokens: int, config: CompressConfig) -> float:
    whole = sum(shard.stat().st_size for shard in checkpoint.shards(source))
    weights = {name: prod(shape) for name, shape in checkpoint.shapes(source).items()}
    linear: dict[str, int] = {}  # weights by layer
    for name, shape in checkpoint.shapes(source).items():
        if (found := _LAYER.search(name)) and len(shape) == 2:
            linear[found[1]] = linear.get(found[1], 0) + weights[name]
    stored = whole / max(sum(weights.values()), 1)  # bytes per weight
    config_json = checkpoint.read_json(source / "config.json")
    group = config.group(config_json)
    size = pad.intermediate_size(source)
    padding = padded_size(size, group * config.tensor_parallel) / size
    total = sum(linear.values())
    packed = padding * packed_weight(group) * total + stored * (sum(weights.values()) - total)
    hidden = int(config_json["hidden_size"])
    layer = stored * max(linear.values(), default=0)
    return fullest(whole, packed, size % group > 0, layer, 4 * hidden * tokens)
