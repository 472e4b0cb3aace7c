"""Texts with summaries."""

from pathlib import Path
from typing import Any

from tests.corpus.labelled_sets import SETS


def write(folder: Path) -> dict[str, Any]:
    make, source = SETS["news.jsonl"]
    make(folder / "news.jsonl")
    return {**source, "path": str(folder / "news.jsonl"), "name": "summaries"}
