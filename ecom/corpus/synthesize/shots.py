"""Development rows that a teacher is shown: of the right task, and not in the evaluation.

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
from ecom.corpus.formats.base import Fixed
from ecom.corpus.reading import items, tasks
from ecom.corpus.synthesize.config import Shots
from ecom.corpus.synthesize.template import Template
from ecom.errors import DataError
from ecom.rows import EXAMPLE_SCHEMA, Example, to_dict
from ecom.shopbench import Rejected


@dataclass(frozen=True, slots=True)
class Picked:
    """`shown` maps names of templates to their rows; `rejected` are rows that must not be shown."""

    shown: Mapping[str, tuple[Example, ...]]
    rejected: Sequence[Rejected]

    def to_json(self) -> list[dict[str, Any]]:
        """Return each shown row for the data card."""
        return [
            {
                "template": name,
                "id": row.id,
                "task": row.task,
                "prompt": row.text(),
                "output": row.output,
            }
            for name, rows in self.shown.items()
            for row in rows
        ]


def pick(
    settings: Shots, templates: Sequence[Template], without: Sequence[str], seed: int
) -> Picked:
    """Return the rows to show with each template. `without` are files of evaluation rows.

    Raises DataError where the file cannot be read, the recipe names unknown templates or tasks, or
    no row is left for any template.
    """
    placed, rejected = _read(settings)
    rows = [row for _, row in placed]
    _check_names(settings, templates, {row.task for row in rows})
    fitting = {t.name: [row for row in rows if _fits(row, t, settings)] for t in templates}
    wanted = {row.id for found in fitting.values() for row in found}
    overlaps = _overlaps(rows, without) if wanted else {}
    for line, row in placed:
        if row.id in overlaps and row.id in wanted:
            why = f"not shown to the teacher: overlaps with an evaluation row ({overlaps[row.id]})"
            rejected.append(Rejected(line, why, row.prompt[:200]))
    shown = {
        name: _drawn([row for row in found if row.id not in overlaps], name, settings, seed)
        for name, found in fitting.items()
    }
    if not any(shown.values()):
        raise DataError(_nothing(settings, templates, len(wanted), len(rows)))
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
    """Return the ids of rows that are in the evaluation files, with the kind of overlap."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    found: dict[str, str] = {}
    with TemporaryDirectory() as folder:
        table = pa.Table.from_pylist([to_dict(row) for row in rows], schema=EXAMPLE_SCHEMA)
        pq.write_table(table, Path(folder) / "rows.parquet")
        for file in without:
            found |= contamination.copies(Path(folder), Path(file))
    return found


def _fits(row: Example, template: Template, settings: Shots) -> bool:
    """Whether a row is of the template's task; unless the recipe names it, of its form, too."""
    named = settings.tasks.get(template.name)
    if named:
        return row.task in named
    return row.task in template.like and row.form == template.form


def _drawn(rows: Sequence[Example], name: str, settings: Shots, seed: int) -> tuple[Example, ...]:
    def draw(row: Example) -> bytes:
        return sha256(f"{seed}:shots:{name}:{row.id}".encode()).digest()

    return tuple(sorted(rows, key=draw)[: settings.per_task])


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


def _nothing(settings: Shots, templates: Sequence[Template], wanted: int, rows: int) -> str:
    start = f"corpus.synthesis.shots: no row of {settings.path} can be shown:"
    if wanted:
        return (
            f"{start} all {wanted} that fit overlap with corpus.without; name development rows "
            "that are not evaluated"
        )
    like = sorted({task for template in templates for task in template.like})
    return (
        f"{start} none of its {rows} rows is of a task that the templates are like "
        f"({', '.join(like) or 'they name none'}); name the file's tasks in "
        "corpus.synthesis.shots.tasks"
    )
