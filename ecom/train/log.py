"""The run's log, which the driver's progress bar, the curves and readers of the artifact use.

    log.jsonl          a line per step: step, loss, learning_rate, grad_norm, tokens, padded_tokens,
                       seconds; loss is per weighted token, tokens are all workers' without padding
    validation.jsonl   a line per validation: step, loss, and scores by form if there were questions

A run that resumes from a checkpoint first removes the lines after it, and writes them again.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

STEPS = "log.jsonl"
VALIDATIONS = "validation.jsonl"


def append(file: Path, record: Mapping[str, Any]) -> None:
    """Append one line and close the file: readers and crashes come at any moment."""
    with file.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(record) + "\n")


def read(file: Path) -> list[dict[str, Any]]:
    """Return the records of a file, none where there is no file; an incomplete line is left out."""
    if not file.is_file():
        return []
    lines = file.read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines[:-1]]


def last(file: Path) -> dict[str, Any] | None:
    """Return the last complete record without reading the whole file."""
    if not file.is_file():
        return None
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - 4096))
        lines = stream.read().decode("utf-8").split("\n")
    # the first line may lack its beginning, the last one its end
    whole = lines[:-1] if file.stat().st_size <= 4096 else lines[1:-1]
    found: dict[str, Any] | None = json.loads(whole[-1]) if whole else None
    return found


def remove_after(folder: Path, step: int) -> None:
    """Remove the records after `step` from both files."""
    for name in (STEPS, VALIDATIONS):
        kept = [record for record in read(folder / name) if record["step"] <= step]
        fresh = folder / f".{name}"
        fresh.write_text("".join(json.dumps(record) + "\n" for record in kept), encoding="utf-8")
        fresh.replace(folder / name)
