"""Settings of the serve stage."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

SHOP = "shop"  # the model name that applies the lanes to a chat


class ServeConfig(BaseModel):
    """Model -> a running application."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(default="127.0.0.1", min_length=1, description="0.0.0.0: open to the network")
    port: int = Field(default=8000, ge=1, le=65535)
    model_name: str = Field(
        default="ecom", min_length=1, description="the model as it is; `shop` adds the lanes"
    )
    min_replicas: int = Field(default=1, ge=0, description="0: none while nobody asks")
    max_replicas: int = Field(default=1, ge=1)
    ingress_replicas: int = Field(default=1, ge=1, description="processes that speak HTTP")
    max_batch: int = Field(default=1024, ge=1, description="queries in one request")
    max_prompt_chars: int = Field(default=20_000, ge=1)
    max_body_mib: int = Field(default=16, ge=1)
    max_queue: int = Field(
        default=4096, ge=1, description="questions of a lane that one ingress holds; more: 429"
    )
    seconds_per_query: float = Field(
        default=10, gt=0, description="times the queries of a request: its deadline; then 504"
    )
    log_prompts: bool = Field(default=False, description="questions and answers into Serve's log")

    @model_validator(mode="after")
    def _in_order(self) -> "ServeConfig":
        if self.min_replicas > self.max_replicas:
            raise ValueError(
                f"min_replicas {self.min_replicas} is over max_replicas {self.max_replicas}; "
                f"set max_replicas={self.min_replicas} or more"
            )
        if self.max_batch > self.max_queue:
            raise ValueError(
                f"max_batch {self.max_batch} is over max_queue {self.max_queue}, so such a list "
                f"would never be taken; set max_queue={self.max_batch} or more"
            )
        if self.model_name == SHOP:
            raise ValueError(
                f"model_name {SHOP!r} is the name that applies the lanes; choose another one"
            )
        return self
