"""Settings of whoever is asked: the key, how many requests at once, how long to wait."""

import re
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

URL = r"^https?://[^/\s]"  # pattern of an endpoint's address, up to the version
HIDDEN = "hidden_value"  # type of an error whose value may be a secret, and is not shown


def is_address(url: str) -> bool:
    """Say whether a URL is http(s)://HOST[:PORT][/PATH], with no place for a secret."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return known and not ("@" in parts.netloc or "?" in url or "#" in url)


class Access(BaseModel):
    """How an endpoint is asked. None of it changes what is answered.

    The key is read from the environment variable that `api_key_env` names, and from nowhere else.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    api_key_env: str | None = Field(
        default=None, description="the environment variable that holds the key"
    )
    concurrency: int = Field(default=8, ge=1, le=256, description="requests under way together")
    timeout_s: float = Field(default=120, gt=0, description="for one answer")
    tries: int = Field(default=6, ge=1, description="of one request, the first included")
    first_wait_s: float = Field(
        default=1, gt=0, description="before the second try; doubled for each further one"
    )

    # A recipe is kept beside what was made of it: what may be a secret must not come so far.
    @field_validator("url", mode="before", check_fields=False)
    @classmethod
    def _check_url(cls, url: Any) -> Any:
        if isinstance(url, str) and not is_address(url):
            raise PydanticCustomError(
                HIDDEN,
                "must be http(s)://HOST[:PORT]/PATH, without user, password, ? or #; a key belongs "
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


class Price(BaseModel):
    """Of one million tokens, in any currency: for the cost that is shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: float = Field(ge=0, description="of one million tokens of prompts")
    completion: float = Field(ge=0, description="of one million tokens of answers")

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """Return what so many tokens cost."""
        told, written = self.prompt * prompt_tokens, self.completion * completion_tokens
        return (told + written) / 1_000_000
