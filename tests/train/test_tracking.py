"""Each tracker stores what it is given, as its own reader shows it; none needs a network."""

from pathlib import Path

import pytest

from ecom.train.tracking import open_trackers

SETTINGS = {"rank": 4}


def tell(name: str, folder: Path, steps: range, *, at: int) -> None:
    with open_trackers([name], folder, "run", SETTINGS, step=at) as log:  # type: ignore[list-item]
        for step in steps:
            log(step, {"train/loss": 10.0 + step})


def test_tensorboard_shows_a_resumed_run_as_one_curve(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    tell("tensorboard", tmp_path, range(1, 6), at=0)
    tell("tensorboard", tmp_path, range(4, 8), at=3)  # killed at 5, its checkpoint at 3
    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert [(e.step, e.value) for e in events.Scalars("train/loss")] == [
        (step, 10.0 + step) for step in range(1, 8)
    ]


def test_mlflow_keeps_one_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import mlflow

    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"file://{tmp_path / 'store'}")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    tell("mlflow", tmp_path, range(1, 4), at=0)
    tell("mlflow", tmp_path, range(4, 6), at=3)
    client = mlflow.MlflowClient()
    experiment = client.get_experiment_by_name("ecom")
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.data.params == {"rank": "4"}
    history = client.get_metric_history(run.info.run_id, "train/loss")
    assert [(m.step, m.value) for m in history] == [(s, 10.0 + s) for s in range(1, 6)]


def test_wandb_keeps_a_run_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    tell("wandb", tmp_path, range(1, 4), at=0)
    (kept,) = (tmp_path / "wandb" / "wandb").glob("offline-run-*/*.wandb")
    assert kept.stat().st_size > 0
    identity = (tmp_path / "wandb" / "run_id").read_text()
    assert identity in kept.name
