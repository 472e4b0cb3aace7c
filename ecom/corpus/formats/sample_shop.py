"""The quickstart's sample shop: its train-split tables become rows of all five forms."""

from collections.abc import Iterator
from pathlib import Path

from ecom.corpus.formats.base import Format
from ecom.corpus.formats.shopbench import to_example
from ecom.quickstart import shop, tasks
from ecom.rows import Example


def read_examples(tables: Path, count: int, seed: int) -> Iterator[Example]:
    """Yield `count` rows, spread evenly over the tasks; the first tasks may have one more."""
    each, rest = divmod(count, len(tasks.TASKS))
    shares = {task.name: each + (index < rest) for index, task in enumerate(tasks.TASKS)}
    for row in tasks.rows(shop.load(tables).of("train"), each + (rest > 0), seed):
        shares[row["task_name"]] -= 1
        if shares[row["task_name"]] >= 0:
            yield to_example(row, source="sample_shop", task=row["task_name"], lang="")


FORMAT = Format(
    name="sample_shop",
    about="`path: sample`: the tables that the quickstart stage made",
    read=read_examples,
    is_made=True,
    own_name=True,
)
