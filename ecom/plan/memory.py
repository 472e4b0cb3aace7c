"""The memory of one GPU, as lines that add up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Fragmentation of the allocator is not counted in any line.
ROOM = 0.95


@dataclass(frozen=True)
class Line:
    """One kind of memory, in GiB per GPU, and its contents."""

    name: str
    gib: float
    about: str


@dataclass(frozen=True)
class Memory:
    """The lines of one stage on one GPU (or CPU worker), and the memory available.

    usable_gib    the GPU's total, as torch reports it
    room          the share of it that may be used
    host_gib      in addition, the machine's memory per worker
    faults        what else prevents it, each with a remedy
    facts         the numbers behind the lines, for --json
    """

    title: str
    lines: tuple[Line, ...]
    usable_gib: float
    on_gpu: bool
    room: float = ROOM
    host_gib: float = 0.0
    faults: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def total_gib(self) -> float:
        """Return the sum of the lines."""
        return sum(line.gib for line in self.lines)

    @property
    def allowed_gib(self) -> float:
        """Return how much may be used."""
        return self.room * self.usable_gib

    @property
    def fits(self) -> bool:
        """Whether it can run."""
        return not self.faults and self.total_gib <= self.allowed_gib

    def to_json(self) -> dict[str, Any]:
        """Return it as plain dicts and lists."""
        return {
            "fits": self.fits,
            "usable_gib": round(self.usable_gib, 3),
            "allowed_gib": round(self.allowed_gib, 3),
            "total_gib": round(self.total_gib, 3),
            "host_gib": round(self.host_gib, 3),
            "lines": [
                {"name": line.name, "gib": round(line.gib, 3), "about": line.about}
                for line in self.lines
            ],
            "faults": list(self.faults),
            **self.facts,
        }
