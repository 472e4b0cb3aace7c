"""Settings of the compress stage."""

from collections.abc import Mapping
from math import isfinite
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from ecom.compress import quantizers
from ecom.models import divisibility
from ecom.settings import Settings

TRAINED = "train"  # as an adapter's path: the train stage's adapter


class Adapter(Settings):
    """One of several LoRA adapters of the same base."""

    path: str = Field(min_length=1)
    """Directory of the adapter; `train` is the train stage's."""
    weight: float = Field(default=1.0, allow_inf_nan=False)
    """Factor of the adapter's change; with 1 it is merged as it was trained."""


class Combine(Settings):
    """What becomes of several adapters."""

    method: Literal["merge", "learned", "apart"] = "merge"
    """merge: a weighted sum. learned: a sum whose weight for each adapter and linear layer is
    learned on training rows. apart: none is merged, and predict asks each adapter about the rows of
    its value."""
    weights: dict[str, float] = Field(default={})
    """Weight of each adapter of `train.per`, by its value; `learned` starts from them. Adapters not
    named are left out. {}: equal weights that add up to 1."""
    rows: int = Field(default=256, ge=1)
    """For `learned`: training rows to learn the weights on, drawn evenly over answer forms and
    skills. [rows]"""
    rows_per_step: int = Field(default=16, ge=1)
    """For `learned`: rows per optimizer step. [rows]"""
    steps: int = Field(default=100, ge=1)
    """For `learned`: optimizer steps. [steps]"""
    learning_rate: float = Field(default=0.05, gt=0)
    """For `learned`: step size of the optimizer."""

    @model_validator(mode="after")
    def _check_weights(self) -> Self:
        if self.method == "apart" and self.weights:
            raise ValueError("adapters kept apart are not weighted; leave weights out")
        if wrong := [f"{name}={c}" for name, c in self.weights.items() if not isfinite(c)]:
            raise ValueError(f"weights {', '.join(wrong)}: must be finite numbers")
        return self


class CompressConfig(Settings):
    """What was trained -> merged, padded, AWQ 4-bit model."""

    adapters: tuple[Adapter, ...] = Field(default=(Adapter(path=TRAINED),), min_length=1)
    """Adapters to merge: the base plus the sum of each one's change times its weight. The default
    is the train stage's adapter."""
    combine: Combine = Combine()
    """What becomes of several adapters."""
    wise_ft: float = Field(default=1.0, ge=0, le=1)
    """Share of the learned change that is kept: 1 keeps all of it, 0 gives the base (the alpha of
    WiSE-FT)."""
    group_size: Literal["auto"] | Annotated[int, Field(ge=32, multiple_of=32)] = "auto"
    """Weights that share one scale and zero point. Fewer: a closer copy and a larger model. auto:
    128 where the model's sizes divide by it, else 64 or 32. [weights]"""
    tensor_parallel: int = Field(default=1, ge=1)
    """Largest tensor parallel size that will serve the model; sizes are padded so that they divide
    by it. [devices]"""
    effort: Literal["fast", "best"] = "fast"
    """fast: AWQ's scales, then rounding to nearest. best: AWQ's scales, then GPTQ's rounding, which
    corrects the errors of weights and layers before. Both write the same format."""
    quantizer: quantizers.Name = "auto-round"
    """Library that quantizes. All write the same format; autoawq is archived, needs a GPU and
    effort=fast."""
    calibration_rows: int = Field(default=128, ge=1)
    """Training rows on which the weights are quantized, drawn evenly over answer forms and skills.
    [rows]"""
    calibration_tokens: int = Field(default=512, ge=8)
    """Length of the blocks into which the joined calibration rows are cut. [tokens]"""
    iterations: int = Field(default=0, ge=0)
    """For `fast`: tuning steps of auto-round for each layer; 0: plain AWQ. [steps]"""
    parity_rows: int = Field(default=64, ge=1)
    """Held-out rows on which parity.md compares the model before and after. [rows]"""

    def group(self, shape: Mapping[str, Any]) -> int:
        """Return the group size for a model with this config.json."""
        if self.group_size == "auto":
            return divisibility.group_size(shape, self.tensor_parallel)
        return self.group_size

    @model_validator(mode="after")
    def _check_iterations(self) -> Self:
        if self.effort == "best" and self.iterations:
            raise ValueError("iterations tune what effort=fast rounds; set effort=fast")
        if self.effort == "best" and not quantizers.QUANTIZERS[self.quantizer].tunes:
            raise ValueError(f"{self.quantizer} has no effort=best; set effort=fast")
        if self.iterations and not quantizers.QUANTIZERS[self.quantizer].tunes:
            tuning = ", ".join(n for n, one in quantizers.QUANTIZERS.items() if one.tunes)
            raise ValueError(f"iterations are of {tuning}; set iterations=0, or that quantizer")
        return self

    @model_validator(mode="after")
    def _check_apart(self) -> Self:
        own = self.adapters == (Adapter(path=TRAINED),)
        if self.combine.method == "apart" and not (own and self.wise_ft == 1):
            raise ValueError(
                "combine.method apart keeps train.per's adapters as they are; leave adapters and "
                "wise_ft out"
            )
        return self
