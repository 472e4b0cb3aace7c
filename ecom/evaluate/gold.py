"""Gold rows and the predictions that belong to them, checked before anything is scored.

Every offender of both files is collected and raised once, as a DataError that names file and line.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ecom import shopbench
from ecom.errors import DataError
from ecom.evaluate.metrics import METRICS
from ecom.forms import FORMS
from ecom.rows import SKILLS, FormName

# The contest's own names of its tracks. Any other track keeps its name.
TRACKS = {
    "amazon-kdd-cup-24-understanding-shopping-concepts": "concepts",
    "amazon-kdd-cup-24-shopping-knowledge-reasoning": "reasoning",
    "amazon-kdd-cup-24-user-behavior-alignment": "behavior",
    "amazon-kdd-cup-24-multi-lingual-abilities": "multilingual",
}
MAX_LISTED = 20


@dataclass(frozen=True, slots=True)
class Gold:
    """One question with its right answer, from line `line` of a ShopBench file."""

    line: int
    id: str
    prompt: str
    answer: Any
    task: str
    form: FormName
    metric: str
    track: str


def read_gold(path: Path) -> tuple[list[Gold], list[shopbench.Rejected]]:
    """Return the golds in order, and the lines that are no JSON object at all.

    Raises DataError for an empty file and for rows whose fields cannot be scored.
    """
    golds: list[Gold] = []
    rejected: list[shopbench.Rejected] = []
    faults: list[str] = []
    for line, row in shopbench.read(path):
        if isinstance(row, shopbench.Rejected):
            rejected.append(row)
        elif fault := _fault(row):
            faults.append(f"{path}:{line}: {fault}")
        else:
            golds.append(_gold(line, row))
    faults += _conflicts(path, golds)
    raise_all(faults, "the gold file cannot be scored")
    if not golds:
        why = f"; line {rejected[0].line}: {rejected[0].reason}" if rejected else ""
        raise DataError(f"{path}: no gold row in it{why}; give ShopBench JSON lines")
    return golds, rejected


def read_predictions(path: Path, golds: Sequence[Gold]) -> tuple[list[str], list[str]]:
    """Return (raw texts in the golds' order, faults). With faults the texts mean nothing.

    Lines are matched by `id`; where no line has one, by order.
    """
    rows, faults = [], []
    for line, row in shopbench.read(path):
        if isinstance(row, shopbench.Rejected):
            faults.append(f"{path}:{line}: {row.reason}")
        elif not isinstance(row.get("prediction"), str):
            shown = repr(row.get("prediction", "missing"))
            faults.append(f"{path}:{line}: prediction is {shown:.60}, which is not a text")
        else:
            rows.append((line, row))
    if faults:
        return [], faults
    named = [line for line, row in rows if row.get("id") is not None]
    if not named:
        return _by_order(path, rows, golds)
    faults = [
        f"{path}:{line}: no id, though line {named[0]} has one; give all lines an id, or none"
        for line, row in rows
        if row.get("id") is None
    ]
    return ([], faults) if faults else _by_id(path, rows, golds)


def raise_all(faults: Sequence[str], what: str) -> None:
    """Raise one DataError that lists the faults, at most 20 of them, if there are any."""
    if not faults:
        return
    more = len(faults) - MAX_LISTED
    tail = [f"  … and {more} more"] if more > 0 else []
    listed = [f"  {fault}" for fault in faults[:MAX_LISTED]]
    raise DataError("\n".join([f"{what}; {len(faults)} faults:", *listed, *tail]))


def _fault(row: dict[str, Any]) -> str | None:
    """Return what keeps a row from being a gold, or None."""
    if fault := shopbench.question_fault(row):
        return fault
    for name in ("task_name", "task_type", "metric", "track"):
        if not isinstance(row.get(name), str):
            return f"{name} is {row.get(name, 'missing')!r:.60}; it must be a text"
    form, metric = row["task_type"], row["metric"]
    if form not in FORMS:
        return f"task_type {form!r:.60} is not one of {', '.join(FORMS)}"
    if metric not in METRICS:
        return f"metric {metric!r:.60} is not one of {', '.join(METRICS)}"
    if METRICS[metric].form != form:
        return f"metric {metric!r} scores {METRICS[metric].form} answers, not {form}"
    if "output_field" not in row or not FORMS[form].is_gold(row["output_field"]):
        gold = row.get("output_field", "missing")
        return f"output_field {gold!r:.60} is not {FORMS[form].gold_rule}, as {form} demands"
    return None


def _gold(line: int, row: dict[str, Any]) -> Gold:
    return Gold(
        line=line,
        id=shopbench.row_id(row, line),
        prompt=row["input_field"],
        answer=row["output_field"],
        task=row["task_name"],
        form=cast(FormName, row["task_type"]),
        metric=row["metric"],
        track=TRACKS.get(row["track"], row["track"]),
    )


def _conflicts(path: Path, golds: Iterable[Gold]) -> list[str]:
    """A task has one form and one track, and an id stands on one line."""
    faults, ids, tasks = [], dict[str, Gold](), dict[str, Gold]()
    for gold in golds:
        first = ids.setdefault(gold.id, gold)
        if first is not gold:
            faults.append(f"{path}:{gold.line}: id {gold.id!r} stands on line {first.line} already")
        first = tasks.setdefault(gold.task, gold)
        if (first.form, first.track) != (gold.form, gold.track):
            faults.append(
                f"{path}:{gold.line}: task {gold.task!r} is {gold.form} of track {gold.track!r}, "
                f"but on line {first.line} {first.form} of track {first.track!r}; name them apart"
            )
    return faults


def _by_order(
    path: Path, rows: list[tuple[int, dict[str, Any]]], golds: Sequence[Gold]
) -> tuple[list[str], list[str]]:
    if len(rows) != len(golds):
        fault = f"{path}: {len(rows)} predictions without ids for {len(golds)} gold rows"
        return [], [f"{fault}; give one a row, in the gold's order"]
    return [row["prediction"] for _, row in rows], []


def _by_id(
    path: Path, rows: list[tuple[int, dict[str, Any]]], golds: Sequence[Gold]
) -> tuple[list[str], list[str]]:
    found: dict[str, tuple[int, str]] = {}
    wanted, faults = {gold.id for gold in golds}, []
    for line, row in rows:
        mark = str(row["id"])
        if mark in found:
            faults.append(f"{path}:{line}: id {mark!r} was predicted on line {found[mark][0]} too")
        elif mark not in wanted:
            faults.append(f"{path}:{line}: id {mark!r} has no gold row; give its own gold file")
        found.setdefault(mark, (line, row["prediction"]))
    faults += [
        f"{path}: no prediction for gold line {gold.line} (id {gold.id!r})"
        for gold in golds
        if gold.id not in found
    ]
    return ([], faults) if faults else ([found[gold.id][1] for gold in golds], [])


def track_order(tracks: Iterable[str]) -> list[str]:
    """Return the four skills first, in the contest's order, then other tracks by name."""
    known = set(tracks)
    return [s for s in SKILLS if s in known] + sorted(known - set(SKILLS))
