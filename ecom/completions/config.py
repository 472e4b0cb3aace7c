"""Settings of an endpoint: the key, concurrent requests, time limits."""

import re
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from ecom.settings import Settings

URL = r"^https?://[^/\s]"  # pattern of an endpoint's address, up to the version
HIDDEN = "hidden_value"  # type of an error whose value is not shown, as it may be a secret


def is_address(url: str) -> bool:
    """Whether a URL is http(s)://HOST[:PORT][/PATH], without parts that may be secret."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return known and not ("@" in parts.netloc or "?" in url or "#" in url)


class Access(Settings):
    """How an endpoint is asked. None of it changes the answers."""

    api_key_env: str | None = None
    """Name of the environment variable with the API key. The key is read only from there; null:
    none is sent."""
    concurrency: int = Field(default=8, ge=1, le=256)
    """Requests in flight at once. [requests]"""
    timeout_s: float = Field(default=120, gt=0)
    """Longest wait for one answer. [seconds]"""
    tries: int = Field(default=6, ge=1)
    """How often one request is sent before it counts as failed, the first time included."""
    first_wait_s: float = Field(default=1, gt=0)
    """Wait before the second try; it doubles with each further one. [seconds]"""

    # Recipes are stored in artifacts, so a secret must not get into one.
    @field_validator("url", mode="before", check_fields=False)
    @classmethod
    def _check_url(cls, url: Any) -> Any:
        if isinstance(url, str) and not is_address(url):
            raise PydanticCustomError(
                HIDDEN,
                "must be http(s)://HOST[:PORT]/PATH, without user, password, ? or #; put a key "
                "into the environment variable of api_key_env",
            )
        return url

    @field_validator("api_key_env", mode="before")
    @classmethod
    def _check_variable(cls, variable: Any) -> Any:
        if isinstance(variable, str) and not re.fullmatch(r"[A-Z_][A-Z0-9_]*", variable):
            raise PydanticCustomError(
                HIDDEN,
                "must be the NAME of an environment variable (A to Z, 0 to 9, _); write the name "
                "here, and the key into that variable",
            )
        return variable


class Price(Settings):
    """Prices of one million tokens, to show the cost, in any currency."""

    prompt: float = Field(ge=0)
    """Price of one million prompt tokens. [currency]"""
    completion: float = Field(ge=0)
    """Price of one million answer tokens. [currency]"""

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """Return the cost of these tokens."""
        read, written = self.prompt * prompt_tokens, self.completion * completion_tokens
        return (read + written) / 1_000_000
