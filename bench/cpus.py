"""The quickstart from compress to evaluate on each kind of x86 CPU: are the scores equal?

    make bench-cpus       (after make quickstart; or: python bench/cpus.py [--only avx2])

tests/cpu/kinds.py imitates the other kinds: every process, from the command to vLLM's ranks, sees a
CPU with fewer features than this one, and oneDNN and ATen respect that, too.

    this           this machine's CPU
    amx            vLLM's kernels on AMX tiles, which a process has to ask Linux for; emulated where
                   the CPU has none
    avx512         without bfloat16 and AMX: vLLM's 4-bit kernel on vectors
    avx2           no AVX-512: the 4-bit weights are expanded to 16 bits
    amx-refused    AMX that Linux does not permit: vectors again, no SIGILL

Corpus and adapter are the quickstart's own. Last line: {"bench": "cpus", …}; ratios are each kind's
overall AWQ score over this CPU's.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, get_args

from rich.console import Console
from rich.table import Table

from ecom import cpu

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # `python bench/cpus.py` knows this file's folder only

from tests.cpu import kinds  # noqa: E402

KEPT = ("quickstart", "corpus", "train")


def run(kind: kinds.Kind, recipe: Path, source: Path, target: Path) -> dict[str, Any]:
    """Run the recipe in `target` with the source's first stages; return scores and seconds."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for stage in KEPT:
        shutil.copytree(source / stage, target / stage)
    env = os.environ | kinds.environment(kind, target)
    command = [sys.executable, "-m", "ecom.cli", "run", str(recipe), f"workdir={target}"]
    start = time.monotonic()
    done = subprocess.run(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{kind}: exit code {done.returncode}; its reason is above")
    scores = json.loads((target / "evaluate" / "scores.json").read_text())
    official = {name: scores["models"][name]["official"]["overall"] for name in ("merged", "awq")}
    return {"seconds": round(time.monotonic() - start), **official}


def main() -> None:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="*", choices=get_args(kinds.Kind), help="these kinds alone")
    parser.add_argument("--recipe", type=Path, default=ROOT / "recipes" / "quickstart.yaml")
    parser.add_argument("--source", type=Path, default=ROOT / "runs" / "quickstart")
    options = parser.parse_args()
    own = cpu.kind()
    named = options.only or list(get_args(kinds.Kind))
    if "amx" in named and (missing := kinds.missing_for_tiles()):
        print(f"amx left out: {missing}", file=sys.stderr)
        named.remove("amx")
    target = options.source.parent / "cpus"
    raw = {kind: run(kind, options.recipe, options.source, target / kind) for kind in named}
    table = Table("CPU", "seconds", "merged", "awq", title=f"this CPU: {own}")
    for kind, found in raw.items():
        table.add_row(kind, str(found["seconds"]), f"{found['merged']:.4f}", f"{found['awq']:.4f}")
    Console(width=100).print(table)
    base = raw[named[0]]["awq"]
    ratios = {kind: round(found["awq"] / base, 4) for kind, found in raw.items()}
    print(json.dumps({"bench": "cpus", "ratios": ratios, "raw": raw, "cpu": own}))


if __name__ == "__main__":
    main()
