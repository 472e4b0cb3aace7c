"""The disk that the stage says it needs, against what it really fills."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from ecom.compress import room
from ecom.compress.config import CompressConfig
from ecom.compress.quantize import calibration_blocks
from ecom.compress.sample import draw
from ecom.errors import InputError

if TYPE_CHECKING:
    from conftest import Compressed


class Disk(NamedTuple):
    total: int
    used: int
    free: int


def needed(
    monkeypatch: pytest.MonkeyPatch, source: Path, tokens: int, config: CompressConfig
) -> float:
    """The bytes that the check demands."""
    low, high = 0, 2**40
    while high - low > 1:
        free = (low + high) // 2
        monkeypatch.setattr("shutil.disk_usage", lambda _, free=free: Disk(0, 0, free))
        try:
            room.check(source, [], tokens, source.parent / "nothing", config)
            high = free
        except InputError:
            low = free
    monkeypatch.undo()
    return high


def test_the_stage_demands_the_disk_that_it_fills(
    compressed: "Compressed", monkeypatch: pytest.MonkeyPatch
) -> None:
    config = compressed.config
    rows = draw(compressed.corpus, "train", config.calibration_rows, seed=0)
    blocks = calibration_blocks(rows, config.calibration_tokens)
    demanded = needed(monkeypatch, compressed.base, sum(map(len, blocks)), config)
    assert compressed.disk <= demanded <= 1.3 * compressed.disk


def test_a_disk_without_room_is_refused_before(
    compressed: "Compressed", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Disk(0, 0, 1000))
    with pytest.raises(InputError, match=r"GiB are needed there and .* are free"):
        room.check(compressed.base, [], 64, tmp_path, compressed.config)
