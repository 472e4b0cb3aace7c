"""All private names of Ray that ecom uses. When you upgrade Ray, check each function here.

Each function says what to check. Ray is imported inside them, so this module is cheap to import.
In addition, ecom/serve/replica.py overrides private methods of Ray's LLMServer, and
ecom/serve/ingress.py calls one of its OpenAiIngress: both name them in their docstrings.
"""

from pathlib import Path
from typing import Any


def silence_workers() -> None:
    """Stop Ray from printing the result of each worker, with its stack, on stdout.

    Check: a worker that fails leaves nothing on the stdout of `ecom run` (tests/test_cluster.py).
    """
    import ray

    ray._private.worker.print_to_stdstream = lambda *_, **__: None


def end_processes(error: BaseException) -> None:
    """End the processes that Ray had started before `error`: Ray does so only once it is up.

    Check: `ray.init` still starts its processes in a method of Node, and after a start that timed
    out none of them is left.
    """
    import traceback

    import ray

    for frame, _ in traceback.walk_tb(error.__traceback__):
        if isinstance(node := frame.f_locals.get("self"), ray._private.node.Node):
            node.kill_all_processes(check_alive=False, allow_graceful=False)
            return


def logs_folder() -> Path | None:
    """Return the folder of this node's logs; None where this process is not connected to Ray.

    Check: worker-*-PID.out and .err are still in it.
    """
    import ray

    node = ray._private.worker.global_worker.node
    return Path(node.get_logs_dir_path()) if node else None


def is_lost_worker(error: Exception) -> bool:
    """Whether Ray Train reports with this error that the process of a worker ended.

    Check: a worker that is killed still raises it (tests/train).
    """
    from ray.train.v2._internal.exceptions import WorkerHealthCheckFailedError

    return isinstance(error, WorkerHealthCheckFailedError)


def serve_host() -> str | None:
    """Return the address at which Serve listens; for Serve's own processes.

    Check: it is still http_options.host (a key is asked for where it is open to others).
    """
    from ray.serve.context import _get_global_client

    client: Any = _get_global_client()
    host: str | None = client.http_config.host
    return host


def forget_serve() -> None:
    """Forget the Serve of a cluster to which this process was connected before.

    Check: a second `running` in one process still finds the new cluster's Serve.
    """
    from ray.serve.context import _set_global_client

    _set_global_client(None)


def own_transport(handle: Any) -> Any:
    """Return a deployment's handle that uses this process's transport.

    A handle uses the transport of the process that made it. `ecom serve` makes it outside of the
    cluster: it would call actors, while gRPC costs half (haproxy.py).
    Check: DeploymentHandle.options still takes `_by_reference`, the opposite of gRPC.
    """
    from ray.serve._private.constants import RAY_SERVE_USE_GRPC_BY_DEFAULT

    return handle.options(_by_reference=not RAY_SERVE_USE_GRPC_BY_DEFAULT)


def model_card(name: str, config: Any) -> Any:
    """Return the entry of /v1/models for a model with this LLMConfig.

    Check: `make_fastapi_ingress` still takes such cards as `model_cards`.
    """
    from ray.llm._internal.serve.core.configs.openai_api_models import to_model_metadata

    return to_model_metadata(name, config)


def request_types() -> dict[str, Any]:
    """Return the types of vLLM's requests, by the engine's methods that take them.

    Check: LLMServer.chat and .completions are still annotated with these.
    """
    from ray.llm._internal.serve.core.configs.openai_api_models import (
        ChatCompletionRequest,
        CompletionRequest,
    )

    return {"chat": ChatCompletionRequest, "completions": CompletionRequest}


def error_response() -> Any:
    """Return the type that an engine returns instead of an answer.

    Check: the engine's methods still yield it, with `error.code` and `error.message`.
    """
    from ray.llm._internal.serve.core.configs.openai_api_models import ErrorResponse

    return ErrorResponse


def http_error() -> type[Any]:
    """Return the exception with which OpenAiIngress refuses a request.

    Check: it still has `status_code` and `message`.
    """
    from ray.llm._internal.serve.core.configs.openai_api_models import OpenAIHTTPException

    return OpenAIHTTPException


def engine_class() -> type[Any]:
    """Return Ray's engine of vLLM, whose single CPU rank runs in the engine's own process.

    It does so where engine.py asks for it: `ray.serve.llm` always gives the rank another process,
    which imports vLLM once more, and the two wait for each other by spinning. On two cores that
    took half of the machine's capacity.
    Check: VLLMEngine still makes its client in this method, from this configuration.
    """
    from ray.llm._internal.serve.engines.vllm.vllm_engine import VLLMEngine

    class Engine(VLLMEngine):
        def _start_async_llm_engine(self, args: Any, config: Any, group: Any) -> Any:
            if self.llm_config.engine_kwargs.get("distributed_executor_backend") == "uni":
                config.parallel_config.distributed_executor_backend = "uni"
            return super()._start_async_llm_engine(args, config, group)

    return Engine


def engine_client(engine: Any) -> Any:
    """Return vLLM's AsyncLLM, a private attribute of Ray's engine.

    Check: it is set once the engine has started.
    """
    return engine._engine_client
