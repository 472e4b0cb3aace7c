import itertools
from collections import Counter
from collections.abc import Iterator
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
rows_lengths = st.lists(st.integers(1, 300), min_size=1, max_size=60)


def rows_of(prompts: list[list[int]], responses: list[list[int]]) -> batches.Rows:
    ids = pa.list_(pa.int32())
    names = [f"{n:04d}" for n in range(len(prompts))]
    columns = {"prompt_ids": pa.array(prompts, ids), "response_ids": pa.array(responses, ids)}
    return batches.of_table(pa.table({"id": names, **columns}))


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


@given(rows_lengths, st.integers(1, 4), st.integers(16, 1024), st.booleans())
def test_workers_share_a_step_without_loss_and_within_the_budget(
    lengths: list[int], world: int, budget: int, equal: bool
) -> None:
    chosen = list(range(len(lengths)))
    dealt = batches.worker_batches(chosen, np.array(lengths), world, budget, equal=equal)
    assert len(dealt) == world
    every = [batch for mine in dealt for batch in mine]
    assert Counter(row for batch in every for row in batch) == Counter(chosen)
    for batch in every:
        assert len(batch) <= 1 or max(lengths[row] for row in batch) * len(batch) <= budget
    if equal:
        assert len({len(mine) for mine in dealt}) == 1
    else:
        assert all(every)


@given(rows_lengths, st.integers(1, 4))
def test_no_worker_has_more_to_do_than_another_by_more_than_one_row(
    lengths: list[int], world: int
) -> None:
    dealt = batches.shares(range(len(lengths)), np.array(lengths), world)
    work = [sum(lengths[row] for row in share) for share in dealt]
    assert max(work) - min(work) <= max(lengths)
    assert all(dealt) or len(lengths) < world


def partitions(count: int) -> Iterator[list[tuple[int, int]]]:
    """All ways to cut a line of `count` rows."""
    for size in range(count):
        for inner in itertools.combinations(range(1, count), size):
            edges = [0, *inner, count]
            yield list(itertools.pairwise(edges))


@given(st.lists(st.integers(1, 300), min_size=1, max_size=8), st.integers(16, 1200))
def test_no_other_cut_costs_less(lengths: list[int], budget: int) -> None:
    falling = np.array(sorted(lengths, reverse=True))

    def cost(cuts: list[tuple[int, int]]) -> float:
        sizes = [(int(falling[a]) * (b - a), b - a) for a, b in cuts]
        if any(padded > budget and rows > 1 for padded, rows in sizes):
            return float("inf")
        return sum(padded + batches.CALL for padded, _ in sizes)

    found = batches.cut(range(len(lengths)), falling, budget)
    cuts = [(batch[0], batch[-1] + 1) for batch in found]
    assert cost(cuts) == min(map(cost, partitions(len(lengths))))


def test_only_responses_weigh_in_the_loss() -> None:
    rows = rows_of([[5, 6, 7], [8]], [[1, 2], [3]])
    batch = batches.collate(rows, [0, 1], pad_id=0, prompt_weight=0.0)
    assert batch["input_ids"].tolist() == [[5, 6, 7, 1, 2], [8, 3, 0, 0, 0]]
    assert batch["weights"].tolist() == [[0, 0, 0, 1, 1], [0, 1, 0, 0, 0]]
    assert batches.loss_weight(rows, [0, 1], 0.0) == 3


def test_prompts_may_weigh_a_little_but_for_their_first_token() -> None:
    rows = rows_of([[5, 6, 7], [8]], [[1, 2], [3]])
    batch = batches.collate(rows, [0, 1], pad_id=0, prompt_weight=0.5)
    assert batch["weights"].tolist() == [[0, 0.5, 0.5, 1, 1], [0, 1, 0, 0, 0]]
    assert batches.loss_weight(rows, [0, 1], 0.5) == batch["weights"].sum().item() == 4


def write(folder: Path, name: str, ids: list[str]) -> None:
    folder.mkdir(exist_ok=True)
    table = pa.table(
        {"id": ids, "prompt_ids": [[1] * int(i) for i in ids], "response_ids": [[1]] * len(ids)}
    )
    pq.write_table(table, folder / f"{name}.parquet")


def test_the_order_of_rows_does_not_depend_on_the_names_of_shards(tmp_path: Path) -> None:
    ids = [f"{n:02d}" for n in range(1, 7)]
    for folder, names in (("a", ("1", "2")), ("b", ("2", "1"))):
        for name, part in zip(names, (ids[:3], ids[3:]), strict=True):
            write(tmp_path / folder, name, part)
    first, second = (batches.load_rows(tmp_path / folder) for folder in "ab")
    assert first.lengths.tolist() == second.lengths.tolist() == [2, 3, 4, 5, 6, 7]


def test_rows_that_the_base_cannot_read_are_left_out(tmp_path: Path) -> None:
    write(tmp_path / "a", "1", ["01", "09", "03"])
    rows = batches.load_rows(tmp_path / "a", longest=4)
    assert rows.table["id"].to_pylist() == ["01", "03"]
    assert rows.lengths.tolist() == [2, 4]
    with pytest.raises(DataError, match="every row has more than the 1 tokens"):
        batches.load_rows(tmp_path / "a", longest=1)


def test_a_corpus_without_rows_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no row there"):
        batches.load_rows(tmp_path)
    write(tmp_path / "a", "1", [])
    with pytest.raises(DataError, match="no row there"):
        batches.load_rows(tmp_path / "a")
