"""Settings of the evaluate stage."""

from pydantic import BaseModel, ConfigDict, Field


class EvaluateConfig(BaseModel):
    """Predictions + gold -> scores and a report."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gold: str = Field(description="ShopBench JSON lines, or `sample`: the quickstart's test file")
    bootstrap_samples: int = Field(default=1_000, ge=100)
