"""Predictions + gold -> scores.json, report.md, scores.png.

The models stand side by side with guessing. Every prediction file is checked against the gold
before the first row is scored.
"""

import json
from pathlib import Path
from typing import Any

from ecom import artifact, shopbench
from ecom.evaluate import report
from ecom.evaluate.aggregate import aggregate, rate
from ecom.evaluate.config import EvaluateConfig
from ecom.evaluate.gold import raise_all, read_gold, read_predictions
from ecom.evaluate.guess import rate_guesses
from ecom.evaluate.report import table

__all__ = ["run", "score_files", "table"]


def run(
    config: EvaluateConfig,
    *,
    seed: int,
    gold: Path,
    predictions: dict[str, Path],
    draft: artifact.Draft,
) -> None:
    """Score `predictions` (model name -> file) and write the report below the draft.

    Gold lines that are no JSON object go to `rejected/gold.jsonl` and are counted in the report.
    Raises DataError, listing every offender, where golds or predictions cannot be scored.
    """
    golds, rejected = read_gold(gold)
    shopbench.write_rejected(draft.path / "rejected" / "gold.jsonl", rejected)
    texts, faults = {}, []
    for name, path in predictions.items():
        texts[name], wrong = read_predictions(path, golds)
        faults += wrong
    raise_all(faults, "the predictions do not fit the gold")
    rated = {"guess": rate_guesses(golds, seed)}
    rated |= {name: rate(golds, rows) for name, rows in texts.items()}
    scores: dict[str, Any] = {
        "rows": len(golds),
        "gold_rejected": len(rejected),
        "models": {
            name: {"official": aggregate(golds, ratios, config.bootstrap_samples, seed)}
            for name, ratios in rated.items()
        },
    }
    (draft.path / "scores.json").write_text(json.dumps(scores, indent=2, ensure_ascii=False))
    (draft.path / "report.md").write_text(report.markdown(scores), encoding="utf-8")
    report.chart(scores, draft.path / "scores.png")
    official = {name: entry["official"] for name, entry in scores["models"].items()}
    draft.metrics.update(
        rows=len(golds),
        gold_rejected=len(rejected),
        overall={name: entry["overall"] for name, entry in official.items()},
        forms={name: entry["forms"] for name, entry in official.items()},
        not_computed=official["guess"]["not_computed"],
    )


def score_files(
    gold: Path, predictions: Path, *, bootstrap_samples: int = 1_000, seed: int = 0
) -> dict[str, Any]:
    """Return the scores of one file of `{"id"?: …, "prediction": "raw text"}` under `official`.

    Without ids the predictions stand in the gold's order, so no gold line may be unreadable.
    """
    golds, rejected = read_gold(gold)
    if rejected:
        raise_all([f"{gold}:{r.line}: {r.reason}" for r in rejected], "the gold file is damaged")
    texts, faults = read_predictions(predictions, golds)
    raise_all(faults, "the predictions do not fit the gold")
    return {"official": aggregate(golds, rate(golds, texts), bootstrap_samples, seed)}
