"""Settings of the evaluate stage."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

EncoderMetric = Literal["sent-transformer", "multilingual-sent-transformer"]
Encoders = Mapping[EncoderMetric, str]  # a sentence encoder's folder or hub name, by metric


class EvaluateConfig(BaseModel):
    """Predictions + gold -> scores and a report."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gold: str = Field(
        description="ShopBench JSON lines, EcomInstruct folders, or `sample`: the quickstart's"
    )
    bootstrap_samples: int = Field(default=1_000, ge=100)
    map_metrics: dict[str, str] = Field(
        default_factory=dict,
        description="unknown metric -> one that the contest knows, e.g. bool: rougel",
    )
    encoders: dict[EncoderMetric, str] = Field(
        default_factory=dict, description="a sentence encoder's folder or hub name, by metric"
    )
