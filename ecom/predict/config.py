"""Settings of the predict stage."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

ModelName = Literal["base", "merged", "awq"]


class PredictConfig(BaseModel):
    """Models + queries -> predictions, one file a model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    queries: str = Field(
        description="ShopBench JSON lines, EcomInstruct folders, or `sample`: the quickstart's"
    )
    models: tuple[ModelName, ...] = Field(default=("awq",), min_length=1)
    batch_size: int = Field(default=64, ge=1)
    replicas: int = Field(default=1, ge=1)
