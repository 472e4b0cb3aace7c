"""Real processes; that Ray starts a killed engine once more, tests/integration proves."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ecom.errors import StageError
from ecom.predict import starts

STARTS = """
import os, signal, sys
from pathlib import Path
from ecom.predict import starts
with starts.marked(Path(sys.argv[1])):
    if sys.argv[2] == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
"""


def start(folder: Path, how: str) -> int:
    """Start an engine in a process of its own, which then ends; return its process."""
    process = subprocess.Popen([sys.executable, "-c", STARTS, str(folder), how])
    process.wait()
    return process.pid


def test_after_a_death_at_the_start_the_next_engine_does_not_start(tmp_path: Path) -> None:
    starts.begin(tmp_path)
    dead = start(tmp_path, "dies")
    with pytest.raises(StageError) as raised, starts.marked(tmp_path):
        pytest.fail("it has started")
    assert starts.died(f"Ray says: {raised.value}") == (dead, socket.gethostname())


def test_an_engine_that_died_after_it_had_started_is_replaced(tmp_path: Path) -> None:
    starts.begin(tmp_path)
    first = start(tmp_path, "lives")
    with starts.marked(tmp_path):
        assert starts.dead(tmp_path) == [first]


def test_a_death_at_the_start_counts_after_others_have_started_too(tmp_path: Path) -> None:
    starts.begin(tmp_path)
    start(tmp_path, "lives")
    start(tmp_path, "dies")
    with pytest.raises(StageError), starts.marked(tmp_path):
        pytest.fail("it has started")


def test_hosts_with_names_alike_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts.begin(tmp_path)
    monkeypatch.setattr(socket, "gethostname", lambda: "gpu-2")
    with starts.marked(tmp_path):
        pass
    monkeypatch.setattr(socket, "gethostname", lambda: "gpu")
    assert starts.dead(tmp_path) == []


def test_engines_that_start_side_by_side_do_not_disturb_each_other(tmp_path: Path) -> None:
    starts.begin(tmp_path)
    with starts.marked(tmp_path):
        assert start(tmp_path, "lives") in starts.dead(tmp_path)


def test_another_run_begins_anew(tmp_path: Path) -> None:
    starts.begin(tmp_path)
    start(tmp_path, "dies")
    starts.begin(tmp_path)
    with starts.marked(tmp_path):
        pass
    starts.end(tmp_path)
    assert not list(tmp_path.iterdir())
