"""Amazon's shopping queries with judged products."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.corpus.bazaar import searches


def write(folder: Path) -> dict[str, Any]:
    found = searches(40)
    known = {product.id: product for search in found for product, _ in search.judged}
    table = [
        {
            "product_id": id,
            "product_title": product.title,
            "product_locale": "us",
            "product_description": product.description,
            "product_bullet_point": "",
            "product_brand": product.brand,
            "product_color": dict(product.attributes)["color"],
        }
        for id, product in known.items()
    ]
    rows = [
        {
            "example_id": 4 * number + index,
            "query": search.query,
            "query_id": number,
            "product_id": product.id,
            "product_locale": "us",
            "esci_label": how[0].upper(),
            "small_version": 1,
            "large_version": 1,
            "split": "train",
        }
        for number, search in enumerate(found)
        for index, (product, how) in enumerate(search.judged)
    ]
    pq.write_table(pa.Table.from_pylist(rows), folder / "esci.parquet")
    pq.write_table(pa.Table.from_pylist(table), folder / "judged.parquet")
    return {"path": str(folder / "esci.parquet"), "products": str(folder / "judged.parquet")}
