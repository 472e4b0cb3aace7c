"""Alpaca's rows: instruction, input, output."""

import json
from pathlib import Path
from typing import Any

from tests.corpus.bazaar import products


def write(folder: Path) -> dict[str, Any]:
    rows = [
        {
            "instruction": "Name the brand in this product title.",
            "input": one.title,
            "output": one.brand,
            "system": "You know every brand.",
        }
        for one in products(40)
    ]
    (folder / "chat.json").write_text(json.dumps(rows))
    return {"path": str(folder / "chat.json")}
