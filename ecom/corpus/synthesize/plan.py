"""The requests that the budget is spent on: tasks take turns, records are drawn by the seed.

    query_rewriting  about record 7 ─┐
    title_translation about record 2 ├─► the first `max_requests`, in the order they are sent
    query_rewriting  about record 1 ─┘

A larger budget begins with the requests of the smaller one, so it resumes where that one ended. The
order of a task's records depends only on each record's id: adding records does not reorder others.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, zip_longest
from pathlib import Path
from random import Random

from ecom.corpus.synthesize.config import Synthesis
from ecom.corpus.synthesize.prompt import TeacherRecord, drawn, facts, messages
from ecom.corpus.synthesize.tasks import TeacherTask
from ecom.corpus.synthesize.template import Template
from ecom.errors import DataError
from ecom.rows import Example, content_id


@dataclass(frozen=True, slots=True)
class Request:
    """One template about one record. `order` is (task, record) as given: that of the rows."""

    key: str
    template: Template
    record: TeacherRecord
    known: dict[str, str]
    order: tuple[int, int]
    shots: tuple[Example, ...] = ()

    def messages(self, count: int) -> list[dict[str, str]]:
        """Return the chat that asks for `count` rows."""
        return messages(self.template, self.known, count, self.shots)


def plan(
    records: Sequence[TeacherRecord], tasks: Sequence[TeacherTask], settings: Synthesis, seed: int
) -> list[Request]:
    """Return at most `max_requests` distinct requests, in the order they are sent.

    Raises DataError for tasks named in the recipe that no record fits, for tasks with fewer than
    `min_records`, and where there is no request at all.
    """
    lanes = [_requests(records, task, index, settings, seed) for index, task in enumerate(tasks)]
    firsts = [next(lane, None) for lane in lanes]
    _check(tasks, firsts, settings)
    distinct: dict[str, Request] = {}
    for turn in chain([firsts], zip_longest(*lanes)):
        for request in filter(None, turn):
            if len(distinct) < settings.max_requests:
                distinct.setdefault(request.key, request)
        if len(distinct) == settings.max_requests:
            break
    _check_counts(tasks, distinct.values(), settings)
    return list(distinct.values())


def _requests(
    records: Sequence[TeacherRecord], task: TeacherTask, index: int, settings: Synthesis, seed: int
) -> Iterator[Request]:
    template = task.template

    def draw(number: int) -> bytes:
        record = records[number]
        return sha256(
            f"{seed}:{template.name}:{record.source}:{record.id}".encode("utf-8", "replace")
        ).digest()

    fitting = [number for number, record in enumerate(records) if task.fits(record)]
    for number in sorted(fitting, key=draw):
        record = records[number]
        known = facts(record)
        if all(known[name] for name in template.needs):
            rng = Random(f"{seed}:{template.name}:{record.source}:{record.id}")
            known |= drawn(template, known, rng)
            chat = messages(template, known, settings.examples_per_product, task.shots)
            key = content_id(settings.teacher_name, chat, settings.sampling)
            yield Request(key, template, record, known, (index, number), task.shots)


def _check(
    tasks: Sequence[TeacherTask], firsts: Sequence[Request | None], settings: Synthesis
) -> None:
    """Raise DataError for tasks that are required and that no record fits."""
    named = {Path(name).stem for name in settings.task_names}
    lines = [
        f"{task.template.name}: it reads a {task.template.reads} with "
        f"{' and '.join(task.template.needs)}"
        for task, first in zip(tasks, firsts, strict=True)
        if not first and (task.template.name in named or task.min_records or not any(firsts))
    ]
    if lines:
        rule = "corpus.synthesis.tasks: no record fits these; add a source, or leave them out:"
        raise DataError("\n  ".join([rule, *lines]))


def _check_counts(
    tasks: Sequence[TeacherTask], requests: Collection[Request], settings: Synthesis
) -> None:
    """Raise DataError for all tasks that get fewer records than `min_records`."""
    counts = Counter(request.template.name for request in requests)
    lines = [
        f"{task.template.name}: asked about {counts[task.template.name]:,} records, fewer than its "
        f"min_records {task.min_records:,}"
        for task in tasks
        if counts[task.template.name] < task.min_records
    ]
    if not lines:
        return
    remedies = ["add records that these tasks read (records that give the same request count once)"]
    if len(requests) == settings.max_requests:
        shared = f"raise max_requests {settings.max_requests:,}, which the tasks share"
        remedies = [shared, "name fewer tasks", *remedies]
    rule = f"corpus.synthesis.tasks: {', '.join(remedies)}, or lower min_records:"
    raise DataError("\n  ".join([rule, *lines]))
