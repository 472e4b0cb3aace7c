"""The progress bar of every long piece of work, on stderr so that stdout stays for results.

with progress.bar() as bar:
    task = bar.add_task("train", total=steps)
    bar.update(task, advance=1)
"""

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text


def bar(rate: str = "") -> Progress:
    """Return a bar with what is done, the time passed and the time left.

    With `rate`, as "rows/s", also how many are done a second.
    """
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        *([_Rate(rate)] if rate else []),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


class _Rate(ProgressColumn):
    """How many steps are done a second, of late."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self._unit = unit

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f} {self._unit}")
