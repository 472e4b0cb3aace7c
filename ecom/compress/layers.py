"""Every decoder layer on held-out rows: the error of 4 bits, and the range that fp16 must cover.

    awq_error, rtn_error    ‖y₄ − y‖ / ‖y‖ of the attention's and the MLP's output y, the decoder
                            layer's input being the 16-bit model's
    largest_output          of each linear layer of the AWQ model, as it will be served
    largest_sum             of Σ |w x| there: no partial sum can be larger

AWQ moves scales from one layer to the next (up_proj to down_proj, v_proj to o_proj, norms to the
layer after them), so only the outputs of attention and MLP are comparable to the 16-bit model's.

fp16 has numbers up to 65,504, and a T4 has no wider type for activations: an output beyond it is
inf. Kernels that also accumulate in fp16 (Marlin, on compute capability 7.5) can reach inf even for
a small output, wherever largest_sum is beyond it.
"""

from functools import partial
from typing import TYPE_CHECKING, Any

from ecom.compress.streamed import Read, Run

if TYPE_CHECKING:
    from torch import Tensor

FP16_MAX = 65_504.0


class Layers:
    """Runs each decoder layer three times, with 16-bit, AWQ's and RTN's weights, and compares.

    `ends` are the last linear layers of a decoder layer's attention and MLP.
    """

    def __init__(self, plain: Read, packed: Read, rounded: Read, ends: tuple[str, str]) -> None:
        self._plain = plain
        self._ends = ends
        self._four_bit = {"awq_error": packed, "rtn_error": rounded}
        self._found: dict[str, dict[str, float]] = {}

    def __call__(self, name: str, run: Run) -> "list[Tensor]":
        """Measure one decoder layer; return the 16-bit model's states after it."""
        ends: dict[tuple[int, str], Tensor] = {}
        states = run(self._plain, partial(self._keep, ends))
        for key, read in self._four_bit.items():
            gaps = dict.fromkeys(self._ends, 0.0)
            made = run(read, partial(self._compare, name, key, ends, gaps))
            for end in self._ends:
                power = sum(y.square().sum().item() for (_, n), y in ends.items() if n == end)
                part = f"{name}.{end.split('.')[0]}"
                self._found.setdefault(part, {})[key] = (gaps[end] / max(power, 1e-30)) ** 0.5
            if key == "awq_error":
                for state in made:
                    _raise(self._found.setdefault(name, {}), "largest_output", state)
        return states

    def _keep(
        self,
        ends: "dict[tuple[int, str], Tensor]",
        row: int,
        name: str,
        weight: "Tensor",
        x: "Tensor",
        y: "Tensor",
    ) -> None:
        if name in self._ends:
            ends[row, name] = y

    def _compare(
        self,
        layer: str,
        key: str,
        ends: "dict[tuple[int, str], Tensor]",
        gaps: dict[str, float],
        row: int,
        name: str,
        weight: "Tensor",
        x: "Tensor",
        y: "Tensor",
    ) -> None:
        if name in gaps:
            gaps[name] += (y - ends[row, name]).square().sum().item()
        if key == "awq_error":
            found = self._found.setdefault(f"{layer}.{name}", {})
            _raise(found, "largest_output", y)
            _raise(found, "largest_sum", x.abs() @ weight.abs().t())

    def report(self) -> dict[str, Any]:
        """Return `layers`, by name, and `fp16`: the largest numbers and the layers beyond it."""
        ranged = {n: found for n, found in self._found.items() if "largest_output" in found}
        largest = max(ranged, key=lambda name: ranged[name]["largest_output"])
        return {
            "layers": self._found,
            "fp16": {
                "limit": FP16_MAX,
                "largest_output": ranged[largest]["largest_output"],
                "at": largest,
                "overflows": _beyond(ranged, "largest_output"),
                "may_overflow_in_sums": _beyond(ranged, "largest_sum"),
            },
        }


def _raise(found: dict[str, float], key: str, numbers: "Tensor") -> None:
    found[key] = max(found.get(key, 0.0), numbers.abs().max().item())


def _beyond(layers: dict[str, dict[str, float]], key: str) -> list[str]:
    return [name for name, found in layers.items() if found.get(key, 0.0) > FP16_MAX]
