"""Rows that are rejected as they are read: more of them than a recipe allows end the stage.

    tallies of parts ─┐
    tables of products ─► a source with more than corpus.max_rejected of its rows ─► StageError

Rows that a set keeps for tests, spam and the like are left out by design, and are none of them.
"""

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ecom.corpus.config import CorpusConfig
from ecom.corpus.lookup import Products
from ecom.corpus.reading import Task
from ecom.errors import StageError
from ecom.shopbench import Rejected

LOUD = 0.2  # a share that is worth a note, even where the recipe allows it
_BY_DESIGN = "not for training"
_SHOWN = 5  # reasons of a source


@dataclass(slots=True)
class Faults:
    """Rejected rows of a source: reason -> [how many, the first one's line]."""

    reasons: dict[str, list[int]] = field(default_factory=dict)

    def add(self, rejected: Iterable[Rejected]) -> None:
        """Count rows, but not those that are left out by design."""
        for row in rejected:
            if not row.reason.endswith(_BY_DESIGN):
                self.reasons.setdefault(row.reason, [0, row.line])[0] += 1

    def merge(self, reasons: dict[str, list[int]]) -> None:
        """Add the counts of another part."""
        for reason, (count, line) in reasons.items():
            self.reasons.setdefault(reason, [0, line])[0] += count

    def total(self) -> int:
        """Return how many rows there are."""
        return sum(count for count, _ in self.reasons.values())


def check(config: CorpusConfig, read: Iterable[Task], work: Path, rejected: Path) -> list[str]:
    """Return a line for each source of which many rows are rejected, though it is allowed.

    Raises one StageError for all sources of which more are than is allowed; the rows of the parts
    are then in the folder `rejected`.
    """
    found = [*_sources(config, read, work / "parts"), *_tables(config, work / "cache")]
    shares = {path: faults.total() / rows for path, rows, faults in found if rows}
    lines = {path: _line(path, rows, faults) for path, rows, faults in found}
    over = [path for path, share in shares.items() if share > config.max_rejected]
    if not over:
        return [lines[path] for path, share in shares.items() if share > LOUD]
    for file in sorted((work / "parts").glob("*.jsonl")):
        if file.stat().st_size:
            shutil.copyfile(file, rejected / f"part-{file.name}")
    most = max(shares[path] for path in over)
    remedy = (
        f"that is more than corpus.max_rejected {config.max_rejected:g}. The rows are in "
        f"{rejected}. Correct the files, or how they are read (the source's `columns`, `encoding`, "
        f"`delimiter`); or allow it: corpus.max_rejected={min(1.0, int(most * 100 + 1) / 100):g}"
    )
    raise StageError("\n".join([*(lines[path] for path in over), remedy]))


def _sources(
    config: CorpusConfig, read: Iterable[Task], parts: Path
) -> Iterator[tuple[str, int, Faults]]:
    """Yield (path, rows, those that are rejected) of each source."""
    tasks = list(read)
    for source in config.sources:
        rows, faults = 0, Faults()
        for task in tasks:
            if task.source is source:
                tally = json.loads((parts / f"{task.name}.json").read_text("utf-8"))
                rows += tally["read"]
                faults.merge(tally["faults"])
        yield source.path, rows, faults


def _tables(config: CorpusConfig, cache: Path) -> Iterator[tuple[str, int, Faults]]:
    """Yield the same of each table of products."""
    for source in config.sources:
        if source.products:
            products, faults = Products(source, cache), Faults()
            faults.add(row for _, row in products.rejected())
            yield source.products, products.count() + faults.total(), faults


def _line(path: str, rows: int, faults: Faults) -> str:
    """Return "shop.csv: 412 of 1,000 rows (41%) are rejected: 300 × Title is missing …"."""
    most = sorted(faults.reasons.items(), key=lambda pair: -pair[1][0])
    reasons = [f"{count:,} × {why} (first: line {line})" for why, (count, line) in most[:_SHOWN]]
    if len(most) > _SHOWN:
        reasons.append(f"and {len(most) - _SHOWN} other reasons")
    total = faults.total()
    share = f"{total / rows:.0%}" if rows else "none"
    return f"{path}: {total:,} of {rows:,} rows ({share}) are rejected: {'; '.join(reasons)}"
