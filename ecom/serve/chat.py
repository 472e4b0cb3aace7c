"""The OpenAI routes' bodies, and chats with `model="shop"`. Pure; no ray.

    ChatBody ─► question ─► Ask (router.py) ─► (the model) ─► ShopAnswer ─► completion, chunks

A body may hold what is listed here and nothing else: what the engine would do with more (tools,
grammars, templates of the caller's own) is not known to be safe, and every value has its bounds.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile
from typing import Annotated, Any, Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from ecom.errors import InputError
from ecom.serve.router import SAMPLING, Ask, ShopAnswer, ShopQuery

MOST_TOKENS = 32_768
Strict = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)
_SYSTEM = ("system", "developer")
Bias = Annotated[float, Field(ge=-100, le=100)]  # added to the logit of a token, by its id


class TextPart(BaseModel):
    """A part of a message's content."""

    model_config = Strict

    type: Literal["text"]
    """Pictures and sounds are refused."""
    text: str
    """The text of this part."""


class Message(BaseModel):
    """One turn of a chat."""

    model_config = Strict

    role: Literal["system", "developer", "user", "assistant"]
    """Who speaks; developer is another name of system."""
    content: str | list[TextPart]
    """What is said: a text, or parts of one."""
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
    """What both routes take."""

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
    """Makes tokens that came before less likely; not for `shop`."""
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    """Makes tokens less likely for each time they came before; not for `shop`."""
    seed: int | None = Field(default=None, ge=0, lt=2**63)
    """Makes the draws for the same question the same."""
    logit_bias: dict[str, Bias] | None = Field(default=None, max_length=300)
    """Token id: what is added to its logit, -100 to 100; not for `shop`."""
    user: str | None = Field(default=None, max_length=200)
    """Accepted for OpenAI's clients; it is not used."""


class ChatBody(_Body):
    """The body of POST /v1/chat/completions."""

    messages: list[Message] = Field(min_length=1, max_length=256)
    """The chat so far; for `shop` the last turn is the question."""
    max_completion_tokens: int | None = Field(default=None, ge=1, le=MOST_TOKENS)
    """Longest answer, before max_tokens. [tokens]"""
    logprobs: bool | None = None
    """Send the log probability of each token; not for `shop`."""
    top_logprobs: int | None = Field(default=None, ge=0, le=20)
    """Likeliest tokens whose log probabilities are sent, too; not for `shop`. [tokens]"""
    is_multiple_choice: bool | None = None
    """For `shop`: whether one of the printed options is the answer; null: the text decides."""
    task: str | None = Field(default=None, max_length=200)
    """For `shop`: name of a task; the words of prompting.by_task are used."""

    @property
    def chars(self) -> int:
        """How long the chat is."""
        return sum(len(message.text) for message in self.messages)

    @property
    def limit(self) -> int | None:
        """The most tokens that the caller wants."""
        return self.max_completion_tokens or self.max_tokens


class CompletionBody(_Body):
    """The body of POST /v1/completions."""

    prompt: str = Field(min_length=1)
    """The text that the model continues."""
    echo: bool | None = None
    """Send the prompt before the answer."""
    logprobs: int | None = Field(default=None, ge=0, le=20)
    """Likeliest tokens whose log probabilities are sent with each token. [tokens]"""

    @property
    def chars(self) -> int:
        """How long the prompt is."""
        return len(self.prompt)


_UNUSED = (
    "stop",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "top_logprobs",
)


def question(body: ChatBody) -> ShopQuery:
    """Return what a chat asks: its last turn, the user's, and how the answer is drawn.

    Raises InputError where there is none, and for settings that its lane has no use for.
    """
    last = body.messages[-1]
    if last.role != "user" or not last.text.strip():
        raise InputError(
            f'messages.{len(body.messages) - 1} is the question for model="shop": '
            f"its role is {last.role!r} and it has {len(last.text.strip())} characters; end with a "
            "user's message that is not blank"
        )
    if (body.n or 1) > 1:
        raise InputError('n is over 1: model="shop" has one answer; leave n out')
    if found := [name for name in _UNUSED if getattr(body, name)]:
        raise InputError(
            f'{", ".join(found)}: not for model="shop", whose answers have a form of their own; '
            "leave it out, or ask the model as it is"
        )
    return ShopQuery(
        prompt=last.text,
        is_multiple_choice=body.is_multiple_choice,
        task=body.task,
        max_tokens=body.limit,
        **{name: getattr(body, name) for name in SAMPLING},
    )


def turns(asked: Ask, body: ChatBody) -> Ask:
    """Return the question with the turns before it; a system message of theirs replaces ours.

    What is shown as examples stands between the system message and their turns.
    """
    before = [{"role": turn.role, "content": turn.text} for turn in body.messages[:-1]]
    *ours, last = asked.messages
    theirs = [turn for turn in before if turn["role"] in _SYSTEM]
    shown = [turn for turn in ours if turn["role"] not in _SYSTEM]
    opening = ours[: len(ours) - len(shown)]
    if theirs:
        opening = list(takewhile(lambda turn: turn["role"] in _SYSTEM, before))
        before = before[len(opening) :]
    return replace(asked, messages=[*opening, *shown, *before, last])


def as_text(asked: Ask, body: ChatBody, model: str) -> ChatBody:
    """Return the chat that streams a question's answer from the model itself.

    The recipe's examples and limits may be more than a caller's, so a body's bounds do not hold.
    """
    return ChatBody.model_construct(
        model=model,
        messages=[Message.model_validate(turn) for turn in asked.messages],
        stream=True,
        stream_options=body.stream_options,
        **{name: asked.how.sampling.get(name) for name in ("max_tokens", *SAMPLING)},
    )


def completion(
    body: ChatBody, answer: ShopAnswer, tokens: tuple[int, int], *, cut: bool
) -> dict[str, Any]:
    """Return the chat's completion: the answer, and under `shop` all that is known of it.

    tokens are those of the prompt and of the text; cut: the text ended at its token limit. A text
    without an answer of its form is handed on as it is.
    """
    prompt, written = tokens
    message = {"role": "assistant", "content": answer.answer or answer.prediction}
    choice: dict[str, Any] = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": "length" if cut else "stop",
    }
    return {
        "id": f"chatcmpl-{uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": body.model,
        "choices": [choice],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": written,
            "total_tokens": prompt + written,
        },
        "shop": answer.model_dump(include={"form", "lane", "outcome", "confidences", "error"}),
    }


def chunks(body: ChatBody, whole: dict[str, Any]) -> Iterator[str]:
    """Yield a completion as server-sent events: an answer is read as a whole, so it comes whole."""
    kept = {key: whole[key] for key in ("id", "created", "model")}
    [choice] = whole["choices"]
    start = {"index": 0, "delta": choice["message"], "finish_reason": None}
    end = {"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}
    parts: list[dict[str, Any]] = [{"choices": [start], "shop": whole["shop"]}, {"choices": [end]}]
    if body.stream_options and body.stream_options.include_usage:
        parts.append({"choices": [], "usage": whole["usage"]})
    for part in parts:
        yield f"data: {json.dumps({**kept, 'object': 'chat.completion.chunk', **part})}\n\n"
    yield "data: [DONE]\n\n"
