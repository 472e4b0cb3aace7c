"""All that ecom uses of Ray's private names. When Ray is raised, go through it from top to bottom.

Each function says what to check. Ray is imported inside them, so that this module costs nothing.
Beside these, ecom/serve/replica.py overrides private methods of Ray's LLMServer, and
ecom/serve/ingress.py calls one of its OpenAiIngress: each names it there.
"""

from pathlib import Path
from typing import Any


def silence_workers() -> None:
    """Have Ray not print what became of each worker, with its stack, on stdout.

    Check: a worker that fails leaves nothing on the stdout of `ecom run` (tests/test_cluster.py).
    """
    import ray

    ray._private.worker.print_to_stdstream = lambda *_, **__: None


def end_processes(error: BaseException) -> None:
    """End what Ray had started before `error`: it only does so itself once it is up.

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

    Check: worker-*-PID.out and .err still lie in it.
    """
    import ray

    node = ray._private.worker.global_worker.node
    return Path(node.get_logs_dir_path()) if node else None


def is_lost_worker(error: Exception) -> bool:
    """Say whether Ray Train says by this error that the process of a worker ended.

    Check: a worker that is killed still raises it (tests/train).
    """
    from ray.train.v2._internal.exceptions import WorkerHealthCheckFailedError

    return isinstance(error, WorkerHealthCheckFailedError)


def serve_host() -> str | None:
    """Return the address at which Serve listens, in a process of Serve's.

    Check: it is still http_options.host (a key is asked for where it is open to others).
    """
    from ray.serve.context import _get_global_client

    client: Any = _get_global_client()
    host: str | None = client.http_config.host
    return host


def forget_serve() -> None:
    """Forget the Serve of a cluster that this process had before.

    Check: a second `running` in one process still finds the new cluster's Serve.
    """
    from ray.serve.context import _set_global_client

    _set_global_client(None)


def own_transport(handle: Any) -> Any:
    """Return a deployment's handle that calls as this process does.

    A handle calls as the process did that made it. `ecom serve` makes it outside of the cluster: it
    would call actors, where gRPC costs half (haproxy.py).
    Check: DeploymentHandle.options still takes `_by_reference`, the opposite of gRPC.
    """
    from ray.serve._private.constants import RAY_SERVE_USE_GRPC_BY_DEFAULT

    return handle.options(_by_reference=not RAY_SERVE_USE_GRPC_BY_DEFAULT)


def model_card(name: str, config: Any) -> Any:
    """Return what /v1/models says of a model with this LLMConfig.

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
    """Return the type of what an engine returns in the place of an answer.

    Check: the engine's methods still yield it, with `error.code` and `error.message`.
    """
    from ray.llm._internal.serve.core.configs.openai_api_models import ErrorResponse

    return ErrorResponse


def http_error() -> type[Any]:
    """Return the exception by which OpenAiIngress refuses a request.

    Check: it still has `status_code` and `message`.
    """
    from ray.llm._internal.serve.core.configs.openai_api_models import OpenAIHTTPException

    return OpenAIHTTPException


def engine_class() -> type[Any]:
    """Return Ray's engine of vLLM, whose single CPU rank runs in the engine's own process.

    That is where engine.py asks for it: `ray.serve.llm` always gives the rank a process of its own,
    which imports vLLM once more, and the two wait for each other by spinning. On two cores it took
    half of what the machine can do.
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
    """Return the AsyncLLM of vLLM, which Ray's engine keeps to itself.

    Check: it is set once the engine has started.
    """
    return engine._engine_client
