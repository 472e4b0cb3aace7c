"""The run's own record, which the driver's bar, the curves and every reader of the artifact follow.

    log.jsonl          a line a step: step, loss, learning_rate, grad_norm, tokens, padded_tokens,
                       seconds; loss is per weighted token, tokens are all workers' without padding
    validation.jsonl   a line a validation: step, loss, and scores by form where answers were asked

A run that resumes from a checkpoint first removes the lines after it: they will be written again.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

STEPS = "log.jsonl"
VALIDATIONS = "validation.jsonl"


def append(file: Path, record: Mapping[str, Any]) -> None:
    """Write one line, for good: readers and crashes come at any moment."""
    with file.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(record) + "\n")


def read(file: Path) -> list[dict[str, Any]]:
    """Return the records of a file, none where there is no file; a half line is left out."""
    if not file.is_file():
        return []
    lines = file.read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines[:-1]]


def last(file: Path) -> dict[str, Any] | None:
    """Return the last whole record without reading the file whole."""
    if not file.is_file():
        return None
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - 4096))
        lines = stream.read().decode("utf-8").split("\n")
    # of the first line the front may be missing, of the last one the end
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
