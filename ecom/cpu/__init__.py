"""What vLLM's CPU engine can use of this machine's CPU.

| kind   | instructions                 | 4-bit weights                                           |
|--------|------------------------------|---------------------------------------------------------|
| amx    | AVX-512 with bfloat16, AMX   | vLLM's kernel, on AMX tiles (plugin.py enables them)    |
| avx512 | AVX-512                      | vLLM's kernel                                           |
| avx2   | AVX2                         | expanded to 16 bits when loaded (dequantized.py)        |
| none   | less, or not an x86 CPU      | the CPU engine does not run                             |

vLLM 0.29 chooses its library by the same rules (vllm/platforms/cpu.py, import_kernels).
"""

from collections.abc import Mapping
from typing import Any, Literal

Kind = Literal["amx", "avx512", "avx2", "none"]


def kind() -> Kind:
    """Return the most that vLLM's CPU engine can use here."""
    import torch

    if torch.cpu._is_avx512_supported():
        tiles = torch.cpu._is_amx_tile_supported() and torch.cpu._is_avx512_bf16_supported()
        return "amx" if tiles else "avx512"
    return "avx2" if torch.cpu._is_avx2_supported() else "none"


def has_four_bit_kernel() -> bool:
    """Say whether vLLM's CPU wheel multiplies 4-bit weights here (vLLM issue #55613)."""
    return kind() in ("amx", "avx512")


def notice(shape: Mapping[str, Any]) -> str | None:
    """Return a note for the user before a model of this `config.json` is served here, or None."""
    method = (shape.get("quantization_config") or {}).get("quant_method")
    if method != "awq" or has_four_bit_kernel():
        return None
    return (
        "this CPU has no AVX-512, so vLLM has no 4-bit kernel for it: the 4-bit weights are "
        "expanded to 16 bits when they are loaded (same answers, about four times the memory)"
    )
