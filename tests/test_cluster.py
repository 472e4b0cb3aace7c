import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import ray

import ecom
from ecom import cluster
from ecom.errors import InputError, StageError

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


def test_a_home_folder_that_cannot_be_written_is_not_needed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("a file, so nothing can be written below it, not even by root")
    code = "from ecom import cluster; import ray; print(cluster.connect(), ray.is_initialized())"
    kept = {key: value for key, value in os.environ.items() if not key.startswith("RAY_")}
    found = subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == "True True\n", found.stderr


SLOW = "The current node timed out during startup."  # ray/_private/node.py, after its fixed 30 s


@pytest.mark.parametrize(("failures", "works"), [(2, True), (3, False)])
def test_ray_that_is_slow_to_start_is_tried_three_times(
    failures: int, works: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    left = [Exception(SLOW)] * failures

    def init(**_: Any) -> None:
        if left:
            raise left.pop()

    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr(ray, "init", init)
    if works:
        assert cluster.connect() is True
    else:
        with pytest.raises(StageError, match=r"within 30 s in 3 attempts.*load.*logs"):
            cluster.connect()
    assert capsys.readouterr().err.count("trying again") == 2


def test_a_full_disk_is_reported_without_another_try(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def init(**_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr(ray, "init", init)
    with pytest.raises(StageError, match=r"OSError: .*No space left on device"):
        cluster.connect()
    assert "trying again" not in capsys.readouterr().err


def test_an_address_where_nobody_listens_is_refused_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as bound:  # and does not listen
        bound.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{bound.getsockname()[1]}"
        monkeypatch.setenv("RAY_ADDRESS", address)
        with pytest.raises(InputError, match=rf"RAY_ADDRESS is {address}.*unset it"):
            cluster.connect()


@pytest.mark.parametrize(
    ("accelerator", "count", "there", "said"),
    [
        ("cpu", 4, {}, ""),
        ("T4", 1, {}, "this machine has 0 GPUs; use a cluster"),
        (
            "T4",
            4,
            {"GPU": 2.0, "accelerator_type:T4": 1.0},
            "4 needed, and this machine has 2 GPUs",
        ),
        ("T4", 1, {"GPU": 1.0, "accelerator_type:L4": 1.0}, "this machine's GPUs are of another"),
        ("any-gpu", 1, {"GPU": 1.0}, ""),
        ("A100-80G", 1, {"GPU": 1.0, "accelerator_type:A100": 1.0}, ""),
    ],
)
def test_gpus_that_never_come_are_an_error_and_no_endless_wait(
    accelerator: Any,
    count: int,
    there: dict[str, float],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr(ray, "cluster_resources", lambda: there)
    if not said:
        cluster.check_gpus("engine", accelerator, count)
        return
    with pytest.raises(InputError, match=said):
        cluster.check_gpus("engine", accelerator, count)
