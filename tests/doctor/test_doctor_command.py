import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import ecom

ROOT = Path(ecom.__file__).parents[1]
# What a machine that runs tests may truly be short of while they run.
MAY_BE_SHORT = {"memory", "disk for runs/", "temporary folder", "port 8000"}


def doctor(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(filter(None, [env.pop("PYTHONPATH", ""), str(ROOT)]))
    return subprocess.run(
        [sys.executable, "-m", "ecom.cli", "doctor", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path, **env},
    )


def problems(report: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {f["what"]: f for f in report["findings"] if f["level"] == "problem"}


def test_the_machine_that_runs_the_tests_can_run_the_quickstart() -> None:
    done = doctor("--json", RAY_ADDRESS="", http_proxy="", HTTP_PROXY="", all_proxy="")
    report = json.loads(done.stdout)
    assert set(problems(report)) <= MAY_BE_SHORT, report["findings"]
    assert report["quickstart"] == (not problems(report))
    assert done.returncode == (0 if report["quickstart"] else 2)
    assert set(report["follows"]) == {"quickstart", "train", "compress", "serve"}
    machine = report["machine"]
    assert machine["processor"]["cores"] <= len(os.sched_getaffinity(0))
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert 0 < machine["memory"]["available"] <= machine["memory"]["total"] <= pages
    versions = {p["name"]: p["installed"] for p in machine["packages"]["required"]}
    import torch

    assert versions["torch"] == torch.__version__
    for finding in report["findings"]:
        assert finding["level"] in ("ok", "note", "problem")
        assert finding["remedy"] or finding["level"] == "ok"


def test_people_read_the_same_in_a_table() -> None:
    shown = doctor()
    assert shown.returncode in (0, 2)
    for word in ("CPU", "memory", "/dev/shm", "GPU", "torch", "port 8000", "quickstart", "serve"):
        assert word in shown.stdout


def test_torch_that_cannot_be_imported_is_a_problem_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError('libtorch_cpu.so: no such file')\n")
    done = doctor("--short", PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert "cannot run the quickstart" in done.stdout
    assert "libtorch_cpu.so: no such file" in done.stdout
    assert "make setup" in done.stdout


def test_a_library_that_a_check_needs_may_be_missing(tmp_path: Path) -> None:
    (tmp_path / "packaging.py").write_text("raise ImportError('no packaging')\n")
    done = doctor("--json", PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert problems(json.loads(done.stdout))["packages"]["remedy"] == "make setup"
