from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom.errors import DataError
from ecom.train import batches

sizes = st.integers(1, 200)


@given(rows=sizes, rows_per_step=st.integers(1, 64), seed=st.integers(0, 5))
def test_an_epoch_shows_every_row_once(rows: int, rows_per_step: int, seed: int) -> None:
    steps = batches.steps_per_epoch(rows, rows_per_step)
    shown = Counter(
        row
        for step in range(steps)
        for row in batches.rows_of_step(rows, rows_per_step, seed, step)
    )
    assert shown == Counter(range(rows))
    assert batches.rows_of_step(rows, rows_per_step, seed, steps) == batches.rows_of_step(
        rows, rows_per_step, seed, steps
    ), "a step is the same rows however often it is asked for"


@given(
    lengths=st.lists(st.integers(1, 300), min_size=1, max_size=60),
    world=st.integers(1, 4),
    budget=st.integers(16, 1024),
)
def test_workers_share_a_step_without_loss_and_within_the_budget(
    lengths: list[int], world: int, budget: int
) -> None:
    chosen = list(range(len(lengths)))
    seen: Counter[int] = Counter()
    for rank in range(world):
        for batch in batches.worker_batches(chosen, lengths, rank, world, budget):
            width = max(lengths[row] for row in batch)
            assert len(batch) == 1 or width * len(batch) <= budget
            seen.update(batch)
    assert seen == Counter(chosen)


def rows_of(prompts: list[list[int]], responses: list[list[int]]) -> batches.Rows:
    lengths = np.array([len(p) + len(r) for p, r in zip(prompts, responses, strict=True)])
    ids = pa.list_(pa.int32())
    return batches.Rows(
        pa.chunked_array([pa.array(prompts, ids)]),
        pa.chunked_array([pa.array(responses, ids)]),
        lengths,
    )


def test_labels_hold_the_response_alone() -> None:
    rows = rows_of([[5, 6, 7], [8]], [[1, 2], [3]])
    batch = batches.collate(rows, [0, 1], pad_id=0)
    assert batch["input_ids"].tolist() == [[5, 6, 7, 1, 2], [8, 3, 0, 0, 0]]
    assert batch["labels"].tolist() == [[-100, -100, -100, 1, 2], [-100, 3, -100, -100, -100]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]]


def test_the_order_of_rows_does_not_hang_on_the_names_of_shards(tmp_path: Path) -> None:
    ids = [f"{n:02d}" for n in range(6)]
    for folder, names in (("a", ("1", "2")), ("b", ("2", "1"))):
        (tmp_path / folder).mkdir()
        for name, part in zip(names, (ids[:3], ids[3:]), strict=True):
            table = pa.table(
                {"id": part, "prompt_ids": [[int(i)] for i in part], "response_ids": [[1]] * 3}
            )
            pq.write_table(table, tmp_path / folder / f"{name}.parquet")
    first, second = (batches.load_rows(tmp_path / folder) for folder in "ab")
    assert first.prompts.to_pylist() == second.prompts.to_pylist() == [[n] for n in range(6)]


def test_a_corpus_without_shards_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no Parquet shard"):
        batches.load_rows(tmp_path)
