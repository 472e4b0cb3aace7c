"""rows.parquet: what every row of every model scored, so that runs can be compared later."""

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

_ASKED = ("line", "id", "task", "form", "paradigm", "metric", "track", "gold")
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
    """Write one row a model and gold, a row group a model."""
    asked = {
        name: [getattr(gold, name) for gold in golds]
        for name in ("line", "id", "task", "form", "metric", "track")
    }
    asked["gold"] = [json.dumps(gold.answer, ensure_ascii=False) for gold in golds]
    with pq.ParquetWriter(path, SCHEMA) as writer:
        for model, rows in answers.items():
            columns = {
                "model": [model] * len(golds),
                **asked,
                "prediction": [row.text for row in rows],
                "error": [row.error for row in rows],
                "kind": kinds[model],
                "confidence": [row.confidence for row in rows],
                **_ratios(rated[model]),
                "found_official": rated[model].found_official,
                "found_lenient": rated[model].found_lenient,
            }
            writer.write_table(pa.table(columns, schema=SCHEMA))


def load(place: str) -> tuple[pa.Table, str]:
    """Return the rows and a name for `DIR` or `DIR:MODEL`: an evaluate artifact or a workdir.

    Without a model the last one is taken, which is the compressed one. Raises InputError.
    """
    folder, file, model = _locate(place)
    table = pq.read_table(file)
    models = list(dict.fromkeys(table["model"].to_pylist()))
    if model and model not in models:
        raise InputError(
            f"{place}: no model {model!r} was scored there; it has {', '.join(models)}"
        )
    model = model or models[-1]
    return table.filter(pc.equal(table["model"], model)), f"{folder}:{model}"


def is_ecominstruct(table: pa.Table) -> bool:
    """Say whether the rows are EcomInstruct's (ecominstruct/stage.py writes them)."""
    return "statistics" in table.column_names


def other_questions(one: pa.Table, two: pa.Table) -> str | None:
    """Return what tells the questions and golds of two models apart, or None."""
    if is_ecominstruct(one) != is_ecominstruct(two):
        return "EcomInstruct's and ShopBench's"
    names = [name for name in _ASKED if name in one.column_names]
    pairs = zip(one.select(names).to_pylist(), two.select(names).to_pylist(), strict=False)
    place = next((n for n, (a, b) in enumerate(pairs, start=1) if a != b), None)
    if place:
        return f"first at row {place}"
    return None if len(one) == len(two) else "one is longer"


def rated(table: pa.Table) -> tuple[list[Gold], Rated]:
    """Return the golds of ShopBench's rows, and what a model's answers score."""
    asked = table.select([name for name in _ASKED if name in table.column_names]).to_pylist()
    golds = [Gold(prompt="", answer=json.loads(row.pop("gold")), **row) for row in asked]
    columns = {
        name: table[name].to_numpy() for name in (*_RATIOS, "found_official", "found_lenient")
    }
    return golds, Rated(
        np.stack([columns["official_top"], columns["official_bottom"]], axis=1),
        np.stack([columns["lenient_top"], columns["lenient_bottom"]], axis=1),
        columns["found_official"],
        columns["found_lenient"],
    )


def _locate(place: str) -> tuple[Path, Path, str]:
    """Return the folder, its rows.parquet, and the model named behind a colon, if any."""
    head, _, tail = place.rpartition(":")
    for folder, model in ((Path(place), ""), (Path(head), tail)):
        for file in (folder / "rows.parquet", folder / "evaluate" / "rows.parquet"):
            if (head or not model) and file.is_file():
                return folder, file, model
    raise InputError(
        f"{place}: no rows.parquet there nor in evaluate/ below; give a run's folder that "
        "`ecom evaluate RECIPE` has written, DIR or DIR:MODEL, or --gold and two prediction files"
    )


def _ratios(rated: Rated) -> dict[str, np.ndarray]:
    numbers = np.concatenate([rated.official, rated.lenient], axis=1)
    return {name: numbers[:, place] for place, name in enumerate(_RATIOS)}
