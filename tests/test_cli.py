import json
import subprocess
import sys
from pathlib import Path

RECIPE = """
name: small
workdir: {workdir}
base: {base}
corpus:
  sources:
    - format: shopbench
      path: {rows}
predict: {{queries: {rows}}}
evaluate: {{gold: {rows}}}
"""


def ecom(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ecom.cli", *arguments], capture_output=True, text=True, check=False
    )


def recipe(tmp_path: Path, **names: str) -> str:
    path = tmp_path / "small.yaml"
    rows = tmp_path / "rows.jsonl"
    rows.write_text("{}\n")
    values = {"workdir": tmp_path / "work", "base": "nowhere", "rows": rows, **names}
    path.write_text(RECIPE.format(**values))
    return str(path)


def test_help_shows_every_verb_with_an_example() -> None:
    shown = ecom("--help")
    assert shown.returncode == 0
    for verb in ("run", "corpus", "train", "compress", "serve", "predict", "evaluate", "ask"):
        assert verb in shown.stdout
        one = ecom(verb, "--help")
        assert one.returncode == 0
        assert f"ecom {verb}" in " ".join(one.stdout.split())


def test_a_misspelt_key_ends_with_2_and_names_the_right_one(tmp_path: Path) -> None:
    result = ecom("run", recipe(tmp_path), "train.rnak=8")
    assert result.returncode == 2
    assert result.stdout == ""
    assert "train.rnak" in result.stderr
    assert "'rank'" in result.stderr


def test_several_faults_are_told_at_once(tmp_path: Path) -> None:
    result = ecom(
        "corpus", recipe(tmp_path), "train.rank=high", "corpus.sources.0.format=shopbnech"
    )
    assert result.returncode == 2
    assert "train.rank" in result.stderr
    assert "'high'" in result.stderr
    assert "'shopbench'" in result.stderr
    assert not (tmp_path / "work").exists(), "nothing starts with a wrong recipe"


def test_a_stage_before_its_parents_says_what_to_run_first(tmp_path: Path) -> None:
    result = ecom("train", recipe(tmp_path))
    assert result.returncode == 2
    assert "ecom corpus" in result.stderr


def test_a_recipe_that_is_not_there(tmp_path: Path) -> None:
    recipe(tmp_path)
    result = ecom("run", str(tmp_path / "smal.yaml"))
    assert result.returncode == 2
    assert "small.yaml" in result.stderr


def test_asking_where_nothing_runs_says_how_to_start_it() -> None:
    result = ecom("ask", "Which is a shoe?", "--url", "http://127.0.0.1:9")
    assert result.returncode == 1
    assert "ecom serve" in result.stderr


def test_scores_of_two_files_are_json_on_stdout(tmp_path: Path) -> None:
    gold, predictions = tmp_path / "g.jsonl", tmp_path / "p.jsonl"
    row = {
        "input_field": "Which is a shoe?\n0. boot\n1. lamp\nAnswer:", "output_field": 0,
        "task_name": "shoes", "task_type": "multiple-choice", "metric": "accuracy",
        "is_multiple_choice": True, "track": "concepts",
    }  # fmt: skip
    gold.write_text("".join(json.dumps(row) + "\n" for _ in range(4)))
    predictions.write_text("".join(json.dumps({"prediction": p}) + "\n" for p in "0010"))
    result = ecom("evaluate", "--gold", str(gold), "--predictions", str(predictions), "--json")
    assert result.returncode == 0, result.stderr
    official = json.loads(result.stdout)["official"]
    shoes = official["tasks"]["shoes"]
    assert (shoes["metric"], shoes["score"], shoes["n"]) == ("accuracy", 0.75, 4)
    assert official["overall"] == 0.75
