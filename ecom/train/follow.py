"""The driver's progress bar of a training on its workers: it follows their log."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ecom import progress
from ecom.train import checkpoint, log
from ecom.train.worker import Assignment

if TYPE_CHECKING:
    from rich.progress import Progress


@contextmanager
def bar(assignment: Assignment, storage: Path, unfinished: Path) -> Iterator[None]:
    """Show what the first worker logs, while the block waits for training.

    `storage` is where Ray Train keeps the checkpoints; once there is one, the progress is noted in
    `unfinished`.
    """
    stop = threading.Event()
    folder, steps = assignment.folder, assignment.steps
    value = assignment.identity.get("value")
    name = f"train: {value}" if value else "train"
    starting = f"train: {value}, starting workers" if value else "train: starting workers"

    def follow(shown: "Progress") -> None:
        task = shown.add_task(starting, total=steps, unit="steps")
        over = False
        while not over:
            over = stop.wait(0.5)  # the last step is shown too
            if done := log.last(folder / log.STEPS):
                speed = done["tokens"] / max(done["seconds"], 1e-9)
                padding = 1 - done["tokens"] / done["padded_tokens"]
                note = f"{speed:,.0f} tokens/s, {100 * padding:.0f} % padding"
                shown.update(
                    task, completed=done["step"], description=name, loss=done["loss"], note=note
                )
                _note(assignment, storage, unfinished, done["step"])

    with progress.bar() as shown:
        watcher = threading.Thread(target=follow, args=(shown,))
        watcher.start()
        try:
            yield
        finally:
            stop.set()
            watcher.join()


def _note(assignment: Assignment, storage: Path, unfinished: Path, step: int) -> None:
    if any(storage.glob(f"checkpoint_*/{checkpoint.STATE}")):
        value = assignment.identity.get("value")
        note = f"training{f' of {value}' if value else ''} at step {step} of {assignment.steps}"
        unfinished.write_text(json.dumps({"done": note}), encoding="utf-8")
