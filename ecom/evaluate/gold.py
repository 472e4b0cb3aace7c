"""Gold rows and their predictions, checked before anything is scored.

All faults of both files are collected and raised once, as a DataError that names file and lines.
With `evaluate.skip_bad` the gold rows among them are left out instead, with their predictions.
"""

import ast
import json
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ecom import shopbench
from ecom.errors import DataError
from ecom.evaluate.metrics import NAMES, forms_of
from ecom.forms import FORMS, FormName
from ecom.raw import reading
from ecom.rows import SKILLS
from ecom.shopbench import Place, Rejected

# The contest's names of its tracks. Any other track keeps its name.
TRACKS = {
    "amazon-kdd-cup-24-understanding-shopping-concepts": "concepts",
    "amazon-kdd-cup-24-shopping-knowledge-reasoning": "reasoning",
    "amazon-kdd-cup-24-user-behavior-alignment": "behavior",
    "amazon-kdd-cup-24-multi-lingual-abilities": "multilingual",
}
SKIP = "to score the other rows alone: evaluate.skip_bad=true, or --skip-bad"


@dataclass(frozen=True, slots=True)
class Gold:
    """One question with its right answer, from line `line` of a ShopBench file.

    `file` is that file below the folder of the golds, "" where the gold is a single file.
    """

    line: int
    id: str
    prompt: str
    answer: Any
    task: str
    form: FormName
    metric: str
    track: str
    file: str = ""


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


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A gold row that is not scored.

    id      that of the predictions which answer it; None: it has none
    after   the number of golds before it
    """

    place: Place
    row: Rejected
    id: str | None
    after: int


def read_gold(
    path: str | Path, map_metrics: Mapping[str, str] | None = None, *, skip_bad: bool = False
) -> tuple[list[Gold], list[LeftOut]]:
    """Return the golds in order, and the rows that are left out.

    Rows that cannot be read are left out; with `skip_bad` also those whose fields cannot be scored.
    `map_metrics` replaces metrics that the contest does not know; the answer form is then that of
    the new metric. A row without task_name gets one from the file's name, a row without track "no
    track". Raises DataError for an empty file and for rows whose fields cannot be scored.
    """
    golds: list[Gold] = []
    left_out: list[LeftOut] = []
    faults: list[Fault] = []
    tasks: dict[str, Gold] = {}
    for place, row in reading.read(path):
        if isinstance(row, Rejected):
            left_out.append(LeftOut(place, row, None, len(golds)))
            continue
        file = Path(reading.shown(path, place))
        row = _mapped(_named(row, file), map_metrics or {})
        row = _from_cells(row) if place.in_table else row
        if not (fault := _fault(row)):
            gold = _gold(place, row)
            if not (fault := _conflict(gold, tasks.setdefault(gold.task, gold))):
                golds.append(gold)
                continue
        faults.append(Fault(file, place.line, fault))
        left_out.append(_left_out(place, row, fault, len(golds)))
    if faults and not skip_bad:
        raise_all(faults, "the gold file cannot be scored", SKIP)
    if not golds:
        why = f"; {left_out[0].place}: {left_out[0].row.reason}" if left_out else ""
        raise DataError(f"{path}: no gold row in it{why}; give ShopBench rows")
    return golds, left_out


def write_left_out(folder: Path, left_out: Sequence[LeftOut]) -> None:
    """Write `rejected/gold.jsonl` below a folder."""
    rows = [(one.place, one.row) for one in left_out]
    shopbench.write_rejected(folder / "rejected" / "gold.jsonl", rows)


def reasons(left_out: Iterable[LeftOut]) -> dict[str, int]:
    """Return how many rows are left out for each reason, the most frequent first."""
    return dict(Counter(one.row.reason for one in left_out).most_common())


def read_predictions(
    path: Path, golds: Sequence[Gold], left_out: Sequence[LeftOut] = ()
) -> tuple[list[Answered], list[Fault]]:
    """Return (answers in the golds' order, faults). With faults there are no answers.

    Rows are matched by `id` or, where none has one, by order. Golds that share an id are matched by
    `line` (and `file`) as well, which name the question's place in `predict.queries`: a repeated id
    says nothing about which of its questions was answered. Predictions for gold rows that were left
    out may be there or not.
    """
    rows: list[_Row] = []
    faults = []
    for place, row in reading.read(path):
        if isinstance(row, Rejected):
            faults.append(Fault(path, place.line, row.reason))
            continue
        row = _prediction_cells(row) if place.in_table else row
        if fault := _prediction_fault(row):
            faults.append(Fault(path, place.line, fault))
        else:
            answered = Answered(row["prediction"], row.get("confidence"), row.get("error"))
            where = (row.get("file") or "", row.get("line"))
            rows.append(_Row(place.line, shopbench.own_id(row.get("id")), where, answered))
    if faults:
        return [], faults
    named = [row.line for row in rows if row.id is not None]
    if not named:
        return _by_order(path, rows, golds, left_out)
    rule = f"no id, though line {named[0]} has one; give all lines an id, or none"
    faults = [Fault(path, row.line, rule) for row in rows if row.id is None]
    return ([], faults) if faults else _by_id(path, rows, golds, left_out)


def raise_all(faults: Sequence[Fault], what: str, remedy: str = "") -> None:
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
    raise DataError("\n".join([f"{what}; {count}:", *listed, *([remedy] if remedy else [])]))


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


def _from_cells(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row of a table with the values that JSON would have; a text gold stays a text."""
    row = shopbench.from_cells(row)
    form, gold = row.get("task_type"), row.get("output_field")
    if form not in FORMS or not isinstance(gold, str) or FORMS[form].is_gold(gold):
        return row
    return {**row, "output_field": _value(gold)}


def _value(cell: str) -> Any:
    """Return the value that a cell has in JSON, or as Python prints it; the text if in neither."""
    for read in (json.loads, ast.literal_eval):
        try:
            return read(cell.strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
    return cell


def _prediction_cells(row: dict[str, Any]) -> dict[str, Any]:
    """Return the prediction in a table's row with the values that JSON would have."""
    found = shopbench.from_cells(row)
    found |= {name: row[name] for name in ("prediction", "id") if row.get(name) is not None}
    found["id"] = found.get("id") or None
    for name in ("confidence", "line"):
        if isinstance(found.get(name), str):
            found[name] = _value(found[name])
    return found


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
    line = shopbench.own_id(row.get("line"))
    if line is not None and not line.isdecimal():
        return f"line is {row['line']!r:.60}, which is not the number of a line"
    if not isinstance(row.get("file"), str | None):
        return f"file is {row['file']!r:.60}, which is not a text"
    return None


def _gold(place: Place, row: dict[str, Any]) -> Gold:
    return Gold(
        line=place.line,
        id=shopbench.row_id(row, place),
        prompt=row["input_field"],
        answer=row["output_field"],
        task=row["task_name"],
        form=cast(FormName, row["task_type"]),
        metric=row["metric"],
        track=TRACKS.get(row["track"], row["track"]),
        file=place.file,
    )


def _left_out(place: Place, row: dict[str, Any], fault: str, after: int) -> LeftOut:
    text = json.dumps(row, ensure_ascii=False, default=str)[:200]
    own = None if shopbench.question_fault(row) else shopbench.row_id(row, place)
    return LeftOut(place, Rejected(place.line, fault, text), own, after)


def _conflict(gold: Gold, first: Gold) -> str | None:
    """Return why a gold does not fit the first one of its task, or None."""
    if (first.form, first.track) == (gold.form, gold.track):
        return None
    return (
        f"task {gold.task!r} is {gold.form} of track {gold.track!r}, "
        f"but on {_place(first)} {first.form} of track {first.track!r}; "
        "give them different names"
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """An answer, on line `line` of its file; `where` is the file and line of its question."""

    line: int
    id: str | None
    where: tuple[str, Any]
    answered: Answered


def _by_order(
    path: Path, rows: list[_Row], golds: Sequence[Gold], left_out: Sequence[LeftOut]
) -> tuple[list[Answered], list[Fault]]:
    if left_out and len(rows) == len(golds) + len(left_out):
        answers_none = {one.after + number for number, one in enumerate(left_out)}
        rows = [row for number, row in enumerate(rows) if number not in answers_none]
    extra = [row.line for row in rows[len(golds) :]]
    lacking = golds[len(rows) :]
    if not extra and not lacking:
        return [row.answered for row in rows], []
    rule = f"{len(rows)} predictions without ids for {len(golds)} gold rows"
    if lacking:
        return [], [Fault(path, None, f"{rule}: none for gold {_places(lacking)}")]
    return [], [Fault(path, line, f"{rule}: one too many") for line in extra]


_Key = tuple[str, str, int]  # id, file and line; of an id that is no other gold's ("", 0)


def _by_id(
    path: Path, rows: list[_Row], golds: Sequence[Gold], left_out: Sequence[LeftOut]
) -> tuple[list[Answered], list[Fault]]:
    by_id: dict[str, list[Gold]] = {}
    for gold in golds:
        by_id.setdefault(gold.id, []).append(gold)
    known = Counter([gold.id for gold in golds] + [one.id for one in left_out if one.id])
    shared = {id for id, count in known.items() if count > 1}
    keys = [_key(gold.id, (gold.file, gold.line), shared) for gold in golds]
    not_scored = {one.id for one in left_out} - by_id.keys()
    places = {(one.id, one.place.file, one.place.line) for one in left_out}
    found: dict[_Key, _Row] = {}
    wanted, faults = set(keys), []
    for row in rows:
        key = _key(str(row.id), row.where, shared)
        if row.id in not_scored or key in places:
            continue
        if key not in wanted:
            faults.append(Fault(path, row.line, _strange(row, by_id)))
        elif key in found:
            rule = f"id {row.id!r} was already predicted on line {found[key].line}"
            faults.append(Fault(path, row.line, rule))
        found.setdefault(key, row)
    if lacking := [gold for gold, key in zip(golds, keys, strict=True) if key not in found]:
        ids = ", ".join(repr(gold.id) for gold in lacking)
        faults.append(Fault(path, None, f"no prediction for gold {_places(lacking)} (ids {ids})"))
    return ([], faults) if faults else ([found[key].answered for key in keys], [])


def _key(id: str, where: tuple[str, Any], shared: Container[str]) -> _Key:
    """Return what an answer and its gold have in common."""
    file, line = where if id in shared else ("", 0)
    return id, file, int(line or 0)


def _strange(row: _Row, by_id: Mapping[str, Sequence[Gold]]) -> str:
    """Return why an answer has no gold."""
    if not (alike := by_id.get(str(row.id), ())):
        return f"id {row.id!r} has no gold row; give the gold file of these predictions"
    own = str(Place(int(row.where[1]), row.where[0])) if row.where[1] is not None else "no line"
    return (
        f"id {row.id!r} is on gold {_places(alike)}, and this answer names {own}; let "
        "predict.queries and evaluate.gold be the same, or give each row an id of its own"
    )


def _place(gold: Gold) -> str:
    return str(Place(gold.line, gold.file))


def _places(golds: Sequence[Gold]) -> str:
    """Return "lines 3,5-17", by file where there are several."""
    lines: dict[str, list[int]] = {}
    for gold in golds:
        lines.setdefault(gold.file, []).append(gold.line)
    return "; ".join(
        f"{file + ', ' if file else ''}lines {_ranges(sorted(numbers))}"
        for file, numbers in lines.items()
    )


def track_order(tracks: Iterable[str]) -> list[str]:
    """Return the four skills first, in the contest's order, then other tracks by name."""
    known = set(tracks)
    return [s for s in SKILLS if s in known] + sorted(known - set(SKILLS))
