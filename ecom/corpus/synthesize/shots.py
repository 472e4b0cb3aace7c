"""Development rows that a teacher is shown: of the right task, none of them in the evaluation.

development file ─► rows by task ─► without those that overlap with evaluation rows
                                      └─► `per_task` of them for each template
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ecom import contamination
from ecom.corpus.config import Source
from ecom.corpus.reading import items, tasks
from ecom.corpus.sources import Fixed
from ecom.corpus.synthesize.config import Shots
from ecom.corpus.synthesize.template import Template
from ecom.errors import DataError
from ecom.rows import EXAMPLE_SCHEMA, Example, to_dict
from ecom.shopbench import Rejected


@dataclass(frozen=True, slots=True)
class Picked:
    """`shown` maps names of templates to their rows; `rejected` are rows that none may be shown."""

    shown: Mapping[str, tuple[Example, ...]]
    rejected: Sequence[Rejected]

    def to_json(self) -> list[dict[str, Any]]:
        """Return what the data card says of each row shown."""
        return [
            {"template": name, "id": row.id, "task": row.task, "prompt": row.text(),
             "output": row.output}
            for name, rows in self.shown.items() for row in rows
        ]  # fmt: skip


def pick(
    settings: Shots, templates: Sequence[Template], without: Sequence[str], seed: int
) -> Picked:
    """Return the rows that each template is shown with. `without` are files of evaluation rows.

    Raises DataError where the file cannot be read, the recipe names templates or tasks that are not
    there, or no row is left for any template.
    """
    placed, rejected = _read(settings)
    rows = [row for _, row in placed]
    overlaps = _overlaps(rows, without)
    for line, row in placed:
        if row.id in overlaps:
            why = f"not shown to the teacher: overlaps with an evaluation row ({overlaps[row.id]})"
            rejected.append(Rejected(line, why, row.prompt[:200]))
    _check_names(settings, templates, {row.task for row in rows})
    free = [row for row in rows if row.id not in overlaps]
    shown = {template.name: _drawn(settings, template, free, seed) for template in templates}
    if not any(shown.values()):
        raise DataError(_nothing(settings, templates, len(rows), len(overlaps)))
    return Picked(shown, rejected)


def _read(settings: Shots) -> tuple[list[tuple[int, Example]], list[Rejected]]:
    """Return the distinct rows with their lines, and those that cannot be read."""
    rows: dict[str, tuple[int, Example]] = {}
    rejected: list[Rejected] = []
    with TemporaryDirectory() as cache:
        for task in tasks([Source(format=settings.format, path=settings.path)], None):
            for line, item in items(task, Path(cache), 0):
                if isinstance(item, Rejected):
                    why = f"not shown to the teacher: {item.reason}"
                    rejected.append(Rejected(line, why, item.text))
                elif isinstance(item, Example | Fixed):
                    row = item.example if isinstance(item, Fixed) else item
                    rows.setdefault(row.id, (line, row))
    return list(rows.values()), rejected


def _overlaps(rows: Sequence[Example], without: Sequence[str]) -> dict[str, str]:
    """Return the ids of rows that stand in the evaluation files, and how."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not rows:
        return {}
    found: dict[str, str] = {}
    with TemporaryDirectory() as folder:
        table = pa.Table.from_pylist([to_dict(row) for row in rows], schema=EXAMPLE_SCHEMA)
        pq.write_table(table, Path(folder) / "rows.parquet")
        for file in without:
            found |= contamination.copies(Path(folder), Path(file))
    return found


def _drawn(
    settings: Shots, template: Template, rows: Sequence[Example], seed: int
) -> tuple[Example, ...]:
    """Return the template's rows; of tasks that it names itself only those of its own form."""
    named = settings.tasks.get(template.name)
    fitting = [
        row
        for row in rows
        if (row.task in named if named else row.task in template.like and row.form == template.form)
    ]

    def draw(row: Example) -> bytes:
        return sha256(f"{seed}:shots:{template.name}:{row.id}".encode()).digest()

    return tuple(sorted(fitting, key=draw)[: settings.per_task])


def _check_names(settings: Shots, templates: Sequence[Template], known: set[str]) -> None:
    names = {template.name for template in templates}
    faults = [
        f"{name}: not among corpus.synthesis.tasks" for name in settings.tasks if name not in names
    ]
    faults += [
        f"{name}: {task!r} has no row in {settings.path}; its tasks: {', '.join(sorted(known))}"
        for name, wanted in settings.tasks.items()
        for task in wanted
        if task not in known
    ]
    if faults:
        raise DataError("\n  ".join(["corpus.synthesis.shots.tasks:", *faults]))


def _nothing(settings: Shots, templates: Sequence[Template], rows: int, overlaps: int) -> str:
    like = sorted({task for template in templates for task in template.like})
    return (
        f"corpus.synthesis.shots: no row of {settings.path} can be shown: {rows} rows were read, "
        f"{overlaps} of them overlap with corpus.without; the templates look for the tasks "
        f"{', '.join(like) or 'none'}; name the file's own in corpus.synthesis.shots.tasks"
    )
