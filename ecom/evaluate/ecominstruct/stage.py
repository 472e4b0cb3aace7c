"""The evaluate stage where the gold is EcomInstruct's: its files, and the comparison of runs.

scores.json      {"rows", "ecominstruct": {model: scores}, "failures", "contamination"?}
rows.parquet     the statistics of every row of every model, so that runs can be compared later
report.html, .md
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ecom import artifact, contamination, progress
from ecom.ecominstruct import Row
from ecom.evaluate import failures
from ecom.evaluate.config import EvaluateConfig
from ecom.evaluate.ecominstruct import page
from ecom.evaluate.ecominstruct.metrics import values
from ecom.evaluate.ecominstruct.scores import (
    Model,
    Rated,
    compare,
    rate,
    read_answers,
    read_gold,
    scores,
)
from ecom.evaluate.gold import Answered, Gold, reasons, write_left_out

SCHEMA = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in ("model", "id", "task", "paradigm", "gold")),
        *(pa.field(name, pa.string()) for name in ("prediction", "error", "kind")),
        pa.field("statistics", pa.list_(pa.float64())),
    ]
)
_KINDS = tuple(kind for kind in failures.KINDS if kind != "lost to format")  # there is one parser


def run(
    config: EvaluateConfig,
    *,
    gold: Path,
    predictions: Mapping[str, Path],
    corpus: Path | None,
    draft: artifact.Draft,
) -> None:
    """Write the files below the draft; parameters and errors are as in `ecom.evaluate.job.run`."""
    rows, left_out = read_gold(gold, config)
    write_left_out(draft.path, left_out)
    answers = read_answers(predictions, rows, left_out)
    models, kinds = {}, {}
    for name, said in answers.items():
        with progress.waiting(f"evaluate: score {name}"):
            models[name] = rate(rows, [answered.text for answered in said])
            kinds[name] = _kinds(said, models[name])
    golds = [_gold(row) for row in rows]
    found: dict[str, Any] = {
        "rows": len(rows),
        "gold_rejected": reasons(left_out),
        "ecominstruct": {name: scores(model) for name, model in models.items()},
        "failures": {n: failures.count(golds, k, "task", _KINDS) for n, k in kinds.items()},
    }
    if corpus:
        found["contamination"] = contamination.to_json(contamination.find(corpus, gold))
    with progress.waiting("evaluate: write the report"):
        _write_rows(draft.path / "rows.parquet", golds, answers, models, kinds)
        text = json.dumps(found, indent=2, ensure_ascii=False)
        (draft.path / "scores.json").write_text(text, encoding="utf-8")
        (draft.path / "report.md").write_text(page.markdown(found), encoding="utf-8")
        shown = {n: failures.examples(golds, a, kinds[n], "task") for n, a in answers.items()}
        page.write_html(draft.path / "report.html", found, shown)
    draft.metrics.update(
        rows=len(rows),
        gold_rejected=len(left_out),
        mean={name: one["mean"] for name, one in found["ecominstruct"].items()},
        contaminated=len(found.get("contamination", {}).get("overlaps", ())),
    )


def score_files(gold: Path, predictions: Path, config: EvaluateConfig) -> dict[str, Any]:
    """Return {"ecominstruct": scores, "rows", "gold_rejected", "failures"} of one file."""
    rows, left_out = read_gold(gold, config)
    said = read_answers({"model": predictions}, rows, left_out)["model"]
    model = rate(rows, [answered.text for answered in said])
    found = failures.count([_gold(row) for row in rows], _kinds(said, model), "task", _KINDS)
    return {
        "ecominstruct": scores(model),
        "rows": len(rows),
        "gold_rejected": reasons(left_out),
        "failures": found,
    }


def compare_files(
    gold: Path, paths: Mapping[str, Path], config: EvaluateConfig, seed: int
) -> dict[str, Any]:
    """Return the paired differences of two prediction files."""
    rows, left_out = read_gold(gold, config)
    answers = read_answers(paths, rows, left_out)
    first, second = (rate(rows, [a.text for a in said]) for said in answers.values())
    return {"ecominstruct": compare(first, second, config.bootstrap_samples, seed)}


def compare_tables(first: pa.Table, second: pa.Table, samples: int, seed: int) -> dict[str, Any]:
    """Return the paired differences of two models' rows.parquet, of the same questions."""
    return {"ecominstruct": compare(_model(first), _model(second), samples, seed)}


def _gold(row: Row) -> Gold:
    return Gold(row.line, row.id, row.prompt, row.answer, row.task.name, "generation", "", "")


def _kinds(answers: Sequence[Answered], model: Model) -> list[str]:
    """Return why each row loses points; the rows are in the order of the tasks."""
    scored = [score for rated in model.values() for score in _row_scores(rated)]
    return [_kind(answered, score) for answered, score in zip(answers, scored, strict=True)]


def _row_scores(rated: Rated) -> list[float]:
    """Return each row's F1, or for extraction and generation ROUGE-L on characters."""
    found = values(rated.paradigm, rated.statistics, 1)
    if rated.paradigm in ("EXT", "GEN"):
        return [float(score) for score in found["rouge_l_chars"]]
    nothing = rated.statistics[:, 4:].sum(axis=1) == 0  # no entity, and none found
    return [float(score) for score in np.where(nothing, 1.0, found["micro_f1"])]


def _kind(answered: Answered, score: float) -> str:
    if answered.error:
        return "engine error"
    if not answered.text.strip():
        return "no answer"
    return "right" if score >= 1 else "partly right" if score > 0 else "wrong"


def _write_rows(
    path: Path,
    golds: Sequence[Gold],
    answers: Mapping[str, Sequence[Answered]],
    models: Mapping[str, Model],
    kinds: Mapping[str, Sequence[str]],
) -> None:
    with pq.ParquetWriter(path, SCHEMA) as writer:
        for name, said in answers.items():
            rated = models[name]
            columns = {
                "model": [name] * len(golds),
                "id": [gold.id for gold in golds],
                "task": [gold.task for gold in golds],
                "paradigm": [rated[gold.task].paradigm for gold in golds],
                "gold": [gold.answer for gold in golds],
                "prediction": [answered.text for answered in said],
                "error": [answered.error for answered in said],
                "kind": kinds[name],
                "statistics": [row for one in rated.values() for row in one.statistics.tolist()],
            }
            writer.write_table(pa.table(columns, schema=SCHEMA))


def _model(table: pa.Table) -> Model:
    parts: dict[str, list[dict[str, Any]]] = {}
    for row in table.select(["task", "paradigm", "statistics"]).to_pylist():
        parts.setdefault(row["task"], []).append(row)
    return {
        task: Rated(part[0]["paradigm"], np.array([row["statistics"] for row in part]))
        for task, part in parts.items()
    }
