"""Answered rows, stored as they come, so that the next run continues after a killed one.

    NAME.kept    ROW <tab> prediction as JSON, one per line, in the order in which answers came

The file only grows. The next run cuts off an incomplete last line (the process was killed while
writing). A row takes 8 bytes of memory: the offset of its line.
"""

import json
import mmap
from collections.abc import Iterable, Iterator
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ecom.predict.columns import CHUNK_ROWS, Columns
from ecom.rows import PREDICTION_SCHEMA, Prediction, to_dict

_PLACE = (pa.field("file", pa.string()), pa.field("line", pa.int64(), nullable=False))


class Kept:
    """The answered rows of 0 to `rows` - 1; each counts once, even if it is answered again."""

    def __init__(self, file: Path, rows: int) -> None:
        self.rows = rows
        self._file = file
        self._starts = np.full(rows, -1, np.int64)
        self._end = self._recover() if file.exists() else 0

    def add(self, rows: Iterable[int], predictions: Iterable[str]) -> int:
        """Keep predictions (JSON, one line each); return how many of the rows are new."""
        new = 0
        with self._file.open("ab") as stream:  # closed: the kernel keeps the data
            for row, text in zip(rows, predictions, strict=True):
                if self._starts[row] < 0:
                    self._starts[row], new = self._end, new + 1
                    self._end += stream.write(f"{row}\t{text}\n".encode())
        return new

    def missing(self) -> np.ndarray:
        """Return the rows without an answer, ascending, int64."""
        return np.flatnonzero(self._starts < 0)

    def predictions(self) -> Iterator[str | None]:
        """Yield every row's prediction as JSON, in the order of the rows."""
        if not self._end:
            yield from (None for _ in self._starts)
            return
        with self._file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=1) as lines:
            for start in self._starts.tolist():
                if start < 0:
                    yield None
                else:
                    line = lines[start : lines.find(b"\n", start)]
                    yield line[line.index(b"\t") + 1 :].decode()

    def drop(self) -> None:
        """Delete the file, once the artifact has been written."""
        self._file.unlink(missing_ok=True)

    def _recover(self) -> int:
        """Find the answers of an earlier run; return the end of the last complete line."""
        end = 0
        with self._file.open("r+b") as stream:
            for line in stream:
                if not line.endswith(b"\n"):
                    break
                self._starts[int(line[: line.index(b"\t")])] = end
                end += len(line)
            stream.truncate(end)
        return end


def to_json(row: Prediction) -> str:
    """Return the prediction as one line of JSON."""
    return json.dumps(to_dict(row), ensure_ascii=False)


def write_lines(file: Path, rows: Iterable[dict[str, Any]], columns: Columns | None) -> None:
    """Write answers as JSON lines; the columns to keep are in the rows."""
    with file.open("w", encoding="utf-8") as stream:
        stream.writelines(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)


def write_parquet(file: Path, rows: Iterable[dict[str, Any]], columns: Columns | None) -> None:
    """Write answers as Parquet: rows.PREDICTION_SCHEMA, the place, and the columns to keep."""
    rows = iter(rows)
    first = next(rows)
    place = [field for field in _PLACE if field.name in first]
    answer = pa.schema([*PREDICTION_SCHEMA, *place])
    schema = pa.schema([*answer, *(columns.schema if columns else ())])
    rows = chain([first], rows)
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        beside = columns.chunks() if columns else repeat(pa.table({}))
        while part := list(islice(rows, CHUNK_ROWS)):
            kept = next(beside)
            made = pa.Table.from_pylist(part, answer)
            for name in kept.column_names:
                made = made.append_column(schema.field(name), kept[name])
            writer.write_table(made)


WRITERS = {"jsonl": write_lines, "parquet": write_parquet}
