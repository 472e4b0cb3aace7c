"""The contest's time limits: minutes per track of Amazon KDD Cup 2024 at a measured rate.

    track             1 concepts   2 reasoning   3 behavior   4 multilingual   5 overall
    limit, minutes            70            20           30               20         140

The contest has 20,598 questions in all, but neither its starter kit nor the papers give the number
per track. The first four limits add up to the fifth, so questions are assumed to be distributed
like minutes: every track then needs the rate that track 5 certainly needs, 2.45 per second. (The 96
development questions do not help: they are about five per task, from 18 of 57 tasks.) Only
answering counts; the time to load the model is extra.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ecom.errors import InputError
from ecom.recipe import Recipe
from ecom.rows import SKILLS

if TYPE_CHECKING:
    from rich.console import RenderableType

QUESTIONS = 20_598
MINUTES = dict(zip((*SKILLS, "overall"), (70, 20, 30, 20, 140), strict=True))
GPUS = 4  # T4s in the contest's machine


class Track(NamedTuple):
    """One track: its questions, whether their number is estimated, and the time they take."""

    name: str
    questions: int
    estimated: bool
    limit_minutes: int
    minutes: float
    fits: bool


@dataclass(frozen=True)
class Contest:
    """All five tracks, at `rate` questions per second and replica, each on `gpus_each` T4s."""

    rate: float
    replicas: int
    gpus_each: int
    tracks: tuple[Track, ...]

    @property
    def fits(self) -> bool:
        """Whether every track is done in time."""
        return all(track.fits for track in self.tracks)

    @property
    def replicas_needed(self) -> int:
        """Return how many replicas would finish every track in time."""
        return math.ceil(self.replicas * max(t.minutes / t.limit_minutes for t in self.tracks))

    def to_json(self) -> dict[str, Any]:
        """Return it as plain dicts and lists."""
        return {
            "fits": self.fits,
            "rate": self.rate,
            "replicas": self.replicas,
            "replicas_needed": self.replicas_needed,
            "tracks": [{**t._asdict(), "minutes": round(t.minutes, 2)} for t in self.tracks],
        }


def plan(recipe: Recipe, rate: float) -> Contest:
    """Return the minutes at `rate` questions per second of one of the predict stage's replicas.

    Raises InputError where `rate` is not a positive number.
    """
    if not 0 < rate < math.inf:
        raise InputError(
            f"--rate {rate:g}: must be a number of questions per second above 0; give the "
            "measured rate of one replica, e.g. --rate 2.5"
        )
    replicas = recipe.predict.replicas if recipe.predict else 1
    tracks = []
    for name, limit in MINUTES.items():
        questions = round(QUESTIONS * limit / MINUTES["overall"])
        minutes = questions / (rate * replicas) / 60
        estimated = name != "overall"
        tracks.append(Track(name, questions, estimated, limit, minutes, minutes <= limit))
    return Contest(rate, replicas, recipe.engine.tensor_parallel, tuple(tracks))


def shown(found: Contest) -> "Iterator[RenderableType]":
    """Yield the table, a note on estimates, and the verdict."""
    from rich.table import Table

    many = "1 replica" if found.replicas == 1 else f"{found.replicas} replicas"
    table = Table(title=f"contest: {many}, {found.rate:g} questions/s each", title_justify="left")
    table.add_column("track")
    for column in ("questions", "limit, min", "predicted, min", ""):
        table.add_column(column, justify="right")
    for number, track in enumerate(found.tracks, start=1):
        table.add_row(
            f"{number} {track.name}",
            f"{'≈ ' if track.estimated else ''}{track.questions:,}",
            str(track.limit_minutes),
            f"{track.minutes:.1f}",
            "[green]in time[/green]" if track.fits else "[red]too late[/red]",
        )
    yield table
    yield "≈ estimated: the contest gives only the total, shared here as the limits are"
    yield "[green]fits[/green]" if found.fits else "[red]does not fit[/red]"
    if not found.fits:
        yield _remedy(found)


def _remedy(found: Contest) -> str:
    needed, gpus = found.replicas_needed, found.replicas_needed * found.gpus_each
    rate = QUESTIONS / MINUTES["overall"] / 60
    instead = f"set predict.replicas={needed}, or take a smaller base"
    if gpus > GPUS:
        instead = f"{gpus} T4s, and the contest's machine has {GPUS}; take a smaller base"
    return f"{rate:.2f} questions/s in all are needed, {needed} replicas at this rate: {instead}"
