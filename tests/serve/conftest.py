"""One real endpoint for all tests that need it: Ray Serve and vLLM on the CPU, a minute to start.

Its tests are in several files; the root conftest sends them to one process.
"""

import json
import shutil
import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from ecom.engine import EngineConfig
from ecom.forms import Prompting
from ecom.serve import launch
from ecom.serve.config import ServeConfig

# As Mistral's template does: some chats cannot be rendered.
ALTERNATING = (
    "{% for m in messages %}{% if loop.previtem and m.role == 'assistant' == loop.previtem.role %}"
    "{{ raise_exception('Conversation roles must alternate') }}{% endif %}{% endfor %}"
)
ENGINE = EngineConfig(max_model_len=512, think_tokens=4)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def model(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same weights cut into fewer heads: vLLM's CPU attention takes no head_dim of 16."""
    from transformers import AutoTokenizer

    path = shutil.copytree(tiny_model, tmp_path_factory.mktemp("served") / "model")
    config = json.loads((path / "config.json").read_text())
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 32}
    (path / "config.json").write_text(json.dumps(config | heads))
    tokenizer = AutoTokenizer.from_pretrained(path)
    tokenizer.chat_template = ALTERNATING + tokenizer.chat_template
    tokenizer.save_pretrained(path)
    return path


_RUNNING = ExitStack()


@pytest.fixture(scope="session")
def url(model: Path) -> str:
    config = ServeConfig(port=free_port(), max_batch=64)
    return _RUNNING.enter_context(launch.running(model, config, ENGINE, Prompting()))


@pytest.fixture
def stop(url: str) -> Callable[[], None]:
    """What ends the endpoint; for the last test that asks it."""
    return _RUNNING.close


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """End the endpoint behind the last test of this folder: others want a Ray of their own."""
    if nextitem is None or nextitem.path.parent != item.path.parent:
        _RUNNING.close()
