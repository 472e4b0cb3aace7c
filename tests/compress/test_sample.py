from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecom.compress.quantize import calibration_blocks
from ecom.compress.sample import Row, draw
from ecom.errors import DataError


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """90 generation, 6 ranking and 4 retrieval rows in two shards; a prompt is [form, number]."""
    forms = ["generation"] * 90 + ["ranking"] * 6 + ["retrieval"] * 4
    numbers = {"generation": 1, "ranking": 2, "retrieval": 3}
    rows = [
        {
            "form": form,
            "skill": "reasoning" if n % 30 == 0 else "concepts" if n % 2 else None,
            "prompt_ids": [numbers[form], n],
            "response_ids": [n],
        }
        for n, form in enumerate(forms)
    ]
    (tmp_path / "train").mkdir()
    for shard, part in enumerate((rows[:95], rows[95:])):
        pq.write_table(pa.Table.from_pylist(part), tmp_path / "train" / f"{shard}.parquet")
    return tmp_path


def test_forms_are_drawn_evenly_until_one_is_used_up(corpus: Path) -> None:
    drawn = draw(corpus, "train", 20, seed=0)
    assert Counter(prompt[0] for prompt, _, _ in drawn) == {1: 10, 2: 6, 3: 4}
    assert len({prompt[1] for prompt, _, _ in drawn}) == 20


def test_within_a_form_skills_are_drawn_evenly(corpus: Path) -> None:
    numbers = [prompt[1] for prompt, _, _ in draw(corpus, "train", 20, seed=0) if prompt[0] == 1]
    reasoning = [n for n in numbers if n % 30 == 0]
    assert len(reasoning) == 3  # of 10 rows: all that there are of 90
    assert {len([n for n in numbers if n % 2 == odd]) - (not odd) * 3 for odd in (0, 1)} == {3, 4}


def test_the_seed_decides(corpus: Path) -> None:
    assert draw(corpus, "train", 20, seed=0) == draw(corpus, "train", 20, seed=0)
    assert draw(corpus, "train", 20, seed=0) != draw(corpus, "train", 20, seed=1)


def test_asking_for_more_rows_than_there_are_gives_them_all(corpus: Path) -> None:
    assert len(draw(corpus, "train", 1000, seed=0)) == 100


def test_an_empty_split_is_an_error_that_names_the_setting(corpus: Path) -> None:
    with pytest.raises(DataError, match=r"validation.*validation_fraction"):
        draw(corpus, "validation", 5, seed=0)


def test_rows_become_blocks_of_one_length_and_no_more_than_rows() -> None:
    rows = [Row([1, 2, 3], [4], "ranking"), Row([5, 6], [7, 8], ""), Row([9], [10], "")]
    assert calibration_blocks(rows, 3) == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert calibration_blocks(rows, 512) == [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]
    assert calibration_blocks(rows, 2) == [[1, 2], [3, 4], [5, 6]]  # 5 would be more than rows
    with pytest.raises(DataError, match="0 tokens"):
        calibration_blocks([Row([], [], "")], 512)
