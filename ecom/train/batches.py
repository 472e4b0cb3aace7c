"""Which rows a step learns from, and how each worker cuts its share into padded batches.

    rows_of_step ─► shares (one per worker, of equal work) ─► cut (batches of similar length)

Everything depends on (seed, step) only: the position in the data is the step number, whatever the
number of restarts. Every step is a random sample of the epoch. Rows are sorted by length only
within a step, so no step has only short or only long rows. Shapes: B rows, T tokens of the longest
row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ecom.errors import DataError

if TYPE_CHECKING:
    import torch

Ints = NDArray[np.int64]
Batch = list[int]  # row numbers

# What one more forward and backward costs besides its tokens, in tokens.
CALL = 64
# Rows cut together: the search below looks at every pair of them.
WINDOW = 128


@dataclass(frozen=True)
class Rows:
    """The rows of a corpus split, their token ids kept in Arrow's memory."""

    table: pa.Table  # id, prompt_ids, response_ids
    prompt_lengths: Ints
    response_lengths: Ints
    lengths: Ints  # of both together

    def __len__(self) -> int:
        return len(self.lengths)

    def highest_id(self) -> int:
        """Return the highest token id of all rows."""
        return int(max(pc.max(pc.list_flatten(self.table[name])).as_py() for name in _IDS))


_IDS = ("prompt_ids", "response_ids")


def load_rows(folder: Path, longest: int | None = None) -> Rows:
    """Read the shards of one split, without rows of more than `longest` tokens.

    Raises DataError where no row is left.
    """
    files = sorted(folder.glob("*.parquet"))
    tables = [pq.read_table(file, columns=["id", *_IDS]) for file in files]
    if not sum(table.num_rows for table in tables):
        raise DataError(
            f"{folder}: no row there; the corpus stage's card.md shows what was left out and "
            "why; then run that stage again"
        )
    rows = of_table(pa.concat_tables(tables).sort_by("id"))  # independent of the shards' names
    return readable(rows, longest, folder)


def readable(rows: Rows, longest: int | None, folder: Path) -> Rows:
    """Return the rows of at most `longest` tokens. Raises DataError, naming `folder`, for none."""
    if longest is None or int(rows.lengths.max()) <= longest:
        return rows
    short = np.flatnonzero(rows.lengths <= longest)
    if not len(short):
        raise DataError(
            f"{folder}: every row has more than the {longest} tokens that the base can read; "
            "name a base that reads more, or shorten the rows"
        )
    return of_table(rows.table.take(short))


def of_table(table: pa.Table) -> Rows:
    """Return the rows of a table that has the columns id, prompt_ids and response_ids."""
    prompt, response = (
        np.asarray(pc.list_value_length(table[name]), dtype=np.int64) for name in _IDS
    )
    return Rows(table, prompt, response, prompt + response)


def steps_per_epoch(rows: int, rows_per_step: int) -> int:
    """Return how many steps see every row once; a remainder is spread over them, not dropped."""
    return max(1, rows // rows_per_step)


def rows_of_step(rows: int, rows_per_step: int, seed: int, step: int) -> Batch:
    """Return the row numbers of a global step, for all workers together."""
    steps = steps_per_epoch(rows, rows_per_step)
    epoch, index = divmod(step, steps)
    chosen: Batch = np.array_split(_order(rows, seed, epoch), steps)[index].tolist()
    return chosen


@lru_cache(maxsize=2)
def _order(rows: int, seed: int, epoch: int) -> Ints:
    return np.random.default_rng([seed, epoch]).permutation(rows)


def worker_batches(
    chosen: Sequence[int], lengths: Ints, world: int, tokens_per_batch: int, *, equal: bool = False
) -> list[list[Batch]]:
    """Return every worker's batches. A row longer than `tokens_per_batch` gets its own batch.

    With `equal` all workers get the same number, the missing ones empty: under ZeRO-3 every forward
    is a collective. Otherwise only B x T <= tokens_per_batch is guaranteed, and every row once.
    """
    found = [cut(share, lengths, tokens_per_batch) for share in shares(chosen, lengths, world)]
    most = max(map(len, found)) if equal else 0
    return [[*batches, *([[]] * (most - len(batches)))] for batches in found]


def shares(chosen: Sequence[int], lengths: Ints, world: int) -> list[Batch]:
    """Deal rows to the workers, the longest first, each to the one with the least tokens so far.

    All finish at about the same time (Graham's rule, https://doi.org/10.1137/0117039). Every
    worker gets a row if there are enough; each share is sorted by decreasing length.
    """
    dealt: list[Batch] = [[] for _ in range(world)]
    tokens = [0] * world
    for row in sorted(chosen, key=lambda row: (-int(lengths[row]), row)):
        worker = tokens.index(min(tokens))
        dealt[worker].append(row)
        tokens[worker] += int(lengths[row])
    return dealt


def cut(share: Sequence[int], lengths: Ints, tokens_per_batch: int) -> list[Batch]:
    """Cut rows, sorted by decreasing length, into the cheapest batches, counting padding and calls.

    The cost of a batch is B x T + CALL tokens; dynamic programming finds the cheapest cuts from
    those of the preceding rows.
    """
    batches: list[Batch] = []
    for start in range(0, len(share), WINDOW):
        window = share[start : start + WINDOW]
        batches += [
            list(window[a:b]) for a, b in _cheapest(lengths[list(window)], tokens_per_batch)
        ]
    return batches


def _cheapest(lengths: Ints, tokens_per_batch: int) -> list[tuple[int, int]]:
    """Return (first, one past last) of each batch."""
    best = np.zeros(len(lengths) + 1)
    cuts = np.zeros(len(lengths) + 1, dtype=np.int64)
    for end in range(1, len(lengths) + 1):
        padded = lengths[:end] * np.arange(end, 0, -1)  # size of a batch from each start to `end`
        allowed = padded <= tokens_per_batch
        allowed[-1] = True
        cost = np.where(allowed, best[:end] + padded + CALL, np.inf)
        cuts[end] = int(cost.argmin())
        best[end] = cost[cuts[end]]
    found, end = [], len(lengths)
    while end:
        found.append((int(cuts[end]), end))
        end = int(cuts[end])
    return found[::-1]


def padded_tokens(batches: Sequence[Batch], lengths: Ints) -> int:
    """Return the tokens in the batches, including padding."""
    return sum(len(batch) * int(lengths[batch].max()) for batch in batches if batch)


def collate(rows: Rows, batch: Sequence[int], pad_id: int, prompt_weight: float) -> dict[str, Any]:
    """Return input_ids (B, T) and the weight of each token in the loss (B, T).

    Responses weigh 1, prompts `prompt_weight`, padding 0. Padding is on the right, which causal
    attention never sees, so there is no attention mask: attention without one is faster. An empty
    batch becomes one token of weight 0.
    """
    import torch

    width = int(rows.lengths[batch].max()) if batch else 2
    input_ids = torch.full((max(1, len(batch)), width), pad_id)
    weights = torch.zeros(input_ids.shape)
    for index, row in enumerate(batch):
        prompt, length = int(rows.prompt_lengths[row]), int(rows.lengths[row])
        input_ids[index, :prompt] = _tensor(rows.table["prompt_ids"][row])
        input_ids[index, prompt:length] = _tensor(rows.table["response_ids"][row])
        weights[index, 1:prompt] = prompt_weight  # the first token is not predicted
        weights[index, prompt:length] = 1
    return {"input_ids": input_ids, "weights": weights}


def _tensor(ids: pa.ListScalar) -> "torch.Tensor":
    import torch

    return torch.from_numpy(ids.values.to_numpy().astype(np.int64))


def loss_weight(rows: Rows, chosen: Sequence[int], prompt_weight: float) -> float:
    """Return the summed weight of the tokens in the loss."""
    numbers = list(chosen)
    prompts = int(np.maximum(rows.prompt_lengths[numbers] - 1, 0).sum())
    return int(rows.response_lengths[numbers].sum()) + prompt_weight * prompts
