from pathlib import Path

import pytest

from ecom.corpus import whole


def test_a_file_that_two_write_at_once_is_whole(tmp_path: Path) -> None:
    """As when a worker outlives its run, and the next run makes the same part."""
    file, work = tmp_path / "00001.parquet", tmp_path / "work"
    work.mkdir()
    with whole.written(file, work) as first, first.open("w") as slow:
        slow.write("one, ")
        slow.flush()
        with whole.written(file, work) as second:
            second.write_text("one, two")
        assert file.read_text() == "one, two"
        slow.write("two")
    assert file.read_text() == "one, two"
    assert not list(work.iterdir())


def test_what_was_not_finished_is_not_there(tmp_path: Path) -> None:
    def stopped() -> None:
        with whole.written(tmp_path / "a", tmp_path) as unfinished:
            unfinished.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert not list(tmp_path.iterdir())
