"""Processes of each stage that cannot start: what the user reads, through the stages' own doors.

A sitecustomize.py (failing/) makes one process of Ray's get a signal or raise an error.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ecom.artifact import Draft
from ecom.engine import EngineConfig
from ecom.errors import StageError
from ecom.forms import Prompting
from ecom.predict import job as predict
from ecom.predict.config import PredictConfig
from ecom.serve import launch
from ecom.serve.config import ServeConfig
from ecom.train import job as train
from ecom.train.config import TrainConfig

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]

# vLLM's worker: imported in the engine's process, which is the replica's own for predict.
ENGINE = "vllm.v1.worker.cpu_worker"
Fail = Callable[..., None]


@pytest.fixture(scope="module")
def fail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fail]:
    """`fail(at, by, rank)`: what happens to a process of Ray's that imports `at`."""
    import ray

    failure_file = tmp_path_factory.mktemp("failure") / "failure.json"

    def put_down(at: str = "", by: str = "", rank: int | None = None) -> None:
        failure_file.write_text(json.dumps({"at": at, "by": by, "rank": rank}))

    put_down()
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("RAY_ADDRESS", raising=False)
        patch.setenv("ECOM_TEST_FAILURE", str(failure_file))
        patch.setenv("PYTHONPATH", str(Path(__file__).parent / "failing"))
        ray.shutdown()  # processes of another file's Ray would not fail
        yield put_down
        ray.shutdown()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model with a head size (32) that vLLM's CPU attention takes."""
    from ecom.quickstart.base import build_tokenizer, new_model, save
    from ecom.quickstart.config import TinyBase

    shape = TinyBase(
        vocab_size=512, hidden_size=64, intermediate_size=96, layers=2, heads=2, kv_heads=1
    )
    path = tmp_path_factory.mktemp("small") / "model"
    tokenizer = build_tokenizer(["Which is a shoe?\n0. boot\n1. lamp\nAnswer:"] * 4, 512)
    save(new_model(shape, tokenizer, seed=0), tokenizer, path)
    return path


def train_on(model: Path, folder: Path, workers: int, **settings: Any) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    (folder / "corpus" / "train").mkdir(parents=True)
    rows = {
        "id": ["a", "b", "c", "d"],
        "form": ["generation"] * 4,
        "output": ["blue"] * 4,
        "prompt_ids": [[5, 6]] * 4,
        "response_ids": [[100, 2]] * 4,
    }
    pq.write_table(pa.table(rows), folder / "corpus" / "train" / "part.parquet")
    config = TrainConfig.model_validate(
        {"workers": workers, "rank": 4, "rows_per_step": 4, "trackers": (), **settings}
    )
    (folder / "out").mkdir()
    train.run(
        config, seed=0, base=str(model), corpus=folder / "corpus", draft=Draft(folder / "out")
    )


def predict_with(model: Path, folder: Path) -> None:
    question = {"input_field": "Which is a shoe?\n0. boot\n1. lamp\nAnswer:"}
    (folder / "q.jsonl").write_text(json.dumps({**question, "is_multiple_choice": True}))
    (folder / "out").mkdir()
    predict.run(
        PredictConfig(queries="unused", models=("base",)),
        EngineConfig(max_model_len=512),
        prompting=Prompting(),
        models={"base": str(model)},
        queries=folder / "q.jsonl",
        draft=Draft(folder / "out"),
    )


def whole_log(message: str) -> str:
    """The text of the log file that an error names."""
    [line] = [line for line in message.splitlines() if "the whole log: " in line]
    return Path(line.partition("the whole log: ")[2].split(" and ")[0]).read_text()


def test_a_training_worker_that_lacks_an_instruction_is_not_started_again(
    fail: Fail, model: Path, tmp_path: Path
) -> None:
    fail("peft", "SIGILL", rank=0)
    with pytest.raises(
        StageError, match=r"worker 0 .* by SIGILL: the CPU lacks an instr"
    ) as raised:
        train_on(model, tmp_path, workers=1)
    assert "RayTrainWorker" in whole_log(str(raised.value))
    assert "Traceback" not in str(raised.value)


def test_a_python_error_in_one_training_worker_ends_training_while_the_other_waits_for_it(
    fail: Fail, model: Path, tmp_path: Path
) -> None:
    fail("peft", "no adapter today", rank=1)
    with pytest.raises(StageError, match="worker 1 of 2 failed: ValueError: no adapter today"):
        train_on(model, tmp_path, workers=2)


@pytest.mark.usefixtures("fail")
def test_where_memory_runs_out_smaller_batches_are_tried_and_what_held_it_is_named(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import ray

    ray.shutdown()
    monkeypatch.setenv("RAY_memory_usage_threshold", "0.01")  # any machine has more in use
    with pytest.raises(
        StageError, match=r"memory of .* ran out: .* Ray's limit is 1% of"
    ) as raised:
        train_on(model, tmp_path, workers=1, tokens_per_batch=16, on_low_memory="shrink")
    ray.shutdown()
    assert "continues from step 0 with train.tokens_per_batch=8" in capsys.readouterr().err
    said = str(raised.value)
    assert "TrainController (process" in said
    assert said.index("monitor ended:") < said.index("held most memory:")
    assert "Lower train.tokens_per_batch (it is 4)" in said  # as many as the longest row has


def test_a_batch_engine_that_is_killed_at_its_start_is_started_once_more_and_no_more(
    fail: Fail, model: Path, tmp_path: Path
) -> None:
    fail(ENGINE, "SIGKILL")
    with pytest.raises(StageError, match=r"most likely by SIGKILL: .*GiB of memory are free"):
        predict_with(model, tmp_path)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"rejected", "questions.jsonl"}


def without_a_shard(model: Path, folder: Path) -> Path:
    """The same model in two shards, the second of which is not there."""
    from safetensors.torch import load_file, save_file

    path = shutil.copytree(model, folder / "model")
    weights = load_file(path / "model.safetensors")
    (path / "model.safetensors").unlink()
    names = sorted(weights)
    shards = [f"model-0000{n}-of-00002.safetensors" for n in (1, 2)]
    half = len(names) // 2
    save_file({name: weights[name] for name in names[:half]}, path / shards[0], {"format": "pt"})
    index: dict[str, Any] = {
        "metadata": {},
        "weight_map": {name: shards[n >= half] for n, name in enumerate(names)},
    }
    (path / "model.safetensors.index.json").write_text(json.dumps(index))
    return path


def test_a_checkpoint_without_one_of_its_shards_is_what_the_error_of_predict_is_about(
    fail: Fail, model: Path, tmp_path: Path
) -> None:
    fail()
    with pytest.raises(StageError, match=r"FileNotFoundError.*model-00002-of-00002") as raised:
        predict_with(without_a_shard(model, tmp_path), tmp_path)
    assert len(str(raised.value).splitlines()) < 10


def test_an_endpoint_whose_engine_lacks_an_instruction_says_so_after_one_try(
    fail: Fail, model: Path
) -> None:
    import ray

    ray.shutdown()  # Serve wants a Ray of its own
    fail(ENGINE, "SIGILL")
    served = launch.running(model, ServeConfig(port=18437), EngineConfig(), Prompting())
    with pytest.raises(StageError, match=r"EngineCore.* by SIGILL: the CPU lacks an instr"), served:
        pytest.fail("it is up")
    assert not ray.is_initialized()
