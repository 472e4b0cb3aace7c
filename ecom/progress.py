"""Progress of long work, on stderr: stdout is for results.

    with progress.bar() as bar:
        task = bar.add_task("train", total=steps, unit="steps")
        bar.update(task, advance=1, loss=0.412, note="9,800 tokens/s")

    with progress.waiting("serve: starting the engine"):
        …

A terminal shows a bar. A log (stderr is not a terminal) gets a line each 30 s and one at the end:

    train: 420 of 22,000 steps (1 %), 1.31 steps/s, loss 0.412, 9,800 tokens/s, 5 min 21 s passed, …
    serve: starting the engine, 30 s

Where the process is connected to Ray, its metrics port has the same figures (`ecom.cluster`).

A description is `STAGE` or `STAGE: TASK`. A task may have these fields: `unit`, the plural of what
is counted (without it only time is shown); `loss`; and `note`, further figures as text.
"""

import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from ecom import cluster

Item = TypeVar("Item")
LINE_EVERY_S = 30.0
MOMENT_S = 1.0  # shorter work gets no line; gauges are set at this interval
# In a log a rate is taken over the last hour, or 1,000 updates: a decoder layer may take minutes.
_RATE_OVER_S = 3600.0


def bar(*, rate: bool = False) -> Progress:
    """Return rich's Progress, to be entered. A log always has the rate, a bar with `rate`."""
    return _Reported(
        _Title("{task.description}"),
        BarColumn(),
        _Count(),
        *([_Rate()] if rate else []),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        shown=True,
    )


@contextmanager
def waiting(description: str) -> Iterator[None]:
    """Log how long the block has been running; on a terminal, show nothing."""
    with _Reported(shown=False) as report:
        report.add_task(description, total=None)
        yield


class _Reported(Progress):
    """rich's Progress with a thread that reports its tasks each second, as lines and to Ray."""

    def __init__(self, *columns: ProgressColumn, shown: bool) -> None:
        console = Console(stderr=True)
        # not console.is_terminal: FORCE_COLOR asks for colours, not for bars in a log
        terminal = sys.stderr.isatty() and not console.is_dumb_terminal
        options: dict[str, Any] = {} if terminal else {"speed_estimate_period": _RATE_OVER_S}
        drawn = shown and terminal
        # without these, `track` would count in a thread that ends at once where no bar is drawn
        options |= {"disable": not drawn, "auto_refresh": drawn}
        super().__init__(*columns, console=console, **options)
        self._writes_lines = not terminal
        self._line_due: dict[TaskID, float] = {}
        self._ended: set[TaskID] = set()
        self._over = threading.Event()
        self._reporter = threading.Thread(target=self._report, daemon=True)

    def start(self) -> None:
        super().start()
        self._reporter.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        self._over.set()
        self._reporter.join()
        for task in self.tasks:
            self._end(task, "done in" if exc_type is None else "stopped after")
        super().__exit__(exc_type, exc_val, exc_tb)

    def track(self, sequence: Iterable[Item], *rest: Any, **options: Any) -> Iterator[Item]:
        """Count as rich does; without a total, the task is finished when the sequence ends."""
        yield from super().track(sequence, *rest, **options)
        task: Task = self._tasks[options["task_id"]]
        self.update(task.id, total=task.completed)

    def _report(self) -> None:
        while not self._over.wait(MOMENT_S):
            for task in self.tasks:
                if task.finished:
                    self._end(task, "done in")
                else:
                    _publish(task)
                    self._write_if_due(task)

    def _write_if_due(self, task: Task) -> None:
        now = time.monotonic()
        if _seconds(task) >= MOMENT_S and now >= self._line_due.get(task.id, 0):
            self._line_due[task.id] = now + LINE_EVERY_S
            self._write(line(task))

    def _end(self, task: Task, ended: str) -> None:
        if task.id in self._ended:
            return
        self._ended.add(task.id)
        _publish(task)
        if task.id in self._line_due or _seconds(task) >= MOMENT_S:
            self._write(line(task, ended))

    def _write(self, text: str) -> None:
        if self._writes_lines:
            print(text, file=sys.stderr, flush=True)


def line(task: Task, ended: str = "") -> str:
    """Return a task's line for a log; `ended`, e.g. "done in", goes before its time."""
    # the last updates may come in one burst, so only running work has a rate
    speed = [] if ended else _speed(task)
    counts = [*_counts(task), *speed, *_further(task)]
    spent = duration(_seconds(task))
    if ended:
        times = [f"{ended} {spent}"]
    elif not counts:
        times = [spent]
    else:
        left = task.time_remaining
        times = [f"{spent} passed", *([] if left is None else [f"{duration(left)} left"])]
    return f"{task.description}{': ' if counts else ', '}{', '.join([*counts, *times])}"


def _counts(task: Task) -> Iterator[str]:
    """Yield how many of all are done."""
    if unit := task.fields.get("unit"):
        done = f"{int(task.completed):,}"
        if task.total:
            share = int(100 * min(1, task.completed / task.total))
            yield f"{done} of {int(task.total):,} {unit} ({share} %)"
        else:
            yield f"{done} {unit}"


def _speed(task: Task) -> Iterator[str]:
    if (unit := task.fields.get("unit")) and (speed := task.speed):
        yield rate(speed, unit)


def _further(task: Task) -> Iterator[str]:
    if (loss := task.fields.get("loss")) is not None:
        yield f"loss {loss:.3f}"
    if note := task.fields.get("note"):
        yield note


def _seconds(task: Task) -> float:
    """Return how long a task has been running, or ran until it was finished."""
    return (task.elapsed if task.finished_time is None else task.finished_time) or 0.0


def duration(seconds: float) -> str:
    """Return a time in its two largest units: "25 s", "4 h 34 min"."""
    minutes, s = divmod(round(seconds), 60)
    hours, m = divmod(minutes, 60)
    if hours:
        return f"{hours:,} h {m} min"
    return f"{m} min {s} s" if m else f"{s} s"


def rate(per_second: float, unit: str) -> str:
    """Return a speed to three digits: "1,310 rows/s", "0.42 layers/min"."""
    for name, seconds in (("s", 1), ("min", 60)):
        if per_second * seconds >= 0.1:
            return f"{_three_digits(per_second * seconds)} {unit}/{name}"
    return f"{_three_digits(per_second * 3600)} {unit}/h"


def _three_digits(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _publish(task: Task) -> None:
    """Set the task's gauges where this process is connected to Ray."""
    stage, _, name = task.description.partition(": ")
    figures = {"seconds": _seconds(task), "loss": task.fields.get("loss")}
    if task.fields.get("unit"):
        speed = task.finished_speed or task.speed
        figures |= {"done": task.completed, "total": task.total, "rate": speed}
    known = {f"ecom_stage_{key}": value for key, value in figures.items() if value is not None}
    cluster.set_gauges(known, {"stage": stage, "task": name})


class _Title(TextColumn):
    """The description, with loss and note."""

    def render(self, task: Task) -> Text:
        figures = ", ".join(_further(task))
        return Text(f"{task.description}: {figures}" if figures else task.description)


class _Count(MofNCompleteColumn):
    """How many of all are done, where that is counted."""

    def render(self, task: Task) -> Text:
        return super().render(task) if task.fields.get("unit") else Text()


class _Rate(ProgressColumn):
    """How many are done per second, recently."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f} {task.fields['unit']}/s")
