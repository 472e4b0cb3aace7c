"""Settings of the train stage."""

from collections.abc import Mapping
from typing import Literal, Self, get_args

from pydantic import Field, JsonValue, model_validator

from ecom import hardware
from ecom.forms import FormName, Paradigm
from ecom.rows import Skill
from ecom.settings import Settings

Tracker = Literal["tensorboard", "wandb", "mlflow"]
Column = Literal["skill", "task", "form", "paradigm", "source", "lang"]  # of the corpus
VALUES: Mapping[str, tuple[str, ...]] = {  # of the columns with a fixed set of values
    "skill": get_args(Skill),
    "form": get_args(FormName),
    "paradigm": get_args(Paradigm),
}

# How a run is carried out, not what it learns: changing these keeps a finished artifact, and an
# unfinished one resumes from its last checkpoint.
CARRYING_OUT = {
    "workers",
    "accelerator",
    "precision",
    "tokens_per_batch",
    "gradient_checkpointing",
    "checkpoint_every_steps",
    "max_failures",
    "on_low_memory",
    "trackers",
}


class TrainConfig(Settings):
    """Corpus -> LoRA adapter (or a full model, where `method` is full), on Ray Train."""

    # what is trained
    method: Literal["lora", "qlora", "full"] = "lora"
    """lora: small matrices beside frozen weights. qlora: the same over a base in 4-bit NF4. full:
    every weight."""
    rank: int = Field(default=16, ge=1)
    """Inner dimension of each pair of LoRA matrices. Higher: learns more, takes more memory."""
    alpha: float = Field(default=32, gt=0)
    """Scale of the adapter: its change is multiplied by alpha / rank."""
    dropout: float = Field(default=0.0, ge=0, lt=1)
    """Share of an adapter's inputs that is set to zero at random during training."""
    target_modules: Literal["all-linear"] | tuple[str, ...] = "all-linear"
    """Layers that get an adapter, by the names peft knows; all-linear: every linear layer but the
    output head."""
    rslora: bool = False
    """Multiply by alpha / √rank instead of alpha / rank (rsLoRA)."""
    dora: bool = False
    """Learn magnitudes and directions of weights separately (DoRA)."""
    per: Column | None = None
    """Column of the corpus: one adapter for each of its values, trained on the rows with that
    value. null: one adapter on all rows."""

    # where it runs, and how it is distributed
    workers: int | tuple[int, int] = 2
    """Training processes, one GPU each. [min, max] adapts to what the cluster has. [processes]"""
    accelerator: hardware.Name = "cpu"
    """What a worker runs on: this machine's processor, a named GPU, or any-gpu for another NVIDIA
    card."""
    strategy: Literal["ddp", "deepspeed-zero2", "deepspeed-zero3"] = "ddp"
    """How the model is distributed. ddp: a full copy on each worker. deepspeed-zero2: optimizer
    states and gradients are split over the workers. deepspeed-zero3: weights, too."""
    offload_optimizer: bool = False
    """For deepspeed: keep optimizer states in the machine's memory instead of the GPU's."""
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    """Number format of training; auto: fp32 on a CPU, bf16 on GPUs that have it, else fp16 (T4,
    V100)."""
    gradient_checkpointing: bool = False
    """Recompute activations instead of keeping them: a third more work, far less memory."""

    # what a step is
    epochs: int = Field(default=1, ge=1)
    """Number of passes over all rows."""
    max_steps: int | None = Field(default=None, ge=1)
    """Stop after this many steps; null: after the epochs. [steps]"""
    rows_per_step: int = Field(default=32, ge=1)
    """Rows per optimizer step, over all workers. [rows]"""
    tokens_per_batch: int = Field(default=4096, ge=16)
    """The most tokens that one worker computes at once, including padding. A larger step is cut
    into several batches whose gradients add up, with the same result. [tokens]"""
    learning_rate: float = Field(default=1e-4, gt=0)
    """Largest step size of the optimizer, after the warm-up."""
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    """How the learning rate changes after the warm-up: it falls to 0, or stays."""
    warmup_fraction: float = Field(default=0.05, ge=0, lt=1)
    """Share of all steps in which the learning rate rises to its largest value."""
    weight_decay: float = Field(default=0.0, ge=0)
    """Pull of the trained weights towards 0 (AdamW); 0: none."""
    max_grad_norm: float = Field(default=1.0, gt=0)
    """Gradients with a larger norm are scaled down to it."""
    prompt_weight: float = Field(default=0.0, ge=0, le=1)
    """Weight of a prompt's token in the loss; that of an answer's token is 1."""

    # validation and tracking
    validate_every_steps: int | None = Field(default=None, ge=1)
    """Steps between two validations; null: only before the first step and after the last.
    [steps]"""
    generate_rows: int = Field(default=0, ge=0)
    """Validation rows that the model answers at each validation, scored by answer form. [rows]"""
    patience: int | None = Field(default=None, ge=1)
    """Stop after this many validations without a lower loss; null: never. [validations]"""
    trackers: tuple[Tracker, ...] = ("tensorboard",)
    """Where curves are sent; keys and addresses come from each tracker's environment variables."""

    # what survives a crash
    checkpoint_every_steps: int = Field(default=100, ge=1)
    """Steps between two checkpoints, which a stopped run resumes from. [steps]"""
    max_failures: int = Field(default=2, ge=0)
    """How often lost workers are replaced before the run fails."""
    on_low_memory: Literal["fail", "shrink"] = "fail"
    """Where a machine's memory runs out and Ray ends a worker. fail: the run ends with an error
    that names what held the memory. shrink: it continues from its last checkpoint with half of
    tokens_per_batch, which changes nothing that is learned."""

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
            # The number format must be known before a run starts, and the same wherever it resumes.
            "accelerator any-gpu does not say what the card has; write precision: bf16 (RTX 30 and "
            "later, compute capability 8.0) or fp16 (older ones)": (
                self.precision == "auto" and self.accelerator == "any-gpu"
            ),
        }
        if wrong := [rule for rule, broken in rules.items() if broken]:
            raise ValueError("; ".join(wrong))
        return self

    def identity(self) -> dict[str, JsonValue]:
        """Return the settings that the artifact depends on, as plain JSON."""
        plain: dict[str, JsonValue] = self.model_dump(mode="json", exclude=CARRYING_OUT)
        return {**plain, "precision": self.number_format()}

    def worker_range(self) -> tuple[int, int]:
        """Return the smallest and the largest number of workers."""
        return self.workers if isinstance(self.workers, tuple) else (self.workers, self.workers)

    def number_format(self) -> Literal["fp32", "bf16", "fp16"]:
        """Return the precision; `auto` is resolved for the named accelerator."""
        if self.precision != "auto":
            return self.precision
        if self.accelerator == "cpu":
            return "fp32"
        return "fp16" if self.accelerator in _without_bfloat16() else "bf16"


def _without_bfloat16() -> set[hardware.Name]:
    return {name for name, gpu in hardware.GPUS.items() if not hardware.bfloat16(gpu.capability)}
