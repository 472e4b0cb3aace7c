"""The columns of the questions that their answers carry: predict.keep_columns.

For JSON lines a value is kept as JSON. For Parquet it keeps its type: the values of each CHUNK_ROWS
questions are a file of their own, and once all questions are read these get one schema.

    questions ─► columns/00000.parquet, columns/00001.parquet, … ─► the columns of NAME.parquet
"""

import base64
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, time
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ecom.errors import DataError, InputError
from ecom.raw import files

CHUNK_ROWS = 10_000


class Columns:
    """Collects the columns `names` of all questions, in order, into files below `folder`.

    `types` are those that the questions' own files declare; others are inferred from the values.
    Raises InputError where a column of Parquet cannot hold the values.
    """

    def __init__(
        self, folder: Path, names: Sequence[str], types: Mapping[str, pa.DataType]
    ) -> None:
        self._folder, self._names, self._types = folder, names, types
        self._rows: list[list[Any]] = []
        self._chunks: list[Path] = []
        self.schema = pa.schema([])
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()

    def add(self, row: Mapping[str, Any]) -> None:
        """Add the values of the next question."""
        self._rows.append([row.get(name) for name in self._names])
        if len(self._rows) == CHUNK_ROWS:
            self._flush()

    def finish(self) -> None:
        """Give all chunks the schema that fits them all."""
        self._flush()
        for file in self._chunks:
            chunk = _read(file)
            if chunk.schema != self.schema:
                pq.write_table(_cast(chunk, self.schema), file)

    def chunks(self) -> Iterator[pa.Table]:
        """Yield the columns, CHUNK_ROWS questions at a time."""
        return map(_read, self._chunks)

    def drop(self) -> None:
        """Delete the files."""
        shutil.rmtree(self._folder)

    def _flush(self) -> None:
        if not self._rows:
            return
        values = zip(*self._rows, strict=True)
        chunk = pa.table(
            {
                name: _array(name, list(column), self._types.get(name))
                for name, column in zip(self._names, values, strict=True)
            }
        )
        self.schema = _unified([self.schema, chunk.schema]) if self._chunks else chunk.schema
        self._chunks.append(self._folder / f"{len(self._chunks):05}.parquet")
        pq.write_table(chunk, self._chunks[-1])
        self._rows = []


def declared(queries: str, names: Iterable[str]) -> dict[str, pa.DataType]:
    """Return the types of these columns where all files of the questions are Parquet, else {}."""
    schemas = [files.schema(file) for file in files.find(queries)]
    known = [schema for schema in schemas if schema is not None]
    if len(known) < len(schemas):
        return {}
    wanted = [pa.schema([s.field(name) for name in names if name in s.names]) for s in known]
    found = _unified([schema.remove_metadata() for schema in wanted])
    return {field.name: field.type for field in found}


def check(queries: str | Path, names: Iterable[str], has: Iterable[str]) -> None:
    """Raise DataError for names that no row of the questions `has`."""
    known = [*has]
    if lacks := [name for name in names if name not in known]:
        near = [f"{c!r}" for name in lacks for c in get_close_matches(name, known, 1, 0.5)]
        hint = f" (near: {', '.join(near)})" if near else ""
        raise DataError(
            f"predict.keep_columns: no row of {queries} has {', '.join(map(repr, lacks))}{hint}; "
            f"the columns are {', '.join(map(str, known))[:500] or 'none'}; name some of these"
        )


def plain(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return these values of a row as JSON has them.

    Dates, decimals and the like are texts there, bytes that are no text base64, NaN null.
    """
    found = {name: row.get(name) for name in names}
    try:
        json.dumps(found, allow_nan=False)
        return found
    except (TypeError, ValueError):
        return {name: _plain(value) for name, value in found.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return value if isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return base64.b64encode(value).decode()
    return str(value)


def _read(file: Path) -> pa.Table:
    with pq.ParquetFile(file) as chunk:  # read_table takes a folder a=b above it for a column
        return chunk.read()


def _array(name: str, values: list[Any], type: pa.DataType | None) -> pa.Array:
    try:
        return pa.array(values, type)
    except (pa.ArrowException, OverflowError, TypeError, ValueError) as error:
        raise _mixed(f"the values of {name!r}", error) from None


def _unified(schemas: Sequence[pa.Schema]) -> pa.Schema:
    try:
        return pa.unify_schemas(schemas, promote_options="permissive")
    except pa.ArrowException as error:
        raise _mixed("the values", error) from None


def _cast(chunk: pa.Table, schema: pa.Schema) -> pa.Table:
    try:
        return chunk.cast(schema)
    except (pa.ArrowException, ValueError) as error:
        raise _mixed("the values", error) from None


def _mixed(what: str, error: Exception) -> InputError:
    said = str(error).splitlines()[0]
    return InputError(
        f"predict.keep_columns: {what} do not fit into one column of Parquet: {said}; "
        "set predict.output=jsonl, or leave the column out"
    )
