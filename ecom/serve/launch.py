"""Start the application and wait until it answers; used by `ecom serve` and the stage.

The cluster is a new one, or one that serves nothing yet.
"""

import logging
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx

from ecom import cluster, progress, ray_internals
from ecom.causes import actors
from ecom.engine import EngineConfig, check_model, less_memory, notice
from ecom.errors import InputError, StageError
from ecom.forms import Prompting
from ecom.serve import access, haproxy
from ecom.serve.app import DRAIN_S, application
from ecom.serve.config import ServeConfig

APP_NAME = "shop"
READY_TIMEOUT_S = 30
POLL_S = 0.2  # between two checks whether replicas have started, or all is answered
POLL_TIMEOUT_S = 10
LAST_BYTES_S = 0.5  # an answer that is written still has to pass through the proxy


@contextmanager
def running(
    model: Path, serve: ServeConfig, engine: EngineConfig, prompting: Prompting
) -> Iterator[str]:
    """Serve `model` while the block runs and yield the base URL, e.g. http://127.0.0.1:8000.

    What is under way at its end is answered first, within DRAIN_S. Raises InputError where the
    model or the port is wrong, StageError where no replica starts.
    """
    check_model(model, engine)
    notice(model, engine)
    _check_port(serve)
    if not access.is_loopback(serve.host) and not access.digests():
        raise InputError(
            f"serve.host {serve.host} is open to other machines; set {access.VARIABLE} to a key "
            "for them (`openssl rand -hex 16` makes one), or serve.host=127.0.0.1"
        )
    with haproxy.environment() as env, _cluster(env):
        cluster.check_gpus("engine", engine.accelerator, _gpus(serve, engine))
        with progress.waiting("serve: starting the engine"):
            _start(model, serve, engine, prompting)
            url = f"http://{serve.host}:{serve.port}"
            _await_ready(url, serve.model_name)
        try:
            yield url
        finally:
            _drain()


def _gpus(serve: ServeConfig, engine: EngineConfig) -> int:
    """Return the GPUs that min_replicas replicas need."""
    return max(1, serve.min_replicas) * engine.tensor_parallel


@contextmanager
def _cluster(env: Mapping[str, str]) -> Iterator[None]:
    """Connect to a cluster that serves nothing yet; shut Serve down there afterwards."""
    import ray
    from ray import serve as ray_serve

    logging.getLogger("ray.serve").setLevel(logging.ERROR)
    started = cluster.connect(env=env)
    ray_internals.forget_serve()
    if not started and (served := sorted(ray_serve.status().applications)):
        raise StageError(
            f"this cluster already serves {', '.join(served)}; ask that with `ecom ask`, change "
            "it with `serve deploy serve_config.yaml`, or end it with `serve shutdown`"
        )
    try:
        yield
    finally:
        if started:
            ray.shutdown()
        else:
            ray_serve.shutdown()


def _start(model: Path, serve: ServeConfig, engine: EngineConfig, prompting: Prompting) -> None:
    from ray import serve as ray_serve
    from ray.exceptions import RayError

    try:
        with ThreadPoolExecutor(1) as pool:
            # Serve's processes start while this one imports vLLM: each takes 10 s on two cores.
            starting = pool.submit(
                ray_serve.start, http_options={"host": serve.host, "port": serve.port}
            )
            shop = application(model, serve, engine, prompting)
            starting.result()
        # Blocking would wait for Serve's three tries; `_await_start` sees the first failure.
        target = ray_serve.RunTarget(shop, name=APP_NAME)
        ray_serve.run_many([target], wait_for_applications_running=False)
        _await_start()
    except (RayError, RuntimeError, TimeoutError) as error:
        raise StageError(
            f"Ray Serve did not start: {actors.why(str(error))}\nIt gives its proxy one minute to "
            "start; if this machine is busy, try again"
        ) from None


def _await_start() -> None:
    """Wait until every deployment has its replicas. Raises StageError when the first one fails."""
    from ray import serve as ray_serve

    shown = set[str]()
    while app := ray_serve.status().applications.get(APP_NAME):
        if app.status == "RUNNING":
            return
        for deployment in app.deployments.values():
            if "to be scheduled" in deployment.message and deployment.message not in shown:
                shown.add(deployment.message)  # no error: the cluster may still grow
                print(f"waiting: {deployment.message}", file=sys.stderr)
            _, failed, error = deployment.message.partition("Error:\n")
            if failed:
                cause = actors.why(error)
                raise StageError(f"the endpoint did not start: {cause}{less_memory(cause)}")
        if app.status == "DEPLOY_FAILED":
            raise StageError(f"the endpoint did not start: {app.message}")
        time.sleep(POLL_S)
    raise StageError(
        f"the endpoint did not start: Serve no longer has the application {APP_NAME}; another "
        "deployment on this cluster may have replaced it: start the endpoint again"
    )


def _drain() -> None:
    """Let the endpoint refuse new questions, and wait until it has answered the others.

    /ready has status 503 from then on. After DRAIN_S, or where Serve is gone, it waits no more.
    """
    from ray import serve as ray_serve

    deadline = time.monotonic() + DRAIN_S
    try:
        ingress = ray_serve.get_app_handle(APP_NAME)
        # Asked again and again: a process that Serve starts meanwhile has to hear of it, too.
        while left := sum(ingress.broadcast("drain").results(timeout_s=POLL_TIMEOUT_S)):
            if time.monotonic() > deadline:
                asked = "1 question" if left == 1 else f"{left} questions"
                print(f"stopping without {asked}, not answered in {DRAIN_S} s", file=sys.stderr)
                return
            time.sleep(POLL_S)
        time.sleep(LAST_BYTES_S)
    except Exception as error:  # a cluster that has failed can raise anything
        print(f"stopping at once: the endpoint does not answer: {error!r:.200}", file=sys.stderr)


def curl(url: str) -> str:
    """Return a shell command that asks the endpoint one question."""
    body = '{"prompt": "Which is a shoe?\\n0. red boot\\n1. lamp", "is_multiple_choice": true}'
    return f"curl -s {url}/v1/shop/answer -d '{body}'"


def _check_port(serve: ServeConfig) -> None:
    """Raise InputError where the port is taken: Serve's proxy would retry for ever."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((serve.host, serve.port))
        except OSError as error:
            raise InputError(
                f"serve.port {serve.port} on {serve.host} cannot be used: {error.strerror}; "
                "choose a free one with serve.port=…"
            ) from None


def _await_ready(url: str, model_name: str) -> None:
    """Wait until the proxy routes to our model: it gets the application after serve.run."""
    deadline, seen = time.monotonic() + READY_TIMEOUT_S, "nothing"
    while time.monotonic() < deadline:
        try:
            reply = httpx.get(f"{url}/ready", timeout=10, trust_env=False)  # never through a proxy
            seen = f"HTTP {reply.status_code}: {reply.text[:200]}"
            if reply.is_success and reply.json()["model"] == model_name:
                return
        except (httpx.TransportError, ValueError, LookupError) as error:
            seen = repr(error)
        time.sleep(0.1)
    raise StageError(
        f"{url}/ready did not name the model {model_name!r} within {READY_TIMEOUT_S} s; last "
        f"seen: {seen}; is Serve on this cluster listening elsewhere (`serve status`)?"
    )
