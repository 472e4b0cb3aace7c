"""Records which engines have started: after a death during the start no other one is tried.

    starts/HOST/PID     "starting", then "started"

Ray silently restarts an actor as often as its process ends. That is right for an engine that died
on a batch. One that a signal ended during its start (SIGILL, SIGKILL) would only die again. Ray
does not report this to the next one, so a file does: it exists, and its process does not.
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
    """Delete the marks of earlier runs, whose processes are gone."""
    shutil.rmtree(folder / _FOLDER, ignore_errors=True)
    (folder / _FOLDER).mkdir()


def end(folder: Path) -> None:
    """Delete all marks."""
    shutil.rmtree(folder / _FOLDER, ignore_errors=True)


@contextmanager
def marked(folder: Path) -> Iterator[None]:
    """Mark this process as starting while the block runs.

    Raises StageError where an engine died during its start on this machine and none has started
    since.
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
    """Return the engine processes of this machine that are gone, the last started one last."""
    pids = [int(mark.name) for mark in _marks(folder)]
    return [pid for pid in pids if not _lives(pid)]


def died(error: str) -> tuple[int, str] | None:
    """Return (process, host) that an error of `marked` names."""
    found = re.search(rf"{_DIED}(\d+) on (\S+)", error)
    return (int(found[1]), found[2]) if found else None


def _marks(folder: Path) -> list[Path]:
    """Return this machine's marks, the last written one last."""
    marks = (folder / _FOLDER / socket.gethostname()).glob("*")
    return sorted(marks, key=lambda mark: mark.stat().st_mtime_ns)


def _lives(pid: int) -> bool:
    """Whether a process exists and is not a zombie."""
    if not Path("/proc/self/stat").exists():
        return True  # not Linux: cannot be known
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in ("Z", "X")
