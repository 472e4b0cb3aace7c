"""Settings of the train stage."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class TrainConfig(BaseModel):
    """Corpus -> LoRA adapter, on Ray Train."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    workers: int = Field(default=2, ge=1)
    gpus_per_worker: int = Field(default=0, ge=0, le=1)
    precision: Literal["fp32", "bf16", "fp16"] = "fp32"
    rank: int = Field(default=16, ge=1)
    alpha: float = Field(default=32, gt=0)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    target_modules: Literal["all-linear"] | tuple[str, ...] = "all-linear"
    learning_rate: float = Field(default=1e-4, gt=0)
    warmup_fraction: float = Field(default=0.05, ge=0, lt=1)
    weight_decay: float = Field(default=0.0, ge=0)
    max_grad_norm: float = Field(default=1.0, gt=0)
    epochs: int = Field(default=1, ge=1)
    max_steps: int | None = Field(default=None, ge=1, description="stop early after so many")
    rows_per_step: int = Field(default=32, ge=1, description="over all workers")
    tokens_per_batch: int = Field(default=4096, ge=16, description="padded, one worker's forward")
    checkpoint_every_steps: int = Field(default=100, ge=1)
    max_failures: int = Field(default=2, ge=0, description="lost workers to recover from")
