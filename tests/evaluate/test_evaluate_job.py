import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from ecom.artifact import Draft
from ecom.errors import DataError
from ecom.evaluate.config import EvaluateConfig
from ecom.evaluate.job import run, score_files, table
from ecom.forms import FORMS, ranking


def answer(row: dict[str, Any]) -> str:
    gold = row["output_field"]
    if row["task_type"] == "ranking":
        gold = ranking.order(gold)
    return FORMS[row["task_type"]].emit(gold)


def write(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


SHOP = [
    {
        "input_field": f"Which is {i}?\n0. a\n1. b\n2. c\n3. d\nAnswer:",
        "output_field": i % 4,
        "task_name": f"choose{i % 2}",
        "task_type": "multiple-choice",
        "metric": "accuracy",
        "is_multiple_choice": True,
        "track": "concepts",
    }
    for i in range(60)
]


def test_right_answers_to_the_development_set_score_one(ecom_data: Path, tmp_path: Path) -> None:
    gold = ecom_data / "shopbench" / "development.json"
    rows = [json.loads(line) for line in gold.read_text(encoding="utf-8").splitlines()]
    predictions = write(tmp_path / "p.jsonl", [{"prediction": answer(row)} for row in rows])
    scores = score_files(gold, predictions, bootstrap_samples=100)["official"]
    computed = {n: t["score"] for n, t in scores["tasks"].items() if t["score"] is not None}
    assert len(rows) == sum(task["n"] for task in scores["tasks"].values()) == 96
    assert len(computed) + len(scores["not_computed"]) == 18
    assert computed == pytest.approx(dict.fromkeys(computed, 1))
    assert scores["overall"] == pytest.approx(1)
    assert set(scores["tracks"]) == {"concepts", "reasoning", "behavior", "multilingual"}


def test_the_stage_sets_models_beside_guessing(tmp_path: Path) -> None:
    gold = write(tmp_path / "gold.jsonl", SHOP)
    good = write(tmp_path / "good.jsonl", [{"prediction": answer(row)} for row in SHOP])
    bad = write(tmp_path / "bad.jsonl", [{"prediction": "no idea"} for _ in SHOP])
    with gold.open("a") as stream:
        stream.write("{broken\n")
    draft = Draft(tmp_path / "out")
    draft.path.mkdir()
    config = EvaluateConfig(gold="unused", bootstrap_samples=200)
    run(config, seed=0, gold=gold, predictions={"base": bad, "awq": good}, draft=draft)

    scores = json.loads((draft.path / "scores.json").read_text())
    overall = {name: entry["official"]["overall"] for name, entry in scores["models"].items()}
    assert list(overall) == ["guess", "base", "awq"]
    assert overall == pytest.approx({"guess": 0.25, "base": 0, "awq": 1}, abs=0.05)
    assert draft.metrics["overall"] == overall
    assert draft.metrics["gold_rejected"] == 1
    assert json.loads((draft.path / "rejected" / "gold.jsonl").read_text())["line"] == 61
    assert (draft.path / "scores.png").read_bytes().startswith(b"\x89PNG")

    shown, page = io.StringIO(), (draft.path / "report.md").read_text()
    Console(width=120, file=shown).print(table(scores))
    for text in (shown.getvalue(), page):
        assert "1.000 [1.000, 1.000]" in text
        assert "overall" in text
        assert "gold.jsonl" in text
    assert "choose1 (multiple-choice, accuracy, 30 rows)" in page


def test_every_file_that_does_not_fit_is_named_at_once(tmp_path: Path) -> None:
    gold = write(tmp_path / "gold.jsonl", SHOP)
    short = write(tmp_path / "short.jsonl", [{"prediction": "1"}])
    wrong = write(tmp_path / "wrong.jsonl", [{"prediction": 1} for _ in SHOP])
    draft = Draft(tmp_path / "out")
    draft.path.mkdir()
    with pytest.raises(DataError) as caught:
        run(
            EvaluateConfig(gold="unused"),
            seed=0,
            gold=gold,
            predictions={"base": short, "awq": wrong},
            draft=draft,
        )
    assert "short.jsonl: 1 predictions without ids for 60 gold rows" in str(caught.value)
    assert "wrong.jsonl:1: prediction is 1" in str(caught.value)


def test_a_damaged_gold_line_would_shift_predictions_without_ids(tmp_path: Path) -> None:
    gold = write(tmp_path / "gold.jsonl", SHOP[:2])
    gold.write_text("{broken\n" + gold.read_text())
    predictions = write(tmp_path / "p.jsonl", [{"prediction": "0"}] * 2)
    with pytest.raises(DataError, match=r"gold\.jsonl:1: not valid JSON"):
        score_files(gold, predictions)
