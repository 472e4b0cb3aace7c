"""The quickstart's sample shop: its train-split tables become rows of all five forms."""

from collections.abc import Iterator
from pathlib import Path

from ecom.corpus.sources.shopbench import to_example
from ecom.quickstart import shop, tasks
from ecom.rows import Example


def read_examples(tables: Path, count: int, seed: int) -> Iterator[Example]:
    """Yield about `count` rows, the same number for each task."""
    per_task = -(-count // len(tasks.TASKS))
    for row in tasks.rows(shop.load(tables).of("train"), per_task, seed):
        yield to_example(row, source="sample_shop", task=row["task_name"], lang="")
