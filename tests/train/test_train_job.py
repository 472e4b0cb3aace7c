"""Ray Train for real, on two workers, through a worker's death and its driver's.

What is learned is compared with plain torch in test_strategies.py.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from ecom.artifact import UNFINISHED, Draft
from ecom.errors import DataError, InputError, StageError
from ecom.train import batches, job, log, loop, model
from ecom.train.config import TrainConfig
from ecom.train.publish import publish

pytestmark = pytest.mark.integration

STEPS, SEED = 100, 3


def config(**changes: Any) -> TrainConfig:
    settings = {
        "workers": 2,
        "rank": 4,
        "alpha": 8,
        "learning_rate": 5e-3,
        "rows_per_step": 8,
        "epochs": 5,
        "tokens_per_batch": 128,
        "checkpoint_every_steps": 5,
    }
    return TrainConfig.model_validate({**settings, **changes})


# Everything that a resumed run could get wrong: dropout, validation, scores, early stopping. The
# rate is far too high, so that the loss rises after its first fall.
EVENTFUL = config(
    dropout=0.1,
    validate_every_steps=8,
    generate_rows=4,
    patience=3,
    learning_rate=0.1,
    schedule="constant",
    checkpoint_every_steps=5,
)


def train(settings: TrainConfig, base: Path, corpus: Path, folder: Path) -> Draft:
    draft = Draft(folder)
    job.run(settings, seed=SEED, base=str(base), corpus=corpus, draft=draft)
    return draft


def logged(folder: Path) -> list[float]:
    return [record["loss"] for record in log.read(folder / log.STEPS)]


def adapter(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(folder / "adapter_model.safetensors")


@pytest.fixture(scope="module")
def undisturbed(corpus: Path, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(EVENTFUL, tiny_model, corpus, tmp_path_factory.mktemp("undisturbed")).path


def start(settings: TrainConfig, base: Path, corpus: Path, folder: Path) -> subprocess.Popen[bytes]:
    script = (
        "import sys; from pathlib import Path; from ecom.artifact import Draft\n"
        "from ecom.train import job; from ecom.train.config import TrainConfig\n"
        "config = TrainConfig.model_validate_json(sys.argv[1])\n"
        "job.run(config, seed=3, base=sys.argv[2], corpus=Path(sys.argv[3]),"
        " draft=Draft(Path(sys.argv[4])))\n"
    )
    arguments = [settings.model_dump_json(), str(base), str(corpus), str(folder)]
    return subprocess.Popen([sys.executable, "-c", script, *arguments], start_new_session=True)


def wait(driver: subprocess.Popen[bytes], event: Callable[[], bool]) -> None:
    while not event():
        assert driver.poll() is None, "the run ended before it could be disturbed"
        try:
            driver.wait(timeout=0.02)
        except subprocess.TimeoutExpired:
            continue


def workers_of(driver: subprocess.Popen[bytes]) -> list[psutil.Process]:
    children = psutil.Process(driver.pid).children(recursive=True)
    return [child for child in children if "RayTrainWorker" in " ".join(child.cmdline())]


@pytest.fixture(scope="module")
def killed(corpus: Path, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that has lost a worker, gone on without help, and then lost its driver and all.

    The last checkpoint that Ray Train knows of is one without a validation.
    """
    folder = tmp_path_factory.mktemp("killed")
    driver = start(EVENTFUL, tiny_model, corpus, folder)

    def step() -> int:
        return int((log.last(folder / log.STEPS) or {"step": 0})["step"])

    def known() -> int:
        state = folder / job._RUN_NAME / "checkpoint_manager_snapshot.json"
        text = state.read_text() if state.is_file() else ""
        return int(json.loads(text)["latest_checkpoint_result"]["metrics"]["step"]) if text else 0

    wait(driver, lambda: step() >= 12 and known() > 0)
    victim = workers_of(driver)[1]
    victim.kill()
    victim.wait(10)
    wait(driver, lambda: known() >= 20 and known() % 8 != 0)
    os.killpg(driver.pid, signal.SIGKILL)
    driver.wait()
    return folder


def test_a_run_that_lost_a_worker_and_then_its_driver_ends_bit_for_bit_as_if_undisturbed(
    killed: Path, undisturbed: Path, corpus: Path, tiny_model: Path, tmp_path: Path
) -> None:
    assert "training at step" in (killed / UNFINISHED).read_text()
    folder = shutil.copytree(killed, tmp_path / "copy")
    draft = train(EVENTFUL, tiny_model, corpus, folder)
    assert logged(folder) == logged(undisturbed)
    steps = [record["step"] for record in log.read(folder / log.STEPS)]
    assert steps == list(range(1, draft.metrics["steps"] + 1)), "no row repeated or skipped"
    assert log.read(folder / log.VALIDATIONS) == log.read(undisturbed / log.VALIDATIONS)
    for name in ("adapter", "last"):
        first, second = adapter(folder / name), adapter(undisturbed / name)
        assert all((first[key] == second[key]).all() for key in second)
    assert not (folder / UNFINISHED).exists()


def test_training_stops_early_and_the_best_weights_are_kept(undisturbed: Path) -> None:
    validations = log.read(undisturbed / log.VALIDATIONS)
    best = min(validations[1:], key=lambda v: v["loss"])["step"]
    assert validations[-1]["step"] == best + 3 * 8 < STEPS, "patience 3"
    assert all(0 <= v["scores"]["generation"] <= 1 for v in validations)
    kept, last = adapter(undisturbed / "adapter"), adapter(undisturbed / "last")
    assert any((kept[name] != last[name]).any() for name in kept)
    assert f"| best step | {best} |" in (undisturbed / "adapter" / "README.md").read_text()
    assert list((undisturbed / "tensorboard").iterdir())


def test_another_recipe_does_not_go_on(
    killed: Path, corpus: Path, tiny_model: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(killed, tmp_path / "copy")
    with pytest.raises(InputError, match=r"train\.learning_rate was 0\.1, is now 0\.001"):
        train(EVENTFUL.model_copy(update={"learning_rate": 1e-3}), tiny_model, corpus, folder)


def test_a_loss_that_is_no_number_ends_at_the_first_step_without_another_try(
    corpus: Path, tiny_model: Path, tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    broken = shutil.copytree(tiny_model, tmp_path / "broken")
    weights = load_file(broken / "model.safetensors")
    weights["model.embed_tokens.weight"][7] = float("nan")
    save_file(weights, broken / "model.safetensors", {"format": "pt"})
    bare = shutil.copytree(corpus, tmp_path / "corpus")
    shutil.rmtree(bare / "validation")
    with pytest.raises(StageError, match=r"step 1 of 100: the loss is nan.*rows of that step"):
        train(config(workers=1), broken, bare, tmp_path / "out")


def test_gpus_that_are_not_there_are_an_error_and_no_endless_wait(
    corpus: Path, tiny_model: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="this machine has 0 GPUs"):
        train(config(accelerator="T4"), tiny_model, corpus, tmp_path)


PER_SKILL = config(per="skill", workers=1, epochs=1, checkpoint_every_steps=2)


@pytest.fixture(scope="module")
def per_skill(
    corpus: Path, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Draft, int]:
    """A run that ended when its first adapter was whole and went on; when that one was made."""
    folder = tmp_path_factory.mktemp("per-skill")
    train_one, trained = job._train, list[Any]()

    def interrupted(*arguments: Any) -> dict[str, Any]:
        if trained:
            raise KeyboardInterrupt
        trained.append(arguments)
        return train_one(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job, "_train", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train(PER_SKILL, tiny_model, corpus, folder)
    assert [path.name for path in (folder / "adapters").iterdir()] == ["behavior"]
    assert "1 of 2 adapters are trained" in (folder / UNFINISHED).read_text()
    made = (folder / "adapters" / "behavior").stat().st_mtime_ns
    return train(PER_SKILL, tiny_model, corpus, folder), made


def test_an_adapter_of_a_skill_is_the_one_trained_on_its_rows_alone(
    per_skill: tuple[Draft, int], corpus: Path, tiny_model: Path, tmp_path: Path
) -> None:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    draft, _ = per_skill
    for split in ("train", "validation"):
        (tmp_path / "corpus" / split).mkdir(parents=True)
        table = pq.read_table(corpus / split / "part.parquet")
        concepts = table.filter(pc.equal(table["skill"], "concepts"))
        pq.write_table(concepts, tmp_path / "corpus" / split / "part.parquet")
    weights, reference = alone(tmp_path / "corpus", tiny_model, tmp_path)
    ours = adapter(draft.path / "adapters" / "concepts")
    assert ours.keys() == weights.keys()
    assert all((ours[key] == weights[key]).all() for key in weights)
    made = draft.metrics["adapters"]["concepts"]
    assert {key: made[key] for key in reference} == reference


def alone(corpus: Path, base: Path, folder: Path) -> tuple[dict[str, Any], dict[str, float]]:
    """The same steps over all rows of a corpus, without Ray: the adapter and its metrics."""
    import torch

    settings = PER_SKILL.model_copy(update={"per": None})
    loaded = model.load(str(base), settings, SEED)
    strategy = loop.build_strategy(loaded, settings, torch.device("cpu"))
    worker = loop.Worker(0, 1, pad_id=loaded.config.pad_token_id or 0)
    rows, held_out = (batches.load_rows(corpus / split) for split in ("train", "validation"))
    steps, losses = len(rows) // settings.rows_per_step, []
    for step in range(steps):
        chosen = batches.rows_of_step(len(rows), settings.rows_per_step, SEED, step)
        rate = loop.learning_rate(settings, step, steps)
        made = loop.train_step(
            strategy, rows, chosen, settings, worker, rate=rate, seed=(SEED, step)
        )
        losses.append(made.loss)
    strategy.save(folder, first=True)
    publish(folder, str(base), settings, folder / "adapter")
    metrics = {
        "rows": len(rows),
        "steps": steps,
        "loss_first": round(losses[0], 4),
        "loss_last": round(losses[-1], 4),
        "validation_loss_after": round(
            loop.validation_loss(strategy, held_out, settings, worker), 4
        ),
    }
    return adapter(folder / "adapter"), metrics


def test_a_finished_adapter_is_not_trained_again(per_skill: tuple[Draft, int]) -> None:
    draft, made = per_skill
    assert (draft.path / "adapters" / "behavior").stat().st_mtime_ns == made
    assert {value: one["rows"] for value, one in draft.metrics["adapters"].items()} == {
        "behavior": 40,
        "concepts": 80,
    }
    lines = (draft.path / "adapters" / "README.md").read_text().splitlines()
    assert any(line.startswith("| behavior | 40 | 5 |") for line in lines)
    assert (draft.path / "runs" / "behavior" / "loss.png").is_file()
    assert not (draft.path / "rows").exists()


def test_rows_of_no_skill_are_rejected_with_the_reason(per_skill: tuple[Draft, int]) -> None:
    draft, _ = per_skill
    lines = (draft.path / "rejected" / "train.jsonl").read_text().splitlines()
    rejected = [json.loads(line) for line in lines]
    assert [row["id"] for row in rejected] == [f"train{n:04d}" for n in range(3, 160, 4)]
    assert rejected[0]["reason"].startswith("has no skill")
    assert draft.metrics["rows_rejected"] == 40


def test_skills_with_too_few_rows_are_named_with_their_counts(
    corpus: Path, tiny_model: Path, tmp_path: Path
) -> None:
    few = config(per="skill", rows_per_step=100)
    with pytest.raises(InputError, match=r"train\.rows_per_step 100\): behavior 40, concepts 80;"):
        train(few, tiny_model, corpus, tmp_path)
    many = config(per="skill", workers=9)
    with pytest.raises(InputError, match=r"training of behavior cannot start:\n.*workers is 9"):
        train(many, tiny_model, corpus, tmp_path)
    with pytest.raises(DataError, match=r"no rows with a column lang, which train\.per names"):
        train(config(per="lang"), tiny_model, corpus, tmp_path)


def test_adapters_that_cannot_be_are_named_before_anything_is_trained() -> None:
    from ecom.train import per

    named = {"compress.combine.weights": ["lamp", "boots"], "predict.default_adapter": ["boots"]}
    long = "灯" * 27
    with pytest.raises(InputError) as error:
        per.check({"": 9, "..": 9, "a/b": 9, long: 9, "boots": 9}, "task", 8, named)
    text = str(error.value)
    assert "no folder can be named after '', '..', '灯" in text
    assert "a/b" not in text.splitlines()[0]
    assert "compress.combine.weights: no training row has the task lamp; name one of" in text
    assert "predict.default_adapter" not in text
    per.check({"灯" * 26: 9, "boots": 9}, "task", 8, {})


def test_adapters_of_a_fully_trained_model_are_refused() -> None:
    with pytest.raises(ValueError, match="per skill trains adapters, but method is full"):
        config(per="skill", method="full")
