"""Kept rows become one shard: rendered, tokenized Parquet, and what proved too long.

pieces of parts ─► render, tokenize ─► train/00003.parquet
                                       rejected/train-00003.jsonl
                                       .work/shards/train-00003.json    tally: it is whole
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ecom.corpus import whole
from ecom.corpus.card import Counts
from ecom.corpus.config import CorpusConfig
from ecom.corpus.parts import finish
from ecom.corpus.render import load_tokenizer, render_all
from ecom.forms import Prompting
from ecom.rows import EXAMPLE_SCHEMA, Example

_IDS = pa.list_(pa.int32())
SHARD_SCHEMA = EXAMPLE_SCHEMA.append(pa.field("prompt_ids", _IDS)).append(
    pa.field("response_ids", _IDS)
)
BATCH_ROWS = 1_000  # rendered and tokenized together


@dataclass(frozen=True, slots=True)
class Shard:
    """One output file: its split, its number, and the rows it is made of: (part, positions)."""

    split: str
    number: int
    pieces: tuple[tuple[Path, NDArray[np.int64]], ...]

    @property
    def name(self) -> str:
        """Name the shard among those of all splits."""
        return f"{self.split}-{self.number:05}"


def make(
    shard: Shard, config: CorpusConfig, prompting: Prompting, base: str, out: Path, tallies: Path
) -> None:
    """Write one shard below `out`, and its tally into `tallies`."""
    tokenizer, counts = load_tokenizer(base), Counts()
    rejected = []
    file = out / shard.split / f"{shard.number:05}.parquet"
    with (
        whole.written(file, tallies) as rows_to,
        pq.ParquetWriter(rows_to, SHARD_SCHEMA, compression="zstd") as writer,
    ):
        for rows in _batches(shard):
            examples = [_example(row, shard.split) for row in rows]
            kept = []
            rendered = render_all(examples, tokenizer, prompting)
            for row, example, (prompt, response) in zip(rows, examples, rendered, strict=True):
                length = len(prompt) + len(response)
                if length > config.max_tokens:
                    reason = f"{length} tokens, more than corpus.max_tokens {config.max_tokens}"
                    counts.reject(example.source, reason)
                    rejected.append(
                        {
                            "source": example.source,
                            "line": row["line"],
                            "reason": reason,
                            "text": example.prompt[:200],
                        }
                    )
                    continue
                counts.add(example, len(prompt), len(response))
                row |= {"split": shard.split, "prompt_ids": prompt, "response_ids": response}
                kept.append(row)
            writer.write_table(pa.Table.from_pylist(kept, schema=SHARD_SCHEMA))
    if rejected:
        text = "".join(json.dumps(row) + "\n" for row in rejected)
        with whole.written(out / "rejected" / f"{shard.name}.jsonl", tallies) as rejected_to:
            rejected_to.write_text(text, "utf-8")
    finish(tallies / f"{shard.name}.json", counts)


def _batches(shard: Shard) -> Iterator[list[dict[str, Any]]]:
    """Yield the shard's rows, as plain dicts of a part's columns."""
    for part, places in shard.pieces:
        with pq.ParquetFile(part) as file:
            start = 0
            for group in range(file.num_row_groups):
                stop = start + file.metadata.row_group(group).num_rows
                here = places[(places >= start) & (places < stop)] - start
                if len(here):
                    table = file.read_row_group(group).take(pa.array(here))
                    for batch in table.to_batches(max_chunksize=BATCH_ROWS):
                        yield batch.to_pylist()
                start = stop


def _example(row: dict[str, Any], split: Any) -> Example:
    return Example(**{name: row[name] for name in EXAMPLE_SCHEMA.names} | {"split": split})
