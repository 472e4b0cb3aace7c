"""Learning is real: a tiny base, tuned by ecom on real rows, answers rows that it has never seen.

    make bench-learning         (or: ECOM_DATA=… python bench/learning.py [--quick])

    ec_guide ─► ecom corpus      90 % train, 10 % held out, by the rows' ids; near-duplicates gone
             ─► the base         tokenizer and Qwen2-architecture model, trained as a plain language
                                 model on the train split's texts: it has seen no held-out row
             ─► ecom corpus      the same rows, for the base's tokenizer
             ─► ecom train       LoRA on two workers
             ─► this file        plain transformers and peft, none of ecom's own code

Loss is cross-entropy per response token. A multiple-choice answer is the likeliest of the digits
that are answers of the row's task in the train split; the majority is that split's most frequent
answer, by task or overall. Brackets hold 95 % Wilson intervals. A held-out row whose prompt is also
in the train split (with another free answer) is left out.

Last line: {"bench": "learning", …}; the ratios are tuned over base loss by form, and accuracy over
the better majority's.
"""

import argparse
import json
import math
import os
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

DATA = Path(os.environ.get("ECOM_DATA", "../shared/data")).absolute()
FORMS = ("multiple-choice", "retrieval", "ranking", "named_entity_recognition", "generation")
BASE = {
    "vocab_size": 4096,
    "hidden_size": 128,
    "intermediate_size": 352,
    "layers": 4,
    "heads": 4,
    "kv_heads": 4,
    "max_position_embeddings": 2048,
    "rows_per_step": 16,
    "learning_rate": 3e-3,
}
BASE_STEPS, EPOCHS = 1000, 3
RECIPE = """
name: learning
workdir: {folder}
seed: 7
base: {base}
prompting: {{system: You are a helpful online shopping assistant., open_ended_suffix: Only Answer.}}
corpus:
  sources: [{{format: shopbench, path: {data}/ec_guide}}]
  dedupe: {{near: 0.9}}
  mix:        # free answers are two rows of three and most of the tokens: some are left out
    caps:
      - {{by: form, value: generation, rows: 10000}}
      - {{by: form, value: named_entity_recognition, rows: 3000}}
  validation_fraction: 0.1
train:
  workers: 2
  rank: 64
  alpha: 128
  learning_rate: 3.0e-3
  epochs: {epochs}
  rows_per_step: 32
  tokens_per_batch: 4096
  checkpoint_every_steps: 500
predict: {{queries: unused}}
evaluate: {{gold: unused}}
"""
Row = dict[str, Any]


def ecom(stage: str, recipe: Path, *overrides: str) -> None:
    """Run one stage; end the bench with its last words if it fails."""
    command = [sys.executable, "-m", "ecom.cli", stage, str(recipe), *overrides]
    env = {**os.environ, "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout.decode()[-3000:]}")


def rows_of(corpus: Path, split: str) -> list[Row]:
    """Return the rows of one split."""
    import pyarrow.parquet as pq

    columns = ["id", "task", "form", "prompt", "output", "prompt_ids", "response_ids"]
    rows: list[Row] = pq.read_table(corpus / split, columns=columns).to_pylist()
    return rows


def make_base(corpus: Path, folder: Path, steps: int) -> float:
    """Train tokenizer and base on the train split's texts; return the base's loss per token."""
    from ecom.quickstart import base
    from ecom.quickstart.config import TinyBase

    config = TinyBase.model_validate({**BASE, "steps": steps})
    texts = [f"{row['prompt']}\n{row['output']}" for row in rows_of(corpus, "train")]
    pages: list[str] = []
    rng = random.Random(7)
    while len(pages) < steps * config.rows_per_step:
        pages += rng.sample(texts, len(texts))
    tokenizer = base.build_tokenizer(texts, config.vocab_size)
    model = base.new_model(config, tokenizer, seed=7)
    loss = base.train(model, tokenizer, pages[: steps * config.rows_per_step], config)
    base.save(model, tokenizer, folder)
    return loss


def answered(model: Any, rows: Sequence[Row], digits: dict[str, dict[int, str]]) -> Iterator[Row]:
    """Yield {row, loss, tokens, answer} of every row: by one forward pass, padded on the right.

    `digits` are the token ids that answer a multiple-choice task, and what they say.
    """
    import torch

    ordered = sorted(rows, key=lambda row: -len(row["prompt_ids"]) - len(row["response_ids"]))
    for start in range(0, len(ordered), 16):
        batch = ordered[start : start + 16]
        ids = [torch.tensor(row["prompt_ids"] + row["response_ids"]) for row in batch]
        padded = torch.nn.utils.rnn.pad_sequence(ids, batch_first=True)  # (B, T)
        with torch.no_grad():
            logits = model(input_ids=padded).logits.float()  # (B, T, V); causal: no mask needed
        for row, said in zip(batch, logits, strict=True):
            first, count = len(row["prompt_ids"]) - 1, len(row["response_ids"])
            there = said[first : first + count]
            targets = torch.tensor(row["response_ids"])
            loss = torch.nn.functional.cross_entropy(there, targets, reduction="sum")
            options = digits.get(row["task"], {}) if row["form"] == "multiple-choice" else {}
            answer = max(options, key=lambda token: float(there[0, token]), default=None)
            yield {
                "row": row,
                "loss": float(loss),
                "tokens": count,
                "answer": answer and options[answer],
            }


def digits_by_task(train: Sequence[Row]) -> dict[str, dict[int, str]]:
    """Return the answers of each multiple-choice task in the train split, by their token ids."""
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for row in train:
        if row["form"] == "multiple-choice":
            found[row["task"]][row["response_ids"][0]] = row["output"]
    return found


def unseen(held_out: Sequence[Row], train: Sequence[Row]) -> list[Row]:
    """Return the held-out rows whose prompt, case and white space aside, is not in train."""
    known = {" ".join(row["prompt"].casefold().split()) for row in train}
    return [row for row in held_out if " ".join(row["prompt"].casefold().split()) not in known]


def wilson(right: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927)."""
    z = 1.959964
    share = right / count
    middle = share + z * z / (2 * count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return (middle - half) / (1 + z * z / count), (middle + half) / (1 + z * z / count)


def by_form(base: Sequence[Row], tuned: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Return rows, and loss per response token of both models, by form."""
    found = {}
    for form in FORMS:
        sides = {
            name: [one for one in side if one["row"]["form"] == form]
            for name, side in (("base", base), ("tuned", tuned))
        }
        if sides["base"]:
            losses = {
                f"{name}_loss": sum(one["loss"] for one in side)
                / sum(one["tokens"] for one in side)
                for name, side in sides.items()
            }
            found[form] = {"rows": len(sides["base"]), **losses}
    return found


def choices(
    train: Sequence[Row], base: Sequence[Row], tuned: Sequence[Row]
) -> dict[str, dict[str, int]]:
    """Return how many multiple-choice rows each way answers right, by task and of all."""
    said = {one["row"]["id"]: one["answer"] for one in tuned}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in train:
        if row["form"] == "multiple-choice":
            counts[row["task"]][row["output"]] += 1
    most = {task: answers.most_common(1)[0][0] for task, answers in counts.items()}
    overall = sum(counts.values(), Counter()).most_common(1)[0][0]
    found: dict[str, dict[str, int]] = {}
    for one in base:
        row = one["row"]
        if row["form"] != "multiple-choice":
            continue
        answers = {
            "majority of all": overall,
            "majority of its task": most.get(row["task"], overall),
            "base": one["answer"],
            "tuned": said[row["id"]],
        }
        for name in (row["task"], "all"):
            line = found.setdefault(name, {"rows": 0, **dict.fromkeys(answers, 0)})
            line["rows"] += 1
            for who, answer in answers.items():
                line[who] += answer == row["output"]
    return {name: found[name] for name in (*sorted(set(found) - {"all"}), "all")}


def paired(train: Sequence[Row], tuned: Sequence[Row]) -> dict[str, float]:
    """Return how many rows only the tuned model, and only the majority of all, answers right.

    p is McNemar's, exact and two-sided: how likely so unequal numbers are if both were as good.
    """
    counts = Counter(row["output"] for row in train if row["form"] == "multiple-choice")
    most = counts.most_common(1)[0][0]
    gained = lost = 0
    for one in tuned:
        row = one["row"]
        if row["form"] == "multiple-choice":
            gained += one["answer"] == row["output"] != most
            lost += one["answer"] != row["output"] == most
    both = gained + lost
    tail = sum(math.comb(both, k) for k in range(min(gained, lost) + 1)) / 2**both
    return {"only_tuned": gained, "only_majority": lost, "p": min(1.0, 2 * tail)}


def show(losses: dict[str, dict[str, float]], right: dict[str, dict[str, int]]) -> None:
    """Print both tables."""
    table = Table(title="Loss per response token, held-out rows", title_justify="left")
    for column in ("form", "rows", "base", "tuned", "tuned / base"):
        table.add_column(column, justify="left" if column == "form" else "right")
    for form in FORMS:
        if form not in losses:
            table.add_row(form, "none", "", "", "")
            continue
        rows, base, tuned = losses[form].values()
        table.add_row(form, f"{rows:,}", f"{base:.3f}", f"{tuned:.3f}", f"{tuned / base:.2f}")
    Console(width=110).print(table)
    table = Table(title="Multiple choice, held-out rows answered right", title_justify="left")
    for column in ("task", *next(iter(right.values()))):
        table.add_column(column, justify="left" if column == "task" else "right")
    for task, line in right.items():
        count = line["rows"]
        shares = [share(line[who], count) for who in line if who != "rows"]
        table.add_row(task, f"{count:,}", *shares)
    Console(width=130).print(table)


def share(right: int, count: int) -> str:
    """Return an accuracy with its interval."""
    low, high = wilson(right, count)
    return f"{right / count:.3f} [{low:.3f}, {high:.3f}]"


@contextmanager
def timed(seconds: dict[str, float], part: str) -> Iterator[None]:
    """Note the block's wall seconds under its name."""
    start = time.perf_counter()
    yield
    seconds[part] = time.perf_counter() - start
    print(f"{part}: {seconds[part]:.0f} s", file=sys.stderr)


def learn(folder: Path, base_steps: int, overrides: Sequence[str]) -> dict[str, float]:
    """Make base and adapter below `folder`; return the seconds of each part."""
    seconds: dict[str, float] = {}
    recipes = {}
    for name, base in (("split", DATA / "qwen2_tokenizer"), ("run", folder / "base")):
        recipes[name] = folder / f"{name}.yaml"
        text = RECIPE.format(folder=folder / name, base=base, data=DATA, epochs=EPOCHS)
        recipes[name].write_text(text)
    with timed(seconds, "corpus, for its split"):
        ecom("corpus", recipes["split"])
    with timed(seconds, "base"):
        loss = make_base(folder / "split" / "corpus", folder / "base", base_steps)
    print(f"base: {loss:.3f} per token of the last pages", file=sys.stderr)
    with timed(seconds, "corpus"):
        ecom("corpus", recipes["run"])
    with timed(seconds, "train"):
        ecom("train", recipes["run"], *overrides)
    return seconds


def judge(folder: Path) -> tuple[list[Row], list[Row], list[Row]]:
    """Return the train rows, and what base and tuned model make of the held-out ones."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    corpus = folder / "run" / "corpus"
    train, validation = rows_of(corpus, "train"), rows_of(corpus, "validation")
    read = {row["id"] for row in rows_of(folder / "split" / "corpus", "train")}
    if read & {row["id"] for row in validation}:
        raise SystemExit("the base has read rows of the held-out split")
    held_out = unseen(validation, train)
    print(f"{len(train):,} train rows, {len(held_out):,} held out; left out, for their prompt is")
    print(f"in the train split too: {len(validation) - len(held_out)}")
    model = AutoModelForCausalLM.from_pretrained(folder / "base", dtype="float32").eval()
    digits = digits_by_task(train)
    base = list(answered(model, held_out, digits))
    model = PeftModel.from_pretrained(model, str(folder / "run" / "train" / "adapter")).eval()
    return train, base, list(answered(model, held_out, digits))


def main() -> None:
    """Make the base, tune it, print the tables and the JSON line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a few steps, to try it")
    parser.add_argument("--folder", type=Path, help="keep the work in this folder")
    options = parser.parse_args()
    steps, overrides = (20, ["train.max_steps=20"]) if options.quick else (BASE_STEPS, [])
    with TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        seconds = learn(folder, steps, overrides)
        with timed(seconds, "both models on the held-out rows"):
            train, base, tuned = judge(folder)
    losses, right = by_form(base, tuned), choices(train, base, tuned)
    show(losses, right)
    pairs = paired(train, tuned)
    print(
        f"right by the tuned model alone: {pairs['only_tuned']}, by the majority of all alone: "
        f"{pairs['only_majority']} (p = {pairs['p']:.4f}, McNemar, exact)"
    )
    parts = ", ".join(f"{part} {taken:.0f}" for part, taken in seconds.items())
    print(f"wall seconds: {parts}; together {sum(seconds.values()):.0f}")
    of_all = right["all"]
    majority = max(of_all["majority of all"], of_all["majority of its task"])
    ratios = {form: line["tuned_loss"] / line["base_loss"] for form, line in losses.items()}
    ratios["accuracy: tuned / majority"] = of_all["tuned"] / majority
    raw = {"seconds": seconds, "losses": losses, "right": right, "paired": pairs}
    print(json.dumps({"bench": "learning", "ratios": ratios, "raw": raw}))


if __name__ == "__main__":
    main()
