"""A finished corpus in the formats of other trainers: one JSON-lines file per split.

    train/*.parquet, validation/*.parquet ──► train.jsonl, validation.jsonl
                                              dataset_info.json   for LLaMA-Factory, with chats

                 LLaMA-Factory              axolotl
    alpaca       dataset_info.json          type: alpaca_w_system.load_instruct
    sharegpt     dataset_info.json          type: chat_template, field_messages: conversations,
                                            message_property_mappings: {role: from, content: value}
    messages     dataset_info.json          type: chat_template
    ecinstruct, shopbench                   what their own scripts, and this corpus stage, read

Values without a column in the format (skill, transform, parents, …) are in one more column, `ecom`,
which the corpus stage reads back. Token ids are left out. The folder is an artifact: it is complete
or absent, and kept while the corpus is the same.
"""

import difflib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ecom import artifact, progress
from ecom.artifact import Artifact
from ecom.corpus.export import chat, instructions
from ecom.errors import InputError
from ecom.forms import Prompting
from ecom.rows import EXAMPLE_SCHEMA, Example

BATCH_ROWS = 1_000
FORMATS: dict[str, Callable[[Example, Prompting], dict[str, Any]]] = {
    "alpaca": chat.alpaca,
    "sharegpt": chat.sharegpt,
    "messages": chat.openai,
    "ecinstruct": instructions.ecinstruct,
    "shopbench": instructions.shopbench,
}


def check(name: str) -> None:
    """Raise InputError where there is no such format."""
    if name not in FORMATS:
        near = difflib.get_close_matches(name, FORMATS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise InputError(f"--export {name!r}: give one of {', '.join(FORMATS)}{hint}")


def write(
    corpus: Artifact, name: str, to: Path, prompting: Prompting, recipe_name: str
) -> tuple[Artifact, bool]:
    """Write the corpus in format `name` into the folder `to`; return it and whether it was kept.

    Rows are in the order of the shards, so the same corpus gives the same bytes. Raises InputError
    where `to` is something other than an export.
    """
    check(name)
    to = to.absolute()
    config = {"format": name, "prompting": prompting.words(), "name": recipe_name}
    parents = {"corpus": corpus.fingerprint}
    whole = artifact.load(to)
    if whole and whole.stage != "export":
        raise InputError(f"{to} is the {whole.stage} stage's artifact; name another folder (--to)")
    if whole and whole.fingerprint == artifact.fingerprint("export", config, parents):
        return whole, True
    with artifact.writing(to, "export", config, parents) as draft, progress.bar() as bar:
        rows = corpus.metrics["rows"]
        line = bar.add_task(f"export: {name}", total=sum(rows.values()), unit="rows")
        draft.metrics["format"] = name
        for split in rows:
            with (draft.path / f"{split}.jsonl").open("w", encoding="utf-8") as stream:
                for batch in _batches(corpus.path / split):
                    stream.writelines(_line(name, example, prompting) for example in batch)
                    bar.advance(line, len(batch))
            draft.metrics[f"{split} rows"] = rows[split]
        if name in chat.LLAMA_FACTORY:
            _describe(draft.path, name, recipe_name, list(rows))
    done = artifact.load(to)
    assert done is not None
    return done, False


def _batches(folder: Path) -> Iterator[list[Example]]:
    """Yield the rows of a split's shards, in order; only one batch is in memory."""
    import pyarrow.parquet as pq

    for shard in sorted(folder.glob("*.parquet")):
        with pq.ParquetFile(shard) as file:
            for batch in file.iter_batches(BATCH_ROWS, columns=EXAMPLE_SCHEMA.names):
                yield [Example(**row) for row in batch.to_pylist()]


def _line(name: str, example: Example, prompting: Prompting) -> str:
    return json.dumps(FORMATS[name](example, prompting), ensure_ascii=False) + "\n"


def _describe(folder: Path, name: str, recipe_name: str, splits: list[str]) -> None:
    """Write the file for LLaMA-Factory (`dataset_dir: FOLDER`, `dataset: NAME_train`)."""
    entries = {
        f"{recipe_name}_{split}": {"file_name": f"{split}.jsonl", **chat.LLAMA_FACTORY[name]}
        for split in splits
    }
    (folder / "dataset_info.json").write_text(
        json.dumps(entries, indent=2) + "\n", encoding="utf-8"
    )
