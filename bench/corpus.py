"""A million rows into a corpus: ecom beside Hugging Face datasets, and de-duplication by itself.

    make bench-corpus          (or: ECOM_DATA=… python bench/corpus.py 1000000)

The rows are real ones (ec_guide), repeated, each with an id of its own. Both sides read the same
file of JSON lines, clean it by the same functions, and on two processes render and tokenize it to
the same ids (Qwen2's tokenizer): the peer as transformers documents it, ecom by its own render.
Both write Parquet; ecom also keeps its parts, mixes, and counts for the card. De-duplication is
measured separately, since it would leave only one of every 24 rows: signatures on two processes,
then the search. Memory is the proportional set size of all processes of a side, twice a second.

Last line: {"bench": "corpus", …}; the ratios are rows per second, ecom over datasets, and ecom's
peak memory in the second half of its run over the first half.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

DATA = Path(os.environ.get("ECOM_DATA", "../shared/data")).absolute()
TOKENIZER = str(DATA / "qwen2_tokenizer")
MAX_TOKENS = 1024
MARK = "ECOM_BENCH_SIDE"
PROCESSES = 2
RECIPE = """
name: bench
workdir: {folder}
seed: 1
base: {tokenizer}
corpus:
  sources: [{{format: shopbench, path: {rows}, name: bench}}]
  dedupe: {{exact: false}}
  mix: {{caps: [{{by: form, rows: 10000000}}]}}
predict: {{queries: {rows}}}
evaluate: {{gold: {rows}}}
"""


def write_rows(file: Path, count: int) -> None:
    """Write `count` real rows, repeated as often as need be."""
    lines = [
        json.loads(line)
        for source in sorted((DATA / "ec_guide").glob("*.jsonl"))
        for line in source.open(encoding="utf-8")
    ]
    with file.open("w", encoding="utf-8") as stream:
        for number, row in enumerate(islice(cycle(lines), count)):
            stream.write(json.dumps({"id": f"r{number}", **row}, ensure_ascii=False) + "\n")


def peer(rows: str, folder: str) -> None:
    """Do the same with datasets: load, clean, render and tokenize by two processes, write."""
    import datasets
    import pyarrow.compute as pc

    datasets.disable_progress_bars()
    table = datasets.load_dataset("json", data_files=rows, split="train", cache_dir=folder)
    clean = table.map(
        _clean,
        batched=True,
        num_proc=PROCESSES,
        remove_columns=table.column_names,
        features=datasets.Features(
            {"prompt": _text(), "output": _text(), "form": _text(), "lang": _text()}
        ),
    )
    done = clean.map(_render, batched=True, num_proc=PROCESSES)
    done.to_parquet(f"{folder}/out.parquet")
    ids = [done.data.column(name) for name in ("prompt_ids", "response_ids")]
    tokens = sum(pc.sum(pc.list_value_length(column)).as_py() for column in ids)
    print(json.dumps({"kept": len(done), "tokens": tokens}))


def _text() -> Any:
    import datasets

    return datasets.Value("string")


def _clean(batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
    from ecom.corpus.clean import clean
    from ecom.corpus.config import Clean, Source
    from ecom.corpus.formats import shopbench
    from ecom.corpus.formats.base import Fixed
    from ecom.corpus.languages import detect
    from ecom.rows import Example

    source = Source(format="shopbench", path="bench")
    names = list(batch)
    rows = (
        (n, dict(zip(names, row, strict=True)))
        for n, row in enumerate(zip(*batch.values(), strict=True))
    )
    made: dict[str, list[Any]] = {"prompt": [], "output": [], "form": [], "lang": []}
    for item in shopbench.read(rows, source, "bench"):
        example = item.example if isinstance(item, Fixed) else item
        cleaned = clean(example, Clean()) if isinstance(example, Example) else ""
        if not isinstance(cleaned, str):
            row = cleaned.example
            made["prompt"].append(row.text())
            made["output"].append(row.output)
            made["form"].append(row.form)
            made["lang"].append(row.lang or detect(row.prompt, row.input))
    return made


@cache
def _tokenizer() -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(TOKENIZER)


def _render(batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Render and tokenize as transformers documents it: the same ids as ecom's own render."""
    from ecom.forms import FORMS, Prompting, messages

    pairs = zip(batch["prompt"], batch["form"], strict=True)
    chats = [messages(prompt, FORMS[form], Prompting()) for prompt, form in pairs]
    texts = _tokenizer().apply_chat_template(chats, add_generation_prompt=True, tokenize=False)
    prompts = _tokenizer()(texts, add_special_tokens=False).input_ids
    outputs = _tokenizer()(batch["output"], add_special_tokens=False).input_ids
    responses = [[*ids, _tokenizer().eos_token_id] for ids in outputs]
    keep = [len(p) + len(r) <= MAX_TOKENS for p, r in zip(prompts, responses, strict=True)]
    columns = {**batch, "prompt_ids": prompts, "response_ids": responses}
    return {
        name: [value for value, kept in zip(values, keep, strict=True) if kept]
        for name, values in columns.items()
    }


def measured(side: str, command: Sequence[str]) -> dict[str, Any]:
    """Run a command; return seconds, and the memory of it and all that it starts, in MiB."""
    env = {**os.environ, MARK: side, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    memory: list[float] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.5):
            memory.append(_used(f"{MARK}={side}".encode()))

    watcher = threading.Thread(target=watch)
    start = time.perf_counter()
    watcher.start()
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True)
    finally:
        over.set()
        watcher.join()
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{side} failed:\n{done.stderr[-3000:]}")
    half = len(memory) // 2
    return {
        "s": seconds,
        "peak_mib": max(memory),
        "first_half_mib": max(memory[:half]),
        "second_half_mib": max(memory[half:]),
        "said": done.stdout,
    }


def _used(mark: bytes) -> float:
    """Return the proportional set size, in MiB, of all processes with this environment."""
    total = 0
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and mark in (process / "environ").read_bytes():
                for line in (process / "smaps_rollup").read_text().splitlines():
                    if line.startswith("Pss:"):
                        total += int(line.split()[1])
        except OSError:  # it has ended, or is another user's
            continue
    return total / 1024


def dedupe(rows: str) -> dict[str, float]:
    """Return seconds for keys, signatures and both searches, and the rows that would go."""
    import numpy as np

    from ecom.corpus.dedupe import exact_duplicates, near_duplicates
    from ecom.raw import files

    start = time.perf_counter()
    with get_context("spawn").Pool(PROCESSES) as pool:
        found = list(pool.imap(_keys, files.spans(rows)))
    keys = np.concatenate([keys for keys, _ in found])
    signatures = np.concatenate([signatures for _, signatures in found])
    made = time.perf_counter()
    exact = exact_duplicates(keys)
    near = near_duplicates(signatures, 0.9)
    return {
        "rows": len(keys),
        "keys_s": made - start,
        "search_s": time.perf_counter() - made,
        "exact": int(exact.sum()),
        "near": int(near.sum() - (exact & near).sum()),
    }


def _keys(span: Any) -> Any:
    import numpy as np

    from ecom.corpus.config import Source
    from ecom.corpus.dedupe import exact_key, near_group, signature
    from ecom.corpus.formats import shopbench
    from ecom.corpus.formats.base import Fixed
    from ecom.raw import files
    from ecom.rows import Example

    keys, signatures = [], []
    source = Source(format="shopbench", path="bench")
    for item in shopbench.read(files.rows(span), source, "bench"):
        example = item.example if isinstance(item, Fixed) else item
        if isinstance(example, Example):
            keys.append(exact_key(example))
            text = f"{example.text()}\n{example.output}"
            signatures.append(signature(text, near_group(example)))
    return np.array(keys, dtype=np.uint64), np.stack(signatures)


def main() -> None:
    """Measure both sides, one after the other, and print a table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with TemporaryDirectory() as name:
        folder = Path(name)
        rows = folder / "rows.jsonl"
        write_rows(rows, count)
        recipe = folder / "recipe.yaml"
        recipe.write_text(RECIPE.format(folder=folder / "ecom", tokenizer=TOKENIZER, rows=rows))
        runs = dict(_sides(rows, recipe, folder))
        alone = dedupe(str(rows))
    shown = Table("side", "seconds", "rows/s", "peak MiB", "first half", "second half")
    for side, run in runs.items():
        run["rows_per_s"] = count / run["s"]
        figures = ("s", "rows_per_s", "peak_mib", "first_half_mib", "second_half_mib")
        shown.add_row(side, *(f"{run[figure]:,.0f}" for figure in figures))
    Console(width=100).print(shown)
    print("de-duplication alone:", json.dumps(alone))
    ratios = {
        "rows_per_s": runs["ecom"]["rows_per_s"] / runs["datasets"]["rows_per_s"],
        "memory": runs["ecom"]["second_half_mib"] / runs["ecom"]["first_half_mib"],
    }
    raw = {"rows": count, "dedupe": alone, **runs}
    print(json.dumps({"bench": "corpus", "ratios": ratios, "raw": raw}))


def _sides(rows: Path, recipe: Path, folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    ours = [sys.executable, "-m", "ecom.cli", "corpus", str(recipe), "--json"]
    run = measured("ecom", ours)
    metrics = json.loads(run.pop("said"))[0]["metrics"]
    kept, tokens = sum(metrics["rows"].values()), metrics["tokens"]
    yield "ecom", {**run, "kept": kept, "tokens": tokens}
    theirs = [sys.executable, __file__, "peer", str(rows), str(folder / "peer")]
    run = measured("datasets", theirs)
    yield "datasets", {**run, **json.loads(run.pop("said"))}


if __name__ == "__main__":
    if sys.argv[1:2] == ["peer"]:
        peer(*sys.argv[2:])
    else:
        main()
