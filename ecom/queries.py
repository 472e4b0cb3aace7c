"""Reads the questions that a recipe names, in either format."""

from collections.abc import Iterator
from pathlib import Path

from ecom import ecominstruct, shopbench
from ecom.rows import Query
from ecom.shopbench import Rejected


def read(path: Path) -> Iterator[tuple[int, Query | Rejected]]:
    """Yield (line, Query or Rejected) of EcomInstruct's folders or of a file of ShopBench lines.

    Raises DataError where the path cannot be read.
    """
    return ecominstruct.read_queries(path) if path.is_dir() else shopbench.read_queries(path)
