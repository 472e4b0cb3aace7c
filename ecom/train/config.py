"""Settings of the train stage."""

from collections.abc import Mapping
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from ecom import hardware
from ecom.rows import FormName, Paradigm, Skill

Tracker = Literal["tensorboard", "wandb", "mlflow"]
Column = Literal["skill", "task", "form", "paradigm", "source", "lang"]  # of the corpus
VALUES: Mapping[str, tuple[str, ...]] = {  # of the columns that have no others
    "skill": get_args(Skill), "form": get_args(FormName), "paradigm": get_args(Paradigm),
}  # fmt: skip

# How a run is carried out, not what it learns: changing these keeps a finished artifact, and an
# unfinished one goes on from its last checkpoint.
CARRYING_OUT = {
    "workers", "accelerator", "precision", "tokens_per_batch", "gradient_checkpointing",
    "checkpoint_every_steps", "max_failures", "trackers",
}  # fmt: skip


class TrainConfig(BaseModel):
    """Corpus -> LoRA adapter (or a whole model, where `method` is full), on Ray Train."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # what is trained
    method: Literal["lora", "qlora", "full"] = Field(
        default="lora", description="qlora: over a base in 4-bit NF4; full: every weight"
    )
    rank: int = Field(default=16, ge=1)
    alpha: float = Field(default=32, gt=0)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    target_modules: Literal["all-linear"] | tuple[str, ...] = "all-linear"
    rslora: bool = Field(default=False, description="scale by alpha/√rank instead of alpha/rank")
    dora: bool = Field(default=False, description="learn magnitudes apart from directions")
    per: Column | None = Field(
        default=None,
        description="an adapter for each value of this column, each on the rows of its value",
    )

    # where, and how it is spread
    workers: int | tuple[int, int] = Field(
        default=2, description="processes, one GPU each; (min, max) adapts to what the cluster has"
    )
    accelerator: hardware.Name = "cpu"
    strategy: Literal["ddp", "deepspeed-zero2", "deepspeed-zero3"] = "ddp"
    offload_optimizer: bool = Field(default=False, description="ZeRO: optimizer states in CPU RAM")
    precision: Literal["auto", "fp32", "bf16", "fp16"] = Field(
        default="auto", description="fp32 on CPU, bf16 on GPUs that have it, else fp16 (T4, V100)"
    )
    gradient_checkpointing: bool = Field(
        default=False, description="recompute activations: a third more work, far less memory"
    )

    # what a step is
    epochs: int = Field(default=1, ge=1)
    max_steps: int | None = Field(default=None, ge=1, description="stop early after so many")
    rows_per_step: int = Field(default=32, ge=1, description="over all workers")
    tokens_per_batch: int = Field(
        default=4096, ge=16, description="padded, one worker's forward; the rest accumulates"
    )
    learning_rate: float = Field(default=1e-4, gt=0)
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    warmup_fraction: float = Field(default=0.05, ge=0, lt=1)
    weight_decay: float = Field(default=0.0, ge=0)
    max_grad_norm: float = Field(default=1.0, gt=0)
    prompt_weight: float = Field(
        default=0.0, ge=0, le=1, description="of a prompt token in the loss; a response's is 1"
    )

    # what is looked at on the way
    validate_every_steps: int | None = Field(
        default=None, ge=1, description="besides before the first step and after the last"
    )
    generate_rows: int = Field(
        default=0, ge=0, description="validation rows answered at each validation, scored by form"
    )
    patience: int | None = Field(
        default=None, ge=1, description="stop after so many validations without a lower loss"
    )
    trackers: tuple[Tracker, ...] = ("tensorboard",)

    # what outlives a crash
    checkpoint_every_steps: int = Field(default=100, ge=1)
    max_failures: int = Field(default=2, ge=0, description="lost workers to recover from")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        low, high = self.worker_range()
        rules = {
            f"workers {self.workers}: (min, max) with 1 <= min <= max": not 1 <= low <= high,
            f"workers {self.workers} adapt under ddp only, strategy is {self.strategy}; "
            "name one number": low != high and self.strategy != "ddp",
            "offload_optimizer needs a strategy deepspeed-zero2 or deepspeed-zero3": (
                self.offload_optimizer and self.strategy == "ddp"
            ),
            "method qlora trains under ddp or deepspeed-zero2: ZeRO-3 cannot cut 4-bit weights": (
                self.method == "qlora" and self.strategy == "deepspeed-zero3"
            ),
            "rslora and dora are kinds of LoRA, but method is full": (
                self.method == "full" and (self.rslora or self.dora)
            ),
            f"per {self.per} trains adapters, but method is full; write method: lora or qlora": (
                self.method == "full" and self.per is not None
            ),
            "patience counts validations: set validate_every_steps too": (
                self.patience is not None and self.validate_every_steps is None
            ),
            f"{hardware.described(self.accelerator)} has no bfloat16; write precision: fp16 (or "
            "auto)": self.precision == "bf16" and self.accelerator in _without_bfloat16(),
            # What a run learns must be known before it starts, and the same wherever it goes on.
            "accelerator any-gpu does not say what the card has; write precision: bf16 (RTX 30 and "
            "later, compute capability 8.0) or fp16 (older ones)": (
                self.precision == "auto" and self.accelerator == "any-gpu"
            ),
        }
        if wrong := [rule for rule, broken in rules.items() if broken]:
            raise ValueError("; ".join(wrong))
        return self

    def identity(self) -> dict[str, JsonValue]:
        """Return what makes the artifact what it is, as plain JSON."""
        plain: dict[str, JsonValue] = self.model_dump(mode="json", exclude=CARRYING_OUT)
        return {**plain, "precision": self.number_format()}

    def worker_range(self) -> tuple[int, int]:
        """Return the smallest and the largest number of workers."""
        return self.workers if isinstance(self.workers, tuple) else (self.workers, self.workers)

    def number_format(self) -> Literal["fp32", "bf16", "fp16"]:
        """Return the precision that `auto` stands for on the named accelerator."""
        if self.precision != "auto":
            return self.precision
        if self.accelerator == "cpu":
            return "fp32"
        return "fp16" if self.accelerator in _without_bfloat16() else "bf16"


def _without_bfloat16() -> set[hardware.Name]:
    return {name for name, gpu in hardware.GPUS.items() if not hardware.bfloat16(gpu.capability)}
