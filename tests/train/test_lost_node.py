"""A cluster of three nodes on one machine loses one while it trains."""

import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ecom.artifact import Draft
from ecom.train import job, log
from ecom.train.config import TrainConfig

pytestmark = pytest.mark.integration

CONFIG = TrainConfig(
    workers=(1, 2),
    rank=4,
    rows_per_step=8,
    epochs=40,
    max_steps=30,
    tokens_per_batch=128,
    checkpoint_every_steps=5,
    trackers=(),
)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    import ray
    from ray.cluster_utils import Cluster

    # how long Ray Train waits for a new node before it goes on with what there is
    monkeypatch.setenv("RAY_TRAIN_WORKER_GROUP_START_TIMEOUT_S", "5")
    # how often Ray asks a node whether it lives: five times in vain, and it is lost
    asking = {"health_check_period_ms": 500}
    head: dict[str, Any] = {"num_cpus": 0, "_system_config": asking}
    nodes: Any = Cluster(initialize_head=True, head_node_args=head)
    nodes.add_node(num_cpus=1)
    nodes.victim = nodes.add_node(num_cpus=1)
    ray.init(address=nodes.address, logging_level=logging.ERROR, log_to_driver=False)
    yield nodes
    ray.shutdown()
    nodes.shutdown()


def test_training_goes_on_with_the_nodes_that_are_left(
    cluster: Any, corpus: Path, tiny_model: Path, tmp_path: Path
) -> None:
    draft, failed = Draft(tmp_path), threading.Event()

    def lose() -> None:
        while (log.last(tmp_path / log.STEPS) or {"step": 0})["step"] < 12:
            if failed.wait(0.05):
                return
        cluster.remove_node(cluster.victim, allow_graceful=False)

    enemy = threading.Thread(target=lose)
    enemy.start()
    try:
        job.run(CONFIG, seed=3, base=str(tiny_model), corpus=corpus, draft=draft)
    finally:
        failed.set()
        enemy.join()
    steps = log.read(tmp_path / log.STEPS)
    assert [record["step"] for record in steps] == list(range(1, 31))
    assert steps[-1]["loss"] < steps[0]["loss"]
    assert (tmp_path / "adapter" / "adapter_model.safetensors").is_file()
