"""CoNLL columns with entities."""

from pathlib import Path
from typing import Any

from tests.corpus.labelled_sets import SETS


def write(folder: Path) -> dict[str, Any]:
    make, source = SETS["titles.conll"]
    make(folder / "titles.conll")
    return {**source, "path": str(folder / "titles.conll"), "name": "ner"}
