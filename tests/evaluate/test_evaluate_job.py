import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from ecom.artifact import Draft
from ecom.errors import DataError, InputError
from ecom.evaluate.config import EvaluateConfig
from ecom.evaluate.job import compare_files, compare_runs, run, score_files, table
from ecom.forms import FORMS, ranking

CONFIG = EvaluateConfig(gold="unused", bootstrap_samples=100)


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
    scores = score_files(gold, predictions, CONFIG)["official"]
    computed = {n: t["score"] for n, t in scores["tasks"].items() if t["score"] is not None}
    assert set(scores["not_computed"]) == {
        name for name, task in scores["tasks"].items() if task["score"] is None
    }
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
    files = {"base": bad, "merged": good, "awq": good}
    run(config, seed=0, gold=gold, predictions=files, corpus=None, draft=draft)

    scores = json.loads((draft.path / "scores.json").read_text())
    overall = {name: entry["official"]["overall"] for name, entry in scores["models"].items()}
    assert list(overall) == ["guess", "base", "merged", "awq"]
    assert overall == pytest.approx({"guess": 0.25, "base": 0, "merged": 1, "awq": 1}, abs=0.05)
    assert draft.metrics["overall"] == overall
    assert draft.metrics["gold_rejected"] == 1
    assert json.loads((draft.path / "rejected" / "gold.jsonl").read_text())["line"] == 61
    assert (draft.path / "forms.png").read_bytes().startswith(b"\x89PNG")

    shown, page = io.StringIO(), (draft.path / "report.md").read_text()
    Console(width=120, file=shown).print(table(scores))
    for text in (shown.getvalue(), page):
        assert "1.000 [1.000, 1.000]" in text
        assert "overall" in text
        assert "gold.jsonl" in text
    assert "choose1 (multiple-choice, accuracy, 30 rows)" in page
    log = io.StringIO()
    Console(width=100, file=log).print(table(scores))
    assert "…" not in log.getvalue()
    assert log.getvalue().count("[1.000, 1.000]") == shown.getvalue().count("[1.000, 1.000]")


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
            corpus=None,
            draft=draft,
        )
    assert (
        "short.jsonl: 1 predictions without ids for 60 gold rows: none for gold lines 2-60"
        in str(caught.value)
    )
    assert "wrong.jsonl:1-60: prediction is 1" in str(caught.value)


def test_a_damaged_gold_line_would_shift_predictions_without_ids(tmp_path: Path) -> None:
    gold = write(tmp_path / "gold.jsonl", SHOP[:2])
    gold.write_text("{broken\n" + gold.read_text())
    predictions = write(tmp_path / "p.jsonl", [{"prediction": "0"}] * 2)
    with pytest.raises(DataError, match=r"gold\.jsonl:1: not valid JSON"):
        score_files(gold, predictions, CONFIG)


def test_both_parsers_stand_in_the_scores_and_the_loss_is_counted(tmp_path: Path) -> None:
    gold = write(tmp_path / "gold.jsonl", SHOP)
    wordy = write(
        tmp_path / "p.jsonl", [{"prediction": f"Answer: ({row['output_field']})"} for row in SHOP]
    )
    scores = score_files(gold, wordy, CONFIG)
    assert scores["official"]["overall"] == 0
    assert scores["lenient"]["overall"] == 1
    assert scores["failures"]["multiple-choice"]["lost to format"] == 60


def evaluated(tmp_path: Path, name: str, texts: list[str], gold: Path) -> Path:
    predictions = write(
        tmp_path / f"{name}.jsonl",
        [{"prediction": text, "confidence": 0.9 - i % 2 / 2} for i, text in enumerate(texts)],
    )
    draft = Draft(tmp_path / name / "evaluate")
    draft.path.mkdir(parents=True)
    run(CONFIG, seed=0, gold=gold, predictions={"awq": predictions}, corpus=None, draft=draft)
    return draft.path


def test_the_report_is_one_page_with_its_pictures_and_escapes_what_models_say(
    tmp_path: Path,
) -> None:
    gold = write(tmp_path / "gold.jsonl", SHOP)
    path = evaluated(tmp_path, "run", ["<script>alert('x')</script>"] * 30 + ["1"] * 30, gold)
    page = (path / "report.html").read_text()
    assert "<script>" not in page
    assert "&lt;script&gt;alert(" in page
    pictures = {"forms.png", "skills.png", "tasks.png", "lengths.png", "reliability.png"}
    assert {file.name for file in path.glob("*.png")} == pictures
    assert page.count("data:image/png;base64,") == len(pictures)
    assert "no answer" in page
    scores = json.loads((path / "scores.json").read_text())
    # By hand: half of the rows are sure by 0.9, half by 0.4; none of the first 30 and a quarter
    # of the last 30 (15 of either confidence, the right ones in places 31, 35, …) are right.
    assert scores["calibration"]["awq"]["n"] == 60
    right = [i for i in range(30, 60) if i % 4 == 1]
    sure = [sum(1 for i in right if i % 2 == odd) / 30 for odd in (0, 1)]
    expected = (abs(sure[0] - 0.9) + abs(sure[1] - 0.4)) / 2
    assert scores["calibration"]["awq"]["ece"] == pytest.approx(expected)


def test_runs_are_compared_pairwise(tmp_path: Path) -> None:
    gold = write(tmp_path / "gold.jsonl", SHOP)
    right = [answer(row) for row in SHOP]
    worse = ["9" if i % 3 == 0 else text for i, text in enumerate(right)]
    first = evaluated(tmp_path, "one", worse, gold)
    second = evaluated(tmp_path, "two", right, gold)
    found, names = compare_runs(str(first), f"{second.parent}:awq")
    assert names[1].endswith("two:awq")
    overall = found["official"]["overall"]
    assert overall["difference"] == pytest.approx(1 / 3, abs=0.01)
    assert overall["real"]
    same, _ = compare_runs(str(first), f"{first.parent}:awq")
    assert same["official"]["overall"]["interval"] == [0, 0]
    assert not same["official"]["overall"]["real"]
    by_file, _ = compare_files(gold, tmp_path / "one.jsonl", tmp_path / "two.jsonl", CONFIG)
    assert by_file["lenient"]["overall"]["a"] == overall["a"]

    with pytest.raises(InputError, match="no model 'merged' was scored there; it has awq"):
        compare_runs(str(first), f"{second}:merged")
    with pytest.raises(InputError, match=r"no rows\.parquet"):
        compare_runs(str(first), str(tmp_path))
    other = evaluated(tmp_path, "three", right[1:], write(tmp_path / "less.jsonl", SHOP[1:]))
    with pytest.raises(DataError, match="different questions or golds"):
        compare_runs(str(first), str(other))


def test_golds_that_rouge_cannot_read_are_said_before_the_numbers(tmp_path: Path) -> None:
    kept = {"task_type": "generation", "metric": "rougel", "is_multiple_choice": False}
    texts = {
        "slogans": ["赤い革の靴", "red shoe"],
        "names": ["Größe L, 5 μm", "赤い靴 Nike Air 90"],
    }
    rows = [
        {**SHOP[0], **kept, "task_name": task, "output_field": text}
        for task, golds in texts.items()
        for text in golds
    ]
    gold = write(tmp_path / "gold.jsonl", rows)
    said = write(tmp_path / "said.jsonl", [{"prediction": row["output_field"]} for row in rows])
    scores = score_files(gold, said, CONFIG)
    assert scores["official"]["tasks"]["slogans"]["score"] == 0.5
    assert scores["not_read_by_rouge"] == {"slogans": 1, "names": 1}
    shown = io.StringIO()
    Console(file=shown, width=200).print(table(scores))
    printed = " ".join(shown.getvalue().split())
    assert "slogans: ROUGE-L reads a to z and 0 to 9 only, and ignores words of 1 golds" in printed
    assert "rougel=multilingual-sent-transformer, or for Japanese rougel=jp-bleu" in printed
    files = {"--map-metric": EvaluateConfig(gold="unused", map_metrics={"rougel": "jp-bleu"})}
    assert score_files(gold, said, files["--map-metric"])["not_read_by_rouge"] == {}
