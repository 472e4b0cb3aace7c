"""`ray job submit` to a cluster of our own: the scripts in ray_jobs/ run their stages there."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
RAY = str(Path(sys.executable).with_name("ray"))


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/api/jobs/", timeout=5).is_success
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    port, dashboard, agent, client = free_ports(4)
    # Ray's sockets lie below its temp dir, and a socket's path may not be long
    temp = Path("/tmp") / f"ecom-{os.getpid()}"
    command = [
        RAY,
        "start",
        "--head",
        "--block",
        f"--port={port}",
        f"--dashboard-port={dashboard}",
        "--dashboard-host=127.0.0.1",
        f"--dashboard-agent-listen-port={agent}",
        f"--ray-client-server-port={client}",
        f"--temp-dir={temp}",
        "--num-cpus=8",
        "--disable-usage-stats",
    ]
    env = {**os.environ, "RAY_AUTH_MODE": "disabled"}
    head = subprocess.Popen(
        command,
        env=env,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{dashboard}"
    deadline = time.monotonic() + 90
    try:
        while not answers(address):
            assert time.monotonic() < deadline, "the cluster did not come up"
            with contextlib.suppress(subprocess.TimeoutExpired):
                head.wait(timeout=0.5)
            assert head.poll() is None, "ray start ended"
        yield address
    finally:
        head.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            head.wait(timeout=5)
        with contextlib.suppress(ProcessLookupError):  # Ray waits long for some of its own
            os.killpg(head.pid, signal.SIGKILL)
        head.wait()
        shutil.rmtree(temp, ignore_errors=True)


def submit(cluster: str, *command: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "RAY_AUTH_MODE": "disabled", "RAY_ADDRESS": cluster}
    return subprocess.run(
        [RAY, "job", "submit", "--working-dir", str(ROOT), "--", sys.executable, *command],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_stage_runs_as_a_job_and_leaves_its_artifact(
    cluster: str, tiny_model: Path, tmp_path: Path
) -> None:
    rows = tmp_path / "rows.jsonl"
    row = {"output_field": 1, "task_type": "multiple-choice", "metric": "accuracy"}
    rows.write_text(
        "".join(json.dumps({"input_field": f"{n}?\n0. a\n1. b", **row}) + "\n" for n in range(60))
    )
    settings = {
        "workdir": tmp_path / "work",
        "base": tiny_model,
        "predict.queries": rows,
        "evaluate.gold": rows,
        "corpus.sources": f"[{{format: shopbench, path: {rows}}}]",
        "corpus.validation_fraction": 0.2,
    }
    arguments = ["recipes/quickstart.yaml", *(f"{k}={v}" for k, v in settings.items())]
    result = submit(cluster, "ray_jobs/corpus.py", *arguments)
    assert result.returncode == 0, (result.stdout + result.stderr)[-3000:]
    assert list((tmp_path / "work" / "corpus" / "train").glob("*.parquet"))
    log = (result.stdout + result.stderr).splitlines()
    assert [line for line in log if line.startswith("corpus ──")], "the stage"
    assert [line for line in log if line.startswith("corpus: read, clean: ")], "its progress"
    table = [line for line in log if line.startswith("│")]
    assert table
    assert max(map(len, table)) <= 100


def test_a_wrong_recipe_fails_the_job_with_its_reason(cluster: str) -> None:
    result = submit(cluster, "ray_jobs/train.py", "recipes/quickstart.yaml", "train.rnak=3")
    assert result.returncode != 0
    assert "'rank'" in result.stdout + result.stderr
