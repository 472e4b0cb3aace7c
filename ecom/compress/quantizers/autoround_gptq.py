"""GPTQ's rounding as a member of auto-round's pipeline, behind its AWQ scales."""

from functools import partial
from typing import TYPE_CHECKING, Any

from auto_round.algorithms.quantization.rtn.config import OptimizedRTNConfig
from auto_round.algorithms.quantization.rtn.quantizer import RTNQuantizer
from auto_round.algorithms.registry import register_pipeline_member
from auto_round.utils import SUPPORTED_LAYER_TYPES, check_to_quantized

from ecom.compress.quantizers import gptq

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module


class GPTQConfig(OptimizedRTNConfig):  # type: ignore[misc]
    """Round with GPTQ; a kind of rounding that looks at the calibration rows."""


@register_pipeline_member(GPTQConfig)
class GPTQQuantizer(RTNQuantizer):  # type: ignore[misc]
    """Adds up each linear layer's inputs after AWQ has scaled them, then rounds its weights."""

    def register_fp_input_forward_hooks(self, block: "Module") -> list[Any]:
        """Add up x xᵀ of every linear layer during the next forward."""
        self._sums: dict[str, Tensor] = {}
        return [
            layer.register_forward_pre_hook(partial(self._add, name))
            for name, layer in _linear(block)
        ]

    def _add(self, name: str, layer: "Module", inputs: "tuple[Tensor, ...]") -> None:
        x = inputs[0].detach().flatten(0, -2).float()
        square = x.t() @ x
        self._sums[name] = self._sums[name] + square if name in self._sums else square

    def quantize_block(self, block: "Module", *_: Any, **__: Any) -> dict[str, Any]:
        """Leave on each linear layer what auto-round packs: weight, scale and zp."""
        for name, layer in _linear(block):
            weight, h = layer.weight.detach().float(), self._sums.pop(name)
            rounded, scales, zeros = gptq.quantize(name, weight, h, layer.group_size)
            layer.weight.data.copy_(rounded)
            layer.scale, layer.zp = scales.cpu(), zeros.cpu()
        return {}


def _linear(block: "Module") -> list[tuple[str, Any]]:
    return [
        (name, layer)
        for name, layer in block.named_modules()
        if isinstance(layer, SUPPORTED_LAYER_TYPES) and check_to_quantized(layer)
    ]
