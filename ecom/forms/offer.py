"""What a question may be answered with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """What a question may be answered with, and with how many of it."""

    texts: tuple[str, ...]  # what is written: labels such as "B", or texts such as "positive"
    least: int = 1
    most: int = 1
    ordered: bool = False
