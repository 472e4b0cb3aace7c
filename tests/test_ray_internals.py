"""Ray's private names: they are used in one place, and this Ray has them."""

import inspect
import re
from pathlib import Path

import pytest

import ecom
from ecom import ray_internals

PRIVATE = re.compile(r"\bray\.[\w.]*\b_\w+|from ray\.[\w.]+ import _")


def test_no_other_module_names_what_is_private() -> None:
    root = Path(ecom.__file__).parent
    found = {
        f"{file.relative_to(root)}: {line.strip()}"
        for file in root.rglob("*.py")
        if file.name != "ray_internals.py"
        for line in file.read_text().splitlines()
        if PRIVATE.search(line)
    }
    assert not found


@pytest.mark.integration  # imports ray.serve.llm and with it vLLM: 10 s
@pytest.mark.filterwarnings("ignore")
def test_this_ray_has_what_is_overridden_and_called() -> None:
    from ray.serve.handle import DeploymentHandle
    from ray.serve.llm.deployment import LLMServer
    from ray.serve.llm.ingress import OpenAiIngress

    assert ray_internals.logs_folder() is None, "this process is not connected to Ray"
    assert not ray_internals.is_lost_worker(ValueError())
    for route, kind in ray_internals.request_types().items():
        assert {"model", "stream", "priority"} <= kind.model_fields.keys()
        assert hasattr(LLMServer, route)
    assert "error" in ray_internals.error_response().model_fields
    assert issubclass(ray_internals.http_error(), Exception)
    engine = ray_internals.engine_class()
    assert hasattr(engine.__base__, "_start_async_llm_engine")
    assert {"chat", "completions", "start"} <= {*dir(engine)}
    assert {"_get_default_engine_class", "_start_engine"} <= {*dir(LLMServer)}
    assert hasattr(OpenAiIngress, "_process_llm_request")
    assert "_by_reference" in inspect.signature(DeploymentHandle.options).parameters
