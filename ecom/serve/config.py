"""Settings of the serve stage."""

from pydantic import BaseModel, ConfigDict, Field, model_validator


class ServeConfig(BaseModel):
    """Model -> a running application."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(default="127.0.0.1", min_length=1, description="0.0.0.0: open to the network")
    port: int = Field(default=8000, ge=1, le=65535)
    model_name: str = Field(default="shop", min_length=1)
    min_replicas: int = Field(default=1, ge=1)
    max_replicas: int = Field(default=1, ge=1)
    max_batch: int = Field(default=1024, ge=1, description="queries in one request")
    max_prompt_chars: int = Field(default=20_000, ge=1)

    @model_validator(mode="after")
    def _replicas_in_order(self) -> "ServeConfig":
        if self.min_replicas > self.max_replicas:
            raise ValueError(
                f"min_replicas {self.min_replicas} is over max_replicas {self.max_replicas}; "
                f"set max_replicas={self.min_replicas} or more"
            )
        return self
