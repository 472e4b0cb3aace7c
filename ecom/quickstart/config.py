"""Settings of the quickstart stage: a sample shop and a tiny base model that has read it."""

from pydantic import BaseModel, ConfigDict, Field


class TinyBase(BaseModel):
    """A Qwen2-architecture language model small enough to train on a laptop's CPU."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vocab_size: int = Field(default=2048, ge=512)
    hidden_size: int = Field(default=128, multiple_of=32)
    intermediate_size: int = Field(default=352, multiple_of=32)
    layers: int = Field(default=4, ge=1)
    heads: int = Field(default=4, ge=1)
    kv_heads: int = Field(default=2, ge=1)
    max_position_embeddings: int = Field(default=1024, ge=128)
    steps: int = Field(default=300, ge=1)
    rows_per_step: int = Field(default=32, ge=1)
    learning_rate: float = Field(default=3e-3, gt=0)


class QuickstartConfig(BaseModel):
    """How big the sample shop is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    train_products: int = Field(default=1500, ge=50)
    test_products: int = Field(default=300, ge=50)
    test_rows_per_task: int = Field(default=40, ge=4)
    base: TinyBase = TinyBase()
