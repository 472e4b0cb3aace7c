"""The contest's clock: minutes that each track of Amazon KDD Cup 2024 takes at a measured rate.

    track             1 concepts   2 reasoning   3 behavior   4 multilingual   5 overall
    limit, minutes            70            20           30               20         140

The contest says how many questions there are in all, 20,598, but neither its starter kit nor the
papers say how many each track has. The first four limits add up to the fifth, so questions are
taken to be shared as minutes are: every track then needs what track 5 surely does, 2.45 a second.
(The 96 development questions do not say: they are about five a task, of 18 of 57 tasks.) Only
answering counts; loading the model comes on top.
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
    """One track: how many questions, whether that is an estimate, and the time they take."""

    name: str
    questions: int
    estimated: bool
    limit_minutes: int
    minutes: float
    fits: bool


@dataclass(frozen=True)
class Contest:
    """All five tracks, at `rate` questions a second of each replica, `gpus_each` T4s."""

    rate: float
    replicas: int
    gpus_each: int
    tracks: tuple[Track, ...]

    @property
    def fits(self) -> bool:
        """Say whether every track is done in time."""
        return all(track.fits for track in self.tracks)

    @property
    def replicas_needed(self) -> int:
        """Return how many replicas would do every track in time."""
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
    """Return the minutes at `rate` questions a second of one of the predict stage's replicas.

    Raises InputError where `rate` is none.
    """
    if not 0 < rate < math.inf:
        raise InputError(
            f"--rate {rate:g}: must be a number of questions a second above 0; give what one "
            "replica was measured at, e.g. --rate 2.5"
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
    """Yield the table, what is estimated in it, and the verdict."""
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
