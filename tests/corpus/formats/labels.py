"""Texts with one label each."""

from pathlib import Path
from typing import Any

from tests.corpus.labelled_sets import SETS


def write(folder: Path) -> dict[str, Any]:
    make, source = SETS["sentiment.csv"]
    make(folder / "sentiment.csv")
    return {**source, "path": str(folder / "sentiment.csv"), "name": "labels"}
