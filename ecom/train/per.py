"""One adapter for each value of a column (train.per): their rows and results.

    rows/VALUE/       train/, validation/: a corpus of that value's rows; deleted after training
    runs/VALUE/       log.jsonl, loss.png, last/, … of its training; metrics.json when it is done
    adapters/VALUE/   the adapter with its model card; exists only when it is complete

VALUE is percent-encoded where it has characters that are not safe in a file's name.
"""

import json
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow.dataset as ds
import pyarrow.parquet as pq

from ecom.errors import DataError, InputError
from ecom.train.config import Column

Named = Mapping[str, Collection[str]]  # values of train.per, by the recipe's key that names them
LONGEST = 240  # bytes of a folder's name: file systems allow 255, and a copy's name is longer
ADAPTERS, ROWS, RUNS, METRICS = "adapters", "rows", "runs", "metrics.json"


def name(value: str) -> str:
    """Return the name of a value's folders."""
    return quote(value, safe=" ")


def counts(corpus: Path, column: Column) -> dict[str | None, int]:
    """Return how many training rows have each value, in the values' order; None last.

    Raises DataError where the corpus has no such column, or no row has a value.
    """
    rows = _dataset(corpus / "train")
    if rows is None or column not in rows.schema.names:
        raise DataError(
            f"{corpus / 'train'}: no rows with a column {column}, which train.per names; run the "
            "corpus stage again"
        )
    found = rows.to_table(columns=[column])[column].value_counts().to_pylist()
    every = {pair["values"]: pair["counts"] for pair in found}
    if not set(every) - {None}:
        raise DataError(
            f"{corpus / 'train'}: no row has a {column}, which train.per names; name another "
            "column, or train one adapter: train.per=null"
        )
    return dict(sorted(every.items(), key=lambda pair: (pair[0] is None, pair[0])))


def check(found: Mapping[str | None, int], column: Column, least: int, named: Named) -> None:
    """Raise InputError naming every value with fewer than `least` rows, those of a step.

    It also names values that cannot name a folder, and adapters in the recipe without rows.
    """
    values = [value for value in found if value is not None]
    faults = []
    if few := [f"{value} {found[value]}" for value in values if found[value] < least]:
        faults.append(
            f"train.per is {column}, and these have fewer rows than a step takes "
            f"(train.rows_per_step {least}): {', '.join(few)}; lower train.rows_per_step, give the "
            "corpus more of them, or name another column"
        )
    if odd := [repr(value)[:60] for value in values if not _names_a_folder(value)]:
        faults.append(
            f"train.per is {column}, and no folder can be named after {', '.join(odd)}: it must "
            f"not be empty, . or .., nor longer than {LONGEST} bytes percent-encoded; rename it in "
            "the source, or name another column"
        )
    for key, names in named.items():
        if unknown := sorted(set(names) - set(values)):
            faults.append(
                f"{key}: no training row has the {column} {', '.join(unknown)}; name one of "
                f"{', '.join(values)}"
            )
    if faults:
        raise InputError("\n".join(faults))


def _names_a_folder(value: str) -> bool:
    return value not in ("", ".", "..") and len(name(value)) <= LONGEST


def write_rows(corpus: Path, column: Column, value: str, folder: Path) -> None:
    """Write the rows of one value as a separate corpus, once; if it exists, it is complete."""
    if folder.is_dir():
        return
    unfinished = folder.with_name(f".{folder.name}")
    shutil.rmtree(unfinished, ignore_errors=True)
    for split in ("train", "validation"):
        (unfinished / split).mkdir(parents=True)
        rows = _dataset(corpus / split)
        if rows is not None and (part := rows.to_table(filter=ds.field(column) == value)).num_rows:
            pq.write_table(part, unfinished / split / "0.parquet")
    if (corpus / "card.json").is_file():  # for the licences
        shutil.copyfile(corpus / "card.json", unfinished / "card.json")
    unfinished.rename(folder)


def reject(corpus: Path, column: Column, folder: Path) -> None:
    """Write the ids of the training rows without a value to train.jsonl, with the reason."""
    rows = _dataset(corpus / "train")
    assert rows is not None
    ids = rows.to_table(columns=["id"], filter=ds.field(column).is_null())["id"].to_pylist()
    reason = f"has no {column}, and train.per trains an adapter for each {column}"
    folder.mkdir(exist_ok=True)
    lines = [json.dumps({"id": row, "reason": reason}) for row in sorted(ids)]
    (folder / "train.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def table(column: Column, found: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the README.md of adapters/: every adapter with its rows, steps, loss and seconds."""
    head = (
        f"# An adapter for each {column}\n\n"
        f"| {column} | rows | steps | loss, first step | last step | held-out loss, before | after "
        "| seconds |\n|---|---:|---:|---:|---:|---:|---:|---:|"
    )
    keys = (
        "rows",
        "steps",
        "loss_first",
        "loss_last",
        "validation_loss_before",
        "validation_loss_after",
        "seconds",
    )
    lines = [
        f"| {value} | " + " | ".join("" if made[k] is None else f"{made[k]:,}" for k in keys) + " |"
        for value, made in found.items()
    ]
    return "\n".join([head, *lines, ""])


def _dataset(split: Path) -> "ds.Dataset | None":
    files = sorted(str(file) for file in split.glob("*.parquet"))
    return ds.dataset(files, format="parquet") if files else None
