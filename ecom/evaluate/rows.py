"""rows.parquet: the score of every row of every model, so that runs can be compared later."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ecom.errors import InputError
from ecom.evaluate.gold import Answered, Gold
from ecom.evaluate.rate import Rated

_QUESTION = ("line", "id", "task", "form", "paradigm", "metric", "track", "gold")
_RATIOS = ("official_top", "official_bottom", "lenient_top", "lenient_bottom")
SCHEMA = pa.schema(
    [
        pa.field("model", pa.string()),
        pa.field("line", pa.int64()),
        *(pa.field(name, pa.string()) for name in ("id", "task", "form", "metric", "track")),
        pa.field("gold", pa.string()),  # JSON
        *(pa.field(name, pa.string()) for name in ("prediction", "error", "kind")),
        pa.field("confidence", pa.float64()),
        *(pa.field(name, pa.float64()) for name in _RATIOS),
        pa.field("found_official", pa.bool_()),
        pa.field("found_lenient", pa.bool_()),
    ]
)


def write(
    path: Path,
    golds: Sequence[Gold],
    answers: Mapping[str, Sequence[Answered]],
    rated: Mapping[str, Rated],
    kinds: Mapping[str, Sequence[str | None]],
) -> None:
    """Write one row per model and gold, one row group per model."""
    question = {
        name: [getattr(gold, name) for gold in golds]
        for name in ("line", "id", "task", "form", "metric", "track")
    }
    question["gold"] = [json.dumps(gold.answer, ensure_ascii=False) for gold in golds]
    with pq.ParquetWriter(path, SCHEMA) as writer:
        for model, rows in answers.items():
            columns = {
                "model": [model] * len(golds),
                **question,
                "prediction": [row.text for row in rows],
                "error": [row.error for row in rows],
                "kind": kinds[model],
                "confidence": [row.confidence for row in rows],
                **_ratios(rated[model]),
                "found_official": rated[model].found_official,
                "found_lenient": rated[model].found_lenient,
            }
            writer.write_table(pa.table(columns, schema=SCHEMA))


def load(run: str) -> tuple[pa.Table, str]:
    """Return the rows and the name of a run, `DIR` or `DIR:MODEL`: an evaluate artifact or workdir.

    Without MODEL the last model is taken, which is the compressed one. Raises InputError.
    """
    folder, file, model = _locate(run)
    table = pq.read_table(file)
    models = list(dict.fromkeys(table["model"].to_pylist()))
    if model and model not in models:
        raise InputError(f"{run}: no model {model!r} was scored there; it has {', '.join(models)}")
    model = model or models[-1]
    return table.filter(pc.equal(table["model"], model)), f"{folder}:{model}"


def is_ecominstruct(table: pa.Table) -> bool:
    """Say whether the rows are EcomInstruct's (ecominstruct/stage.py writes them)."""
    return "statistics" in table.column_names


def other_questions(one: pa.Table, two: pa.Table) -> str | None:
    """Return how the questions and golds of two models differ, or None if they are the same."""
    if is_ecominstruct(one) != is_ecominstruct(two):
        return "EcomInstruct's and ShopBench's"
    names = [name for name in _QUESTION if name in one.column_names]
    pairs = zip(one.select(names).to_pylist(), two.select(names).to_pylist(), strict=False)
    row = next((n for n, (a, b) in enumerate(pairs, start=1) if a != b), None)
    if row:
        return f"first at row {row}"
    return None if len(one) == len(two) else "one is longer"


def rated(table: pa.Table) -> tuple[list[Gold], Rated]:
    """Return the golds of ShopBench's rows, and the scores of a model's answers."""
    questions = table.select([name for name in _QUESTION if name in table.column_names])
    golds = [
        Gold(prompt="", answer=json.loads(row.pop("gold")), **row) for row in questions.to_pylist()
    ]
    columns = {
        name: table[name].to_numpy() for name in (*_RATIOS, "found_official", "found_lenient")
    }
    return golds, Rated(
        np.stack([columns["official_top"], columns["official_bottom"]], axis=1),
        np.stack([columns["lenient_top"], columns["lenient_bottom"]], axis=1),
        columns["found_official"],
        columns["found_lenient"],
    )


def _locate(run: str) -> tuple[Path, Path, str]:
    """Return the folder, its rows.parquet, and the model named after a colon, if any."""
    head, _, tail = run.rpartition(":")
    for folder, model in ((Path(run), ""), (Path(head), tail)):
        for file in (folder / "rows.parquet", folder / "evaluate" / "rows.parquet"):
            if (head or not model) and file.is_file():
                return folder, file, model
    raise InputError(
        f"{run}: no rows.parquet there nor in evaluate/ below; give a run's folder that "
        "`ecom evaluate RECIPE` has written, DIR or DIR:MODEL, or --gold and two prediction files"
    )


def _ratios(rated: Rated) -> dict[str, np.ndarray]:
    numbers = np.concatenate([rated.official, rated.lenient], axis=1)
    return {name: numbers[:, column] for column, name in enumerate(_RATIOS)}
