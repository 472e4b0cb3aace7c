import json
from pathlib import Path

import pytest

from ecom.errors import InputError
from ecom.train import checkpoint, log
from ecom.train.checkpoint import Standing

IDENTITY = {"train": {"learning_rate": 1e-4, "rank": 8}, "seed": 1}


def written(folder: Path, workers: int) -> Path:
    state = {"identity": IDENTITY, "strategy": "ddp", "workers": workers, "step": 3}
    (folder / checkpoint.STATE).write_text(json.dumps(state))
    return folder


def test_a_checkpoint_of_another_recipe_says_what_differs(tmp_path: Path) -> None:
    other = {"train": {"learning_rate": 2e-5, "rank": 8}, "seed": 1}
    with pytest.raises(InputError, match=r"train\.learning_rate was 0.0001, is now 2e-05"):
        checkpoint.check(written(tmp_path, 2), {"identity": other, "strategy": "ddp", "workers": 2})


def test_shards_of_zero_want_as_many_workers_as_wrote_them(tmp_path: Path) -> None:
    zero = {"identity": IDENTITY, "strategy": "deepspeed-zero2"}
    checkpoint.check(written(tmp_path, 2), {**zero, "workers": 2})
    with pytest.raises(InputError, match=r"written by 2 workers .* Set train.workers=2 to resume"):
        checkpoint.check(tmp_path, {**zero, "workers": 3})
    checkpoint.check(tmp_path, {"identity": IDENTITY, "strategy": "ddp", "workers": 3})


def test_patience_ends_when_nothing_gets_better() -> None:
    falling = Standing(validations=[(0, 3.0), (10, 2.0), (20, 1.5)])
    assert not falling.gave_up(1)
    risen = Standing(validations=[(0, 3.0), (10, 1.0), (20, 1.5), (30, 1.2)])
    assert risen.gave_up(2)
    assert not risen.gave_up(3)
    assert not risen.gave_up(None)


def test_lines_behind_the_checkpoint_are_taken_back(tmp_path: Path) -> None:
    for step in range(1, 8):
        log.append(tmp_path / log.STEPS, {"step": step, "loss": step / 10})
    with (tmp_path / log.STEPS).open("a") as stream:
        stream.write('{"step": 8, "lo')  # a crash in the middle of a line
    log.remove_after(tmp_path, 5)
    assert [record["step"] for record in log.read(tmp_path / log.STEPS)] == [1, 2, 3, 4, 5]


def test_the_last_line_is_found_in_a_long_log(tmp_path: Path) -> None:
    file = tmp_path / log.STEPS
    assert log.last(file) is None
    for step in range(1, 400):
        log.append(file, {"step": step, "loss": "x" * 20})
        if step in (1, 399):
            assert (log.last(file) or {})["step"] == step
    with file.open("a") as stream:
        stream.write('{"step": 400')
    assert (log.last(file) or {})["step"] == 399
