"""Settings of the synthesis: who is asked, for what, and what it may cost."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from ecom.completions.config import URL, Access, Price
from ecom.engine import EngineConfig

_OURS = ("max_tokens", "messages", "model", "n", "stream", "temperature")


class Teacher(Access):
    """Who is asked: `url` and `model`, or `local`.

    url     up to the version, as "https://api.openai.com/v1": any OpenAI-compatible endpoint
    local   a model directory or hub name, run by vLLM with the settings of `engine`
    """

    url: str | None = Field(default=None, pattern=URL)
    model: str | None = Field(default=None, min_length=1)
    local: str | None = Field(default=None, min_length=1)
    engine: EngineConfig = EngineConfig(max_model_len=4096)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.url is None) == (self.local is None):
            raise ValueError("give either `url` and `model`, or `local`")
        if self.url is not None and self.model is None:
            raise ValueError("`url` needs `model`, the name that the endpoint knows it by")
        if self.local is not None and (self.model or self.api_key_env):
            raise ValueError("`model` and `api_key_env` belong to `url`, not to `local`")
        return self


class TaskSettings(BaseModel):
    """A task, or several by a name with *, and which records it is asked about.

    A plain name stands for a task without settings.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    langs: tuple[str, ...] = Field(
        default=(), description="records in these languages only, by ISO 639-1 code; (): in all"
    )
    min_records: int = Field(
        default=0, ge=0, description="fewer than so many records are an error, before any is paid"
    )

    @model_validator(mode="before")
    @classmethod
    def _named(cls, given: Any) -> Any:
        return {"name": given} if isinstance(given, str) else given


class Shots(BaseModel):
    """Development rows that the teacher is shown as finished questions, as Innova's was.

    Rows that overlap with `corpus.without` are never shown. Each template names the ShopBench tasks
    that it is like; `tasks` says it for other files.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(min_length=1, description="a file, or a folder of them")
    format: Literal["shopbench", "ecominstruct"] = "shopbench"
    per_task: int = Field(default=3, ge=1, le=20, description="rows shown for a template, at most")
    tasks: dict[str, tuple[str, ...]] = Field(
        default={}, description="template: the tasks of the file whose rows it is shown"
    )


class Synthesis(BaseModel):
    """What a teacher is asked to write.

    `tasks` are names of the templates shipped (they may hold *, as "query_*") or YAML files of
    one's own, plain or with settings; the first entry that names a template counts. A request is
    one task about one record; tasks take turns, so that a small budget still has all of them.

    `max_requests` is what this synthesis may cost, all its runs together. Every try counts, also
    one that failed or was under way when a run was killed, since it may be billed. A request once
    answered is never paid again; a second run with a larger `max_requests` goes on from there.
    Other templates or sampling settings make other requests, with a budget of their own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    teacher: Teacher
    tasks: tuple[TaskSettings, ...] = Field(default=(TaskSettings(name="*"),), min_length=1)
    shots: Shots | None = None
    variety: Literal["diverse", "one_per_task"] = Field(
        default="diverse",
        description="one_per_task: all rows of a task have one sentence, as Innova's have",
    )
    unanswerable_share: float = Field(
        default=0,
        ge=0,
        le=0.5,
        description="of a question task's rows, at most: those that the text does not answer",
    )
    examples_per_product: int = Field(default=5, ge=1, le=50, description="rows asked of a request")
    max_requests: int = Field(ge=1)
    temperature: float | None = Field(default=0.8, ge=0, le=2, description="null: not sent")
    max_tokens: int | None = Field(default=1500, ge=16, description="of an answer; null: not sent")
    request_overrides: dict[str, JsonValue] = Field(
        default={}, description="further settings, sent as they are: top_p, max_completion_tokens"
    )
    price_per_million_tokens: Price | None = None

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
