"""Seconds and memory of each stage of the quickstart: the figures of docs/quickstart.md.

    make bench-quickstart     (or: python bench/quickstart.py [KEY=VALUE …], on a quiet machine)

Runs recipes/quickstart.yaml from scratch in a separate folder. Memory is the peak of the machine's
use during a stage, less its use before, so Ray's processes and shared memory are included. Last
line: {"bench": "quickstart", …}; the ratios are each stage's share of the time.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from ecom.pipeline import STAGES

ROOT = Path(__file__).parents[1]
EVERY_S = 0.25


def in_use_mib() -> float:
    """Return the machine's memory that is not available, MiB."""
    lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
    kib = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}
    return (kib["MemTotal"] - kib["MemAvailable"]) / 1024


def run(workdir: Path, overrides: list[str]) -> list[tuple[float, float]]:
    """Run the recipe; return (Unix time, MiB beyond the start) over its whole run."""
    recipe = str(ROOT / "recipes" / "quickstart.yaml")
    command = [sys.executable, "-m", "ecom.cli", "run", recipe, f"workdir={workdir}", *overrides]
    before, seen = in_use_mib(), list[tuple[float, float]]()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            seen.append((time.time(), in_use_mib() - before))
            time.sleep(EVERY_S)
    if process.returncode:
        raise SystemExit(f"the quickstart ended with {process.returncode}; its reason is above")
    return seen


def main() -> None:
    """Print the table and the JSON line."""
    with TemporaryDirectory() as folder:
        seen = run(Path(folder) / "run", sys.argv[1:])
        raw = {}
        for stage in STAGES:
            file = Path(folder) / "run" / stage / "artifact.json"
            seconds, end = json.loads(file.read_text())["seconds"], file.stat().st_mtime
            peak = max((mib for at, mib in seen if end - seconds <= at <= end), default=0.0)
            raw[stage] = {"seconds": round(seconds), "peak_gb": round(peak * 2**20 / 1e9, 1)}
    whole = round(seen[-1][0] - seen[0][0])
    table = Table("stage", "seconds", "GB at most")
    for stage, found in raw.items():
        table.add_row(stage, str(found["seconds"]), str(found["peak_gb"]))
    table.add_section()
    table.add_row("all", str(whole), str(max(found["peak_gb"] for found in raw.values())))
    Console(width=100).print(table)
    ratios = {stage: round(found["seconds"] / whole, 3) for stage, found in raw.items()}
    print(json.dumps({"bench": "quickstart", "ratios": ratios, "raw": raw | {"all": whole}}))


if __name__ == "__main__":
    main()
