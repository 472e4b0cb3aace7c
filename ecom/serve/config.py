"""Settings of the serve stage."""

from pydantic import BaseModel, ConfigDict, Field


class ServeConfig(BaseModel):
    """Model -> a running application."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    model_name: str = Field(default="shop", min_length=1)
    min_replicas: int = Field(default=1, ge=1)
    max_replicas: int = Field(default=1, ge=1)
    max_batch: int = Field(default=1024, ge=1, description="queries in one request")
    max_prompt_chars: int = Field(default=20_000, ge=1)
