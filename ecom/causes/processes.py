"""How a process ended, as its machine knows it: logs, signals, free memory. No Ray here.

    explain(error)                     why the engine of this process did not start
    ended("the replica's process", log)   why a process ended that left nothing but its log

vLLM keeps an engine, and each rank of tensor parallelism, in a process of its own. When one of
them ends, the error that reaches its parent says "See root cause above" and no more; the cause is
in the log that all of them share, or in the signal that ended one of them.
"""

import os
import shutil
import signal
import traceback
from collections.abc import Sequence
from multiprocessing import process
from pathlib import Path

from ecom.causes import last_words

_TAIL = 64 * 1024  # bytes of a log that are read
_GIB = 2**30
_WORDLESS = "ended and left no error in its log, most likely by"


def explain(error: BaseException | None = None) -> str:
    """Return why the engine of this process failed with `error`, in a few lines.

    Call it where the error is caught: its traceback keeps the ended processes known. None: one of
    the engine's processes has ended.
    """
    if error and not last_words.is_reference(f"{type(error).__name__}: {error}"):
        said = last_words.why("".join(traceback.format_exception(error)))
        return "\n".join([said, *whole_log(own_logs())])
    files = own_logs()
    log = "\n".join(map(tail, files))
    said = last_words.why(log)
    if lost := _lost_children():
        name, code = lost[0]
        sign = _signal(code)
        places = said.splitlines()[1:] if sign == last_words.signal_name(log) else []
        how = f"by {by(sign)}" if sign else f"with exit code {code}"
        said = "\n".join([f"{name} ended {how}", *places])
    elif last_words.is_reference(said) or not last_words.is_error(said):
        said = f"a process of the engine {_WORDLESS} {by('SIGKILL')}"
    return "\n".join([said, *whole_log(files)])


def ended(name: str, log: str, *, here: bool = True) -> str:
    """Return why a process ended that left nothing but its log; `here`: on this machine."""
    said = last_words.why(log)
    if sign := last_words.signal_name(log):
        return "\n".join([f"{name} ended by {by(sign, here=here)}", *said.splitlines()[1:]])
    if last_words.is_error(said):
        return f"{name} ended: {said.removeprefix(last_words.VERDICT)}"
    return "\n".join(filter(None, [f"{name} {_WORDLESS} {by('SIGKILL', here=here)}", said]))


def by(sign: str, *, here: bool = True) -> str:
    """Return a signal with what it usually means, and here what there is of what it is about."""
    now = {"SIGKILL": _free_memory, "SIGBUS": _free_shared_memory}.get(sign, lambda: "")
    return f"{sign}: {last_words.meaning(sign)}{now() if here else ''}"


def tail(file: Path) -> str:
    """Return the end of a log; "" where it cannot be read."""
    try:
        with file.open("rb") as opened:
            opened.seek(max(0, file.stat().st_size - _TAIL))
            return opened.read().decode(errors="replace")
    except OSError:
        return ""


def own_logs() -> list[Path]:
    """Return the files that this process's stdout and stderr go to, as under Ray; [] elsewhere."""
    found = []
    for number in (1, 2):
        try:
            file = Path(f"/proc/self/fd/{number}").readlink()
        except OSError:
            continue
        if file.is_file() and file not in found:
            found.append(file)
    return found


def whole_log(files: Sequence[Path]) -> list[str]:
    """Return the line that says where the rest is to be read; none without a file."""
    if not files:
        return []
    return [f"  the whole log: {files[0]}{''.join(f' and {file.suffix}' for file in files[1:])}"]


def _signal(code: int) -> str:
    """Return the signal of an exit code as multiprocessing has it: -9 is SIGKILL; "" for others."""
    try:
        return signal.Signals(-code).name if code < 0 else ""
    except ValueError:  # a real-time signal has no name
        return f"signal {-code}"


def _lost_children() -> list[tuple[str, int]]:
    """Return (name, exit code) of each process of this one that failed, by a signal or itself.

    vLLM sends SIGTERM to the others then. multiprocessing lists those that live; of the ended it
    keeps a list for its own tests.
    """
    lost = []
    for child in list(process._dangling):  # type: ignore[attr-defined]
        if child._parent_pid != os.getpid() or child._popen is None:
            continue
        child.join(0.1)  # it has closed its files a little before it is gone
        if (code := child.exitcode or 0) not in (0, -signal.SIGTERM):
            lost.append((f"{child.name}'s process {child.pid}", code))
    return sorted(lost, key=lambda item: item[1])  # a signal says more than an exit code


def _free_memory() -> str:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
        [kib] = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    except (OSError, ValueError):
        return ""
    return f"; {int(kib) / 2**20:.1f} GiB of memory are free now"


def _free_shared_memory() -> str:
    try:
        return f"; /dev/shm has {shutil.disk_usage('/dev/shm').free / _GIB:.1f} GiB left"
    except OSError:
        return ""
