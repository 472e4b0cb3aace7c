"""Memory: the machine's, or a container's limit where that is lower."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ecom.doctor import cgroup
from ecom.doctor.finding import Finding, gb

QUICKSTART_BYTES = 5_000_000_000  # the peak that the README gives


@dataclass(frozen=True)
class Memory:
    """Total bytes, and bytes that a new program could use; `limited` by a container."""

    total: int
    available: int
    limited: bool = False


def look() -> Memory:
    """Read /proc/meminfo and the limits of the control groups."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    kib = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}
    total, available = kib["MemTotal"] * 1024, kib["MemAvailable"] * 1024
    limits = [(most, left) for most, left in cgroup.memory() if most < total]
    return Memory(
        total=min([total, *(most for most, _ in limits)]),
        available=max(0, min([available, *(left for _, left in limits)])),
        limited=bool(limits),
    )


def judge(memory: Memory) -> Iterator[Finding]:
    """Yield whether it is enough for the quickstart."""
    whose = "in this container" if memory.limited else "in all"
    shown = f"{gb(memory.available)} available, {gb(memory.total)} {whose}"
    need = f"the quickstart needs {gb(QUICKSTART_BYTES)}"
    if memory.total < QUICKSTART_BYTES:
        remedy = "give the container more" if memory.limited else "use a machine with more"
        yield Finding("problem", "memory", shown, f"{need}: {remedy}")
    elif memory.available < QUICKSTART_BYTES:
        missing = gb(QUICKSTART_BYTES - memory.available)
        yield Finding("problem", "memory", shown, f"{need}: end programs that hold {missing}")
    else:
        yield Finding("ok", "memory", shown)
