"""What one GPU has to hold, as lines that add up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# The allocator's fragments are not counted in any line.
ROOM = 0.95


@dataclass(frozen=True)
class Line:
    """One kind of memory, in GiB of one GPU, and what it consists of."""

    name: str
    gib: float
    about: str


@dataclass(frozen=True)
class Memory:
    """The lines of one stage on one GPU (or CPU worker), and what there is.

    usable_gib    what torch reports as the GPU's total
    room          the share of it that may be planned for
    host_gib      besides, of the machine's own memory for each worker
    faults        what prevents it whatever the memory, with a remedy each
    facts         numbers that the lines were computed from, for --json
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
        """Return how much may be planned for."""
        return self.room * self.usable_gib

    @property
    def fits(self) -> bool:
        """Say whether it can run."""
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
