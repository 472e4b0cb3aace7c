"""Settings of the compress stage."""

from math import isfinite
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

TRAINED = "train"  # as an adapter's path: the one that the train stage made


class Adapter(BaseModel):
    """One of several LoRA adapters of the same base."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(min_length=1, description="its directory; train: the train stage's own")
    weight: float = Field(default=1.0, allow_inf_nan=False)


class Combine(BaseModel):
    """What becomes of several adapters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Literal["merge", "learned", "apart"] = Field(
        default="merge",
        description="merge: a weighted sum; learned: with a weight learned for each adapter and "
        "layer; apart: none is merged, predict asks each about the rows of its value",
    )
    weights: dict[str, float] = Field(
        default={},
        description="of train.per's adapters by value, learned starts there; those not named are "
        "left out; {}: all alike, together 1",
    )
    rows: int = Field(
        default=256, ge=1, description="learned: training rows, forms and skills evenly"
    )
    rows_per_step: int = Field(default=16, ge=1, description="learned")
    steps: int = Field(default=100, ge=1, description="learned")
    learning_rate: float = Field(default=0.05, gt=0, description="learned")

    @model_validator(mode="after")
    def _check_weights(self) -> Self:
        if self.method == "apart" and self.weights:
            raise ValueError("adapters kept apart are not weighted; leave weights out")
        if wrong := [f"{name}={c}" for name, c in self.weights.items() if not isfinite(c)]:
            raise ValueError(f"weights {', '.join(wrong)}: must be finite numbers")
        return self


class CompressConfig(BaseModel):
    """What was trained -> merged, padded, AWQ 4-bit model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    adapters: tuple[Adapter, ...] = Field(
        default=(Adapter(path=TRAINED),),
        min_length=1,
        description="base + the sum of what each one changes times its weight is merged",
    )
    combine: Combine = Combine()
    wise_ft: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="share kept of what was learnt: 1 all of it, 0 the base (WiSE-FT's alpha)",
    )
    group_size: int = Field(default=128, ge=32, multiple_of=32)
    tensor_parallel: int = Field(default=1, ge=1, description="largest that shall serve the model")
    quantizer: Literal["auto-round", "autoawq"] = Field(
        default="auto-round", description="both write one format; autoawq: archived, for GPUs"
    )
    calibration_rows: int = Field(
        default=128, ge=1, description="training rows, forms and skills evenly"
    )
    calibration_tokens: int = Field(
        default=512, ge=8, description="the rows are joined and cut into blocks of so many tokens"
    )
    iterations: int = Field(default=0, ge=0, description="auto-round tuning steps; 0: plain AWQ")
    parity_rows: int = Field(default=64, ge=1, description="held-out rows that parity is read on")

    @model_validator(mode="after")
    def _check_iterations(self) -> Self:
        if self.iterations and self.quantizer != "auto-round":
            raise ValueError("iterations are auto-round's; set iterations=0, or that quantizer")
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
