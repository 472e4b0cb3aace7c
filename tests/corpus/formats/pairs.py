"""Premises and hypotheses with how they relate."""

from pathlib import Path
from typing import Any

from tests.corpus.labelled_sets import SETS


def write(folder: Path) -> dict[str, Any]:
    make, source = SETS["nli.jsonl"]
    make(folder / "nli.jsonl")
    return {**source, "path": str(folder / "nli.jsonl"), "name": "pairs"}
