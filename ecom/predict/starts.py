"""Which engines have started: the second one after a death at the start does not try again.

    starts/HOST-PID     "starting", then "started"

Ray starts an actor again whose process ended, without bound and without a word. For an engine that
died over a batch that is right. One that a signal ended as it started (SIGILL, SIGKILL) would only
die again. Ray does not say so to the next one, so a file does: it is there, and its process is not.
"""

import os
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ecom.errors import StageError

_FOLDER = "starts"
DIED = "an engine died as it started, process "


def begin(folder: Path) -> None:
    """Forget the engines of earlier runs, whose processes are gone."""
    shutil.rmtree(folder / _FOLDER, ignore_errors=True)
    (folder / _FOLDER).mkdir()


def end(folder: Path) -> None:
    """Leave nothing behind."""
    shutil.rmtree(folder / _FOLDER, ignore_errors=True)


@contextmanager
def marked(folder: Path) -> Iterator[None]:
    """Mark this process as starting while the block runs.

    Raises StageError where an engine died at its start on this machine and none has started yet.
    """
    host = socket.gethostname()
    marks = (folder / _FOLDER).glob(f"{host}-*")
    if "started" not in [mark.read_text(encoding="utf-8") for mark in marks]:
        for pid in dead(folder):
            raise StageError(f"{DIED}{pid} on {host}")
    own = folder / _FOLDER / f"{host}-{os.getpid()}"
    own.write_text("starting", encoding="utf-8")
    yield
    own.write_text("started", encoding="utf-8")


def dead(folder: Path) -> list[int]:
    """Return the engines' processes of this machine that are gone, the last to start at the end."""
    host = socket.gethostname()
    marks = sorted((folder / _FOLDER).glob(f"{host}-*"), key=lambda mark: mark.stat().st_mtime)
    pids = [int(mark.name.removeprefix(f"{host}-")) for mark in marks]
    return [pid for pid in pids if not _lives(pid)]


def died(error: str) -> int | None:
    """Return the process that an error of `marked` names."""
    found = re.search(f"{DIED}(\\d+)", error)
    return int(found[1]) if found else None


def _lives(pid: int) -> bool:
    """Whether a process is there, and is more than what its parent has not yet waited for."""
    if not Path("/proc/self/stat").exists():
        return True  # not Linux: nothing is known
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in ("Z", "X")
