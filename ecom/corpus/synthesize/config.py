"""Settings of the synthesis: who is asked, for what, and what it may cost."""

from typing import Any, Literal, Self

from pydantic import Field, JsonValue, model_validator

from ecom.completions.config import URL, Access, Price
from ecom.engine import EngineConfig
from ecom.settings import Settings

_OURS = ("max_tokens", "messages", "model", "n", "stream", "temperature")


class Teacher(Access):
    """Who is asked: `url` and `model`, or `local`."""

    url: str | None = Field(default=None, pattern=URL)
    """Any OpenAI-compatible endpoint, up to the version: "https://api.openai.com/v1"."""
    model: str | None = Field(default=None, min_length=1)
    """Name by which the endpoint knows the model."""
    local: str | None = Field(default=None, min_length=1)
    """Model directory or hub name that vLLM runs here, in place of an endpoint."""
    engine: EngineConfig = EngineConfig(max_model_len=4096)
    """Engine of a `local` teacher."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.url is None) == (self.local is None):
            raise ValueError("give either `url` and `model`, or `local`")
        if self.url is not None and self.model is None:
            raise ValueError("`url` needs `model`, the name that the endpoint knows it by")
        if self.local is not None and (self.model or self.api_key_env):
            raise ValueError("`model` and `api_key_env` belong to `url`, not to `local`")
        return self


class TaskSettings(Settings):
    """A task, or several by a name with *, and which records it is asked about.

    A plain name stands for a task without settings.
    """

    name: str = Field(min_length=1)
    """Name of a shipped template; it may hold *, as "query_*". Or a YAML file of your own."""
    langs: tuple[str, ...] = ()
    """Only records in these languages, by ISO 639-1 code; []: all."""
    min_records: int = Field(default=0, ge=0)
    """Records that the task must have; fewer are an error before any request is paid. [records]"""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, given: Any) -> Any:
        return {"name": given} if isinstance(given, str) else given


class Shots(Settings):
    """Development rows that the teacher is shown as finished questions, as Innova's was.

    Rows that overlap with `corpus.without` are never shown.
    """

    path: str = Field(min_length=1)
    """A file of rows, or a folder of them."""
    format: Literal["shopbench", "ecominstruct"] = "shopbench"
    """What the rows look like."""
    per_task: int = Field(default=3, ge=1, le=20)
    """Rows shown with each template, at most. [rows]"""
    tasks: dict[str, tuple[str, ...]] = Field(default={})
    """Template: the tasks of the file whose rows it is shown. {}: the ShopBench tasks that the
    template itself names as alike."""


class Synthesis(Settings):
    """What a teacher is asked to write.

    A request is one task about one record; tasks take turns, so that a small budget still has all
    of them. A request once answered is never paid again; a second run with a larger `max_requests`
    continues from there. Other templates or sampling settings make other requests, with a budget of
    their own.
    """

    teacher: Teacher
    """The model that is asked."""
    tasks: tuple[TaskSettings, ...] = Field(default=(TaskSettings(name="*"),), min_length=1)
    """Tasks that the teacher is given; by default all that are shipped. A plain name is a task
    without settings. Of several entries that name a template the first one counts."""
    shots: Shots | None = None
    """Development rows that the teacher is shown; null: only the template's own examples."""
    variety: Literal["diverse", "one_per_task"] = "diverse"
    """diverse: each row has one of a task's several wordings. one_per_task: all rows of a task have
    the same sentence, as Innova's have."""
    unanswerable_share: float = Field(default=0, ge=0, le=0.5)
    """Share of a question task's rows, at most, that the text does not answer; they are answered
    "It cannot be inferred."."""
    examples_per_product: int = Field(default=5, ge=1, le=50)
    """Rows that one request asks for. [rows]"""
    max_requests: int = Field(ge=1)
    """Requests that this synthesis may cost, all its runs together. Every try counts, also one that
    failed or was cut off, since it may be billed. [requests]"""
    temperature: float | None = Field(default=0.8, ge=0, le=2)
    """Sampling temperature of the teacher; null: not sent."""
    max_tokens: int | None = Field(default=1500, ge=16)
    """Longest answer of the teacher; null: not sent. [tokens]"""
    request_overrides: dict[str, JsonValue] = Field(default={})
    """Further settings of a request, sent as they are: top_p, max_completion_tokens and so on."""
    price_per_million_tokens: Price | None = None
    """Prices, for the cost that is shown; null: tokens alone are shown."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if taken := [name for name in self.request_overrides if name in _OURS]:
            raise ValueError(f"request_overrides cannot set {', '.join(taken)}; remove it")
        return self

    @property
    def task_names(self) -> tuple[str, ...]:
        """What the tasks are called in the recipe."""
        return tuple(task.name for task in self.tasks)

    @property
    def sampling(self) -> dict[str, JsonValue]:
        """How an answer is drawn: what is sent beside the messages and is part of their key."""
        given = {"temperature": self.temperature, "max_tokens": self.max_tokens}
        kept: dict[str, JsonValue] = {k: v for k, v in given.items() if v is not None}
        return kept | self.request_overrides

    @property
    def teacher_name(self) -> str:
        """The model's name, whoever serves it."""
        return self.teacher.model or self.teacher.local or ""
