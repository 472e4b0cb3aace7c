"""Chats and completions that vLLM answers as it would alone: from ecom's bodies to its requests."""

from typing import Any, Literal

from pydantic import ValidationError
from ray.llm._internal.serve.core.configs.openai_api_models import (
    ChatCompletionRequest,
    CompletionRequest,
)
from vllm.exceptions import VLLMClientError

from ecom.errors import InputError

Route = Literal["chat", "completions"]  # the names of the engine's methods
_KINDS: dict[Route, Any] = {"chat": ChatCompletionRequest, "completions": CompletionRequest}


def request(route: Route, told: dict[str, Any]) -> Any:
    """Return the engine's request for a body (chat.py) that was dumped. Raises InputError."""
    try:
        return _KINDS[route].model_validate(told)
    except ValidationError as error:
        raise InputError("; ".join(str(fault["msg"]) for fault in error.errors())) from None
    except VLLMClientError as error:  # of what goes with what
        raise InputError(str(error)) from None
