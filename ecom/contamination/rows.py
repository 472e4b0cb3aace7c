"""The rows to compare: questions of an evaluation, rows of a corpus artifact or of its sources."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from ecom import ecominstruct, shopbench
from ecom.errors import DataError
from ecom.raw import reading
from ecom.rows import EXAMPLE_SCHEMA, Example

_LATER = {"difficulty"}  # columns that older corpora lack


@dataclass(frozen=True, slots=True)
class Row:
    """A row to compare. `answer` is empty where it is not a text."""

    id: str
    source: str
    line: int
    prompt: str
    answer: str


def corpus_rows(path: Path) -> Iterator[Row | str]:
    """Yield the rows of a corpus; for one that cannot be read, what is wrong with it."""
    shards = sorted((path / "train").glob("*.parquet")) or sorted(path.glob("*.parquet"))
    if not shards:
        yield from file_rows(path)
    for shard in shards:
        yield from _shard_rows(shard)


def _shard_rows(shard: Path) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(shard)
        names = [name for name in EXAMPLE_SCHEMA.names if name in file.schema_arrow.names]
        if missing := set(EXAMPLE_SCHEMA.names) - set(names) - _LATER:
            raise DataError(
                f"{shard}: no column {', '.join(sorted(missing))}; make the corpus again"
            )
        for batch in file.iter_batches(columns=names):
            for row in batch.to_pylist():
                example = Example(**{k: v for k, v in row.items() if v is not None or k == "skill"})
                source = f"{example.source}/{example.task}"
                yield Row(example.id, source, 0, example.text(), example.output)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{shard}: cannot be read: {error}; make the corpus again") from None


def question_rows(path: str | Path) -> Iterator[Row | str]:
    """Yield the rows of an evaluation: ShopBench rows, or EcomInstruct folders."""
    if not ecominstruct.is_tasks(path):
        yield from file_rows(path)
        return
    for row in ecominstruct.read_rows(Path(path)):
        if isinstance(row, shopbench.Rejected):
            yield f"{path}: {row.reason} (line {row.line})"
        else:
            yield Row(row.id, f"{row.task.name}:{row.line}", row.line, row.prompt, row.answer)


def file_rows(path: str | Path) -> Iterator[Row | str]:
    """Yield the ShopBench rows that `path` names, or what is wrong with them."""
    for place, row in reading.read(path):
        name = place.file or PurePath(path).name
        row = shopbench.from_cells(row) if place.in_table and isinstance(row, dict) else row
        fault = row.reason if isinstance(row, shopbench.Rejected) else shopbench.question_fault(row)
        if fault or isinstance(row, shopbench.Rejected):
            yield f"{reading.shown(path, place)}:{place.line}: {fault}"
            continue
        answer = row.get("output_field")
        text = answer if isinstance(answer, str) else ""
        id = shopbench.row_id(row, place)
        yield Row(id, f"{name}:{place.line}", place.line, row["input_field"], text)


def nothing_in(path: str | Path, rows: Iterable[Row | str]) -> DataError:
    """Return the error for an input without a readable row, with the fault of its first row."""
    first = next((f"; {row}" for row in rows if isinstance(row, str)), "")
    return DataError(f"{path}: no question in it{first}; give ShopBench rows (input_field, …)")
