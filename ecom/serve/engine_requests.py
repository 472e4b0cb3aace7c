"""Turns ecom's bodies of chats and completions into vLLM's own requests."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import ValidationError
from vllm.exceptions import VLLMClientError

from ecom import ray_internals
from ecom.chats import as_words
from ecom.errors import InputError

_JOINER = "\u2060"
Route = Literal["chat", "completions"]  # the names of the engine's methods


def request(route: Route, fields: dict[str, Any]) -> Any:
    """Return the engine's request for a dumped body (openai_protocol.py).

    Raises InputError.
    """
    try:
        return ray_internals.request_types()[route].model_validate(fields)
    except ValidationError as error:
        raise InputError("; ".join(str(fault["msg"]) for fault in error.errors())) from None
    except VLLMClientError as error:  # incompatible fields
        raise InputError(str(error)) from None


def requests(route: Route, fields: dict[str, Any]) -> list[Any]:
    """Return the engine's requests for a dumped body: one for each of several prompts.

    So each has a seat in the engine, as every other text has. Raises InputError.
    """
    prompts = fields.get("prompt")
    if not isinstance(prompts, list):
        return [request(route, fields)]
    return [request(route, {**fields, "prompt": prompt}) for prompt in prompts]


def joined(replies: Sequence[Any]) -> Any:
    """Return the engine's replies as one, with the choices of all in their order."""
    first, *others = replies
    for other in others:
        for choice in other.choices:
            choice.index = len(first.choices)
            first.choices.append(choice)
        for name in ("prompt_tokens", "completion_tokens", "total_tokens"):
            total = getattr(first.usage, name) + getattr(other.usage, name)
            setattr(first.usage, name, total)
    return first


def in_words(fields: dict[str, Any], tokenizer: Any) -> dict[str, Any]:
    """Return a dumped body with an invisible joiner in any special token that its turns spell.

    vLLM encodes the template and the turns as one text, so the text itself must differ. A
    completion's prompt stays as it is: the caller writes all of it, the template too.
    """
    if "messages" not in fields:
        return fields

    def words(content: Any) -> Any:
        if isinstance(content, str):
            return as_words(tokenizer, content, _JOINER)
        return [{**part, "text": as_words(tokenizer, part["text"], _JOINER)} for part in content]

    turns = [{**turn, "content": words(turn["content"])} for turn in fields["messages"]]
    return {**fields, "messages": turns}
