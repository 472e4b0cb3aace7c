"""The advice on an adapter's rank, from the corpus that it is to learn."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from transformers import Qwen2Config

from ecom.plan import capacity
from ecom.recipe import Recipe

# q, k, v, o: 4 of 64 + 64; gate, up, down: 3 of 64 + 128; of one layer
WEIGHTS = 4 * 128 + 3 * 192


def planned(folder: Path, answers: list[list[int]] | None, **train: Any) -> Any:
    config = Qwen2Config(
        vocab_size=100,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=1,
        num_attention_heads=4,
        num_key_value_heads=4,
    )
    if answers is not None:
        (folder / "corpus" / "train").mkdir(parents=True)
        table = pa.table({"response_ids": pa.array(answers, pa.list_(pa.int32()))})
        pq.write_table(table, folder / "corpus" / "train" / "part-0.parquet")
    return capacity.plan(
        config,
        Recipe.model_validate({"name": "n", "base": "b", "workdir": str(folder), "train": train}),
    )


@pytest.mark.parametrize(("tokens", "least"), [(WEIGHTS, 1), (WEIGHTS + 1, 2), (5 * WEIGHTS, 8)])
def test_the_least_rank_has_a_weight_for_each_token_of_an_answer(
    tokens: int, least: int, tmp_path: Path
) -> None:
    found = planned(tmp_path, [[1] * (tokens - 3), [1, 2, 3]], rank=2)
    assert (found.weights, found.answer_tokens, found.least_rank) == (2 * WEIGHTS, tokens, least)
    shown = dict(capacity.lines(found))["tokens of answers to learn"]
    assert ("train.rank=8" in shown) == (least == 8)


def test_adapters_on_some_layers_are_advised_against(tmp_path: Path) -> None:
    found = planned(tmp_path, [[1]], target_modules=["q_proj"])
    assert "all-linear" in dict(capacity.lines(found))["layers"]


def test_nothing_is_said_without_a_corpus_or_an_adapter(tmp_path: Path) -> None:
    assert planned(tmp_path, None) is None
    assert planned(tmp_path, [[1]], method="full") is None
