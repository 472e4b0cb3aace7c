"""Search queries and better ones."""

from pathlib import Path
from typing import Any

from tests.corpus.labelled_sets import SETS


def write(folder: Path) -> dict[str, Any]:
    make, source = SETS["rewrites.tsv"]
    make(folder / "rewrites.tsv")
    return {**source, "path": str(folder / "rewrites.tsv"), "name": "rewrites"}
