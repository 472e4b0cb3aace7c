"""Connect to Ray: to the cluster that RAY_ADDRESS names, else to one that ends with this process.

    cluster.connect()

Ray sets `RAY_ADDRESS` itself inside `ray job submit`. Connecting twice is fine.
"""

import logging
import os
import secrets
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import ecom
from ecom import hardware, ray_internals
from ecom.errors import InputError, StageError

LOGICAL_CPUS = 16
TRIES = 3  # to start Ray on a busy machine
GPU_SETTINGS = {  # the settings that say how many GPUs a stage asks for
    "train": "train.workers",
    "engine": "engine.tensor_parallel, serve.min_replicas, predict.replicas",
}
GAUGES = {
    "ecom_stage_done": "rows or steps of a stage that are done",
    "ecom_stage_total": "rows or steps of a stage in total",
    "ecom_stage_rate": "rows or steps done per second, recently",
    "ecom_stage_loss": "the last step's loss per token",
    "ecom_stage_seconds": "how long the stage has been running",
}


def connect(logical_cpus: int = LOGICAL_CPUS, env: Mapping[str, str] | None = None) -> bool:
    """Connect to Ray. Return whether a cluster was started, which the caller has to shut down.

    `logical_cpus` is what a local cluster offers its scheduler, not what it uses: each of
    `ray.data.llm`'s operators reserves one and, without it, waits forever without an error.
    `env` is added to the environment of a local cluster's processes. Raises InputError where no
    cluster answers at RAY_ADDRESS, StageError where Ray does not start here.
    """
    import ray

    if ray.is_initialized():
        return False
    ray_internals.silence_workers()  # failures are raised anyway
    if address := os.environ.get("RAY_ADDRESS"):
        _check_address(address)
        ray.init(**_quiet(), runtime_env=_shipped())
        return False
    _hold_token()
    # Ray's C++ code warns on stderr of restarts that never happen here
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    _start(
        address="local",
        num_cpus=logical_cpus,
        include_dashboard=False,
        runtime_env={"env_vars": {"PYTHONPATH": _python_path(), **(env or {})}},
        # Without this Ray starts an idle Python process for each logical CPU.
        _system_config={"prestart_worker_first_driver": False, "enable_worker_prestart": False},
        **_quiet(),
    )
    return True


def _hold_token() -> None:
    """Give Ray its token in the environment where it cannot keep it in the home folder.

    It would raise: it keeps one in ~/.ray/auth_token. The cluster ends with this process, and only
    its own processes inherit the environment.
    """
    if not {"RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"}.isdisjoint(os.environ):
        return
    try:
        token = Path.home() / ".ray" / "auth_token"
        if os.access(token, os.R_OK):
            return
        token.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=token.parent):
            if not token.exists():
                return
    except (OSError, RuntimeError):  # RuntimeError: the user has no home folder at all
        pass
    os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)


def check_gpus(section: str, accelerator: hardware.Name, count: int) -> None:
    """Raise InputError where a stage would wait forever for GPUs that this machine does not have.

    `section` is the recipe section with this `accelerator`. A cluster that RAY_ADDRESS names is not
    checked: it may grow.
    """
    import ray

    if accelerator == "cpu" or os.environ.get("RAY_ADDRESS"):
        return
    resources = ray.cluster_resources()
    kind = hardware.ray_type(accelerator)
    if (gpus := int(resources.get("GPU", 0))) < count:
        fewer = (
            f"lower {GPU_SETTINGS[section]} to fit {gpus}"
            if gpus
            else f"set {section}.accelerator=cpu"
        )
        raise InputError(
            f"{section}.accelerator is {accelerator}: {count} needed, and this machine has {gpus} "
            f"GPUs; use a cluster that has them (ray job submit, or RAY_ADDRESS), or {fewer}"
        )
    if kind and f"accelerator_type:{kind}" not in resources:
        raise InputError(
            f"{section}.accelerator is {accelerator}, but this machine's GPUs are of another "
            f"kind; set {section}.accelerator to theirs (`ecom doctor` names it), or to any-gpu"
        )


def _check_address(address: str) -> None:
    """Raise InputError where nothing listens: Ray itself would retry for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdigit():  # auto, local
        return
    try:
        socket.create_connection((host, int(port)), timeout=10).close()
    except OSError as error:
        raise InputError(
            f"RAY_ADDRESS is {address}, and no Ray cluster answers there: {error}; unset it to "
            "start a local one, or set it to the address that `ray start --head` printed"
        ) from None


def _start(**options: Any) -> None:
    """Start Ray on this machine; on a busy one, try again.

    Ray 2.60 waits a fixed 30 s for its own processes (ray/_private/node.py).
    """
    import ray

    for left in reversed(range(TRIES)):
        try:
            ray.init(**options)
        except Exception as error:  # Ray raises plain Exceptions, too
            ray_internals.end_processes(error)
            if "timed out" not in str(error):
                raise StageError(
                    f"Ray did not start on this machine: {type(error).__name__}: {error}; "
                    f"its logs: {_logs()}"
                ) from None
            if not left:
                raise StageError(
                    f"Ray did not start on this machine within 30 s in {TRIES} attempts: {error} "
                    f"The machine's load is {_load()}: end other programs, or try again later; "
                    f"Ray's logs: {_logs()}"
                ) from None
            print(
                f"Ray did not start within 30 s; the load is {_load()}; trying again",
                file=sys.stderr,
            )
        else:
            return


def _logs() -> Path:
    folder = os.environ.get("RAY_TMPDIR") or os.environ.get("TMPDIR") or "/tmp"  # as Ray does
    return Path(folder) / "ray" / "session_latest" / "logs"


def _load() -> str:
    return f"{os.getloadavg()[0]:.0f} on {os.cpu_count()} cores"


def cpus() -> int:
    """Return how many CPU-bound tasks should run at once."""
    import ray

    here = os.cpu_count() or 1
    return max(here, int(ray.cluster_resources()["CPU"])) if os.environ.get("RAY_ADDRESS") else here


def _quiet() -> dict[str, Any]:
    return {"logging_level": logging.ERROR, "log_to_driver": False}


def _python_path() -> str:
    """Return a path on which a local cluster's workers find the same ecom as this process."""
    root = str(Path(ecom.__file__).parents[1])
    return os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))


def _shipped() -> dict[str, Any]:
    """Inside a Ray job the job's own working directory holds ecom; otherwise it is uploaded."""
    if os.environ.get("RAY_JOB_CONFIG_JSON_ENV_VAR"):
        return {}
    return {"py_modules": [str(Path(ecom.__file__).parent)]}


@contextmanager
def quiet_data() -> Iterator[None]:
    """Silence Ray Data's bars and logs: our progress bar shows, and failures are raised."""
    from ray.data import DataContext

    DataContext.get_current().enable_progress_bars = False
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def set_gauges(values: Mapping[str, float], tags: Mapping[str, str]) -> None:
    """Set gauges of GAUGES on Ray's metrics port, where their names begin with `ray_`.

    Each has the tags `stage` and `task`. Ray drops a gauge that is not set again for some time.
    Nothing happens where this process is not connected to Ray.
    """
    if "ray" not in sys.modules:  # a stage without Ray does not wait for its import
        return
    import ray

    if ray.is_initialized():
        # Ray takes descriptions and tags in ASCII only
        plain = {key: tag.encode("ascii", "replace").decode() for key, tag in tags.items()}
        for name, value in values.items():
            _gauge(name).set(value, plain)


@cache
def _gauge(name: str) -> Any:
    """Return the gauge of this name; a process may create it only once."""
    from ray.util.metrics import Gauge

    return Gauge(name, description=GAUGES[name], tag_keys=("stage", "task"))
