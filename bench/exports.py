"""Exports of shop systems into a corpus, with no mapping: rows by transform, and some to read.

    .venv/bin/python -m bench.exports OUT --base PATH [--count 1000] [--read 10]

Every export that tests/corpus/exports.py writes becomes a corpus of its own, by `ecom corpus` with
all transforms. It prints rows by transform, a column an export, and `--read` rows of each.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import yaml

from tests.corpus.exports import REVIEWS, WRITERS, shopify


def main() -> None:
    """Make the corpora and print what is in them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--base", required=True)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--read", type=int, default=10)
    parser.add_argument("--only", nargs="*", default=list(WRITERS))
    given = parser.parse_args()
    made = {name: _corpus(name, given.out / name, given) for name in given.only}
    transforms = sorted({name for counts in made.values() for name in counts})
    print("| transform | " + " | ".join(made) + " |")
    print("|---" * (len(made) + 1) + "|")
    for transform in transforms:
        print(f"| {transform} | " + " | ".join(str(one[transform]) for one in made.values()) + " |")
    print("| all | " + " | ".join(str(counts.total()) for counts in made.values()) + " |")


def _corpus(name: str, folder: Path, given: argparse.Namespace) -> Counter[str]:
    folder.mkdir(parents=True, exist_ok=True)
    is_review = name in REVIEWS
    source = {
        "format": "shop_reviews" if is_review else "shop_products",
        "path": str(WRITERS[name](folder, given.count)),
    }
    if is_review:
        source["products"] = str(shopify(folder, given.count))
    recipe = {
        "name": name,
        "workdir": str(folder / "work"),
        "base": given.base,
        "corpus": {"sources": [source], "transforms": {"names": ["*"], "per_record": 4}},
        "predict": {"queries": "unused"},
        "evaluate": {"gold": "unused"},
    }
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    start = time.monotonic()
    command = [sys.executable, "-m", "ecom.cli", "corpus", str(folder / "recipe.yaml")]
    ran = subprocess.run(command, capture_output=True, text=True, env={**os.environ})
    print(f"## {name}: exit {ran.returncode}, {time.monotonic() - start:.0f} s")
    print("\n".join(line for line in ran.stderr.splitlines() if line.startswith("note:")))
    print(ran.stdout if ran.returncode == 0 else ran.stderr)
    if ran.returncode:
        return Counter()
    corpus = folder / "work" / "corpus"
    card = json.loads((corpus / "card.json").read_text())
    print("rejected:", card["rejected"], "\nfixed:", card["fixed"])
    rows = [row for file in sorted(corpus.glob("*/*.parquet")) for row in _rows(file)]
    for row in Random(3).sample(rows, min(given.read, len(rows))):
        options = " | ".join(row["options"] or ())
        print(f"- {row['transform']}: {row['prompt']!r} {row['input']!r} [{options}]")
        print(f"    → {row['output']!r}")
    return Counter(row["transform"] or "" for row in rows)


def _rows(file: Path) -> list[dict[str, Any]]:
    columns = ["transform", "prompt", "input", "options", "output"]
    found: list[dict[str, Any]] = pq.read_table(file, columns=columns).to_pylist()
    return found


if __name__ == "__main__":
    main()
