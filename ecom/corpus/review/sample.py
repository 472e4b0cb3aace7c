"""Draws the rows to review: a number per source, spread over its tasks and transforms.

Systematic sampling (Cochran, Sampling Techniques, chapter 8): a source's rows are sorted by task,
transform and a seeded hash, and every k-th is taken from a random start. Every row has the same
chance, so the share of accepted rows estimates that of the whole source; and each task and
transform has its share of the sample, within one row.
"""

from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from ecom import progress
from ecom.rows import EXAMPLE_SCHEMA, Example

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

_STRATA = ["source", "task", "transform"]
_BATCH_ROWS = 1_000


def draw(corpus: Path, per_source: int, seed: int) -> list[Example]:
    """Return rows of a finished corpus, both splits: at most `per_source` of each source.

    They are ordered by source, task and transform. Texts of other rows are not loaded.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    shards = sorted(corpus.glob("*/*.parquet"))
    with progress.waiting("review: draw rows"):
        tables = [
            pq.read_table(f, columns=["id", *_STRATA], read_dictionary=_STRATA) for f in shards
        ]
        table = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
        drawn = table["id"].take(pa.array(_places(table, per_source, seed)))
        texts: dict[str, Example] = {}
        for batch in _batches(shards):
            for row in batch.filter(pc.is_in(batch["id"], drawn)).to_pylist():
                texts[row["id"]] = Example(**row)
    return [texts[row_id] for row_id in dict.fromkeys(drawn.to_pylist())]


def _places(table: "pa.Table", per_source: int, seed: int) -> list[int]:
    """Return the indices of the drawn rows, source by source."""
    import numpy as np

    source, task, transform = (_ranks(table[name]) for name in _STRATA)
    order = np.lexsort((_hashes(table["id"], seed), transform, task, source))
    found: list[int] = []
    for number in np.unique(source).tolist():
        rows = order[source[order] == number]
        count = min(per_source, len(rows))
        start = Random(f"{seed}:review:{number}").random()
        steps = (start + np.arange(count)) * len(rows) / max(count, 1)
        found += rows[steps.astype("int64")].tolist()
    return found


def _ranks(column: "pa.ChunkedArray") -> "NDArray[np.int64]":
    """Return each row's rank of its value among all sorted values; null comes first."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = column.cast(pa.string()).fill_null("")
    values = pa.array(sorted(pc.unique(texts).to_pylist()), pa.string())
    ranks: NDArray[np.int64] = pc.index_in(texts, value_set=values).to_numpy().astype("int64")
    return ranks


def _hashes(ids: "pa.ChunkedArray", seed: int) -> "NDArray[np.uint64]":
    import numpy as np

    key = f"review:{seed}".encode()
    hashed = (blake2b(i.encode(), digest_size=8, key=key).digest() for i in ids.to_pylist())
    return np.frombuffer(b"".join(hashed), dtype=">u8").astype("uint64")


def _batches(shards: list[Path]) -> Iterator[Any]:
    import pyarrow.parquet as pq

    for shard in shards:
        with pq.ParquetFile(shard) as file:
            yield from file.iter_batches(_BATCH_ROWS, columns=EXAMPLE_SCHEMA.names)
