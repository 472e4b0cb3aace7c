"""Schema-Guided Dialogue: intents and slots."""

from pathlib import Path
from typing import Any

from tests.corpus.labelled_sets import SETS


def write(folder: Path) -> dict[str, Any]:
    make, source = SETS["sgd"]
    (folder / "sgd").mkdir()
    make(folder / "sgd")
    return {**source, "path": str(folder / "sgd"), "name": "dialogues"}
