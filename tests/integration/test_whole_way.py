"""The quickstart's recipe, made small, through all stages with the real engines."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ecom.cli import main
from tests.test_docs import commands

pytestmark = pytest.mark.integration

RECIPE = Path(__file__).parents[2] / "recipes" / "quickstart.yaml"
STAGES = ["quickstart", "corpus", "train", "compress", "serve", "predict", "evaluate"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def arguments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    before = Path.cwd()
    # relative, as in the recipes: Ray's workers stand in other directories
    os.chdir(tmp_path_factory.mktemp("whole"))
    small = {
        "workdir": "work",
        "quickstart.train_products": 200,
        "quickstart.test_products": 100,
        "quickstart.test_rows_per_task": 5,
        "quickstart.base.steps": 20,
        "quickstart.base.layers": 2,
        "corpus.sources.0.limit_rows": 600,
        "train.max_steps": 6,
        "train.workers": 1,
        "train.checkpoint_every_steps": 2,
        "compress.calibration_rows": 8,
        "compress.parity_rows": 4,
        "predict.models": "[awq]",
        "serve.port": free_port(),
    }
    yield [str(RECIPE), *(f"{key}={value}" for key, value in small.items())]
    os.chdir(before)


def ecom(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ecom.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


def workdir(arguments: list[str]) -> Path:
    return Path(arguments[1].removeprefix("workdir="))


@pytest.fixture(scope="module")
def finished(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    # First a run that dies in the middle: the one after it has to go on as if nothing had been.
    dying = subprocess.Popen(
        [sys.executable, "-m", "ecom.cli", "run", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    partial = workdir(arguments)
    deadline = time.monotonic() + 900
    while not list(partial.glob(".train.*.partial/log.jsonl")):
        assert dying.poll() is None, "ended before it came to training"
        assert time.monotonic() < deadline, "never came to training"
        try:
            dying.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue
    os.killpg(dying.pid, signal.SIGKILL)
    dying.wait()
    assert not (partial / "train").exists(), "no half artifact"
    result = ecom("run", *arguments, "--json")
    assert result.returncode == 0, result.stderr[-3000:]
    return result


@pytest.fixture(scope="module")
def ran(finished: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    stages: list[dict[str, Any]] = json.loads(finished.stdout)
    return stages


def test_one_command_goes_the_whole_way_after_a_crash(ran: list[dict[str, Any]]) -> None:
    assert [stage["stage"] for stage in ran] == STAGES
    reused = [stage["stage"] for stage in ran if stage["reused"]]
    assert reused == ["quickstart", "corpus"], "what was whole before the crash is kept"


def test_its_log_says_how_far_each_stage_was(finished: subprocess.CompletedProcess[str]) -> None:
    log = finished.stderr
    assert re.findall(r"^(\w+) ─+$", log, re.M) == STAGES
    for line in (
        r"train: 6 of 6 steps \(100 %\), loss [\d.]+, .*tokens/s.*, done in",
        r"compress: quantize, .*: (\d+) of \1 layers \(100 %\), .*error [\d.]+, done in",
        r"serve: starting the engine, done in",
        r"predict: awq: (\d+) of \1 rows \(100 %\), .*done in",
    ):
        assert re.search(rf"^{line} .+$", log, re.M), line
    assert "\x1b" not in log
    served = [line for line in log.splitlines() if line.startswith("│")]
    assert max(map(len, served)) <= 100


def test_the_model_is_a_padded_awq_checkpoint_close_to_the_merged_one(
    ran: list[dict[str, Any]], arguments: list[str]
) -> None:
    config = json.loads((workdir(arguments) / "compress" / "model" / "config.json").read_text())
    assert config["intermediate_size"] == 384, "352 padded for tensor parallel 2"
    assert config["quantization_config"]["quant_method"] == "awq"
    parity = next(stage["metrics"] for stage in ran if stage["stage"] == "compress")
    assert parity["merge_max_logit_difference"] < 1e-3
    assert parity["padding_max_logit_difference"] < 1e-3
    assert parity["perplexity"]["awq"] == pytest.approx(parity["perplexity"]["merged"], rel=0.1)


def test_the_endpoint_answered_a_question_of_every_form(arguments: list[str]) -> None:
    answers = json.loads((workdir(arguments) / "serve" / "answers.json").read_text())
    assert {answer["form"] for answer in answers["single"]} == {
        "multiple-choice",
        "retrieval",
        "ranking",
        "named_entity_recognition",
        "generation",
    }
    assert {a["lane"] for a in answers["single"]} == {"multiple-choice", "open-ended"}


def test_every_question_is_predicted_and_scored(
    ran: list[dict[str, Any]], arguments: list[str]
) -> None:
    questions = (workdir(arguments) / "quickstart" / "test.jsonl").read_text().splitlines()
    lines = (workdir(arguments) / "predict" / "awq.jsonl").read_text().splitlines()
    assert len(lines) == len(questions)
    rows = [json.loads(line) for line in lines]
    sure = [row["confidence"] for row in rows if row["form"] == "multiple-choice"]
    assert all(0 < confidence <= 1 for confidence in sure)
    evaluated = workdir(arguments) / "evaluate"
    scores = json.loads((evaluated / "scores.json").read_text())
    assert scores["contamination"]["evaluation_rows"] == len(questions)
    assert set(scores["models"]) == {"guess", "awq"}
    assert (evaluated / "report.html").read_text().count("data:image/png") == 5


def test_a_run_is_compared_by_its_folder(ran: list[dict[str, Any]], arguments: list[str]) -> None:
    work = workdir(arguments)
    result = ecom("evaluate", "--compare", str(work), f"{work}:awq", "--json")
    assert result.returncode == 0, result.stderr
    overall = json.loads(result.stdout)["official"]["overall"]
    scores = json.loads((work / "evaluate" / "scores.json").read_text())["models"]
    assert overall["a"] == overall["b"] == scores["awq"]["official"]["overall"]
    assert not overall["real"]


@pytest.mark.usefixtures("ran")
def test_lm_eval_finds_the_scores_of_the_rows_exported_for_it(
    arguments: list[str], tmp_path: Path
) -> None:
    """lm-eval itself in vLLM: labels by likelihood and free texts are what ecom's engine writes."""
    from ecom.benchmark.general import harness
    from ecom.recipe import load

    work, tasks = workdir(arguments).absolute(), str(tmp_path / "tasks")
    written = ecom("benchmark", *arguments, "--export-lm-eval", tasks, "--json")
    assert written.returncode == 0, written.stderr
    engine = load(RECIPE).engine
    model = harness.of_model(str(work / "compress" / "model"), engine)
    asked = harness.Asked("vllm", model, ("quickstart",), tasks, chat=True)
    found = harness.run(asked, engine, tmp_path / "log", "ECOM_API_KEY")
    scores = json.loads((work / "evaluate" / "scores.json").read_text())["models"]["awq"]
    ours = {f"quickstart_{task}": one for task, one in scores["official"]["tasks"].items()}
    assert found.keys() == ours.keys()
    free = {"multiple-choice", "generation", "named_entity_recognition"}
    same = [name for name, one in ours.items() if one["form"] in free]
    theirs = [found[name].value for name in same]
    # a row in five may turn where rounding decides between two tokens
    assert theirs == pytest.approx([ours[name]["score"] for name in same], abs=0.21)
    assert sum(theirs) == pytest.approx(sum(ours[name]["score"] for name in same), abs=0.41)


@pytest.mark.usefixtures("ran")
def test_a_table_in_a_log_has_100_plain_columns_and_whole_paths(
    arguments: list[str], tmp_path: Path
) -> None:
    work = workdir(arguments).absolute()
    below = ecom("evaluate", *arguments)
    assert "│ work/evaluate " in below.stdout
    elsewhere = ecom("evaluate", *arguments, f"workdir={work}", cwd=tmp_path)
    stages, _ = elsewhere.stdout.split("└", 1)
    cells = [line.split("│")[3].strip() for line in stages.splitlines() if "│" in line]
    assert "".join(cells) == f"{work}/evaluate"
    for shown in (below, elsewhere):
        assert shown.returncode == 0, shown.stderr
        assert max(map(len, shown.stdout.splitlines())) <= 100
        assert "\x1b" not in shown.stdout
        assert "…" not in shown.stdout


def test_a_second_run_keeps_everything(ran: list[dict[str, Any]], arguments: list[str]) -> None:
    again = ecom("run", *arguments, "--json")
    assert again.returncode == 0, again.stderr[-3000:]
    stages = json.loads(again.stdout)
    assert all(stage["reused"] for stage in stages)
    assert [s["fingerprint"] for s in stages] == [s["fingerprint"] for s in ran]


# What the docs tell a reader to run after the quickstart, if it takes seconds, and one plan.
# The others train, ask a model or make the corpus again, serve, or need files of the reader's own.
LONG = re.compile(
    r"ecom (run|serve|ask|doctor|train|compress|predict|benchmark (?!--list))\b"
    r"|.*(corpus\.review|runs/one|benchmarks/one)"
    r"|ecom plan recipes/(qwen2\.5-7b-4xt4|qwen2-72b-4xt4)\.yaml$|ecom plan .*qwen2\.5.* .*"
)
DOCS = RECIPE.parents[1] / "docs"
PAGES = [
    DOCS / "quickstart.md",
    *sorted(DOCS.glob("how-to/*.md")),
    *sorted(DOCS.glob("stages/*.md")),
]
SHORT = {
    shlex.join(words): None
    for page in PAGES
    for words in commands(page)
    if words[0] == "ecom" and "RECIPE" not in words and not LONG.match(shlex.join(words))
}


@pytest.fixture(scope="module")
def reader(
    ran: list[dict[str, Any]], arguments: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder as a reader has it: recipes/, runs/quickstart/ and the files that are named."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "recipes").symlink_to(RECIPE.parent)
    work = shutil.copytree(workdir(arguments), folder / "runs" / "quickstart")
    shutil.copy(work / "quickstart" / "test.jsonl", folder / "G.jsonl")
    for name in "PAB":
        shutil.copy(work / "predict" / "awq.jsonl", folder / f"{name}.jsonl")
    return folder


@pytest.mark.filterwarnings("default")  # as a user's process has them
@pytest.mark.parametrize("command", SHORT)
def test_a_command_of_the_docs_runs(
    command: str,
    reader: Path,
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In this process, where what a command imports is there already: seconds each."""
    words = shlex.split(command.replace("/tmp/", f"{tmp_path}/"))
    if "recipes/quickstart.yaml" in words:
        at = words.index("recipes/quickstart.yaml") + 1
        words[at:at] = [word for word in arguments[1:] if not word.startswith("workdir=")]
    monkeypatch.chdir(reader)
    with pytest.raises(SystemExit) as ended:
        main(words[1:])
    assert not ended.value.code, capsys.readouterr().err[-2000:]
