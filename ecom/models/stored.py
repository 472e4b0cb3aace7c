"""Reads from a config.json how the model's weights are stored: in 16 bit, or quantized."""

from collections.abc import Mapping
from typing import Any


def quantization(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the quantization_config; {} for 16 bit."""
    return config.get("quantization_config") or {}


def group_size(config: Mapping[str, Any]) -> int:
    """Return how many weights share a scale; 1 for 16 bit."""
    return int(quantization(config).get("group_size") or 1)


def method(config: Mapping[str, Any]) -> str | None:
    """Return the name of the quantization method, None for 16 bit."""
    settings = quantization(config)
    return str(settings.get("quant_method", "quantization_config")) if settings else None


def bits(config: Mapping[str, Any]) -> int | None:
    """Return the bits per weight of a quantized model, None where config.json does not say."""
    settings = quantization(config)
    if settings.get("load_in_4bit"):
        return 4
    if settings.get("load_in_8bit") or settings.get("quant_method") in ("fp8", "fbgemm_fp8"):
        return 8
    found = settings.get("bits")  # of GPTQ and AWQ
    return found if isinstance(found, int) else None


def refusal(config: Mapping[str, Any]) -> str | None:
    """Return why compressing a quantized model is refused; None for 16 bit."""
    found = method(config)
    if not found:
        return None
    return (
        f"the base is quantized already ({found}), and adapters are merged into 16-bit weights; "
        "name the model that it was made from (train.method=qlora makes 4 bits of it by itself)"
    )
