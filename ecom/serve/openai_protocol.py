"""The request bodies of OpenAI's routes. Pure; no ray.

A body may contain only the fields listed here: what the engine would do with others (tools,
grammars, the caller's own templates) is not known to be safe. Every value has bounds.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ecom.forms.offer import Choose

MOST_TOKENS = 32_768
Strict = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)
Bias = Annotated[float, Field(ge=-100, le=100)]  # added to the logit of a token, by its id


class TextPart(BaseModel):
    """A part of a message's content."""

    model_config = Strict

    type: Literal["text"]
    """Type of the part; pictures and sounds are refused."""
    text: str
    """The text of this part."""


class Message(BaseModel):
    """One turn of a chat."""

    model_config = Strict

    role: Literal["system", "developer", "user", "assistant"]
    """Who speaks; developer is another name for system."""
    content: str | list[TextPart]
    """The text of the turn, or parts of it."""
    name: str | None = None
    """Name of the speaker; it is not used."""

    @property
    def text(self) -> str:
        """The content as one text."""
        if isinstance(self.content, str):
            return self.content
        return "".join(part.text for part in self.content)


class StreamOptions(BaseModel):
    """What a stream ends with."""

    model_config = Strict

    include_usage: bool = False
    """Send the numbers of tokens before the end."""


class _Body(BaseModel):
    """The fields of both routes."""

    model_config = Strict

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


class ChatBody(_Body):
    """The body of POST /v1/chat/completions."""

    messages: list[Message] = Field(min_length=1, max_length=256)
    """The chat so far; for `shop` the last turn is the question."""
    max_completion_tokens: int | None = Field(default=None, ge=1, le=MOST_TOKENS)
    """Longest answer; overrides max_tokens. [tokens]"""
    logprobs: bool | None = None
    """Send the log probability of each token; not for `shop`."""
    top_logprobs: int | None = Field(default=None, ge=0, le=20)
    """How many of the likeliest tokens are sent with log probabilities; not for `shop`. [tokens]"""
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

    prompt: str = Field(min_length=1)
    """The text that the model continues."""
    echo: bool | None = None
    """Send the prompt before the answer."""
    logprobs: int | None = Field(default=None, ge=0, le=20)
    """How many of the likeliest tokens are sent with each, with log probabilities. [tokens]"""

    @property
    def chars(self) -> int:
        """Length of the prompt, characters."""
        return len(self.prompt)
