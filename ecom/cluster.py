"""Connect to Ray: to the cluster we are told of, else to one of our own that ends with us.

    cluster.connect()

`RAY_ADDRESS` names a cluster; Ray sets it itself inside `ray job submit`. Calling it twice is fine.
"""

import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import ecom

LOGICAL_CPUS = 16
GAUGES = {
    "ecom_stage_done": "how many rows or steps of a stage are done",
    "ecom_stage_total": "how many there are in all",
    "ecom_stage_rate": "how many are done a second, of late",
    "ecom_stage_loss": "the last step's loss per token",
    "ecom_stage_seconds": "how long it has been running",
}


def connect(logical_cpus: int = LOGICAL_CPUS, env: Mapping[str, str] | None = None) -> bool:
    """Make Ray ready. Return whether a cluster was started, for the caller to ray.shutdown().

    `logical_cpus` is what a local cluster offers its scheduler, not what it uses: each of
    `ray.data.llm`'s operators reserves one and waits for ever, without an error, for lack of it.
    `env` is the environment of a local cluster's processes, besides this one's.
    """
    import ray

    if ray.is_initialized():
        return False
    if os.environ.get("RAY_ADDRESS"):
        ray.init(**_quiet(), runtime_env=_shipped())
        return False
    # Ray's C++ side warns on stderr of restarts that never come to pass here
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    ray.init(
        address="local",
        num_cpus=logical_cpus,
        include_dashboard=False,
        runtime_env={"env_vars": {"PYTHONPATH": _python_path(), **(env or {})}},
        # Without this Ray starts an idle Python process for each logical CPU.
        _system_config={"prestart_worker_first_driver": False, "enable_worker_prestart": False},
        **_quiet(),
    )
    return True


def cpus() -> int:
    """Return how many tasks that keep a CPU busy shall run at once."""
    import ray

    here = os.cpu_count() or 1
    return max(here, int(ray.cluster_resources()["CPU"])) if os.environ.get("RAY_ADDRESS") else here


def _quiet() -> dict[str, Any]:
    return {"logging_level": logging.ERROR, "log_to_driver": False}


def _python_path() -> str:
    """Workers of a local cluster find ecom where this process found it, installed or not."""
    root = str(Path(ecom.__file__).parents[1])
    return os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))


def _shipped() -> dict[str, Any]:
    """Inside a Ray job the job's own working directory holds ecom; otherwise it is uploaded."""
    if os.environ.get("RAY_JOB_CONFIG_JSON_ENV_VAR"):
        return {}
    return {"py_modules": [str(Path(ecom.__file__).parent)]}


@contextmanager
def quiet_data() -> Iterator[None]:
    """Leave the terminal to our own progress bar. What fails is raised, so no log need tell it."""
    from ray.data import DataContext

    DataContext.get_current().enable_progress_bars = False
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def set_gauges(values: Mapping[str, float], tags: Mapping[str, str]) -> None:
    """Set gauges of GAUGES on Ray's metrics port, where they have `ray_` before the name.

    Each has the tags `stage` and `task`. Ray drops a gauge that is not set again for some time.
    Nothing happens where this process is not connected to Ray.
    """
    if "ray" not in sys.modules:  # a stage that needs no Ray does not wait for its import
        return
    import ray

    if ray.is_initialized():
        # Ray takes descriptions and tags in ASCII only
        plain = {key: tag.encode("ascii", "replace").decode() for key, tag in tags.items()}
        for name, value in values.items():
            _gauge(name).set(value, plain)


@cache
def _gauge(name: str) -> Any:
    """Return the one gauge of this name; a process may make it once."""
    from ray.util.metrics import Gauge

    return Gauge(name, description=GAUGES[name], tag_keys=("stage", "task"))
