"""The application: `ray.serve.llm` replicas behind an ingress that speaks OpenAI and shop.

POST /v1/shop/answer       one query or a list, each in its lane (protocol.py)
POST /v1/chat/completions, POST /v1/completions, GET /v1/models    the OpenAI API
GET /                      the playground
GET /health, GET /ready    whether the ingress lives, and whether the model answers

serve deploy serve_config.yaml     # ecom/deploy.py, on a running cluster
ecom serve RECIPE                  # launch.py, with a cluster of its own
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom import hardware, ray_internals
from ecom.engine import EngineConfig, check_model, engine_env, engine_kwargs, engine_resources
from ecom.forms import Prompting
from ecom.lanes import Asker, label_ids
from ecom.serve import access, http
from ecom.serve.config import SHOP, ServeConfig

if TYPE_CHECKING:
    from ray.serve import Application
    from ray.serve.llm import LLMConfig

# No line for each request: it slows down a choice, and the metrics say more (metrics.py).
LOGGING = {"enable_access_log": False}
DRAIN_S = 120  # a replica that is stopped may first finish its requests


def application(
    model: Path, serve: ServeConfig, engine: EngineConfig, prompting: Prompting
) -> "Application":
    """Return the application that serves `model`. Raises InputError where it cannot be served."""
    check_model(model, engine)
    with _own_logging():
        from ray.serve import deployment
        from ray.serve.llm import build_llm_deployment
        from ray.serve.llm.ingress import make_fastapi_ingress

        from ecom.serve.ingress import ShopIngress
        from ecom.serve.routes import ENDPOINTS

    config = _llm_config(model, serve, engine)
    digests = access.digests()
    app = http.application(digests, serve.max_body_mib * 2**20)
    ingress = make_fastapi_ingress(ShopIngress, endpoint_map=ENDPOINTS, app=app)
    replicas = build_llm_deployment(config)
    names = (serve.model_name, SHOP)
    bound: Application = deployment(**_ingress_options(serve))(ingress).bind(
        llm_deployments=dict.fromkeys(names, replicas),
        model_cards={name: ray_internals.model_card(name, config) for name in names},
        serve_config=serve,
        asker=Asker(label_ids(model), prompting, engine.think_tokens),
        engine=engine,
        keyed=bool(digests),
        created=int(model.stat().st_mtime),
    )
    return bound


def _llm_config(model: Path, serve: ServeConfig, engine: EngineConfig) -> "LLMConfig":
    from ray.serve.llm import LLMConfig

    from ecom.serve.replica import ShopServer

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
            # Only the engine's bundles are reserved: two cores must suffice for a cluster.
            "ray_actor_options": {"num_cpus": 0},
            "graceful_shutdown_timeout_s": DRAIN_S,
            "logging_config": LOGGING,
            # An update starts a new replica before it stops an old one; a GPU is rarely free then.
            "max_surge_percent": 100 if engine.accelerator == "cpu" else 0,
        },
        log_engine_metrics=False,
    )


def _ingress_options(serve: ServeConfig) -> dict[str, Any]:
    return {
        "num_replicas": serve.ingress_replicas,
        "max_ongoing_requests": 1_000_000,  # the lanes' queues are the limit, with a clear refusal
        "graceful_shutdown_timeout_s": DRAIN_S,
        # Serve would format a line for each request, and then not write it.
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
