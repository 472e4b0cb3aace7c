"""A public benchmark asked of the running endpoint, from its authors' files to the report."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmark.made import MADE


@pytest.mark.integration
def test_a_benchmark_is_asked_of_the_endpoint(url: str, tmp_path: Path) -> None:
    _, made = MADE["intention-qa"]
    path, to = made.write(tmp_path / "their"), tmp_path / "out"
    asked = ["benchmark", "intention-qa", str(path), "--endpoint", url, "--prompt", "ours"]
    # A process of its own: the command ends the Ray of its process, and that is the endpoint's.
    command = [sys.executable, "-m", "ecom.cli", *asked, "--to", str(to), "--json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    runs = json.loads(done.stdout)["runs"]
    said = [json.loads(line) for line in (to / "ours.jsonl").read_text().splitlines()]
    # in our words only a letter of the question may be written
    assert len(said) == len(made.answers)
    assert {row["prediction"] for row in said} <= set("ABCD")
    for rules in ("authors", "ours"):
        low, high = runs["our words"][rules]["intervals"]["overall"]
        assert 0 <= low <= runs["our words"][rules]["overall"] <= high <= 1
    assert (to / "report.html").stat().st_size > 1_000
