"""Predictions + gold -> scores.json, rows.parquet, and a report: report.html, report.md, *.png.

    gold ─► read_gold ─┐
    NAME.jsonl ─► read_predictions ─► rate ─► resample ─► summary ─► report
                       └─ all faults of all files are raised before the first row is scored

The models are scored beside guessing, each by both parsers (ecom/forms).
"""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom import artifact, contamination, ecominstruct, progress
from ecom.errors import DataError
from ecom.evaluate import charts, failures, report, report_page, rows
from ecom.evaluate.aggregate import resampled, summary
from ecom.evaluate.calibration import calibration
from ecom.evaluate.compare import compare
from ecom.evaluate.compare import table as shopbench_table
from ecom.evaluate.config import EvaluateConfig
from ecom.evaluate.ecominstruct import page, stage
from ecom.evaluate.gold import (
    Answered,
    Gold,
    LeftOut,
    raise_all,
    read_gold,
    read_predictions,
    reasons,
    write_left_out,
)
from ecom.evaluate.guess import rate_guesses
from ecom.evaluate.rate import Rated, not_computed, not_read_by_rouge, rate
from ecom.forms import PARSERS
from ecom.raw import reading

if TYPE_CHECKING:
    from rich.table import Table

__all__ = [
    "compare_files",
    "compare_runs",
    "compare_table",
    "run",
    "score_files",
    "table",
]


def run(
    config: EvaluateConfig,
    *,
    seed: int,
    gold: str | Path,
    predictions: Mapping[str, Path],
    corpus: Path | None,
    draft: artifact.Draft,
) -> None:
    """Score `predictions` (model name -> file) and write the report below the draft.

    Gold rows that cannot be read go to `rejected/gold.jsonl` and are counted in the report; with
    `config.skip_bad` so do those that cannot be scored.
    EcomInstruct's folders are scored by their own rules. `corpus` is what the models were
    trained on: its overlap with the gold is reported. Raises one DataError for all golds and
    predictions that cannot be scored.
    """
    if ecominstruct.is_tasks(gold):
        stage.run(config, gold=Path(gold), predictions=predictions, corpus=corpus, draft=draft)
        return
    golds, left_out = read_gold(gold, config.map_metrics, skip_bad=config.skip_bad)
    write_left_out(draft.path, left_out)
    answers = _read_all(predictions, golds, left_out)
    rated = {"guess": rate_guesses(golds, seed, config.encoders)}
    rated |= _rate_all(golds, answers, config)
    kinds = {name: failures.kinds(said, rated[name]) for name, said in answers.items()}
    with progress.waiting("evaluate: bootstrap intervals"):
        models = {name: _scores(golds, one, config, seed) for name, one in rated.items()}
    scores: dict[str, Any] = {
        "rows": len(golds),
        "gold_rejected": reasons(left_out),
        "not_read_by_rouge": not_read_by_rouge(golds),
        "models": models,
        "calibration": {
            name: calibration(golds, said, rated[name]) for name, said in answers.items()
        },
        "failures": {name: failures.count(golds, found) for name, found in kinds.items()},
    }
    if corpus:
        scores["contamination"] = contamination.to_json(contamination.find(corpus, gold))
    with progress.waiting("evaluate: write the report"):
        rows.write(draft.path / "rows.parquet", golds, answers, rated, kinds)
        (draft.path / "scores.json").write_text(json.dumps(scores, indent=2, ensure_ascii=False))
        (draft.path / "report.md").write_text(report_page.markdown(scores), encoding="utf-8")
        drawn = charts.draw(scores, golds, answers, draft.path)
        shown = {n: failures.examples(golds, said, kinds[n]) for n, said in answers.items()}
        text = report_page.html(scores, shown, drawn)
        (draft.path / "report.html").write_text(text, encoding="utf-8")
    official = {name: entry["official"] for name, entry in scores["models"].items()}
    draft.metrics.update(
        rows=len(golds),
        gold_rejected=len(left_out),
        overall={name: entry["overall"] for name, entry in official.items()},
        forms={name: entry["forms"] for name, entry in official.items()},
        not_computed=official["guess"]["not_computed"],
        contaminated=len(scores.get("contamination", {}).get("overlaps", ())),
    )


def score_files(
    gold: str | Path, predictions: Path, config: EvaluateConfig, *, seed: int = 0
) -> dict[str, Any]:
    """Return the scores of one file of `{"id"?: …, "prediction": "raw text"}`, by both parsers.

    The scores of EcomInstruct's folders are returned under `ecominstruct`.
    Predictions without ids must be in the gold's order. Gold rows that cannot be read or scored are
    an error, unless `config.skip_bad` leaves them out.
    """
    if ecominstruct.is_tasks(gold):
        return stage.score_files(Path(gold), predictions, config)
    golds, left_out = _complete_gold(gold, config)
    answers = _read_all({"model": predictions}, golds, left_out)
    rated = _rate_all(golds, answers, config)["model"]
    found = failures.count(golds, failures.kinds(answers["model"], rated))
    return {
        "rows": len(golds),
        "gold_rejected": reasons(left_out),
        "not_read_by_rouge": not_read_by_rouge(golds),
        **_scores(golds, rated, config, seed),
        "failures": found,
    }


def table(scores: Mapping[str, Any]) -> "Table":
    """Return a table of a run's scores.json, or of the result of `score_files`."""
    if found := scores.get("ecominstruct"):
        models = {"score": found} if "mean" in found else found
        return page.table(models, report.left_out(scores))
    if "models" in scores:
        return report.table(scores)
    model = {parser: scores[parser] for parser in PARSERS}
    shared = {key: scores[key] for key in ("rows", "gold_rejected", "not_read_by_rouge")}
    return report.table({**shared, "models": {"score": model}})


def compare_files(
    gold: str | Path, first: Path, second: Path, config: EvaluateConfig, *, seed: int = 0
) -> tuple[dict[str, Any], list[str]]:
    """Return the paired differences (second − first) of two prediction files, and their names.

    Those of EcomInstruct's folders are returned under `ecominstruct`.
    """
    paths = {str(first): first, str(second): second}
    if len(paths) == 1:
        raise DataError(f"{first}: compared with itself; give two files")
    if ecominstruct.is_tasks(gold):
        return stage.compare_files(Path(gold), paths, config, seed), list(paths)
    golds, left_out = _complete_gold(gold, config)
    answers = _read_all(paths, golds, left_out)
    a, b = _rate_all(golds, answers, config).values()
    return compare(golds, a, b, config.bootstrap_samples, seed), list(paths)


def compare_runs(
    first: str, second: str, *, samples: int = 1_000, seed: int = 0
) -> tuple[dict[str, Any], list[str]]:
    """Return the paired differences of two evaluated runs (`DIR` or `DIR:MODEL`), and their names.

    Raises DataError where the two did not answer the same questions.
    """
    (one, name_a), (two, name_b) = rows.load(first), rows.load(second)
    if other := rows.other_questions(one, two):
        raise DataError(
            f"{name_a} and {name_b} were scored on different questions or golds "
            f"({len(one)} and {len(two)} rows, {other}); evaluate both with the same evaluate.gold"
        )
    if rows.is_ecominstruct(one):
        return stage.compare_tables(one, two, samples, seed), [name_a, name_b]
    (golds, a), (_, b) = rows.rated(one), rows.rated(two)
    return compare(golds, a, b, samples, seed), [name_a, name_b]


def compare_table(found: Mapping[str, Any], names: Sequence[str]) -> "Table":
    """Return a table of the result of `compare_files` or `compare_runs`."""
    if "ecominstruct" in found:
        return page.compare_table(found["ecominstruct"], names)
    return shopbench_table(found["official"], names)


def _complete_gold(path: str | Path, config: EvaluateConfig) -> tuple[list[Gold], list[LeftOut]]:
    golds, left_out = read_gold(path, config.map_metrics, skip_bad=config.skip_bad)
    if left_out and not config.skip_bad:
        lines = "\n".join(
            f"  {reading.shown(path, one.place)}:{one.place.line}: {one.row.reason}"
            for one in left_out
        )
        raise DataError(
            "the gold file has lines that cannot be read; repair them, or leave them out with "
            f"evaluate.skip_bad=true, or --skip-bad:\n{lines}"
        )
    return golds, left_out


def _read_all(
    paths: Mapping[str, Path], golds: Sequence[Gold], left_out: Sequence[LeftOut]
) -> dict[str, list[Answered]]:
    answers, faults = {}, []
    for name, path in paths.items():
        answers[name], wrong = read_predictions(path, golds, left_out)
        faults += wrong
    raise_all(faults, "the predictions do not fit the gold")
    return answers


def _rate_all(
    golds: Sequence[Gold], answers: Mapping[str, Sequence[Answered]], config: EvaluateConfig
) -> dict[str, Rated]:
    rated = {}
    with progress.bar() as bar:
        for name, said in answers.items():
            task = bar.add_task(f"evaluate: score {name}", total=len(golds), unit="rows")
            texts = [answered.text for answered in said]
            rated[name] = rate(golds, texts, config.encoders, partial(bar.advance, task))
    return rated


def _scores(
    golds: Sequence[Gold], rated: Rated, config: EvaluateConfig, seed: int
) -> dict[str, Any]:
    """Return one model's summary under the name of each parser."""
    lacking = not_computed(golds, config.encoders)
    return {
        parser: summary(
            golds, resampled(golds, rated, parser, config.bootstrap_samples, seed), lacking
        )
        for parser in PARSERS
    }
