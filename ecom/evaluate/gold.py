"""Gold rows and their predictions, checked before anything is scored.

All faults of both files are collected and raised once, as a DataError that names file and lines.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ecom import shopbench
from ecom.errors import DataError
from ecom.evaluate.metrics import NAMES, forms_of
from ecom.forms import FORMS, FormName
from ecom.rows import SKILLS

# The contest's names of its tracks. Any other track keeps its name.
TRACKS = {
    "amazon-kdd-cup-24-understanding-shopping-concepts": "concepts",
    "amazon-kdd-cup-24-shopping-knowledge-reasoning": "reasoning",
    "amazon-kdd-cup-24-user-behavior-alignment": "behavior",
    "amazon-kdd-cup-24-multi-lingual-abilities": "multilingual",
}


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


@dataclass(frozen=True, slots=True)
class Answered:
    """A model's answer to one question: its raw text, and its confidence in a choice."""

    text: str
    confidence: float | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line of a file; `line` is None for the file as a whole."""

    path: Path
    line: int | None
    rule: str


def read_gold(
    path: Path, map_metrics: Mapping[str, str] | None = None
) -> tuple[list[Gold], list[shopbench.Rejected]]:
    """Return the golds in order, and the lines that are not JSON objects.

    `map_metrics` replaces metrics that the contest does not know; the answer form is then that of
    the new metric. A row without task_name gets one from the file's name, a row without track "no
    track". Raises DataError for an empty file and for rows whose fields cannot be scored.
    """
    golds: list[Gold] = []
    rejected: list[shopbench.Rejected] = []
    faults: list[Fault] = []
    for line, row in shopbench.read(path):
        if isinstance(row, shopbench.Rejected):
            rejected.append(row)
            continue
        row = _mapped(_named(row, path), map_metrics or {})
        if fault := _fault(row):
            faults.append(Fault(path, line, fault))
        else:
            golds.append(_gold(line, row))
    faults += _conflicts(path, golds)
    raise_all(faults, "the gold file cannot be scored")
    if not golds:
        why = f"; line {rejected[0].line}: {rejected[0].reason}" if rejected else ""
        raise DataError(f"{path}: no gold row in it{why}; give ShopBench JSON lines")
    return golds, rejected


def read_predictions(path: Path, golds: Sequence[Gold]) -> tuple[list[Answered], list[Fault]]:
    """Return (answers in the golds' order, faults). With faults there are no answers.

    Lines are matched by `id` or, where no line has one, by order.
    """
    rows, faults = [], []
    for line, row in shopbench.read(path):
        if isinstance(row, shopbench.Rejected):
            faults.append(Fault(path, line, row.reason))
        elif fault := _prediction_fault(row):
            faults.append(Fault(path, line, fault))
        else:
            answered = Answered(row["prediction"], row.get("confidence"), row.get("error"))
            rows.append((line, shopbench.own_id(row.get("id")), answered))
    if faults:
        return [], faults
    named = [line for line, id, _ in rows if id is not None]
    if not named:
        return _by_order(path, rows, golds)
    rule = f"no id, though line {named[0]} has one; give all lines an id, or none"
    faults = [Fault(path, line, rule) for line, id, _ in rows if id is None]
    return ([], faults) if faults else _by_id(path, rows, golds)


def raise_all(faults: Sequence[Fault], what: str) -> None:
    """Raise one DataError that lists all faults; lines with the same fault share an entry."""
    if not faults:
        return
    lines: dict[tuple[Path, str], list[int]] = {}
    for fault in faults:
        numbers = lines.setdefault((fault.path, fault.rule), [])
        numbers += [fault.line] if fault.line is not None else []
    listed = [
        f"  {path}{f':{_ranges(numbers)}' if numbers else ''}: {rule}"
        for (path, rule), numbers in lines.items()
    ]
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    raise DataError("\n".join([f"{what}; {count}:", *listed]))


def _ranges(lines: Sequence[int]) -> str:
    """Return "3,5-17" for sorted line numbers."""
    spans: list[list[int]] = []
    for line in lines:
        if spans and line == spans[-1][1] + 1:
            spans[-1][1] = line
        else:
            spans.append([line, line])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)


def _named(row: dict[str, Any], path: Path) -> dict[str, Any]:
    """Add the task's name and track where a row has none, as in files of training rows."""
    names = {"task_name": f"{path.stem}-{row.get('task_type')}", "track": "no track"}
    return {**row, **{name: given for name, given in names.items() if row.get(name) is None}}


def _mapped(row: dict[str, Any], map_metrics: Mapping[str, str]) -> dict[str, Any]:
    metric = row.get("metric")
    if not isinstance(metric, str) or metric not in map_metrics:
        return row
    form, forms = row.get("task_type"), forms_of(map_metrics[metric])
    return {
        **row,
        "metric": map_metrics[metric],
        "task_type": form if form in forms or not forms else forms[0],
    }


def _fault(row: dict[str, Any]) -> str | None:
    """Return why a row cannot be a gold, or None."""
    if fault := shopbench.question_fault(row):
        return fault
    for name in ("task_name", "task_type", "metric", "track"):
        if not isinstance(row.get(name), str):
            return f"{name} is {_show(row, name)}; it must be a text"
    form, metric = row["task_type"], row["metric"]
    if form not in FORMS:
        return f"task_type {form!r:.60} is not one of {', '.join(FORMS)}"
    if metric not in NAMES:
        return (
            f"metric {metric!r:.60} is not one of {', '.join(NAMES)}; leave its rows out, or "
            f"name another metric: evaluate.map_metrics, or --map-metric {metric:.60}=METRIC"
        )
    if metric not in FORMS[form].metrics:
        return f"metric {metric!r} scores {' and '.join(forms_of(metric))} answers, not {form}"
    if "output_field" not in row or not FORMS[form].is_gold(row["output_field"]):
        gold = _show(row, "output_field")
        return f"output_field {gold} is not {FORMS[form].gold_rule}, as {form} requires"
    return None


def _show(row: dict[str, Any], name: str) -> str:
    return f"{row[name]!r:.60}" if name in row else "missing"


def _prediction_fault(row: dict[str, Any]) -> str | None:
    if not isinstance(row.get("prediction"), str):
        return f"prediction is {_show(row, 'prediction')}, which is not a text"
    value = row.get("confidence")
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        return f"confidence is {value!r:.60}, which is not a number"
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


def _conflicts(path: Path, golds: Iterable[Gold]) -> list[Fault]:
    """Return faults where a task has several forms or tracks, or an id is on several lines."""
    faults, ids, tasks = [], dict[str, Gold](), dict[str, Gold]()
    for gold in golds:
        first = ids.setdefault(gold.id, gold)
        if first is not gold:
            rule = f"id {gold.id!r} was already used on line {first.line}"
            faults.append(Fault(path, gold.line, rule))
        first = tasks.setdefault(gold.task, gold)
        if (first.form, first.track) != (gold.form, gold.track):
            rule = (
                f"task {gold.task!r} is {gold.form} of track {gold.track!r}, "
                f"but on line {first.line} {first.form} of track {first.track!r}; "
                "give them different names"
            )
            faults.append(Fault(path, gold.line, rule))
    return faults


_Row = tuple[int, str | None, Answered]  # line, id, answer


def _by_order(
    path: Path, rows: list[_Row], golds: Sequence[Gold]
) -> tuple[list[Answered], list[Fault]]:
    extra = [line for line, _, _ in rows[len(golds) :]]
    lacking = [gold.line for gold in golds[len(rows) :]]
    if not extra and not lacking:
        return [answered for _, _, answered in rows], []
    rule = f"{len(rows)} predictions without ids for {len(golds)} gold rows"
    if lacking:
        return [], [Fault(path, None, f"{rule}: none for gold lines {_ranges(lacking)}")]
    return [], [Fault(path, line, f"{rule}: one too many") for line in extra]


def _by_id(
    path: Path, rows: list[_Row], golds: Sequence[Gold]
) -> tuple[list[Answered], list[Fault]]:
    found: dict[str, tuple[int, Answered]] = {}
    wanted, faults = {gold.id for gold in golds}, []
    for line, given, answered in rows:
        id = str(given)
        if id in found:
            rule = f"id {id!r} was already predicted on line {found[id][0]}"
            faults.append(Fault(path, line, rule))
        elif id not in wanted:
            rule = f"id {id!r} has no gold row; give the gold file of these predictions"
            faults.append(Fault(path, line, rule))
        found.setdefault(id, (line, answered))
    if lacking := [gold for gold in golds if gold.id not in found]:
        ids = ", ".join(repr(gold.id) for gold in lacking)
        lines = _ranges([gold.line for gold in lacking])
        faults.append(Fault(path, None, f"no prediction for gold lines {lines} (ids {ids})"))
    return ([], faults) if faults else ([found[gold.id][1] for gold in golds], [])


def track_order(tracks: Iterable[str]) -> list[str]:
    """Return the four skills first, in the contest's order, then other tracks by name."""
    known = set(tracks)
    return [s for s in SKILLS if s in known] + sorted(known - set(SKILLS))
