"""Settings of the synthesis: the teacher, its tasks, and the budget."""

from typing import Any, Literal, Self

from pydantic import Field, JsonValue, model_validator

from ecom.completions.config import URL, Access, Price
from ecom.engine import EngineConfig
from ecom.settings import Settings

_OURS = ("max_tokens", "messages", "model", "n", "stream", "temperature")


class Teacher(Access):
    """The model that writes rows: `url` and `model`, or `local`."""

    url: str | None = Field(default=None, pattern=URL)
    """URL of any OpenAI-compatible endpoint, with the version: "https://api.openai.com/v1"."""
    model: str | None = Field(default=None, min_length=1)
    """Name of the model at the endpoint."""
    local: str | None = Field(default=None, min_length=1)
    """Model directory or hub name that vLLM runs here instead of an endpoint."""
    engine: EngineConfig = EngineConfig(max_model_len=4096)
    """Engine of a `local` teacher."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.url is None) == (self.local is None):
            raise ValueError("give either `url` and `model`, or `local`")
        if self.url is not None and self.model is None:
            raise ValueError("`url` needs `model`, the model's name at the endpoint")
        if self.local is not None and (self.model or self.api_key_env):
            raise ValueError("`model` and `api_key_env` belong to `url`, not to `local`")
        return self


class TaskSettings(Settings):
    """A task, or several by a name with *, and the records that it uses.

    A plain name is a task without settings.
    """

    name: str = Field(min_length=1)
    """Name of a shipped template; it may hold *, as "query_*". Or a YAML file of your own."""
    langs: tuple[str, ...] = ()
    """Only records in these languages, by ISO 639-1 code; []: all."""
    min_records: int = Field(default=0, ge=0)
    """Fewest records of the task; fewer are an error before any request is sent. [records]"""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, given: Any) -> Any:
        return {"name": given} if isinstance(given, str) else given


class Shots(Settings):
    """Development rows that the teacher sees as finished questions, as in Innova's solution.

    Rows that overlap with `corpus.without` are never shown.
    """

    path: str = Field(min_length=1)
    """A file of rows, or a folder of them."""
    format: Literal["shopbench", "ecominstruct"] = "shopbench"
    """How the file or folder is laid out."""
    per_task: int = Field(default=3, ge=1, le=20)
    """Most rows shown with each template. [rows]"""
    tasks: dict[str, tuple[str, ...]] = Field(default={})
    """Template: the tasks of the file whose rows are shown with it. {}: the ShopBench tasks that
    the template itself names as similar."""


class Synthesis(Settings):
    """What the teacher writes, and the budget.

    A request is one task about one record; tasks take turns, so that a small budget still covers
    all of them. An answered request is never paid again; a second run with a larger `max_requests`
    resumes from there. Other templates or sampling settings make other requests, with a separate
    budget.
    """

    teacher: Teacher
    """The model that writes rows."""
    tasks: tuple[TaskSettings, ...] = Field(default=(TaskSettings(name="*"),), min_length=1)
    """Tasks of the teacher; by default all that are shipped. A plain name is a task without
    settings. If several entries name a template, the first one counts."""
    shots: Shots | None = None
    """Development rows that the teacher is shown; null: only the template's own examples."""
    variety: Literal["diverse", "one_per_task"] = "diverse"
    """diverse: each row has one of a task's several wordings. one_per_task: all rows of a task have
    the same sentence, as in Innova's data."""
    unanswerable_share: float = Field(default=0, ge=0, le=0.5)
    """Largest share of a question task's rows that the text does not answer; their answer is "It
    cannot be inferred."."""
    examples_per_product: int = Field(default=5, ge=1, le=50)
    """Rows that one request asks for. [rows]"""
    max_requests: int = Field(ge=1)
    """Most requests that this synthesis may send, over all its runs. Every try counts, even one
    that failed or was interrupted, since it may be billed. [requests]"""
    temperature: float | None = Field(default=0.8, ge=0, le=2)
    """Sampling temperature of the teacher; null: not sent."""
    max_tokens: int | None = Field(default=1500, ge=16)
    """Longest answer of the teacher; null: not sent. [tokens]"""
    request_overrides: dict[str, JsonValue] = Field(default={})
    """Further settings of a request, sent unchanged: top_p, max_completion_tokens and so on."""
    price_per_million_tokens: Price | None = None
    """Prices, to show the cost; null: only tokens are shown."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if taken := [name for name in self.request_overrides if name in _OURS]:
            raise ValueError(f"request_overrides cannot set {', '.join(taken)}; remove it")
        return self

    @property
    def task_names(self) -> tuple[str, ...]:
        """The tasks' names in the recipe."""
        return tuple(task.name for task in self.tasks)

    @property
    def sampling(self) -> dict[str, JsonValue]:
        """The sampling settings of a request: sent with the messages, and part of their key."""
        given = {"temperature": self.temperature, "max_tokens": self.max_tokens}
        kept: dict[str, JsonValue] = {k: v for k, v in given.items() if v is not None}
        return kept | self.request_overrides

    @property
    def teacher_name(self) -> str:
        """The model's name, whoever serves it."""
        return self.teacher.model or self.teacher.local or ""
