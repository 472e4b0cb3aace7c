"""Settings of whoever is asked: the key, how many requests at once, how long to wait."""

from pydantic import BaseModel, ConfigDict, Field

URL = r"^https?://[^/\s]"  # pattern of an endpoint's address, up to the version


class Access(BaseModel):
    """How an endpoint is asked. None of it changes what is answered.

    The key is read from the environment variable that `api_key_env` names, and from nowhere else.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    api_key_env: str | None = Field(
        default=None, min_length=1, description="the environment variable that holds the key"
    )
    concurrency: int = Field(default=8, ge=1, le=256, description="requests under way together")
    timeout_s: float = Field(default=120, gt=0, description="for one answer")
    tries: int = Field(default=6, ge=1, description="of one request, the first included")
    first_wait_s: float = Field(
        default=1, gt=0, description="before the second try; doubled for each further one"
    )


class Price(BaseModel):
    """Of one million tokens, in any currency: for the cost that is shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: float = Field(ge=0, description="of one million tokens of prompts")
    completion: float = Field(ge=0, description="of one million tokens of answers")

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """Return what so many tokens cost."""
        told, written = self.prompt * prompt_tokens, self.completion * completion_tokens
        return (told + written) / 1_000_000
