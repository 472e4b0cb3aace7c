"""Settings of the predict stage."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

ModelName = Literal["base", "merged", "awq", "adapters"]
ADAPTERS: ModelName = "adapters"  # the awq model with each question's own adapter beside it
ADAPTERS_AT_ONCE = 8  # in one batch: a GPU holds their weights
Output = Literal["jsonl", "parquet"]
ENDPOINT = "endpoint"  # the name of what a running endpoint answered


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise ValueError("not an address; give http://HOST:PORT, as `ecom serve` prints it")
    return url.rstrip("/")


class PredictConfig(BaseModel):
    """Models + queries -> predictions, one file a model.

    With an `endpoint` it is asked in the models' place, and the one file is named after it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    queries: str = Field(
        description="ShopBench rows as JSON lines (.gz too) or Parquet, EcomInstruct folders, or "
        "`sample`: the quickstart's"
    )
    models: tuple[ModelName, ...] = Field(
        default=("awq",),
        min_length=1,
        description="adapters: the 4-bit base and, beside it, the adapter of the row's skill, task "
        "or form, as train.per says; with compress.combine.method apart",
    )
    default_adapter: str | None = Field(
        default=None, description="of rows that name none which was trained; null: the base alone"
    )
    endpoint: Annotated[str, AfterValidator(_address)] | None = Field(
        default=None, description="URL of a running `ecom serve`; its key is ECOM_API_KEY"
    )
    output: Output = "jsonl"
    batch_size: int = Field(default=64, ge=1, description="rows given to an engine at once, most")
    replicas: int = Field(default=1, ge=1)

    def names(self) -> tuple[str, ...]:
        """Return what the files of answers are named after."""
        return (ENDPOINT,) if self.endpoint else self.models

    def identity(self) -> dict[str, JsonValue]:
        """Return what makes the answers what they are, as plain JSON."""
        others = {"models", "default_adapter"} if self.endpoint else {"endpoint"}
        aside = {"batch_size", "replicas", *others}
        plain: dict[str, JsonValue] = self.model_dump(mode="json", exclude=aside)
        return plain
