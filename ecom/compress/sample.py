"""Rows of the corpus, drawn evenly over the answer forms: for calibration and for parity."""

import random
from pathlib import Path
from typing import Literal, NamedTuple

from ecom.errors import DataError


class Row(NamedTuple):
    """Token ids of one row, and its answer form."""

    prompt: list[int]
    response: list[int]
    form: str


def draw(corpus: Path, split: Literal["train", "validation"], rows: int, seed: int) -> list[Row]:
    """Return up to `rows` rows of one split, the same for the same seed.

    Forms take turns, each with its rows in random order, until all are used up or enough are drawn.
    Raises DataError where the split holds no rows.
    """
    import pyarrow.dataset as ds

    files = sorted((corpus / split).glob("*.parquet"))
    if not files:
        raise DataError(
            f"{corpus / split}: holds no *.parquet; run the corpus stage, "
            "with corpus.validation_fraction above 0"
        )
    table = ds.dataset([str(f) for f in files], format="parquet")
    lacking = {"form", "prompt_ids", "response_ids"} - set(table.schema.names)
    if lacking:
        raise DataError(
            f"{files[0]}: has no column {', '.join(sorted(lacking))}; run the corpus stage again"
        )
    forms = table.to_table(columns=["form"])["form"].to_pylist()
    if not forms:
        raise DataError(
            f"{corpus / split}: holds no rows; give the corpus more rows, or raise "
            "corpus.validation_fraction"
        )
    picked = _take_turns(forms, rows, seed)
    drawn = table.take(picked, columns=["prompt_ids", "response_ids", "form"]).to_pylist()
    return [Row(row["prompt_ids"], row["response_ids"], row["form"]) for row in drawn]


def _take_turns(forms: list[str], count: int, seed: int) -> list[int]:
    """Return positions in `forms`."""
    rng = random.Random(seed)
    queues: dict[str, list[int]] = {form: [] for form in sorted(set(forms))}
    for position, form in enumerate(forms):
        queues[form].append(position)
    for queue in queues.values():
        rng.shuffle(queue)
    picked: list[int] = []
    while len(picked) < count and any(queues.values()):
        picked += [queue.pop() for queue in queues.values() if queue]
    return picked[:count]
