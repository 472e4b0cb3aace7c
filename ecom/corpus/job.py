"""The corpus stage on Ray Data.

    sources ─► tasks ─► parts            one Ray task per span: read, transform, clean
                          └─► choice     in the driver: duplicates, evaluation rows, mixture
                                └─► shards   one Ray task per shard: render, tokenize, write

    train/*.parquet, validation/*.parquet   EXAMPLE_SCHEMA + prompt_ids, response_ids (int32)
    rejected/*.jsonl                        {source, line, reason, text} of every rejected row
    card.md, card.json, *.png               the data card

Parts and shards are files that are written atomically, so an interrupted run resumes: only
unfinished files are made again. The same recipe gives the same bytes, whatever the number of
workers: order and randomness depend on positions and ids only.
"""

import json
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ecom import chats, cluster, progress
from ecom.artifact import Draft
from ecom.corpus import atomic, columns, faults, outcome, parts, shards, skills
from ecom.corpus.choice import Choice, choose
from ecom.corpus.config import CorpusConfig
from ecom.corpus.reading import Task, guesses, tables, tasks, teacher_records
from ecom.corpus.render import load_tokenizer
from ecom.corpus.review.verdicts import Verdicts
from ecom.corpus.shards import Shard
from ecom.corpus.synthesize.template import load_all
from ecom.errors import DataError, EcomError, InputError, StageError
from ecom.forms import Prompting
from ecom.shopbench import Rejected

SPLITS = ("train", "validation")


def run(
    config: CorpusConfig,
    *,
    seed: int,
    prompting: Prompting,
    base: str,
    sample: Path | None,
    draft: Draft,
) -> None:
    """Write the corpus below draft.path. `sample` is the quickstart artifact, if there is one.

    An earlier run's draft is resumed. A teacher's answers are kept beside the corpus, in teacher/,
    and are never requested again. Raises InputError for names in the recipe that do not exist,
    DataError for sources that cannot be read or leave nothing to train on.
    """
    # A wrong recipe ends the stage here, before anything is spent.
    atomic.check(config)
    Verdicts.read(config.review_files)
    if config.synthesis:
        load_all(config.synthesis.task_names)
    chats.check(load_tokenizer(base), prompting.systems(), base)
    to_read = tasks(config.sources, sample)
    columns.check(config.sources, to_read)
    for guess in guesses(config.sources, to_read):
        print(f"note: {guess}", file=sys.stderr)
    work = _work_folder(draft.path, to_read)
    parts_in, cache = work / "parts", work / "cache"
    with progress.waiting("corpus: index the tables of products"):
        for products in tables(config.sources, cache):
            products.build()
    cluster.connect()
    make_part = partial(parts.make, config=config, seed=seed, folder=parts_in, cache=cache)
    _each("corpus: read, clean", make_part, {task.name: task for task in to_read}, parts_in, "json")
    names = [task.name for task in to_read]
    for line in faults.check(config, to_read, work, draft.path / "rejected"):
        print(f"note: {line}", file=sys.stderr)
    if config.skill:
        skills.check(config.skill, parts.skills(names, parts_in))
    if config.synthesis:
        names.append(_teach(config, to_read, seed, work, draft.path.parent / "teacher"))
    if config.quality:
        judge = partial(parts.judge, settings=config.quality, base=base, folder=parts_in)
        _each("corpus: quality", judge, {name: name for name in names}, parts_in, "quality.npy")
    with progress.waiting("corpus: choose rows"):
        choice = choose(names, config, seed, parts_in)
    to_write = _shards(choice, config, parts_in)
    write_shard = partial(
        shards.make,
        config=config,
        prompting=prompting,
        base=base,
        out=draft.path,
        tallies=work / "shards",
    )
    _each(
        "corpus: render, tokenize, write",
        write_shard,
        {shard.name: shard for shard in to_write},
        work / "shards",
        "json",
    )
    with progress.waiting("corpus: write the data card"):
        draft.metrics |= outcome.write(config, to_read, choice, work, draft.path)
    shutil.rmtree(work)
    for folder in (*SPLITS, "rejected"):
        if not any((draft.path / folder).iterdir()):
            (draft.path / folder).rmdir()


def _work_folder(out: Path, to_read: Sequence[Task]) -> Path:
    """Return the folder for intermediate files; clear those of other tasks or columns."""
    work = out / ".work"
    plan = json.dumps([parts.PART_SCHEMA.names, *map(asdict, to_read)], default=repr)
    if not (work / "tasks.json").is_file() or (work / "tasks.json").read_text("utf-8") != plan:
        for folder in (work, *(out / split for split in SPLITS), out / "rejected"):
            shutil.rmtree(folder, ignore_errors=True)
    for folder in (
        *(work / name for name in ("parts", "shards", "cache")),
        *(out / name for name in (*SPLITS, "rejected")),
    ):
        folder.mkdir(parents=True, exist_ok=True)
    (work / "tasks.json").write_text(plan, "utf-8")
    return work


def _each(
    title: str, function: Callable[[Any], None], items: Mapping[str, Any], folder: Path, ending: str
) -> None:
    """Call a function with every item, in Ray tasks; an item is done once its file is in `folder`.

    Raises one error for all items that fail: DataError where all of them have bad input.
    """
    import ray
    from ray.data import TaskPoolStrategy

    todo = [name for name in items if not (folder / f"{name}.{ending}").exists()]
    if not todo:
        return
    held = ray.put(dict(items))

    def call(batch: dict[str, Any]) -> dict[str, Any]:
        [name] = batch["item"].tolist()
        try:
            function(ray.get(held)[name])
        except EcomError as error:
            return {"item": [name], "error": [str(error)], "exit": [error.exit_code]}
        return {"item": [name], "error": [""], "exit": [0]}

    at_once = TaskPoolStrategy(size=min(cluster.cpus(), len(todo)))
    with cluster.quiet_data(), progress.bar() as bar:
        done = len(items) - len(todo)
        line = bar.add_task(title, total=len(items), completed=done, unit="parts")
        # One row per block, and as many blocks at once as there are CPUs: memory stays constant.
        results = ray.data.from_items(todo, override_num_blocks=len(todo)).map_batches(
            call, batch_size=1, num_cpus=1, compute=at_once
        )
        failed = []
        for row in results.iter_rows():
            bar.advance(line)
            if row["error"]:
                failed.append(row)
    if failed:
        text = "\n".join(row["error"] for row in sorted(failed, key=lambda row: row["item"]))
        bad_input = all(row["exit"] == InputError.exit_code for row in failed)
        raise DataError(text) if bad_input else StageError(text)


def _teach(
    config: CorpusConfig, to_read: Sequence[Task], seed: int, work: Path, cache: Path
) -> str:
    """Write the part with the teacher's rows; return its name."""
    from ecom.corpus.synthesize import shots, tasks
    from ecom.corpus.synthesize.synthesis import synthesize

    settings = config.synthesis
    assert settings
    if not (work / "parts" / f"{parts.TEACHER}.json").exists():
        picked = shots.Picked({}, [])
        if settings.shots:
            templates = load_all(settings.task_names)
            picked = shots.pick(settings.shots, templates, config.without, seed)
        to_write = tasks.load(settings, picked.shown)
        with progress.waiting("corpus: draw records for the teacher"):
            records = teacher_records(
                to_read, work / "cache", seed, settings.max_requests, tasks.groups(to_write)
            )
        rows = chain(picked.rejected, synthesize(records, to_write, settings, cache, seed))
        placed = ((row.line if isinstance(row, Rejected) else 0, row) for row in rows)
        (work / outcome.SHOTS).write_text(json.dumps(picked.to_json()), "utf-8")
        parts.write(placed, parts.TEACHER, parts.TEACHER, config, seed, work / "parts")
    return parts.TEACHER


def _shards(choice: Choice, config: CorpusConfig, folder: Path) -> list[Shard]:
    """Return the output files: kept rows, split by their ids, `rows_per_shard` per file."""
    ids = choice.table["id"].take(pa.array(choice.kept)).to_pylist()
    held_out = np.array([_is_held_out(row, config.validation_fraction) for row in ids], dtype=bool)
    output = []
    for split, rows in zip(SPLITS, (choice.kept[~held_out], choice.kept[held_out]), strict=True):
        for number, start in enumerate(range(0, len(rows), config.rows_per_shard)):
            pieces = choice.pieces(rows[start : start + config.rows_per_shard])
            files = tuple((folder / f"{part}.parquet", positions) for part, positions in pieces)
            output.append(Shard(split, number, files))
    return output


def _is_held_out(row_id: str, validation_fraction: float) -> bool:
    """Whether a row is for validation, by the first 32 bits of its id, a hash, as a fraction."""
    return int(row_id[:8], 16) / 2**32 < validation_fraction
