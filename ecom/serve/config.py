"""Settings of the serve stage."""

from pydantic import Field, model_validator

from ecom.settings import Settings

SHOP = "shop"  # the model name that applies the lanes to a chat


class ServeConfig(Settings):
    """Model -> a running application."""

    host: str = Field(default="127.0.0.1", min_length=1)
    """Address that the endpoint listens on. The default answers this machine only; 0.0.0.0 is open
    to the network and requires ECOM_API_KEYS."""
    port: int = Field(default=8000, ge=1, le=65535)
    """TCP port that the endpoint listens on."""
    model_name: str = Field(default="ecom", min_length=1)
    """Name of the model on OpenAI's routes. The name `shop` is taken: it adds the lanes."""
    min_replicas: int = Field(default=1, ge=0)
    """Replicas that are always up; 0: none while there are no requests. [replicas]"""
    max_replicas: int = Field(default=1, ge=1)
    """The most replicas that run under load. [replicas]"""
    ingress_replicas: int = Field(default=1, ge=1)
    """Processes that speak HTTP and ask the replicas. [processes]"""
    max_batch: int = Field(default=1024, ge=1)
    """The most queries in one request. [queries]"""
    max_prompt_chars: int = Field(default=20_000, ge=1)
    """Longest prompt; longer ones are refused with status 400. [characters]"""
    max_body_mib: int = Field(default=16, ge=1)
    """Largest body of a request; larger ones are refused with status 413. [MiB]"""
    max_queue: int = Field(default=4096, ge=1)
    """The most questions of one lane in an ingress process, waiting or running; further ones are
    refused with status 429. [questions]"""
    seconds_per_query: float = Field(default=10, gt=0)
    """Deadline of a request for each of its queries; after it the status is 504. [seconds]"""
    log_prompts: bool = False
    """Write questions and answers into Ray Serve's log."""

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
                f"would always be refused; set max_queue={self.max_batch} or more"
            )
        if self.model_name == SHOP:
            raise ValueError(
                f"model_name {SHOP!r} is the name that applies the lanes; choose another one"
            )
        return self
