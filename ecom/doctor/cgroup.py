"""Limits that a container or a batch system sets: Linux control groups, versions 1 and 2.

A group's limits hold for the groups inside it, so every folder from this process's group up to the
root of the tree counts. Inside a container the path may be the host's, and absent here.

Files: docs.kernel.org/admin-guide/cgroup-v2.html and …/cgroup-v1/memory.html, scheduler/sched-bwc.
"""

from collections.abc import Iterator
from pathlib import Path

OWN = Path("/proc/self/cgroup")
ROOT = Path("/sys/fs/cgroup")


def memory(own: Path = OWN, root: Path = ROOT) -> list[tuple[int, int]]:
    """Return (limit, bytes left) of every group with a memory limit.

    File pages that the kernel can drop at once are not counted as used.
    """
    found = []
    for folder in _folders("memory", own, root):
        for limit, usage, droppable in (
            ("memory.max", "memory.current", "inactive_file"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ):
            if (most := _number(folder / limit)) is not None:
                used = (_number(folder / usage) or 0) - _stat(folder / "memory.stat", droppable)
                found.append((most, most - used))
    return found


def cores(own: Path = OWN, root: Path = ROOT) -> list[float]:
    """Return the CPU quota, in cores, of every group that has one."""
    found = []
    for folder in _folders("cpu", own, root):
        quota, period = _number(folder / "cpu.max"), _number(folder / "cpu.max", 1)
        if quota is None:
            quota = _number(folder / "cpu.cfs_quota_us")  # -1: no limit
            period = _number(folder / "cpu.cfs_period_us")
        if quota and period and quota > 0:
            found.append(quota / period)
    return found


def _folders(controller: str, own: Path, root: Path) -> Iterator[Path]:
    """Yield the folders of this process's groups that may set limits for `controller`."""
    if not own.is_file():
        return
    for line in own.read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        top = root / controllers if controllers else root
        group = top / path.lstrip("/")
        yield from (folder for folder in (group, *group.parents) if folder.is_relative_to(top))


def _number(path: Path, field: int = 0) -> int | None:
    """Return one number of a file; None without the file, or where the word is "max"."""
    try:
        word = path.read_text().split()[field]
    except (OSError, IndexError):
        return None
    return int(word) if word.lstrip("-").isdigit() else None


def _stat(path: Path, name: str) -> int:
    try:
        pairs = dict(line.split() for line in path.read_text().splitlines())
    except (OSError, ValueError):
        return 0
    return int(pairs.get(name, 0))
