"""What a check says about one thing, and the unit that all checks print."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "note", "problem"]


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    level   "problem": the quickstart cannot run; "note": it can, but slower or with less
    what    the thing looked at, e.g. "memory"
    found   what it is like here
    remedy  what to do about it; empty where nothing needs to be done
    """

    level: Level
    what: str
    found: str
    remedy: str = ""


def gb(size: float) -> str:
    """Return bytes as gigabytes of 10⁹, as the README counts them."""
    return f"{size / 1e9:.1f} GB"
