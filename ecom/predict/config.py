"""Settings of the predict stage."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

ModelName = Literal["base", "merged", "awq"]
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
    models: tuple[ModelName, ...] = Field(default=("awq",), min_length=1)
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
        aside = {"batch_size", "replicas", "models" if self.endpoint else "endpoint"}
        plain: dict[str, JsonValue] = self.model_dump(mode="json", exclude=aside)
        return plain
