"""Settings of the evaluate stage."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from ecom.settings import Settings

EncoderMetric = Literal["sent-transformer", "multilingual-sent-transformer"]
Encoders = Mapping[EncoderMetric, str]  # a sentence encoder's folder or hub name, by metric


class EvaluateConfig(Settings):
    """Predictions + gold -> scores and a report."""

    gold: str
    """Questions with their right answers: ShopBench rows in any file, folder, pattern or URL that
    predict.queries can name, EcomInstruct folders, or `sample` for those of the quickstart."""
    bootstrap_samples: int = Field(default=1_000, ge=100)
    """Bootstrap samples behind each 95 % interval. [samples]"""
    map_metrics: dict[str, str] = Field(default_factory=dict)
    """Metrics that the contest does not know, and which metric replaces each, e.g. `bool:
    rougel`."""
    skip_bad: bool = False
    """Whether gold rows that cannot be scored are left out, and counted by reason in the report;
    false: they are an error."""
    encoders: dict[EncoderMetric, str] = Field(default_factory=dict)
    """Sentence encoder of an embedding metric: a directory or hub name. {}: the contest's own, from
    an installed package or the Hugging Face cache; where there is none, the metric is left out."""
