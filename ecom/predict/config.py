"""Settings of the predict stage."""

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, Field, JsonValue, field_validator, model_validator
from pydantic_core import PydanticCustomError

from ecom.completions.config import HIDDEN, URL, Access, Price, is_address
from ecom.forms import Prompting
from ecom.forms.offer import Choice
from ecom.lanes import SAMPLING, Asker
from ecom.rows import PREDICTION_SCHEMA, Query, content_id
from ecom.settings import Settings

ModelName = Literal["base", "few-shot", "merged", "awq", "adapters"]
By = Literal["bm25", "random"]
FEW_SHOT: ModelName = "few-shot"  # the base, with examples from the corpus before each question
ADAPTERS: ModelName = "adapters"  # the awq model, with an adapter chosen for each question
ADAPTERS_AT_ONCE = 8  # in one batch: their weights are in GPU memory
Output = Literal["jsonl", "parquet"]
ENDPOINT = "endpoint"  # the name for a running endpoint's answers
BaselineName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
# Names of other files of the stage, and other names in the tables and charts of evaluate.
TAKEN = (*get_args(ModelName), ENDPOINT, "questions", "guess", "gold", "score")
ANSWER = (*PREDICTION_SCHEMA.names, "file", "line")  # columns of an answer
_OURS = ("messages", "model", "n", "stream")


class Baseline(Access):
    """Another model behind an OpenAI-compatible endpoint, asked the same questions as ours.

    Questions are asked and answers read in the same way, with `prompting`'s words and sampling.
    Every try counts towards `max_requests`, over all runs, because each may be billed; a question
    with an answer is never asked again.
    """

    url: str = Field(pattern=URL)
    """Any OpenAI-compatible endpoint, up to the version: "https://api.openai.com/v1"."""
    model: str = Field(min_length=1)
    """Name by which the endpoint knows the model."""
    max_requests: int = Field(ge=1)
    """The most requests to this baseline, over all runs; where they cannot suffice, the run is
    refused before the first. [requests]"""
    max_tokens: int | None = Field(default=256, ge=1)
    """Longest answer, or a question's own limit where that is higher; null: not sent. [tokens]"""
    request_overrides: dict[str, JsonValue] = Field(default={})
    """Further settings of a request, sent as they are; null leaves a setting out."""
    price_per_million_tokens: Price | None = None
    """Prices, to show the cost; null: only tokens are shown."""

    @field_validator("request_overrides")
    @classmethod
    def _check(cls, overrides: dict[str, JsonValue]) -> dict[str, JsonValue]:
        if found := [name for name in overrides if name in _OURS]:
            raise ValueError(f"it cannot set {', '.join(found)}; remove it")
        return overrides

    def body(self, query: Query, prompting: Prompting) -> dict[str, Any]:
        """Return a request's body: the messages that ask a question, and the sampling settings."""
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
        """Return the cache key of the answer to this body."""
        return content_id(self.url, self.model, body)

    def identity(self) -> dict[str, JsonValue]:
        """Return the settings that its answers depend on, as plain JSON."""
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
    """Models + queries -> predictions, one file per model.

    An `endpoint` is asked in place of the models. Baselines are asked as well.
    """

    queries: str
    """Questions: ShopBench rows in a file, folder, pattern (rows/*.csv) or URL of JSON lines, JSON
    arrays, CSV, TSV or Parquet, plain, .gz or .zip; EcomInstruct folders; or `sample` for those of
    the quickstart."""
    models: tuple[ModelName, ...] = ("awq",)
    """Models that answer: base, before training; few-shot, the base with examples from the corpus
    before each question; merged, after it; awq, after padding and 4-bit
    quantization; adapters, the 4-bit base with the adapter of the row's skill, task or form
    (compress.combine.method: apart)."""
    few_shot: int = Field(default=4, ge=1, le=32)
    """For `few-shot`: examples before a question, of its task or else its form; fewer where they do
    not fit into engine.max_model_len. [rows]"""
    few_shot_by: By = "bm25"
    """For `few-shot`: bm25, the examples most like the question; random, any."""
    choice: Choice = "label"
    """How one of several options is chosen: label, by what the model writes among them; likelihood,
    by the log probability of each option's text, summed over its tokens; likelihood_per_token, by
    its mean. Baselines always write."""
    default_adapter: str | None = None
    """For `adapters`: the adapter for rows that name no trained one; null: the base."""
    endpoint: Annotated[str, AfterValidator(_address)] | None = None
    """URL of a running `ecom serve` that answers in place of the models; its key is read from
    ECOM_API_KEY."""
    baselines: dict[BaselineName, Baseline] = Field(default={})
    """Other models to compare with, by their names in tables and files."""
    output: Output = "jsonl"
    """Format of the files of answers."""
    keep_columns: tuple[str, ...] = ()
    """Columns of the questions that are copied to their answers, values unchanged."""
    batch_size: int = Field(default=64, ge=1)
    """The most rows sent to an engine in one batch. [rows]"""
    replicas: int = Field(default=1, ge=1)
    """Engines that share the work. [replicas]"""

    @field_validator("baselines")
    @classmethod
    def _not_taken(cls, baselines: dict[str, Baseline]) -> dict[str, Baseline]:
        if found := [name for name in baselines if name in TAKEN]:
            raise ValueError(f"{', '.join(found)}: ecom uses this name itself; choose another one")
        return baselines

    @field_validator("keep_columns")
    @classmethod
    def _are_free(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if found := [name for name in names if name in ANSWER]:
            raise ValueError(f"{', '.join(found)}: every answer has this column; leave it out")
        if found := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{', '.join(found)}: named twice; name each column once")
        return names

    @model_validator(mode="after")
    def _someone_is_asked(self) -> Self:
        if not self.names():
            raise ValueError("models is empty, so nobody is asked; name a model or a baseline")
        return self

    def names(self) -> tuple[str, ...]:
        """Return the names of the files of answers, in the order they are made."""
        return (*self.baselines, *((ENDPOINT,) if self.endpoint else self.models))

    def identity(self) -> dict[str, JsonValue]:
        """Return the settings that the answers depend on, as plain JSON."""
        others = {"models", "default_adapter"} if self.endpoint else {"endpoint"}
        if self.endpoint or FEW_SHOT not in self.models:
            others |= {"few_shot", "few_shot_by"}
        aside = {"batch_size", "replicas", "baselines", *others}
        plain: dict[str, JsonValue] = self.model_dump(mode="json", exclude=aside)
        if self.baselines:
            plain["baselines"] = {name: one.identity() for name, one in self.baselines.items()}
        return plain
