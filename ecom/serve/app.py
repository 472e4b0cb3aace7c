"""The application: `ray.serve.llm` replicas behind an ingress that speaks OpenAI and shop.

POST /v1/shop/answer       one query or a list, down its lane (router.py)
POST /v1/chat/completions, POST /v1/completions, GET /v1/models    the OpenAI API
GET /                      the playground
GET /health, GET /ready    whether the ingress lives, and whether the model answers

serve deploy serve_config.yaml     # build(), on a running cluster
ecom serve RECIPE                  # running(), with a cluster of its own
"""

import logging
import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from ecom import cluster, hardware, progress, recipe
from ecom.causes import actors
from ecom.engine import (
    EngineConfig,
    check_model,
    engine_env,
    engine_kwargs,
    engine_resources,
    less_memory,
    notice,
)
from ecom.errors import InputError, StageError
from ecom.forms import Prompting
from ecom.lanes import label_ids
from ecom.serve import access, haproxy, web
from ecom.serve.config import SHOP, ServeConfig

if TYPE_CHECKING:
    from ray.serve import Application
    from ray.serve.llm import LLMConfig

APP_NAME = "shop"
READY_TIMEOUT_S = 30
POLL_S = 0.2  # how often is asked whether replicas have started
# No line for each request: that costs a choice time, and the metrics tell more (metrics.py).
LOGGING = {"enable_access_log": False}
DRAIN_S = 120  # what is under way when a replica has to go may end first


def build(args: dict[str, Any]) -> "Application":
    """Return the application of a recipe, for `serve deploy`.

    args: {"recipe": PATH, "overrides"?: ["key=value", …]}. Raises InputError.
    """
    if unknown := sorted(set(args) - {"recipe", "overrides"}):
        raise InputError(f"args.{unknown[0]}: not known here; give `recipe` and maybe `overrides`")
    if "recipe" not in args:
        raise InputError("args.recipe is missing; give the path of a recipe")
    path = Path(args["recipe"]).absolute()
    loaded = recipe.load(path, args.get("overrides", ()))
    model = Path(loaded.workdir).absolute() / "compress" / "model"
    if not model.is_dir():
        raise InputError(f"{model}: no compressed model there yet; make it with `ecom run {path}`")
    return application(model, loaded.serve, loaded.engine, loaded.prompting)


def application(
    model: Path, serve: ServeConfig, engine: EngineConfig, prompting: Prompting
) -> "Application":
    """Return the application that serves `model`. Raises InputError where it cannot."""
    check_model(model, engine)
    with _own_logging():
        from ray.llm._internal.serve.core.configs.openai_api_models import to_model_metadata
        from ray.serve import deployment
        from ray.serve.llm import build_llm_deployment
        from ray.serve.llm.ingress import make_fastapi_ingress

        from ecom.serve.ingress import ShopIngress
        from ecom.serve.routes import ENDPOINTS

    config = _llm_config(model, serve, engine)
    digests = access.digests()
    app = web.application(digests, serve.max_body_mib * 2**20)
    ingress = make_fastapi_ingress(ShopIngress, endpoint_map=ENDPOINTS, app=app)
    replicas = build_llm_deployment(config)
    names = (serve.model_name, SHOP)
    bound: Application = deployment(**_ingress_options(serve))(ingress).bind(
        llm_deployments=dict.fromkeys(names, replicas),
        model_cards={name: to_model_metadata(name, config) for name in names},
        serve_config=serve,
        prompting=prompting,
        label_ids=label_ids(model),
        engine=engine,
        keyed=bool(digests),
    )
    return bound


@contextmanager
def running(
    model: Path, serve: ServeConfig, engine: EngineConfig, prompting: Prompting
) -> Iterator[str]:
    """Serve `model` while the block runs and yield the base URL, e.g. http://127.0.0.1:8000.

    Raises InputError where the model or the port is wrong, StageError where no replica comes up.
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
        yield url


def _gpus(serve: ServeConfig, engine: EngineConfig) -> int:
    """Return how many GPUs the least number of replicas needs."""
    return max(1, serve.min_replicas) * engine.tensor_parallel


@contextmanager
def _cluster(env: Mapping[str, str]) -> Iterator[None]:
    """Connect to a cluster that serves nothing yet; leave nothing of Serve there afterwards."""
    import ray
    from ray import serve as ray_serve
    from ray.serve.context import _set_global_client

    logging.getLogger("ray.serve").setLevel(logging.ERROR)
    started = cluster.connect(env=env)
    _set_global_client(None)  # it may be that of a cluster that this process had before
    if not started and (served := sorted(ray_serve.status().applications)):
        raise StageError(
            f"this cluster serves already: {', '.join(served)}; ask that with `ecom ask`, change "
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
            # Serve's processes start while this one imports vLLM: 10 s each on two cores.
            starting = pool.submit(
                ray_serve.start, http_options={"host": serve.host, "port": serve.port}
            )
            shop = application(model, serve, engine, prompting)
            starting.result()
        # It would wait until Serve has tried three times; `_await_start` sees the first failure.
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
                shown.add(deployment.message)  # a cluster may grow, so this only may be for ever
                print(f"waiting: {deployment.message}", file=sys.stderr)
            _, failed, error = deployment.message.partition("Error:\n")
            if failed:
                cause = actors.why(error)
                raise StageError(f"the endpoint did not start: {cause}{less_memory(cause)}")
        if app.status == "DEPLOY_FAILED":
            raise StageError(f"the endpoint did not start: {app.message}")
        time.sleep(POLL_S)
    raise StageError(f"the endpoint did not start: Serve no longer has the application {APP_NAME}")


def curl(url: str) -> str:
    """Return a shell command that asks the endpoint one question."""
    body = '{"prompt": "Which is a shoe?\\n0. red boot\\n1. lamp", "is_multiple_choice": true}'
    return f"curl -s {url}/v1/shop/answer -d '{body}'"


def _llm_config(model: Path, serve: ServeConfig, engine: EngineConfig) -> "LLMConfig":
    from ray.serve.llm import LLMConfig

    from ecom.serve.server import ShopServer

    return LLMConfig(
        server_cls=ShopServer,
        model_loading_config={
            "model_id": serve.model_name,
            "model_source": str(model.absolute()),
        },
        engine_kwargs=engine_kwargs(engine),
        accelerator_type=hardware.ray_type(engine.accelerator),
        placement_group_config={"bundles": engine_resources(engine)},
        runtime_env={"env_vars": engine_env(engine)},
        deployment_config={
            "autoscaling_config": {
                "min_replicas": serve.min_replicas,
                "max_replicas": serve.max_replicas,
                "target_ongoing_requests": engine.max_num_seqs,
            },
            # The engine's bundles are all that is reserved: two cores must do for a cluster.
            "ray_actor_options": {"num_cpus": 0},
            "graceful_shutdown_timeout_s": DRAIN_S,
            "logging_config": LOGGING,
            # On an update a new replica comes before an old one goes; a GPU is rarely left for it.
            "max_surge_percent": 100 if engine.accelerator == "cpu" else 0,
        },
        log_engine_metrics=False,
    )


def _ingress_options(serve: ServeConfig) -> dict[str, Any]:
    return {
        "num_replicas": serve.ingress_replicas,
        "max_ongoing_requests": 1_000_000,  # the lanes' queues are the bound, and say so
        "graceful_shutdown_timeout_s": DRAIN_S,
        # Serve would put its line together for each request, and then not write it.
        "logging_config": LOGGING | ({} if serve.log_prompts else {"log_level": "WARNING"}),
        "max_surge_percent": 100,
        "ray_actor_options": {"num_cpus": 0},
    }


@contextmanager
def _own_logging() -> Iterator[None]:
    """Importing ray.llm puts a JSON handler on the root logger; this process keeps its own."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def _check_port(serve: ServeConfig) -> None:
    """Serve's proxy would only retry for ever on a port that is taken."""
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
    """Wait until the proxy routes to our model: it learns of the application after serve.run."""
    deadline, seen = time.monotonic() + READY_TIMEOUT_S, "nothing"
    while time.monotonic() < deadline:
        try:
            reply = httpx.get(f"{url}/ready", timeout=10, trust_env=False)  # never by a proxy
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
