import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import ray

import ecom
from ecom import cluster

# Ray and vLLM warn of their own and of pydantic's future.
pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[bool]:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.chdir(tmp_path)
    yield cluster.connect(logical_cpus=7)
    ray.shutdown()


def test_a_local_cluster_offers_the_cpus_finds_ecom_and_ends(connected: bool) -> None:
    @ray.remote
    def where() -> tuple[str, int]:
        import ecom

        return ecom.__file__, os.getpid()

    assert connected
    assert cluster.connect() is False
    assert ray.cluster_resources()["CPU"] == 7
    found, pid = ray.get(where.remote())
    assert found == ecom.__file__
    workers = [psutil.Process(pid)]
    ray.shutdown()
    gone, alive = psutil.wait_procs(workers, timeout=20)
    assert (len(gone), alive) == (1, [])
