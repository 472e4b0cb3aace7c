"""The corpus stage on Ray Data: sources -> Examples -> rendered rows -> Parquet shards.

    train/*.parquet, validation/*.parquet   EXAMPLE_SCHEMA + prompt_ids, response_ids (int32)
    rejected/*.json                         {source, line, reason, text} of every row left out

One read task a file, so a bad file holds up nobody; rows keep the order of the sources, and the
validation split is drawn by the row's id: the same recipe gives the same rows, whatever the
number of workers.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ecom import cluster, progress
from ecom.artifact import Draft
from ecom.corpus.config import CorpusConfig, Source
from ecom.corpus.render import load_tokenizer, render
from ecom.corpus.sources import ecominstruct, sample_shop, shopbench
from ecom.ecominstruct import load_tasks
from ecom.errors import DataError
from ecom.forms import Prompting
from ecom.rows import EXAMPLE_SCHEMA, Example
from ecom.shopbench import Rejected

SAMPLE_SHOP_ROWS = 12_000
_IDS = pa.list_(pa.int32())
RENDERED_SCHEMA = EXAMPLE_SCHEMA.append(pa.field("prompt_ids", _IDS)).append(
    pa.field("response_ids", _IDS)
)
_MIXED_SCHEMA = pa.schema(
    [field.with_nullable(True) for field in RENDERED_SCHEMA]
    + [pa.field("line", pa.int64()), pa.field("reason", pa.string()), pa.field("text", pa.string())]
)
_REJECTED = ["source", "line", "reason", "text"]


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

    Raises DataError when a source cannot be found or nothing is left to train on.
    """
    import ray
    from ray.data.expressions import col

    parts = [part for source in config.sources for part in _parts(source, sample)]
    load_tokenizer(base)  # a base without a chat template ends the stage here, not in a worker
    cluster.connect()
    with cluster.quiet_data(), progress.bar() as bar:
        bar.add_task("corpus: read, render, tokenize, write", total=None)
        ray.data.DataContext.get_current().execution_options.preserve_order = True
        rows = (
            ray.data.from_items(parts, override_num_blocks=len(parts))
            .map_batches(
                _read_and_render,  # type: ignore[arg-type]  # Ray's stub knows no fn_kwargs
                batch_size=1,
                num_cpus=0.5,
                fn_kwargs={"config": config, "seed": seed, "prompting": prompting, "base": base},
            )
            .materialize()
        )
        batches = rows.iter_batches(batch_format="pyarrow", batch_size=None)
        draft.metrics.update(_count(batches))
        if not draft.metrics["rows"].get("train"):
            raise DataError(
                f"no row is left to train on; rejected: {draft.metrics['rejected'] or 'none'}; "
                "look at the sources, or raise corpus.max_tokens"
            )
        for split in draft.metrics["rows"]:
            chosen = rows.filter(expr=col("split") == split)
            chosen.select_columns(RENDERED_SCHEMA.names).write_parquet(
                str(draft.path / split), min_rows_per_file=config.rows_per_shard
            )
        if draft.metrics["rejected"]:
            left_out = rows.filter(expr=col("reason").is_not_null()).select_columns(_REJECTED)
            left_out.repartition(1).write_json(str(draft.path / "rejected"))


def _parts(source: Source, sample: Path | None) -> list[dict[str, Any]]:
    """Return one read task a file; a source's row limit is spread evenly over its files."""
    if source.format == "sample_shop":
        assert sample is not None, "recipe.load lets sample_shop pass only with a quickstart"
        limit = source.limit_rows or SAMPLE_SHOP_ROWS
        return [{"format": source.format, "file": str(sample / "shop"), "limit": limit}]
    path = Path(source.path).absolute()
    if source.format == "ecominstruct":
        files = [task.folder for task in load_tasks(path)]
    else:
        files = shopbench.files(path)
    if source.limit_rows is None:
        shares: list[int | None] = [None] * len(files)
    else:
        share, rest = divmod(source.limit_rows, len(files))
        shares = [share + (place < rest) for place in range(len(files))]
    return [
        {"format": source.format, "file": str(file), "limit": limit}
        for file, limit in zip(files, shares, strict=True)
    ]


def _read_and_render(
    batch: dict[str, Any], config: CorpusConfig, seed: int, prompting: Prompting, base: str
) -> Iterator[pa.Table]:
    """Turn one read task into tables of `_MIXED_SCHEMA`: a row has token ids, or a reason."""
    tokenizer = load_tokenizer(base)
    file, limit = Path(str(batch["file"][0])), batch["limit"][0]
    examples = list(_examples(str(batch["format"][0]), file, limit, seed))
    if limit is not None and limit == limit and int(limit) < len(examples):
        places = sorted(Random(seed).sample(range(len(examples)), int(limit)))
        examples = [examples[place] for place in places]
    rows = []
    for example in examples:
        if isinstance(example, Rejected):
            rows.append({"source": file.name, **asdict(example)})
            continue
        prompt_ids, response_ids = render(example, tokenizer, prompting)
        length = len(prompt_ids) + len(response_ids)
        if length > config.max_tokens:
            reason = f"{length} tokens, more than corpus.max_tokens {config.max_tokens}"
            rows.append({"source": file.name, "reason": reason, "text": example.prompt[:200]})
            continue
        split = _split(example.id, config.validation_fraction)
        rows.append(
            {**asdict(example), "split": split,
             "prompt_ids": prompt_ids, "response_ids": response_ids}
        )  # fmt: skip
        if len(rows) == config.rows_per_shard:
            yield pa.Table.from_pylist(rows, schema=_MIXED_SCHEMA)
            rows = []
    yield pa.Table.from_pylist(rows, schema=_MIXED_SCHEMA)


def _examples(
    source_format: str, file: Path, limit: Any, seed: int
) -> Iterator[Example | Rejected]:
    if source_format == "sample_shop":
        return sample_shop.read_examples(file, int(limit), seed)
    if source_format == "ecominstruct":
        return ecominstruct.read_examples(file)
    return shopbench.read_examples(file)


def _split(example_id: str, validation_fraction: float) -> str:
    """The id is a hash: its first 32 bits are a draw from [0, 1)."""
    return "validation" if int(example_id[:8], 16) / 2**32 < validation_fraction else "train"


def _count(batches: Iterable[pa.Table]) -> dict[str, Any]:
    """Return rows by split, form and task, rejections by reason (numbers as N), and tokens."""
    columns = {"rows": "split", "forms": "form", "tasks": "task", "rejected": "reason"}
    counters = {name: Counter[str]() for name in columns}
    tokens = 0
    for batch in batches:
        for name, column in columns.items():
            counters[name].update(batch[column].drop_null().to_pylist())
        for ids in ("prompt_ids", "response_ids"):
            tokens += pc.sum(pc.list_value_length(batch[ids])).as_py() or 0
    return {**{name: dict(sorted(c.items())) for name, c in counters.items()}, "tokens": tokens}
