"""Reports a run during training, besides its log.jsonl: to TensorBoard, W&B, MLflow.

    with open_trackers(config.trackers, folder, name, settings, step=0) as log:
        log(1, {"loss": 2.3})

A resumed run continues the same curves. Keys and addresses come from the trackers' environment
variables (WANDB_API_KEY, MLFLOW_TRACKING_URI); they are not stored.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

from ecom.train.config import Tracker

Log = Callable[[int, Mapping[str, float]], None]
Opener = Callable[[Path, str, Mapping[str, Any], int], AbstractContextManager[Log]]
MODULES: dict[Tracker, str] = {"tensorboard": "tensorboardX", "wandb": "wandb", "mlflow": "mlflow"}
_RUN_ID = "run_id"


@contextmanager
def open_trackers(
    names: Sequence[Tracker], folder: Path, name: str, settings: Mapping[str, Any], *, step: int
) -> Iterator[Log]:
    """Yield a function that reports a step's numbers to all trackers; the run starts at `step`.

    Files go below folder/TRACKER. `settings` are shown beside the run.
    """
    with ExitStack() as stack:
        opened = [
            stack.enter_context(_OPEN[tracker](folder / tracker, name, settings, step))
            for tracker in names
        ]

        def log(step: int, values: Mapping[str, float]) -> None:
            for report in opened:
                report(step, values)

        yield log


@contextmanager
def _tensorboard(folder: Path, name: str, settings: Mapping[str, Any], step: int) -> Iterator[Log]:
    from tensorboardX import SummaryWriter

    # steps after the checkpoint are repeated, so their points are removed
    writer = SummaryWriter(
        str(folder), purge_step=step + 1 if step else None, filename_suffix=f".from-{step}"
    )
    if not step:
        writer.add_text("recipe", "\n".join(f"    {k}: {v}" for k, v in settings.items()))

    def report(step: int, values: Mapping[str, float]) -> None:
        for key, value in values.items():
            writer.add_scalar(key, value, step)
        writer.flush()

    with writer:
        yield report


@contextmanager
def _wandb(folder: Path, name: str, settings: Mapping[str, Any], step: int) -> Iterator[Log]:
    import wandb

    folder.mkdir(parents=True, exist_ok=True)
    file = folder / _RUN_ID
    known = file.read_text() if file.is_file() else uuid.uuid4().hex
    file.write_text(known)
    with wandb.init(
        project="ecom", name=name, id=known, resume="allow", dir=str(folder), config=dict(settings)
    ) as run:
        yield lambda step, values: run.log(dict(values), step=step)


@contextmanager
def _mlflow(folder: Path, name: str, settings: Mapping[str, Any], step: int) -> Iterator[Log]:
    import mlflow

    folder.mkdir(parents=True, exist_ok=True)
    file = folder / _RUN_ID
    client = mlflow.MlflowClient()
    if not file.is_file():
        found = client.get_experiment_by_name("ecom")
        experiment = found.experiment_id if found else client.create_experiment("ecom")
        run = client.create_run(experiment, run_name=name)
        for key, value in settings.items():
            client.log_param(run.info.run_id, key, value)
        file.write_text(run.info.run_id)
    known = file.read_text()

    def report(step: int, values: Mapping[str, float]) -> None:
        for key, value in values.items():
            client.log_metric(known, key, value, step=step)

    yield report
    client.set_terminated(known)


_OPEN: dict[Tracker, Opener] = {"tensorboard": _tensorboard, "wandb": _wandb, "mlflow": _mlflow}
