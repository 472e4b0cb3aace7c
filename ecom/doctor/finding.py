"""The result of a check, and the unit in which all checks print sizes."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "note", "problem"]


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    level   "problem": the quickstart cannot run; "note": it can, but slower or with less
    what    what was checked, e.g. "memory"
    found   its state on this machine
    remedy  what to do about it; empty where nothing needs to be done
    """

    level: Level
    what: str
    found: str
    remedy: str = ""


def gb(size: float) -> str:
    """Return bytes as gigabytes of 10⁹, as the README counts them."""
    return f"{size / 1e9:.1f} GB"
