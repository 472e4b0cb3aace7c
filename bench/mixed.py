"""Mixed load in turns: ecom's endpoint and vLLM's own server, a few seconds each, both running.

    make bench-mixed         (or: python bench/mixed.py [--turns 6] [--seconds 15] [--model DIR])

The arms of bench/serve.py run minutes apart, in which these machines drift by a quarter. Here both
servers run at the same time, with the same model, settings and one compute thread each, and get
load in turns; a turn's ratio compares two neighbours, and the other server idles. The load is that
of bench/serve.py: long chats all the time, and multiple-choice questions in between.

Last line: {"bench": "mixed", ...}; the ratios are medians over the turns of ecom's figures over
vLLM's.
"""

import argparse
import asyncio
import json
import os
from pathlib import Path
from statistics import median
from typing import IO

from rich.console import Console
from rich.progress import track
from rich.table import Table
from serve import (
    ENGINE,
    Rates,
    chats,
    free_port,
    mixed,
    pinned,
    queries,
    questions,
    quiet,
    vllm_running,
)

from ecom.forms import Prompting

CHOICES = 400  # questions of a turn; as many are asked as time allows


def turns(model: Path, count: int, seconds: float) -> dict[str, list[Rates]]:
    """Return each server's figures, turn by turn."""
    from ecom.serve import launch
    from ecom.serve.config import ServeConfig

    found: dict[str, list[Rates]] = {"ecom": [], "vLLM server": []}
    with (
        vllm_running(model) as theirs,
        launch.running(model, ServeConfig(port=free_port()), ENGINE, Prompting.load(model)) as ours,
    ):
        for turn in track(range(count), "turns", console=Console(stderr=True)):
            asked = questions(CHOICES, first=turn * CHOICES)
            plans = {
                "ecom": (ours, f"{ours}/v1/shop/answer", queries(asked), "ecom"),
                "vLLM server": (
                    theirs,
                    f"{theirs}/v1/chat/completions",
                    chats(model, asked),
                    "shop",
                ),
            }
            for name, plan in plans.items():
                found[name].append(asyncio.run(mixed(*plan, model, seconds)))
    return found


def main() -> None:
    """Take the turns, print the table and the JSON line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--turns", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--model", type=Path, default=Path("runs/quickstart/compress/model"))
    options = parser.parse_args()
    if not (options.model / "config.json").is_file():
        raise SystemExit(f"{options.model}: no model there; run `make quickstart`, or give --model")
    os.environ.update(pinned(1))
    with quiet() as out:
        found = turns(options.model.absolute(), options.turns, options.seconds)
        _tell(found, out)


def _tell(found: dict[str, list[Rates]], out: IO[str]) -> None:
    ours, theirs = found.values()
    ratios = {
        name: median(one[name] / other[name] for one, other in zip(ours, theirs, strict=True))
        for name in ours[0]
    }
    table = Table(title="mixed load, in turns", title_justify="left")
    table.add_column("")
    for turn in range(len(ours)):
        table.add_column(f"turn {turn + 1}", justify="right")
    for figure in ratios:
        for name, rates in found.items():
            table.add_row(f"{name}, {figure}", *(f"{one[figure]:.0f}" for one in rates))
    Console(width=100, file=out).print(table)
    print(json.dumps({"bench": "mixed", "ratios": ratios, "raw": found}), file=out)


if __name__ == "__main__":
    main()
