import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

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
    for verb in (
        "run",
        "corpus",
        "train",
        "compress",
        "serve",
        "predict",
        "evaluate",
        "contamination",
        "settings",
        "doctor",
        "ask",
    ):
        assert verb in shown.stdout
        one = ecom(verb, "--help")
        assert one.returncode == 0
        assert f"ecom {verb}" in " ".join(one.stdout.split())


SERVING = """
import signal
import sys
from contextlib import contextmanager
from ecom import cli, pipeline
from ecom.serve import launch

signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job inherits an ignored one

@contextmanager
def running(*_):
    try:
        yield "http://127.0.0.1:1"
    finally:
        print("draining", flush=True)
        if sys.argv[2] == "slow":
            signal.pause()

launch.running = running
pipeline.models = lambda _: {"awq": "."}
cli.main(["serve", sys.argv[1]])
"""


@pytest.mark.parametrize("drains", ["fast", "slow"])
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_endpoint_in_order_and_a_second_one_at_once(
    tmp_path: Path, sent: signal.Signals, drains: str
) -> None:
    command = [sys.executable, "-c", SERVING, recipe(tmp_path), drains]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout
        assert "curl" in serving.stdout.readline()
        serving.send_signal(sent)
        assert serving.stdout.readline() == "draining\n"
        if drains == "slow":
            serving.send_signal(sent)
        assert serving.wait(60) == 0


def test_a_misspelt_key_ends_with_2_and_names_the_right_one(tmp_path: Path) -> None:
    result = ecom("run", recipe(tmp_path), "train.rnak=8")
    assert result.returncode == 2
    assert result.stdout == ""
    assert "train.rnak" in result.stderr
    assert "'rank'" in result.stderr


def test_several_faults_are_reported_at_once(tmp_path: Path) -> None:
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


SHOE = {
    "input_field": "Which is a shoe?\n0. boot\n1. lamp\nAnswer:",
    "output_field": 0,
    "task_name": "shoes",
    "task_type": "multiple-choice",
    "metric": "accuracy",
    "is_multiple_choice": True,
    "track": "concepts",
}


def lines(path: Path, rows: list[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def said(path: Path, texts: Sequence[str]) -> str:
    return lines(path, [{"prediction": text} for text in texts])


def test_scores_of_two_files_are_json_on_stdout(tmp_path: Path) -> None:
    gold = lines(tmp_path / "g.jsonl", [SHOE] * 4)
    predictions = said(tmp_path / "p.jsonl", ["0", "0", "1", "Answer: 0"])
    result = ecom("evaluate", "--gold", gold, "--predictions", predictions, "--json")
    assert result.returncode == 0, result.stderr
    scores = json.loads(result.stdout)
    shoes = scores["official"]["tasks"]["shoes"]
    assert (shoes["metric"], shoes["score"], shoes["n"]) == ("accuracy", 0.5, 4)
    assert scores["official"]["overall"] == 0.5
    assert scores["lenient"]["overall"] == 0.75


def test_two_prediction_files_are_compared(tmp_path: Path) -> None:
    gold = lines(tmp_path / "g.jsonl", [SHOE] * 40)
    worse, better = said(tmp_path / "a.jsonl", "01" * 20), said(tmp_path / "b.jsonl", "0" * 40)
    result = ecom("evaluate", "--gold", gold, "--compare", worse, better, "--json")
    assert result.returncode == 0, result.stderr
    overall = json.loads(result.stdout)["official"]["overall"]
    assert overall["difference"] == 0.5
    assert overall["real"]
    shown = ecom("evaluate", "--gold", gold, "--compare", worse, better)
    assert "better" in shown.stdout


def test_an_unknown_metric_is_an_error_unless_it_is_mapped(tmp_path: Path) -> None:
    yes_no = {**SHOE, "metric": "bool", "output_field": "yes"}
    gold = lines(tmp_path / "g.jsonl", [SHOE, yes_no, yes_no])
    predictions = said(tmp_path / "p.jsonl", ["0", "yes", "no"])
    files = ("--gold", gold, "--predictions", predictions)
    refused = ecom("evaluate", *files)
    assert refused.returncode == 2
    assert f"{gold}:2-3: metric 'bool'" in refused.stderr
    skipped = json.loads(ecom("evaluate", *files, "--skip-bad", "--json").stdout)
    assert (skipped["rows"], list(skipped["gold_rejected"].values())) == (1, [2])
    same_task = ecom("evaluate", *files, "--map-metric", "bool=rougel")
    assert "give them different names" in same_task.stderr  # one task cannot have two forms
    gold = lines(tmp_path / "g.jsonl", [SHOE, *[{**yes_no, "task_name": "yes-no"}] * 2])
    result = ecom("evaluate", *files, "--map-metric", "bool=rougel", "--json")
    assert json.loads(result.stdout)["official"]["tasks"]["yes-no"]["score"] == 0.5


def test_options_of_evaluate_that_say_nothing_are_refused(tmp_path: Path) -> None:
    gold = lines(tmp_path / "g.jsonl", [SHOE])
    for wrong, message in (
        (("--map-metric", "bool"), "KEY=VALUE"),
        (("--encoder", "sent-trafo=x"), "sent-trafo"),
        ((), "--compare A B"),
    ):
        result = ecom("evaluate", "--gold", gold, *wrong)
        assert result.returncode == 2
        assert message in result.stderr


def test_contamination_names_the_rows(tmp_path: Path) -> None:
    corpus = lines(tmp_path / "corpus.jsonl", [{**SHOE, "id": "c"}])
    gold = lines(tmp_path / "g.jsonl", [{**SHOE, "id": "g"}])
    result = ecom("contamination", corpus, gold, "--json")
    assert result.returncode == 0, result.stderr
    (overlap,) = json.loads(result.stdout)["overlaps"]
    assert (overlap["evaluation_id"], overlap["corpus_id"], overlap["kind"]) == ("g", "c", "exact")


def test_the_corpus_catalogue_lists_sources_and_transforms() -> None:
    done = ecom("corpus", "--list", "--json")
    assert done.returncode == 0
    listed = json.loads(done.stdout)
    formats = {row["name"] for row in listed["sources"]}
    assert {"shopbench", "ecinstruct", "amazon_m2_sessions", "esci", "shop_products"} <= formats
    assert len(listed["transforms"]) >= 30
    for row in listed["transforms"]:
        assert row["about"]
        assert row["name"].startswith(f"{row['group']}:")
    shown = ecom("corpus", "--list")
    assert all(row["name"] in shown.stdout for row in listed["transforms"])


def test_a_corpus_without_a_recipe_says_what_to_give() -> None:
    done = ecom("corpus")
    assert done.returncode == 2
    assert "--list" in done.stderr


def test_an_unknown_transform_is_named_with_near_ones(tmp_path: Path) -> None:
    done = ecom("corpus", recipe(tmp_path), "corpus.transforms={names: [simplify:entity_typin]}")
    assert done.returncode == 2
    assert "simplify:entity_typing" in done.stderr


def cells(table: str, column: int) -> str:
    """Return what stands in a column of a table of one row, its lines joined."""
    rows = [line for line in table.splitlines() if line.startswith("│")]
    return "".join(row.split("│")[column].strip() for row in rows)


def test_tables_in_a_file_have_100_columns_of_plain_text(tmp_path: Path) -> None:
    rows, said, other = (
        tmp_path / f"{name}-with-a-name-as-long-as-those-of-real-experiments.jsonl"
        for name in ("rows", "said", "other")
    )
    row = {
        "input_field": "Which is a red boot for winter and for rain?\n0. a\n1. b",
        "output_field": 1,
        "task_type": "multiple-choice",
        "metric": "accuracy",
        "task_name": "task-that-has-a-rather-long-name-with-its-number-12",
    }
    rows.write_text(f"{json.dumps(row)}\n" * 3)
    said.write_text('{"prediction": "1"}\n' * 3)
    other.write_text('{"prediction": "0"}\n' * 3)
    found = ecom("contamination", str(rows), str(rows))
    scored = ecom("evaluate", "--gold", str(rows), "--predictions", str(said))
    compared = ecom("evaluate", "--gold", str(rows), "--compare", str(said), str(other))
    listed = ecom("corpus", "--list")
    for shown in (found, scored, compared, listed):
        assert shown.returncode == 0, shown.stderr
        assert max(map(len, shown.stdout.splitlines())) <= 100
        assert "\x1b" not in shown.stdout
    for shown in (found, scored, compared):
        assert "…" not in shown.stdout
    assert f"{rows.name}:1" in cells(found.stdout, 4)
    assert "1.000 [1.000, 1.000]" in scored.stdout
    assert str(row["task_name"]) in cells(compared.stdout, 1)
    assert "recombine:description_in_other_language" in listed.stdout
