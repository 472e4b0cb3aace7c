"""Questions to the base in a batch with questions to adapters, in vLLM's CPU engine.

A token without an adapter has the index -1. vLLM's GPU kernels skip it, but its CPU ops read
`weights[-1]`, so the base silently answers with the adapter in the last slot (vLLM 0.29; its pull
requests 48421 and 49656 are open). Here LoRA's A gives 0 for such a token, and so B adds 0.
"""

from typing import TYPE_CHECKING, Any

from torch import Tensor

if TYPE_CHECKING:
    from vllm.lora.punica_wrapper.punica_cpu import PunicaWrapperCPU


def install(wrapper: "type[PunicaWrapperCPU]") -> None:
    """Make the wrapper's linear layers leave tokens without an adapter unchanged."""
    shrink = wrapper._apply_shrink

    def apply_shrink(self: Any, y: Tensor, x: Tensor, w_t_all: Tensor, scale: float) -> None:
        shrink(self, y, x, w_t_all, scale)
        y.masked_fill_((self.token_lora_indices < 0).unsqueeze(1), 0)

    wrapper._apply_shrink = apply_shrink  # type: ignore[method-assign]
