"""Which engines have started: after a death at the start no other one is tried.

    starts/HOST/PID     "starting", then "started"

Ray starts an actor again whose process ended, as often as it ends, in silence. For an engine that
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
_DIED = "an engine died as it started, process "


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

    Raises StageError where an engine died at its start on this machine and none has started since.
    """
    marks = _marks(folder)
    while marks and marks[-1].read_text(encoding="utf-8") == "starting":
        mark = marks.pop()
        if not _lives(int(mark.name)):
            raise StageError(f"{_DIED}{mark.name} on {mark.parent.name}")
    own = folder / _FOLDER / socket.gethostname() / str(os.getpid())
    own.parent.mkdir(exist_ok=True)
    own.write_text("starting", encoding="utf-8")
    yield
    own.write_text("started", encoding="utf-8")


def dead(folder: Path) -> list[int]:
    """Return the engines' processes of this machine that are gone, the last to start at the end."""
    pids = [int(mark.name) for mark in _marks(folder)]
    return [pid for pid in pids if not _lives(pid)]


def died(error: str) -> tuple[int, str] | None:
    """Return (process, host) that an error of `marked` names."""
    found = re.search(rf"{_DIED}(\d+) on (\S+)", error)
    return (int(found[1]), found[2]) if found else None


def _marks(folder: Path) -> list[Path]:
    """Return this machine's marks, the last that was written at the end."""
    marks = (folder / _FOLDER / socket.gethostname()).glob("*")
    return sorted(marks, key=lambda mark: mark.stat().st_mtime_ns)


def _lives(pid: int) -> bool:
    """Whether a process is there, and is more than what its parent has not yet waited for."""
    if not Path("/proc/self/stat").exists():
        return True  # not Linux: nothing is known
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in ("Z", "X")
