"""Settings of the predict stage."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, JsonValue, field_validator, model_validator
from pydantic_core import PydanticCustomError

from ecom.completions.config import HIDDEN, URL, Access, Price, is_address
from ecom.forms import Prompting
from ecom.lanes import SAMPLING, Asker
from ecom.rows import Query, content_id
from ecom.settings import Settings

ModelName = Literal["base", "merged", "awq", "adapters"]
ADAPTERS: ModelName = "adapters"  # the awq model with each question's own adapter beside it
ADAPTERS_AT_ONCE = 8  # in one batch: a GPU holds their weights
Output = Literal["jsonl", "parquet"]
ENDPOINT = "endpoint"  # the name of what a running endpoint answered
BaselineName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
# Other files of the stage, and what else stands in the tables and charts of evaluate.
TAKEN = ("base", "merged", "awq", "adapters", ENDPOINT, "questions", "guess", "gold", "score")
_OURS = ("messages", "model", "n", "stream")


class Baseline(Access):
    """Another model behind an OpenAI-compatible endpoint: it is asked what our models are asked.

    Each question is put and read as ours are, in the words and with the sampling of `prompting`.
    Every try counts towards `max_requests`, all runs together, for each may be billed; a question
    once answered is never asked again.
    """

    url: str = Field(pattern=URL)
    """Any OpenAI-compatible endpoint, up to the version: "https://api.openai.com/v1"."""
    model: str = Field(min_length=1)
    """Name by which the endpoint knows the model."""
    max_requests: int = Field(ge=1)
    """Requests that this baseline may cost, all runs together; where they cannot be enough, the run
    is refused before the first. [requests]"""
    max_tokens: int | None = Field(default=256, ge=1)
    """Longest answer, or a question's own limit where that is higher; null: not sent. [tokens]"""
    request_overrides: dict[str, JsonValue] = Field(default={})
    """Further settings of a request, sent as they are; a null leaves that setting out."""
    price_per_million_tokens: Price | None = None
    """Prices, for the cost that is shown; null: tokens alone are shown."""

    @field_validator("request_overrides")
    @classmethod
    def _check(cls, overrides: dict[str, JsonValue]) -> dict[str, JsonValue]:
        if found := [name for name in overrides if name in _OURS]:
            raise ValueError(f"it cannot set {', '.join(found)}; remove it")
        return overrides

    def body(self, query: Query, prompting: Prompting) -> dict[str, Any]:
        """Return the messages that ask a question, and how its answer is sampled."""
        asked = Asker({}, prompting).ask(query)
        sampling = asked.lane.sampling
        body: dict[str, Any] = {
            "messages": asked.messages,
            **{name: sampling[name] for name in SAMPLING if name in sampling},
        }
        if self.max_tokens is not None:
            body["max_tokens"] = max(self.max_tokens, sampling["max_tokens"])
        body |= self.request_overrides
        return {name: value for name, value in body.items() if value is not None}

    def key(self, body: dict[str, Any]) -> str:
        """Return what the answer to this body is kept under."""
        return content_id(self.url, self.model, body)

    def identity(self) -> dict[str, JsonValue]:
        """Return what makes its answers what they are, as plain JSON."""
        kept = {"url", "model", "max_tokens", "request_overrides"}
        plain: dict[str, JsonValue] = self.model_dump(mode="json", include=kept)
        return plain


def _address(url: str) -> str:
    if not is_address(url):
        raise PydanticCustomError(
            HIDDEN,
            "not an address; give http://HOST:PORT, as `ecom serve` prints it, and its key in "
            "ECOM_API_KEY",
        )
    return url.rstrip("/")


class PredictConfig(Settings):
    """Models + queries -> predictions, one file a model.

    With an `endpoint` it is asked in the models' place. Baselines are asked besides.
    """

    queries: str
    """Questions: ShopBench rows as JSON lines (.gz too) or Parquet, EcomInstruct folders, or
    `sample` for those of the quickstart."""
    models: tuple[ModelName, ...] = ("awq",)
    """Models that answer: base, before training; merged, after it; awq, after padding and 4-bit
    quantization; adapters, the 4-bit base with the adapter of the row's skill, task or form
    (compress.combine.method: apart)."""
    default_adapter: str | None = None
    """For `adapters`: the adapter of rows that name none of the trained ones; null: the base."""
    endpoint: Annotated[str, AfterValidator(_address)] | None = None
    """URL of a running `ecom serve` that answers in the models' place; its key is read from
    ECOM_API_KEY."""
    baselines: dict[BaselineName, Baseline] = Field(default={})
    """Other models to compare with, by the names that tables and files give them."""
    output: Output = "jsonl"
    """Format of the files of answers."""
    batch_size: int = Field(default=64, ge=1)
    """Rows handed to an engine at once, at most. [rows]"""
    replicas: int = Field(default=1, ge=1)
    """Engines that share the work. [replicas]"""

    @field_validator("baselines")
    @classmethod
    def _not_taken(cls, baselines: dict[str, Baseline]) -> dict[str, Baseline]:
        if found := [name for name in baselines if name in TAKEN]:
            raise ValueError(f"{', '.join(found)}: a name of our own; choose another one")
        return baselines

    @model_validator(mode="after")
    def _someone_is_asked(self) -> Self:
        if not self.names():
            raise ValueError("models is empty, so nobody is asked; name a model or a baseline")
        return self

    def names(self) -> tuple[str, ...]:
        """Return what the files of answers are named after, in the order they are made."""
        return (*self.baselines, *((ENDPOINT,) if self.endpoint else self.models))

    def identity(self) -> dict[str, JsonValue]:
        """Return what makes the answers what they are, as plain JSON."""
        others = {"models", "default_adapter"} if self.endpoint else {"endpoint"}
        aside = {"batch_size", "replicas", "baselines", *others}
        plain: dict[str, JsonValue] = self.model_dump(mode="json", exclude=aside)
        if self.baselines:
            plain["baselines"] = {name: one.identity() for name, one in self.baselines.items()}
        return plain
