"""Fixtures shared by all tests: a tiny untrained model, the real data where it is."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("ecom", deadline=None)  # a busy machine is no failure
settings.load_profile("ecom")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
# Two test processes share the cores: threads of small operations would mostly wait for each other
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Ray Train looks at its workers every 2 s, and a checkpoint waits until the one before was seen
os.environ.setdefault("RAY_TRAIN_HEALTH_CHECK_INTERVAL_S", "0.2")
# A process for each training, which waits for a cloud to take its machine back
os.environ.setdefault("RAY_TRAIN_ENABLE_PREEMPTION_WATCHER", "0")

RAY = "one Ray"  # which takes seconds to start, and so do the helpers of Ray Data in it
# Files that share what takes long, by how their names begin
SHARING = {
    "tests/compress/": "one compressed model",
    "tests/serve/": "one endpoint",
    "tests/corpus/stage/": RAY,
    "tests/corpus/test_synthesize_job.py": RAY,
    "tests/predict/test_predict_job.py": RAY,
    "tests/predict/test_routes.py": RAY,
    "tests/train/test_train_job.py": RAY,
}

SENTENCES = [
    "Which of the following products is a shoe?\n0. red boot\n1. lamp\n2. chair\n3. desk\nAnswer: ",
    "Please rank the 5 products by relevance. Output a permutation of 1 to 5.",
    "Extract phrases of the entity type 'brand' from the query: blue Nordlicht lamp",
    "You are a helpful online shopping assistant. Do not give explanation only Answer. Output:",
    "Ein roter Schuh aus Leder, Größe 42. Une lampe bleue en métal.",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Minutes first, so that none of two processes works on a long file at the end alone."""
    items.sort(key=lambda item: item.get_closest_marker("integration") is None)


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Keep `make test-fast` honest: a test that starts Ray is marked `integration`."""
    ray = sys.modules.get("ray")
    started = ray is not None and ray.is_initialized()
    if started and "integration" in item.config.option.markexpr:  # it was deselected
        pytest.fail(f"{item.nodeid} starts Ray; mark it `integration`")


@pytest.hookimpl(trylast=True, specname="pytest_runtest_teardown")
def pytest_end_the_shared_ray(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """End it before files with a Ray of their own, which a fixture of the session would not do."""
    if shared(item.nodeid) == RAY and (nextitem is None or shared(nextitem.nodeid) != RAY):
        import ray

        ray.shutdown()


def shared(nodeid: str) -> str | None:
    """What the file of a test shares with others."""
    return next((what for name, what in SHARING.items() if nodeid.startswith(name)), None)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file's tests run in one process, and so do those of all files that share something.

    (`--dist loadgroup` is made for that; pytest-xdist 3.8 groups nothing under pytest 9.2.)
    """
    from xdist.scheduler import LoadFileScheduling

    class ByFileOrSharing(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return shared(nodeid) or super()._split_scope(nodeid)

    return ByFileOrSharing(config, log)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Hugging Face directory with a random 2-layer Qwen2 (hidden 64, intermediate 96)."""
    from ecom.quickstart.base import build_tokenizer, new_model, save
    from ecom.quickstart.config import TinyBase

    config = TinyBase(
        vocab_size=512,
        hidden_size=64,
        intermediate_size=96,
        layers=2,
        heads=2,
        kv_heads=1,
        max_position_embeddings=512,
    )
    path = tmp_path_factory.mktemp("tiny") / "model"
    tokenizer = build_tokenizer(SENTENCES * 4, config.vocab_size)
    save(new_model(config, tokenizer, seed=0), tokenizer, path)
    return path


@pytest.fixture(scope="session")
def ecom_data() -> Path:
    """The real data that may not be committed (`ECOM_DATA`, else ../shared/data)."""
    default = Path(__file__).parents[2] / "shared" / "data"
    path = Path(os.environ.get("ECOM_DATA", default))
    if not path.is_dir():
        pytest.skip(f"no real data at {path}; set ECOM_DATA to its folder")
    return path
