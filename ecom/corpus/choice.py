"""Chooses the rows of all parts that stay: no duplicates, no evaluation rows, in the mixture.

    parts ─► review ─► quality ─► duplicates, conflicts, near-duplicates ─► evaluation rows ─► mix

The driver has a few columns in memory, about 150 bytes per row; it never loads the texts.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ecom import contamination
from ecom.corpus import dedupe, mix
from ecom.corpus.config import Column, CorpusConfig, Quality
from ecom.corpus.review.verdicts import Verdicts, failed

COLUMNS = (
    "id",
    "source",
    "task",
    "skill",
    "paradigm",
    "form",
    "lang",
    "label",
    "transform",
    "difficulty",
    "key",
    "prompt_key",
    "line",
)
_REPEATED = get_args(Column)
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Choice:
    """The rows of all parts, numbered in order.

    table     `COLUMNS` of every row
    parts     names of the parts
    first     the number of each part's first row, and last the number of all rows, (parts + 1,)
    kept      numbers of the rows that stay, ascending
    lost      reason -> numbers of rejected rows; rows that the mixture leaves out are not here
    again     numbers of rows with an earlier row's question and another free-text answer: both may
              be right, so they stay and are counted
    """

    table: pa.Table
    parts: Sequence[str]
    first: Rows
    kept: Rows
    lost: Mapping[str, Rows]
    again: Rows

    def pieces(self, rows: Rows) -> Iterator[tuple[str, Rows]]:
        """Yield (part, positions in it) of ascending row numbers."""
        within = np.searchsorted(self.first, rows, side="right") - 1
        for part in np.unique(within).tolist():
            yield self.parts[part], rows[within == part] - self.first[part]

    @property
    def left_out(self) -> int:
        """Number of good rows that the mixture leaves out."""
        return len(self.table) - len(self.kept) - sum(map(len, self.lost.values()))


def choose(names: Sequence[str], config: CorpusConfig, seed: int, parts: Path) -> Choice:
    """Return which rows of the named parts in the folder `parts` stay.

    Raises InputError where the mixture is impossible, DataError for bad evaluation files.
    """
    tables = [
        pq.read_table(parts / f"{name}.parquet", columns=[*COLUMNS], read_dictionary=_REPEATED)
        for name in names
    ]
    first = np.cumsum([0, *(len(table) for table in tables)])
    table = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
    stays = np.ones(len(table), dtype=bool)
    lost: dict[str, Rows] = {}
    for reason, find in _rules(table, names, config, parts):
        gone = np.flatnonzero(find(stays) & stays)
        if len(gone):
            lost[reason], stays[gone] = gone, False
    left = np.flatnonzero(stays)
    kept = left[mix.choose(table.take(left), config.mix, seed)]
    again = _conflict(table, stays, one_answer=False) if config.dedupe.exact else ~stays
    return Choice(table, names, first, kept, lost, np.flatnonzero(again & stays))


Rule = Callable[[NDArray[np.bool_]], NDArray[np.bool_]]


def _rules(
    table: pa.Table, names: Sequence[str], config: CorpusConfig, parts: Path
) -> Iterator[tuple[str, Rule]]:
    """Yield (reason, rule), in order; a rule maps a mask of the rows so far to one of rows to drop.

    The review is first: of two duplicates, the one that a person rejected must not stay.
    """
    if config.review:
        yield from _reviewed(table, Verdicts.read(config.review_files), config)
    if config.quality:
        files = [parts / f"{name}.quality.npy" for name in names]
        scores = np.concatenate([np.load(file) for file in files])
        yield f"quality below {config.quality.keep_above:g}", partial(_low, scores, config.quality)
    if config.dedupe.exact:
        yield "the same prompt and output as an earlier row", partial(_repeated, table)
        conflict = partial(_conflict, table, one_answer=True)
        yield "the same prompt as an earlier row, with another answer", conflict
    if config.dedupe.near is not None:
        files = [parts / f"{name}.npy" for name in names]
        near = partial(_near, files, config.dedupe.near)
        yield f"a near-duplicate of an earlier row (Jaccard {config.dedupe.near:g})", near
    by_kind = defaultdict[str, set[str]](set)
    # Without a row there is nothing to compare; outcome.py says why none is left.
    for file in config.without if table.num_rows else ():
        for row, kind in contamination.copies(parts, Path(file)).items():
            by_kind[f"overlaps with an evaluation row ({kind})"].add(row)
    for reason, ids in sorted(by_kind.items()):
        yield reason, partial(_listed, table, sorted(ids))


def _reviewed(
    table: pa.Table, verdicts: Verdicts, config: CorpusConfig
) -> Iterator[tuple[str, Rule]]:
    for reason, gone in verdicts.gone(table, same_text=config.dedupe.exact).items():
        yield reason, partial(_always, gone)
    if config.max_rejected_in_review is not None:
        limit = config.max_rejected_in_review
        for source, reason in failed(verdicts.report(table), limit).items():
            gone = pc.equal(table["source"].cast(pa.string()), source).to_numpy()
            yield reason, partial(_always, gone)


def _always(gone: NDArray[np.bool_], _: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return gone


def _low(scores: NDArray[np.float64], settings: Quality, _: NDArray[np.bool_]) -> NDArray[np.bool_]:
    below: NDArray[np.bool_] = scores < settings.keep_above
    return below


def _listed(table: pa.Table, ids: Sequence[str], _: NDArray[np.bool_]) -> NDArray[np.bool_]:
    held: NDArray[np.bool_] = pc.is_in(table["id"], pa.array(ids, pa.string())).to_numpy()
    return held


def _repeated(table: pa.Table, stays: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return _spread(stays, dedupe.exact_duplicates(_array(table, "key")[stays]))


def _conflict(table: pa.Table, stays: NDArray[np.bool_], *, one_answer: bool) -> NDArray[np.bool_]:
    """Return the rows with an earlier row's question and another answer.

    `one_answer`: among questions with one right answer; else among all others.
    """
    forms, paradigms = table["form"].to_pylist(), table["paradigm"].to_pylist()
    chosen = np.array(list(map(dedupe.one_answer, forms, paradigms)), dtype=bool) == one_answer
    gone = dedupe.conflicts(
        _array(table, "prompt_key")[stays], _array(table, "key")[stays], chosen[stays]
    )
    return _spread(stays, gone)


def _near(files: Sequence[Path], threshold: float, stays: NDArray[np.bool_]) -> NDArray[np.bool_]:
    signatures = np.concatenate([np.load(file) for file in files])
    return _spread(stays, dedupe.near_duplicates(signatures[stays], threshold))


def _spread(stays: NDArray[np.bool_], gone: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return `gone`, a mask over the rows that stay, as a mask over all rows."""
    spread = np.zeros(len(stays), dtype=bool)
    spread[stays] = gone
    return spread


def _array(table: pa.Table, column: str) -> NDArray[np.uint64]:
    found: NDArray[np.uint64] = table[column].to_numpy()
    return found
