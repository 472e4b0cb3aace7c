"""The request bodies of OpenAI's routes. Pure; no ray.

A body may contain only the fields listed here: what the engine would do with others (tools,
grammars, the caller's own templates) is not known to be safe. Every value has bounds.

Clients send fields of OpenAI's at values that ask for nothing, too. A field that is null counts as
left out, and the fields marked Neutral take only what changes nothing here, and are dropped.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from ecom.forms.offer import Choice, Choose
from ecom.serve import border

MOST_TOKENS = 32_768
STREAMED = 8  # the most answers in one stream: they share a seat in the engine
Bias = Annotated[float, Field(ge=-100, le=100)]  # added to the logit of a token, by its id
Neutral = AfterValidator(lambda _: None)
Nothing = Annotated[list[Any] | None, Field(max_length=0), Neutral]
NoChoice = Annotated[Literal["none"] | None, Neutral]
Label = Annotated[str | None, Field(max_length=512), Neutral]
Prompt = Annotated[str, Field(min_length=1)]


def _given(value: Any) -> Any:
    """Return JSON data without its fields that are null."""
    if not isinstance(value, dict):
        return value
    return {name: one for name, one in value.items() if one is not None}


class TextPart(BaseModel):
    """A part of a message's content."""

    model_config = border.STRICT

    type: Literal["text"]
    """Type of the part; pictures and sounds are refused."""
    text: str
    """The text of this part."""


class Message(BaseModel):
    """One turn of a chat. An answer of this endpoint can be sent back as it came."""

    model_config = border.STRICT

    role: Literal["system", "developer", "user", "assistant"]
    """Who speaks; developer is another name for system."""
    content: str | list[TextPart]
    """The text of the turn, or parts of it; an assistant's may be null."""
    name: str | None = None
    """Name of the speaker; it is not used."""
    tool_calls: Nothing = None
    """Only []: no tools are called here."""
    annotations: Nothing = None
    """Only []: answers have none."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        given = _given(value)
        is_answer = isinstance(given, dict) and given.get("role") == "assistant"
        return {"content": "", **given} if is_answer else given

    @property
    def text(self) -> str:
        """The content as one text."""
        if isinstance(self.content, str):
            return self.content
        return "".join(part.text for part in self.content)


class StreamOptions(BaseModel):
    """What a stream ends with."""

    model_config = border.STRICT

    include_usage: bool = False
    """Send the numbers of tokens before the end."""


class TextFormat(BaseModel):
    """The form of an answer that is plain text."""

    model_config = border.STRICT

    type: Literal["text"]
    """Only text: no grammar or schema."""


class _Body(border.Body):
    """The fields of both routes."""

    model: str = Field(min_length=1, max_length=200)
    """`ecom` (serve.model_name): the model as it is. `shop`, for chats: with the lanes."""
    max_tokens: int | None = Field(default=None, ge=1, le=MOST_TOKENS)
    """Longest answer; null: what the engine has room for. [tokens]"""
    temperature: float | None = Field(default=None, ge=0, le=2)
    """Randomness of the draw; 0: always the likeliest token."""
    top_p: float | None = Field(default=None, gt=0, le=1)
    """Draw among the likeliest tokens that together have this probability."""
    n: int | None = Field(default=None, ge=1, le=8)
    """Number of answers; `shop` gives one."""
    stop: str | list[str] | None = Field(default=None, max_length=64)
    """Texts that end the answer; not for `shop`."""
    stream: bool = False
    """Send the answer as server-sent events while it is written."""
    stream_options: StreamOptions | None = None
    """What a stream ends with."""
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    """Makes tokens that occurred before less likely; not for `shop`."""
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    """Makes tokens less likely for each time they occurred before; not for `shop`."""
    seed: int | None = Field(default=None, ge=0, lt=2**63)
    """Makes the draws for the same question the same."""
    logit_bias: dict[str, Bias] | None = Field(default=None, max_length=300)
    """By token id, what is added to its logit, -100 to 100; not for `shop`."""
    user: str | None = Field(default=None, max_length=200)
    """Accepted for OpenAI's clients; it is not used."""
    best_of: Annotated[Literal[1] | None, Neutral] = None
    """Only 1."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        return _given(value)

    @model_validator(mode="after")
    def _streams(self) -> Self:
        if self.stream_options and not self.stream:
            raise PydanticCustomError(
                "not_streamed", "Stream_options are for streams; leave them out, or stream: true"
            )
        return self


class ChatBody(_Body):
    """The body of POST /v1/chat/completions."""

    messages: list[Message] = Field(min_length=1, max_length=256)
    """The chat so far; for `shop` the last turn is the question."""
    max_completion_tokens: int | None = Field(default=None, ge=1, le=MOST_TOKENS)
    """Longest answer; overrides max_tokens. [tokens]"""
    logprobs: bool | None = None
    """Send the log probability of each token; for `shop`, of each label of a multiple choice."""
    top_logprobs: int | None = Field(default=None, ge=0, le=20)
    """How many of the likeliest tokens are sent with log probabilities, if logprobs is true.
    [tokens]"""
    is_multiple_choice: bool | None = None
    """For `shop`: whether one of the printed options is the answer; null: the text decides."""
    task: str | None = Field(default=None, max_length=200)
    """For `shop`: name of a task; the words of prompting.by_task are used."""
    options: list[str] | None = None
    """For `shop`: texts to choose from; null: those that the prompt names."""
    labels: list[str] | None = None
    """For `shop`: what is written for each option; null: the option itself."""
    choose: Choose | None = None
    """For `shop`: how many: "one", "any" number from one, or exactly this many; null: one."""
    order: bool | None = None
    """For `shop`: whether the answer is an order, best first."""
    choice: Choice | None = None
    """For `shop`: how one of several is chosen: label, likelihood or likelihood_per_token."""
    tools: Nothing = None
    """Only []: no tools are called here."""
    tool_choice: NoChoice = None
    """Only none."""
    parallel_tool_calls: Annotated[bool | None, Neutral] = None
    """Either: there are no tools."""
    functions: Nothing = None
    """Only []: the older name of tools."""
    function_call: NoChoice = None
    """Only none."""
    response_format: Annotated[TextFormat | None, Neutral] = None
    """Only {"type": "text"}."""
    modalities: Annotated[list[Literal["text"]] | None, Neutral] = None
    """Only ["text"]."""
    store: Annotated[Literal[False] | None, Neutral] = None
    """Only false: no chat is kept."""
    metadata: Annotated[dict[str, str] | None, Field(max_length=16), Neutral] = None
    """Accepted for OpenAI's clients; it is not used."""
    service_tier: Annotated[Literal["auto", "default"] | None, Neutral] = None
    """Only auto or default."""
    safety_identifier: Label = None
    """Accepted for OpenAI's clients; it is not used."""
    prompt_cache_key: Label = None
    """Accepted for OpenAI's clients; it is not used."""

    @property
    def answers(self) -> int:
        """How many texts are asked for."""
        return self.n or 1

    @property
    def chars(self) -> int:
        """Length of the chat, characters."""
        return sum(len(message.text) for message in self.messages)

    @property
    def limit(self) -> int | None:
        """The caller's token limit."""
        return self.max_completion_tokens or self.max_tokens


class CompletionBody(_Body):
    """The body of POST /v1/completions."""

    prompt: Prompt | Annotated[list[Prompt], Field(min_length=1, max_length=1024)]
    """The text that the model continues, or several: each has its own choices, in their order. A
    stream has 8 choices at most."""
    echo: bool | None = None
    """Send the prompt before the answer."""
    logprobs: int | None = Field(default=None, ge=0, le=20)
    """How many of the likeliest tokens are sent with each, with log probabilities. [tokens]"""

    @model_validator(mode="after")
    def _few_streams(self) -> Self:
        if self.stream and self.answers > STREAMED:
            raise PydanticCustomError(
                "streams",
                "A stream has {most} answers at most, these prompts and n ask for {asked}; leave "
                "stream out, or send fewer prompts",
                {"most": STREAMED, "asked": self.answers},
            )
        return self

    @property
    def answers(self) -> int:
        """How many texts are asked for."""
        return (self.n or 1) * (len(self.prompt) if isinstance(self.prompt, list) else 1)

    @property
    def chars(self) -> int:
        """Length of the longest prompt, characters."""
        return max(map(len, [self.prompt] if isinstance(self.prompt, str) else self.prompt))
