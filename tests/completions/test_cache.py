from pathlib import Path

import pytest

from ecom.completions.cache import Cache, Reply
from ecom.errors import DataError, StageError

FILE = "cache.sqlite"


def test_what_was_kept_is_there_again(tmp_path: Path) -> None:
    reply = Reply("|Easy|a|\n", whole=False, prompt_tokens=3, completion_tokens=4)
    with Cache(tmp_path / "deep" / FILE) as cache:
        assert cache.reply("k") is None
        cache.begin("k")
        cache.begin("k")
        cache.keep("k", reply)
        cache.keep("k", Reply("later", whole=True))
    with Cache(tmp_path / "deep" / FILE) as cache:
        assert cache.reply("k") == reply
        assert cache.tries(["k", "unknown"]) == 2


def test_a_torn_end_loses_no_more_than_the_last_answer(tmp_path: Path) -> None:
    source, copy = tmp_path / "source", tmp_path / "copy"
    copy.mkdir()
    with Cache(source / FILE) as cache:  # its log is copied while open, as a kill leaves it
        for number in range(20):
            cache.keep(f"k{number}", Reply("text " * 50, whole=True))
        for name in (FILE, f"{FILE}-wal"):
            (copy / name).write_bytes((source / name).read_bytes())
    log = copy / f"{FILE}-wal"
    log.write_bytes(log.read_bytes()[:-1000])
    with Cache(copy / FILE) as cache:
        found = [number for number in range(20) if cache.reply(f"k{number}")]
    assert found in (list(range(19)), list(range(20)))


def test_two_runs_do_not_share_a_cache(tmp_path: Path) -> None:
    with (
        Cache(tmp_path / FILE),
        pytest.raises(StageError, match="another run is using this cache"),
        Cache(tmp_path / FILE),
    ):
        pass
    with Cache(tmp_path / FILE):
        pass


def test_a_damaged_cache_is_named_and_left_alone(tmp_path: Path) -> None:
    before = b"these are no pages of a database" * 200
    (tmp_path / FILE).write_bytes(before)
    with pytest.raises(DataError, match=r"cache\.sqlite: damaged"), Cache(tmp_path / FILE):
        pass
    assert (tmp_path / FILE).read_bytes() == before


def test_a_cache_folder_that_is_a_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot create the cache"), Cache(tmp_path / "file" / FILE):
        pass


def test_a_refusal_is_kept_as_one(tmp_path: Path) -> None:
    refusal = Reply("I cannot help with that.", whole=True, refused=True)
    with Cache(tmp_path / FILE) as cache:
        assert not cache.any_reply()
        cache.keep("k", refusal)
        cache.keep("l", Reply("2", whole=True))
    with Cache(tmp_path / FILE) as cache:
        assert (cache.reply("k"), cache.reply("l")) == (refusal, Reply("2", whole=True))
        assert cache.any_reply()
