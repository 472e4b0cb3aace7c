"""Seconds and memory to score 20,000 predictions by both parsers, embedding metrics left out.

    make bench-scoring          (or: ECOM_DATA=… python bench/scoring.py 20000)

Golds are real training rows (ec_guide), predictions the right answers, some of them made wordy or
swapped. Each size runs in a separate process, to measure its memory. Last line: {"bench":
"scoring", …}; the ratio is memory at the full size over memory at a quarter of it.
"""

import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

DATA = Path(os.environ.get("ECOM_DATA", "../shared/data")) / "ec_guide"


def rows() -> Iterator[dict[str, Any]]:
    """Yield the rows that the contest could score without an encoder."""
    from ecom.forms import FORMS

    for file in sorted(DATA.glob("*.jsonl")):
        for line in file.open(encoding="utf-8"):
            row = json.loads(line)
            form, metric = row["task_type"], row["metric"]
            if "sent-transformer" in metric:
                metric = "rougel"
            if metric == "bleu" and any("\u3040" <= c <= "\u30ff" for c in row["output_field"]):
                metric = "jp-bleu"
            if metric in FORMS[form].metrics and FORMS[form].is_gold(row["output_field"]):
                task = f"{file.stem} {metric}"
                yield {**row, "metric": metric, "task_name": task, "track": "concepts"}


def write(folder: Path, count: int) -> tuple[Path, Path]:
    """Write `count` golds and their predictions; return the two files."""
    from ecom.forms import FORMS

    rng = random.Random(0)
    pool = list(rows())
    rng.shuffle(pool)
    chosen = [pool[i % len(pool)] for i in range(count)]
    right = [FORMS[row["task_type"]].emit(row["output_field"]) for row in chosen]
    said = [
        f"Answer: {text}" if draw < 0.3 else rng.choice(right) if draw < 0.5 else text
        for text, draw in ((text, rng.random()) for text in right)
    ]
    gold, predictions = folder / "gold.jsonl", folder / "predictions.jsonl"
    gold.write_text("".join(json.dumps(row) + "\n" for row in chosen))
    predictions.write_text("".join(json.dumps({"prediction": text}) + "\n" for text in said))
    return gold, predictions


def score(gold: str, predictions: str) -> None:
    """Score in this process; print seconds and peak memory."""
    from ecom.evaluate.config import EvaluateConfig
    from ecom.evaluate.job import score_files

    start = time.perf_counter()
    found = score_files(Path(gold), Path(predictions), EvaluateConfig(gold="unused"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows": found["rows"], "s": time.perf_counter() - start, "peak_mib": peak}))


def main() -> None:
    """Print the table and the JSON line."""
    full = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    raw = []
    for count in (full // 4, full):
        with TemporaryDirectory() as folder:
            files = map(str, write(Path(folder), count))
            command = [sys.executable, __file__, "--score", *files]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
        raw.append(json.loads(done.stdout.splitlines()[-1]))
    table = Table(title="Scoring by both parsers, 1,000 bootstrap samples", title_justify="left")
    for column in ("rows", "seconds", "peak MiB"):
        table.add_column(column, justify="right")
    for found in raw:
        table.add_row(f"{found['rows']:,}", f"{found['s']:.1f}", f"{found['peak_mib']:.0f}")
    Console(width=120).print(table)
    ratios = {"memory": raw[1]["peak_mib"] / raw[0]["peak_mib"]}
    print(json.dumps({"bench": "scoring", "ratios": ratios, "raw": raw}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--score"]:
        score(*sys.argv[2:])
    else:
        main()
