"""Settings of the corpus stage."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Source(BaseModel):
    """One set of raw rows.

    shopbench     `path` is a file of JSON lines in ShopBench's development format, plain or .gz,
                  or a folder of such files
    ecominstruct  `path` is a task folder of EcomInstruct (meta-info.json, test.json), or a folder
                  of them
    sample_shop   `path` is `sample`: the tables that the quickstart stage made
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["shopbench", "ecominstruct", "sample_shop"]
    path: str
    limit_rows: int | None = Field(default=None, ge=1, description="a random draw of so many rows")


class CorpusConfig(BaseModel):
    """Raw sources -> rendered, tokenized Parquet shards."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: tuple[Source, ...] = Field(min_length=1)
    max_tokens: int = Field(
        default=1024, ge=16, description="prompt and response; longer: rejected"
    )
    validation_fraction: float = Field(default=0.02, ge=0, lt=0.5)
    rows_per_shard: int = Field(default=10_000, ge=1)
