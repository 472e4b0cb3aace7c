"""A checkpoint: everything that the next step depends on, so a resumed run gives the same result.

    state.json            the run's progress: step, validations, workers, identity
    weights.safetensors   all trained weights
    state.pt, or zero/    the optimizer's state: one file under ddp, one per worker under ZeRO

There is no random state: a step's random numbers depend on (seed, step, rank).
"""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ecom.artifact import differences, flat
from ecom.errors import InputError
from ecom.train.strategy import Strategy

STATE = "state.json"


@dataclass
class Standing:
    """A run's progress: steps taken, and (step, loss) of each validation."""

    step: int = 0
    validations: list[tuple[int, float]] = field(default_factory=list)

    def best_step(self) -> int | None:
        """Return the step with the lowest validation loss, the first of equal ones."""
        return min(self.validations, key=lambda found: found[1])[0] if self.validations else None

    def gave_up(self, patience: int | None) -> bool:
        """Whether the last `patience` validations brought no lower loss."""
        losses = [loss for _, loss in self.validations]
        return (
            patience is not None
            and len(losses) > patience
            and min(losses[-patience:]) >= min(losses[:-patience])
        )


def save(
    folder: Path, strategy: Strategy, standing: Standing, origin: dict[str, Any], *, first: bool
) -> None:
    """Write this worker's part of a checkpoint. `origin` has workers, strategy and identity."""
    strategy.save(folder, first=first)
    if first:
        (folder / STATE).write_text(json.dumps({**origin, **asdict(standing)}), encoding="utf-8")


def load(folder: Path, strategy: Strategy, origin: dict[str, Any]) -> Standing:
    """Restore a checkpoint's state; return the progress. Raises InputError as `check` does."""
    check(folder, origin)
    strategy.load(folder)
    state = json.loads((folder / STATE).read_text(encoding="utf-8"))
    return Standing(state["step"], [(step, loss) for step, loss in state["validations"]])


def last(storage: Path) -> tuple[Path, int] | None:
    """Return the latest checkpoint that Ray Train keeps in `storage`, and its step; None for none.

    One that was being written when its worker was killed does not count.
    """
    steps: dict[Path, int] = {}
    for state in storage.glob(f"checkpoint_*/{STATE}"):
        with suppress(ValueError):
            steps[state.parent] = json.loads(state.read_text(encoding="utf-8"))["step"]
    return max(steps.items(), key=lambda item: item[1], default=None)


def check(folder: Path, origin: dict[str, Any]) -> None:
    """Raise InputError where the checkpoint is of another recipe, or of another number of workers.

    Under ddp any number of workers can resume from it.
    """
    state = json.loads((folder / STATE).read_text(encoding="utf-8"))
    other = differences(flat(state["identity"]), flat(json.loads(json.dumps(origin["identity"]))))
    if other:
        raise InputError(
            f"{folder}: the checkpoint is of another recipe: {'; '.join(other)}; "
            f"set these back to resume from it, or delete {folder.parent} to start again"
        )
    if origin["strategy"] != "ddp" and state["workers"] != origin["workers"]:
        raise InputError(
            f"{folder}: was written by {state['workers']} workers under {origin['strategy']}, each "
            f"with its own shard of the optimizer's state; {origin['workers']} cannot read them. "
            f"Set train.workers={state['workers']} to resume, or delete {folder.parent} to start "
            "again (under ddp any number can resume)"
        )
