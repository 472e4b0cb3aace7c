"""Which adapters are combined, and with what weights.

compress.adapters     directories, or `train`: what the train stage made
train/adapter/        the only adapter
train/adapters/VALUE/ one per value of train.per; compress.combine.weights names the values
"""

from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from ecom.compress import checkpoint
from ecom.compress.config import TRAINED, CompressConfig
from ecom.errors import DataError, InputError


class Weighted(NamedTuple):
    """An adapter's directory and its weight in the sum."""

    name: str
    path: Path
    weight: float


def find(config: CompressConfig, base: str, trained: Path) -> tuple[Path, list[Weighted]]:
    """Return the base and its adapters, or a fully trained model and no adapters.

    Raises DataError naming a directory without an adapter, InputError where compress.combine does
    not fit what was trained.
    """
    if config.adapters == CompressConfig().adapters and (trained / "model").is_dir():
        return trained / "model", []
    adapters: list[Weighted] = []
    for adapter in config.adapters:
        if adapter.path == TRAINED:
            adapters += _trained(config, trained, adapter.weight)
        else:
            path = Path(adapter.path).expanduser().absolute()
            adapters.append(Weighted(path.name, path, adapter.weight))
    for one in adapters:
        if not (one.path / "adapter_config.json").is_file():
            raise DataError(
                f"compress.adapters: {one.path} has no adapter_config.json; "
                "name the directory of a LoRA"
            )
    if config.combine.method == "learned" and len(adapters) < 2:
        raise InputError(
            f"compress.combine.method is learned, and there is one adapter, {adapters[0].path}; "
            "set train.per, name more in compress.adapters, or write method: merge"
        )
    return checkpoint.locate(base), adapters


def _trained(config: CompressConfig, trained: Path, weight: float) -> list[Weighted]:
    """Return the train stage's adapters, those of train.per each with its share of `weight`."""
    folders = {unquote(path.name): path for path in sorted(trained.glob("adapters/*/"))}
    named = config.combine.weights
    if not folders:
        if named or config.combine.method == "apart":
            raise InputError(
                f"compress.combine: {trained} has no adapters/, so there is nothing to weigh or "
                "keep apart; set train.per (e.g. train.per=skill) and run it again"
            )
        one = trained / "adapter"
        if not (one / "adapter_config.json").is_file():
            raise DataError(
                f"compress.adapters: {one} has no adapter_config.json, and {trained} no "
                "adapters/ and no model/; run it again: ecom train RECIPE"
            )
        return [Weighted(one.name, one, weight)]
    if unknown := sorted(set(named) - set(folders)):
        raise InputError(
            f"compress.combine.weights names {', '.join(unknown)}; the trained adapters are "
            f"{', '.join(folders)}"
        )
    weights = named or dict.fromkeys(folders, 1 / len(folders))
    return [Weighted(name, folders[name], weight * c) for name, c in weights.items()]
