"""The teacher's tasks in a recipe: templates, each with its records and shots.

tasks: [query_rewriting, {name: product_*, langs: [en]}]  ─► TeacherTask, TeacherTask, …
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from ecom.corpus.languages import detect
from ecom.corpus.records import Product, Record, Review, Search, texts
from ecom.corpus.synthesize.config import Synthesis, TaskSettings
from ecom.corpus.synthesize.template import Make, Template, load_all, slots
from ecom.rows import Example

Fits = Callable[[Record], bool]


@dataclass(frozen=True, slots=True)
class TeacherTask:
    """A template with the recipe's settings. `shots` are development rows shown with it."""

    template: Template
    langs: tuple[str, ...] = ()
    min_records: int = 0
    shots: tuple[Example, ...] = ()

    def fits(self, record: Record) -> bool:
        """Whether a record has the kind and the language that the task needs."""
        if type(record).__name__ != self.template.reads:
            return False
        return not self.langs or (record.lang or detect(*texts(record))) in self.langs


def load(
    settings: Synthesis, shots: Mapping[str, tuple[Example, ...]] | None = None
) -> list[TeacherTask]:
    """Return the tasks that the recipe names, in its order. Raises InputError for all faults.

    `shots` maps names of templates to development rows.
    """
    tasks = []
    for template in load_all(settings.task_names):
        task = next(task for task in settings.tasks if _names(task, template))
        shown = (shots or {}).get(template.name, ())
        tasks.append(TeacherTask(_adapted(template, settings), task.langs, task.min_records, shown))
    return tasks


def groups(tasks: Sequence[TeacherTask]) -> list[Fits]:
    """Return the groups of records to draw from, as tests of a record.

    Products, searches and reviews are drawn together. Records for a task with `langs` or
    `min_records` may be rare among them, so they are drawn separately, and so are dialogues.
    """
    separate = {
        (task.template.reads, task.langs): task.fits
        for task in tasks
        if task.langs or task.min_records or task.template.reads == "Dialogue"
    }
    return [lambda record: isinstance(record, Product | Search | Review), *separate.values()]


def _names(task: TaskSettings, template: Template) -> bool:
    return fnmatch(template.name, task.name) or Path(task.name).stem == template.name


def _adapted(template: Template, settings: Synthesis) -> Template:
    """Return the template with the recipe's choice of wordings and answers."""
    make: dict[str, object] = {}
    if settings.variety == "one_per_task":
        make |= _one_wording(template.make)
    if not settings.unanswerable_share:
        make["unanswerable"] = ""
    elif template.make.unanswerable and not template.make.options:
        fallback = f"If the texts do not say, answer: {template.make.unanswerable}"
        make["constraint"] = f"{template.make.constraint} {fallback}".strip()
    return template.model_copy(update={"make": template.make.model_copy(update=make)})


def _one_wording(make: Make) -> dict[str, object]:
    """Return the parts that make all rows of a task begin with the same sentence."""
    if not make.fixed:
        return {"prompt": make.prompt[:1]}
    in_input = set(slots(make.input))
    moved = [
        f"{name.replace('_', ' ').capitalize()}: {{{name}}}"
        for name in dict.fromkeys(slots(make.prompt[0]))
        if name not in in_input
    ]
    return {"prompt": (make.fixed,), "input": "\n".join([*moved, make.input]).strip()}
