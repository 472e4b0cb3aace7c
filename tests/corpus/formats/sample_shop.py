"""The quickstart stage's own tables; they lie where its artifact lies."""

from pathlib import Path
from typing import Any

from ecom.quickstart import shop


def write(folder: Path) -> dict[str, Any]:
    shop.save(shop.build(train_products=200, test_products=20, seed=3), folder / "shop")
    return {"path": "sample", "limit_rows": 150}
