"""What Ray's memory monitor says of a node whose memory ran out: what it ended, and what held most.

    found(str(error))     None where the error is about something else

Ray ends processes of its own where the node has less memory left than its limit: the newest first,
which need not be the largest ones. The figures are those of Ray 2.60's message, in GiB.
"""

import re
from dataclasses import dataclass

_NODE = re.compile(
    r"Memory on the node \(IP: (?P<ip>[^,]+),.*?was (?P<used>[\d.]+)GB used / (?P<all>[\d.]+)GB"
)
_LIMIT = re.compile(r"exceeded threshold of \d+B \((?P<share>[\d.]+)%")
_ENDED = re.compile(
    r"Selected to kill: \(.*?task name=(?P<name>[^,]*),.*?pid=(?P<pid>\d+), "
    r"actual memory used=(?P<gib>[\d.]+)GB"
)
_MOST = re.compile(r"^(?P<pid>\d+)\t(?P<gib>[\d.]+)\t(?P<name>.+)$", re.MULTILINE)
_SHOWN = 5  # processes of each list
_WIDTH = 70  # characters of a command


@dataclass(frozen=True, slots=True)
class Process:
    """A process and the memory that it held, GiB."""

    name: str
    pid: int
    gib: float

    def __str__(self) -> str:
        name = self.name if len(self.name) <= _WIDTH else f"{self.name[:_WIDTH]}…"
        return f"{self.gib:.1f} GiB  {name} (process {self.pid})"


@dataclass(frozen=True, slots=True)
class LowMemory:
    """A node whose memory ran out. Memory is in GiB; `limit` is Ray's, as a share of all memory."""

    node: str
    used: float
    all: float
    limit: float | None
    ended: tuple[Process, ...]
    most: tuple[Process, ...]

    def __str__(self) -> str:
        limit = f", and Ray's limit is {self.limit:.0%} of it" if self.limit else ""
        head = (
            f"the memory of {self.node} ran out: {self.used:.1f} of {self.all:.1f} GiB were in use"
            f"{limit}"
        )
        return "\n".join(
            [
                head,
                *_listed("Ray's memory monitor ended:", self.ended),
                *_listed("what held most memory:", self.most),
            ]
        )


def found(text: str) -> LowMemory | None:
    """Return what Ray's memory monitor says in an error; None where it says nothing."""
    if not (node := _NODE.search(text)):
        return None
    limit = _LIMIT.search(text)
    return LowMemory(
        node["ip"],
        float(node["used"]),
        float(node["all"]),
        float(limit["share"]) / 100 if limit else None,
        _processes(_ENDED, text),
        _processes(_MOST, text),
    )


def _processes(pattern: re.Pattern[str], text: str) -> tuple[Process, ...]:
    return tuple(
        Process(one["name"].removesuffix(".__init__"), int(one["pid"]), float(one["gib"]))
        for one in pattern.finditer(text)
    )


def _listed(title: str, processes: tuple[Process, ...]) -> list[str]:
    if not processes:
        return []
    largest = sorted(processes, key=lambda one: -one.gib)
    return [f"  {title}", *(f"    {one}" for one in largest[:_SHOWN])]
