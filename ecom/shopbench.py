"""ShopBench rows: one question a line, read by corpus, predict and evaluate.

    {"id"?: …, "input_field": "the whole prompt", "is_multiple_choice"?: true, …}

Lines are counted from 1; blank ones are counted and skipped. A line that cannot be read is yielded
as `Rejected`, with the reason, and reading continues. `.gz` is read as well, and `.parquet` with
the same names as columns; its rows count as lines.
"""

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

from ecom.errors import DataError
from ecom.rows import SKILLS, Query, Skill, content_id

_BATCH_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line that was left out: its number, the reason, and its first 200 characters."""

    line: int
    reason: str
    text: str


def read(path: Path) -> Iterator[tuple[int, dict[str, Any] | Rejected]]:
    """Yield (line number, JSON object or Rejected). Raises DataError if the file cannot be read."""
    if path.suffix == ".parquet":
        yield from _read_parquet(path)
        return
    try:
        with _open(path) as stream:
            for number, raw in enumerate(stream, start=1):
                if raw.strip():
                    yield number, _parse(number, raw)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; check the path") from None
    except (OSError, EOFError) as error:
        raise DataError(
            f"{path}: cannot be read to its end: {error or type(error).__name__}; "
            "give a file of JSON lines, plain or .gz"
        ) from None


def row_id(row: dict[str, Any], line: int) -> str:
    """Return the row's id or, for a row without one, a hash of its prompt and line number.

    The line number distinguishes two rows with the same question. It is the physical line, so a
    file of questions and a file of golds agree as long as they keep the same lines.
    """
    given = own_id(row.get("id"))
    return content_id(row["input_field"], line) if given is None else given


def own_id(value: Any) -> str | None:
    """Return an id as text, None for no id. pandas turns 17 into 17.0, and null into NaN."""
    if value is None or value != value:
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def question_fault(row: dict[str, Any]) -> str | None:
    """Return what is wrong with the fields that ask a question, or None."""
    prompt = row.get("input_field")
    if "input_field" not in row:
        return "input_field is missing"
    if not isinstance(prompt, str) or not prompt.strip():
        return f"input_field is {_show(prompt)}, which is not a text"
    if not _encodable(prompt):
        return "input_field holds a lone surrogate (\\ud800 to \\udfff), which is no character"
    if not isinstance(row.get("is_multiple_choice"), bool | None):
        return f"is_multiple_choice is {_show(row['is_multiple_choice'])}, not true or false"
    given = row.get("id")
    if isinstance(given, bool) or not isinstance(given, str | int | float | None):
        return f"id is {_show(given)}, which is not a text or a number"
    if isinstance(given, float) and given == given and not given.is_integer():
        return f"id is {_show(given)}, which is not a whole number"
    return None


def skill_of(track: str) -> Skill | None:
    """Return the skill in which a track's name ends; None where there is none.

    >>> skill_of("amazon-kdd-cup-24-understanding-shopping-concepts")
    'concepts'
    """
    names: dict[str, Skill] = {
        "reasoning": "reasoning",
        "alignment": "behavior",
        "abilities": "multilingual",
        **{skill: skill for skill in SKILLS},
    }
    return names.get(track.rsplit("-", 1)[-1])


def read_queries(path: Path) -> Iterator[tuple[int, Query | Rejected]]:
    """Yield (line number, Query or Rejected).

    Only the fields of a hidden test row are read, and skill (or `track`) and task (or `task_name`)
    where a row has them.
    """
    seen: dict[str, int] = {}
    for line, row in read(path):
        if isinstance(row, Rejected):
            yield line, row
            continue
        fault = question_fault(row)
        id = "" if fault else row_id(row, line)
        if not fault and id in seen:
            fault = f"id {id!r} was already used on line {seen[id]}"
        if fault:
            yield line, Rejected(line, fault, json.dumps(row, default=str)[:200])
            continue
        seen[id] = line
        skill = skill_of(_named(row, "skill", "track") or "")
        task = _named(row, "task", "task_name")
        yield (
            line,
            Query(row["input_field"], row.get("is_multiple_choice"), id, skill=skill, task=task),
        )


def write_rejected(path: Path, rejected: Iterable[Rejected]) -> None:
    """Write rejected lines as JSON lines {line, reason, text}; create the folder if needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(asdict(row)) + "\n" for row in rejected)


def _read_parquet(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_BATCH_ROWS):
                for row in batch.to_pylist():
                    number += 1
                    yield number, row
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; check the path") from None
    except (OSError, pa.ArrowException) as error:
        raise DataError(
            f"{path}: cannot be read to its end: {error}; give a Parquet file"
        ) from None


def _open(path: Path) -> gzip.GzipFile | BufferedReader:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _parse(number: int, raw: bytes) -> dict[str, Any] | Rejected:
    shown = raw[:800].decode("utf-8", "replace").strip()[:200]
    try:
        row = json.loads(raw.decode("utf-8-sig" if number == 1 else "utf-8"))
    except UnicodeDecodeError as error:
        return Rejected(number, f"not UTF-8: byte {raw[error.start]:#04x}", shown)
    except (ValueError, RecursionError) as error:
        return Rejected(number, f"not valid JSON: {error}", shown)
    if not isinstance(row, dict):
        return Rejected(number, "not a JSON object", shown)
    return row


def _named(row: dict[str, Any], *keys: str) -> str | None:
    """Return the first text among the row's keys."""
    return next((row[key] for key in keys if isinstance(row.get(key), str)), None)


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _show(value: Any) -> str:
    return f"{value!r:.60}"
