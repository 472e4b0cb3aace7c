"""A linear layer of an AWQ checkpoint, in 16 bits: for CPUs without a 4-bit kernel in vLLM.

    weight[o, i] = (q[i, o] - zero[i // group, o]) * scale[i // group, o]

is computed in fp32, rounded once to the engine's 16-bit type, and multiplied by the kernel that
vLLM uses for 16-bit models. One layer is expanded at a time, so peak memory is the 16-bit model's.
"""

from typing import Any

import torch
from vllm.model_executor.kernels.linear.mixed_precision import MPLinearKernel, MPLinearLayerConfig
from vllm.model_executor.layers.quantization.utils.quant_utils import (
    unpack_quantized_values_into_int32,
)
from vllm.model_executor.layers.utils import dispatch_cpu_unquantized_gemm
from vllm.platforms import current_platform
from vllm.scalar_type import scalar_types


class DequantizedLinearKernel(MPLinearKernel):
    """Takes what vLLM's AWQ loader gives its CPU kernels: uint4 in groups with zero points."""

    @classmethod
    def get_min_capability(cls) -> int:
        """Return the lowest compute capability: none, for a CPU."""
        return -1

    @classmethod
    def can_implement(cls, c: MPLinearLayerConfig) -> tuple[bool, str | None]:
        """Say whether the kernel supports such a layer, and if not, why."""
        if not current_platform.is_cpu():
            return False, "it is for CPUs"
        if c.weight_type != scalar_types.uint4 or not c.zero_points or c.has_g_idx:
            return False, "it takes only AWQ's 4-bit weights with zero points"
        return True, None

    def process_weights_after_loading(self, layer: torch.nn.Module) -> None:
        """Replace q (in / 8, out), zero (out / 8, groups), scale (groups, out) by (out, in)."""
        names = (self.w_q_name, self.w_zp_name or "", self.w_s_name)
        packed, packed_zeros, scales = (getattr(layer, name).data for name in names)
        kind = self.config.weight_type
        numbers = unpack_quantized_values_into_int32(packed, kind, 0)
        zeros = unpack_quantized_values_into_int32(packed_zeros.t().contiguous(), kind, 1)
        size, out = numbers.shape
        groups = len(scales)
        centred = numbers.view(groups, size // groups, out) - zeros.unsqueeze(1)
        weight = (centred * scales.float().unsqueeze(1)).view(size, out).t()
        for name in names:
            delattr(layer, name)
        layer.weight = torch.nn.Parameter(weight.to(scales.dtype).contiguous(), requires_grad=False)
        dispatch_cpu_unquantized_gemm(layer, remove_weight=True)

    def apply_weights(
        self, layer: torch.nn.Module, x: torch.Tensor, bias: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Return x (…, in) times the weight: (…, out)."""
        multiply: Any = layer.cpu_linear  # what dispatch_cpu_unquantized_gemm chose
        made: torch.Tensor = multiply(x, layer.weight, bias)
        return made
