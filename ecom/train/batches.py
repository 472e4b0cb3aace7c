"""Which rows a step learns from, and how a worker cuts its share into padded batches.

Everything follows from (seed, step): the position in the data is the step number, whatever the
number of restarts. Shapes: B rows, T tokens of the longest row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ecom.errors import DataError

if TYPE_CHECKING:
    import torch

IGNORED = -100  # torch's cross-entropy leaves these positions out


@dataclass(frozen=True)
class Rows:
    """Token ids of the rows of a corpus split, kept in Arrow's memory."""

    prompts: pa.ChunkedArray
    responses: pa.ChunkedArray
    lengths: np.ndarray[Any, np.dtype[np.int64]]

    def __len__(self) -> int:
        return len(self.lengths)


def load_rows(folder: Path) -> Rows:
    """Read the shards of one split, in file order. Raises DataError where there is no row."""
    files = sorted(folder.glob("*.parquet"))
    if not files:
        raise DataError(f"{folder}: no Parquet shard there; run the corpus stage first")
    table = pa.concat_tables(
        [pq.read_table(file, columns=["id", "prompt_ids", "response_ids"]) for file in files]
    ).sort_by("id")  # shards are named by chance; ids are not
    lengths = sum(
        np.asarray(pa.compute.list_value_length(table[name]), dtype=np.int64)
        for name in ("prompt_ids", "response_ids")
    )
    return Rows(table["prompt_ids"], table["response_ids"], np.asarray(lengths))


def steps_per_epoch(rows: int, rows_per_step: int) -> int:
    """Return how many steps see every row once; a remainder is spread over them, never dropped."""
    return max(1, rows // rows_per_step)


def rows_of_step(rows: int, rows_per_step: int, seed: int, step: int) -> Sequence[int]:
    """Return the row numbers of a global step, of all workers together."""
    steps = steps_per_epoch(rows, rows_per_step)
    epoch, place = divmod(step, steps)
    order = np.random.default_rng([seed, epoch]).permutation(rows)
    chosen: list[int] = np.array_split(order, steps)[place].tolist()
    return chosen


def worker_batches(
    chosen: Sequence[int], lengths: Sequence[int], rank: int, world: int, tokens_per_batch: int
) -> list[list[int]]:
    """Return one worker's batches: rows of like length together, B x T <= tokens_per_batch.

    Rows are dealt to the workers by falling length, so that all finish together. A row longer than
    the budget gets a batch of its own.
    """
    share = sorted(chosen, key=lambda row: (-lengths[row], row))[rank::world]
    batches: list[list[int]] = []
    for row in share:
        longest = lengths[batches[-1][0]] if batches else 0
        if batches and longest * (len(batches[-1]) + 1) <= tokens_per_batch:
            batches[-1].append(row)
        else:
            batches.append([row])
    return batches


def collate(rows: Rows, batch: Sequence[int], pad_id: int) -> dict[str, "torch.Tensor"]:
    """Return input_ids, attention_mask and labels, each (B, T); prompts and padding are IGNORED."""
    import torch

    width = int(max(rows.lengths[row] for row in batch))
    input_ids = torch.full((len(batch), width), pad_id)
    labels = torch.full((len(batch), width), IGNORED)
    mask = torch.zeros((len(batch), width), dtype=torch.long)
    for place, row in enumerate(batch):
        prompt, response = rows.prompts[row].as_py(), rows.responses[row].as_py()
        length = len(prompt) + len(response)
        input_ids[place, :length] = torch.tensor(prompt + response)
        labels[place, len(prompt) : length] = torch.tensor(response)
        mask[place, :length] = 1
    return {"input_ids": input_ids, "attention_mask": mask, "labels": labels}


def response_tokens(rows: Rows, chosen: Sequence[int]) -> int:
    """Return how many tokens the loss is taken on."""
    return sum(len(rows.responses[row]) for row in chosen)
