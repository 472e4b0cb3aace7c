"""One task becomes one part: clean Examples, with the keys for deduplication.

    items ─► transforms ─► clean ─► 00007.parquet   Examples, keys, lines
                                    00007.jsonl     rejected
                                    00007.npy       MinHash signatures, with corpus.dedupe.near
                                    00007.json      tally

A part with a tally is complete and is not made again. Rows keep the source's order; the rows that
transforms make from a chunk follow the chunk's own rows. Randomness depends on the seed and a row's
position only, so the bytes do not depend on the number of workers or on an interruption.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ecom.corpus import atomic, whole
from ecom.corpus.card import Counts
from ecom.corpus.clean import clean
from ecom.corpus.clean_records import clean_record
from ecom.corpus.config import CorpusConfig, Quality, Source
from ecom.corpus.dedupe import PERMUTATIONS, exact_key, near_group, prompt_key, signature
from ecom.corpus.faults import Faults
from ecom.corpus.formats import FORMATS
from ecom.corpus.formats.base import Fixed, Item
from ecom.corpus.languages import detect
from ecom.corpus.quality import Scorer, scorer
from ecom.corpus.reading import Task, items
from ecom.corpus.record_languages import with_languages
from ecom.corpus.records import Record, Search, texts
from ecom.corpus.skills import named, skill_of
from ecom.corpus.wording import without_parts
from ecom.rows import EXAMPLE_SCHEMA, Example, Skill, to_dict
from ecom.shopbench import Rejected

CHUNK_ROWS = 5_000  # items that transforms draw their negatives from
TEACHER = "teacher"  # name and source of the part that a teacher wrote
PART_SCHEMA = pa.schema(
    [
        *EXAMPLE_SCHEMA,
        pa.field("key", pa.uint64()),
        pa.field("prompt_key", pa.uint64()),
        pa.field("line", pa.int64()),
    ]
)
Placed = tuple[int, Example | Rejected]


def make(task: Task, config: CorpusConfig, seed: int, folder: Path, cache: Path) -> None:
    """Write the part of a task below `folder`; all tasks share the folder `cache`.

    Raises DataError where the file as a whole cannot be read.
    """
    settings = _of_source(config, task.source)
    write(items(task, cache, seed), task.name, task.source_name, settings, seed, folder)


def _of_source(config: CorpusConfig, source: Source) -> CorpusConfig:
    """Return the settings for the rows of one source."""
    changes: dict[str, object] = {}
    if source.transforms is not None:
        changes["transforms"] = source.transforms
    if FORMATS[source.format].keeps_description:
        changes["wording"] = config.wording.model_copy(update={"description": True})
    return config.model_copy(update=changes)


def write(
    read: Iterator[tuple[int, Item]],
    name: str,
    source: str,
    config: CorpusConfig,
    seed: int,
    folder: Path,
) -> None:
    """Write items as a part, its tally last. Rejected items are counted under `source`."""
    counts, near, raw = Counts(), config.dedupe.near is not None, Counter[str]()
    faults = Faults()
    signatures: list[np.ndarray] = []
    with (
        whole.written(folder / f"{name}.parquet", folder) as rows_to,
        whole.written(folder / f"{name}.jsonl", folder) as rejected_to,
        pq.ParquetWriter(rows_to, PART_SCHEMA, compression="zstd") as writer,
        rejected_to.open("w", encoding="utf-8") as rejected,
    ):
        while chunk := list(islice(read, CHUNK_ROWS)):
            raw.update(_rows_in(chunk))
            faults.add(item for _, item in chunk if isinstance(item, Rejected))
            rows = []
            for line, example in _examples(chunk, config, seed, counts):
                if isinstance(example, Rejected):
                    counts.reject(source, example.reason)
                    rejected.write(json.dumps({"source": source, **asdict(example)}) + "\n")
                    continue
                rows.append(_row(line, example, config.dedupe.exact))
                if near:
                    text = f"{example.text()}\n{example.output}"
                    signatures.append(signature(text, near_group(example)))
            writer.write_table(pa.Table.from_pylist(rows, schema=PART_SCHEMA))
    if near:
        empty = np.empty((0, PERMUTATIONS), dtype=np.uint32)
        with (
            whole.written(folder / f"{name}.npy", folder) as signatures_to,
            signatures_to.open("wb") as stream,
        ):
            np.save(stream, np.stack(signatures) if signatures else empty)
    # A row may give an Example and Records as well.
    read_rows = raw["rejected"] + (raw["examples"] or raw["records"])
    finish(folder / f"{name}.json", counts, read_rows, faults)


def judge(name: str, settings: Quality, base: str, folder: Path) -> None:
    """Write the quality of each row of a part, (rows,), float64."""
    score = _scorer(settings, base)
    scores: list[float] = []
    with pq.ParquetFile(folder / f"{name}.parquet") as part:
        for batch in part.iter_batches(batch_size=CHUNK_ROWS):
            rows = batch.select(EXAMPLE_SCHEMA.names).to_pylist()
            scores += score([(Example(**row).text(), row["output"]) for row in rows])
    file = folder / f"{name}.quality.npy"
    with whole.written(file, folder) as unfinished, unfinished.open("wb") as stream:
        np.save(stream, np.array(scores))


@cache
def _scorer(settings: Quality, base: str) -> Scorer:
    """Return the function that scores rows; its model is loaded once per process."""
    return scorer(settings, base)


def skills(names: Iterable[str], folder: Path) -> set[tuple[str, Skill | None]]:
    """Return each (task, skill) that rows of these parts have."""
    found: set[tuple[str, Skill | None]] = set()
    for name in names:
        rows = pq.read_table(folder / f"{name}.parquet", columns=["task", "skill"])
        kinds = rows.group_by(["task", "skill"]).aggregate([])
        found.update(zip(kinds["task"].to_pylist(), kinds["skill"].to_pylist(), strict=True))
    return found


def finish(file: Path, counts: Counts, read: int = 0, faults: Faults | None = None) -> None:
    """Write a tally atomically: it marks the files beside it as complete."""
    tally = {"read": read, "faults": (faults or Faults()).reasons, "counts": counts.to_json()}
    with whole.written(file, file.parent) as unfinished:
        unfinished.write_text(json.dumps(tally), "utf-8")


def _rows_in(chunk: Sequence[tuple[int, Item]]) -> Counter[str]:
    """Return how many rows were read of each kind."""
    found = Counter[str]()
    for _, item in chunk:
        if isinstance(item, Rejected):
            found["rejected"] += 1
        elif isinstance(item, Example | Fixed) or _owns(item):
            found["examples"] += 1
        else:
            found["records"] += item.rows if isinstance(item, Search) else 1
    return found


def _owns(item: Item) -> bool:
    return isinstance(item, Record) and item.own is not None


def _row(line: int, example: Example, keyed: bool) -> dict[str, object]:
    row = {**to_dict(example), "line": line}
    if keyed:
        row |= {"key": exact_key(example), "prompt_key": prompt_key(example)}
    return row


def _examples(
    chunk: Sequence[tuple[int, Item]], config: CorpusConfig, seed: int, counts: Counts
) -> Iterator[Placed]:
    """Yield the clean Examples of a chunk, its own and those made of its records, and Rejected."""
    placed: list[tuple[int, Record]] = []
    langs: dict[int, str] = {}
    for line, item in chunk:
        if isinstance(item, Rejected):
            yield line, item
        elif isinstance(item, Example | Fixed):
            row = _clean(line, _fixed(item, counts), config, counts)
            if isinstance(row, Example):
                langs[line] = row.lang
            yield line, row
        else:
            placed.append((line, item))
    wanted = atomic.choose(config.transforms)
    records: list[Record] = []
    if wanted or any(record.own for _, record in placed):
        placed = [(line, _clean_record(record, counts)) for line, record in placed]
        records = with_languages(placed, langs)
        yield from _own_rows(records, config, seed, counts)
    if wanted:
        for example in atomic.make(records, wanted, config.transforms, config.wording, seed):
            yield 0, _clean(0, example, config, counts)


def _own_rows(
    records: Sequence[Record], config: CorpusConfig, seed: int, counts: Counts
) -> Iterator[Placed]:
    """Yield the rows of labelled sets in their own words, or Rejected."""
    for record, own, example in atomic.own(records, config.wording, seed):
        if example:
            skill = named(own.task, config.skill or {})
            example = replace(example, skill=skill) if skill else example
            yield own.line, _clean(own.line, example, config, counts)
        else:
            reason = atomic.task(own.by).no_row
            yield own.line, Rejected(own.line, reason, " ".join(texts(record))[:200])


def _fixed(item: Example | Fixed, counts: Counts) -> Example:
    """Return the Example; count what its reader repaired in it."""
    if isinstance(item, Example):
        return item
    for fix in item.fixes:
        counts.fix(item.example.source, fix)
    return item.example


def _clean_record(record: Record, counts: Counts) -> Record:
    cleaned, fixes = clean_record(record)
    for fix in fixes:
        counts.fix(record.source, fix)
    return cleaned


def _clean(line: int, example: Example, config: CorpusConfig, counts: Counts) -> Example | Rejected:
    cleaned = clean(without_parts(example, config.wording), config.clean)
    if isinstance(cleaned, str):
        return Rejected(line, cleaned, example.prompt[:200])
    for fix in cleaned.fixes:
        counts.fix(example.source, fix)
    clear = cleaned.example
    if not clear.lang:
        clear = replace(clear, lang=detect(clear.prompt, clear.input))
    if clear.skill is None and config.skill is not None:
        clear = replace(clear, skill=skill_of(clear.task, clear.lang, config.skill))
    return clear
