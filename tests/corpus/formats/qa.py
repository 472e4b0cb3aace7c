"""SQuAD's questions about texts, some without an answer."""

from pathlib import Path
from typing import Any

from tests.corpus.labelled_sets import SETS


def write(folder: Path) -> dict[str, Any]:
    make, source = SETS["squad.json"]
    make(folder / "squad.json")
    return {**source, "path": str(folder / "squad.json"), "name": "qa"}
