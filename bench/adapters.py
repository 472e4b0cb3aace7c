"""One adapter of rank R, or K of rank R/K: merged, with learned weights, gated, routed.

    make bench-adapters         (after make quickstart; or: python bench/adapters.py --rows 400)

    the quickstart's corpus ─► 2,000 rows to train on, 400 others, skills evenly
    the train stage's loop      one adapter of rank 32 on all rows; one of rank 8 for each of four
                                skills, on its rows: the same number of weights and of steps
    the compress stage's learn  combines the four

    base        no adapter                        one      the adapter of rank 32
    equal       Σ ¼ Bᵢ Aᵢ                         sum      Σ Bᵢ Aᵢ
    learned     a weight for each adapter and layer, as compress.combine.method: learned
    gate        a softmax over the adapters for each layer and token, from the layer's input (MoLE,
                arXiv 2404.13628): it cannot be merged, and vLLM does not serve it
    routed      each row is answered by its skill's own adapter, as predict.models: [adapters]

Both kinds of weights are learned on the same training rows in the same steps. Loss is per response
token of the held-out rows; scores are the contest's, by form, of greedy answers without lanes, and
their mean. Last line: {"bench": "adapters", …}; the ratios are each arm's loss over that of `one`.
"""

import argparse
import json
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table
from transformers.utils import logging

from ecom import progress
from ecom.compress import learn, lora
from ecom.compress.config import Combine
from ecom.compress.sample import Row, draw
from ecom.forms import FORMS, Prompting
from ecom.train import answers, batches, loop, model, per
from ecom.train.config import TrainConfig
from ecom.train.publish import publish

QUICKSTART = Path("runs/quickstart").absolute()
ROWS, HELD_OUT, RANK = 2000, 400, 32
SETTINGS = {
    "workers": 1,
    "learning_rate": 3e-3,
    "epochs": 2,
    "rows_per_step": 16,
    "tokens_per_batch": 4096,
}


def corpus(target: Path, rows: int, judged_on: int) -> None:
    """Write a corpus of so many training and validation rows, skills evenly."""
    files = [str(file) for file in sorted((QUICKSTART / "corpus").glob("*/*.parquet"))]
    table = ds.dataset(files, format="parquet").to_table()
    skills = pc.unique(table["skill"]).drop_null().to_pylist()
    split: dict[str, list[pa.Table]] = {"train": [], "validation": []}
    for skill in sorted(skills):
        part = table.filter(pc.equal(table["skill"], skill))
        order = random.Random(7).sample(range(len(part)), len(part))
        first, held_out = rows // len(skills), judged_on // len(skills)
        split["train"].append(part.take(order[:first]))
        split["validation"].append(part.take(order[first : first + held_out]))
    for name, parts in split.items():
        (target / name).mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.concat_tables(parts), target / name / "0.parquet")


def train(corpus: Path, base: Path, rank: int, target: Path) -> Path:
    """Train an adapter as `ecom train` does with one worker, in this process; return its folder."""
    import torch

    config = TrainConfig.model_validate({**SETTINGS, "rank": rank, "alpha": 2 * rank})
    built = loop.build_strategy(model.load(str(base), config, 7), config, torch.device("cpu"))
    rows, worker = batches.load_rows(corpus / "train"), loop.Worker(0, 1, pad_id=0)
    steps = config.epochs * batches.steps_per_epoch(len(rows), config.rows_per_step)
    with progress.bar() as bar:
        task = bar.add_task(f"train: {target.name}", total=steps, unit="steps")
        for step in range(steps):
            chosen = batches.rows_of_step(len(rows), config.rows_per_step, 7, step)
            rate = loop.learning_rate(config, step, steps)
            made = loop.train_step(built, rows, chosen, config, worker, rate=rate, seed=(7, step))
            bar.update(task, advance=1, loss=made.loss)
    weights = target.with_name(f"{target.name} weights")
    weights.mkdir(parents=True, exist_ok=True)
    built.save(weights, first=True)
    shutil.rmtree(target, ignore_errors=True)
    publish(weights, str(base), config, target)
    return target


class Asked:
    """What `ecom.train.answers` needs of a model."""

    def __init__(self, model: Any) -> None:
        self.generate, self.device = model.generate, model.device


class Arm:
    """The base with the adapters' outputs added as `mix` says; see ecom.compress.learn.add."""

    def __init__(self, base: Path, adapters: Sequence[Path]) -> None:
        self.model = learn.load(base)
        self.model.gradient_checkpointing_disable()  # it is small
        self.read = [lora.read(base, path) for path in adapters]
        self.names = sorted({name for one in self.read for name in one})
        self.tokenizer_of = base

    def add(self, mix: Callable[[Any, int], Any]) -> "Arm":
        """Have all layers add the adapters' outputs."""
        learn.add(self.model, self.names, self.read, mix)
        return self

    def answered(self, questions: Sequence[answers.Question]) -> list[str]:
        """Return greedy answers."""
        import torch
        from transformers import AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(self.tokenizer_of)
        with torch.no_grad():
            asked: Any = Asked(self.model.eval())
            return answers.answer(asked, questions, tokenizer, 16384)


def held_out(folder: Path, skill: str | None = None) -> tuple[list[Row], list[answers.Question]]:
    """Return the held-out rows of a skill, or all, to take the loss of and to ask."""
    table = pq.read_table(folder / "corpus" / "validation" / "0.parquet")
    if skill:
        table = table.filter(pc.equal(table["skill"], skill))
    found, prompting = table.to_pylist(), Prompting()
    rows = [Row(row["prompt_ids"], row["response_ids"], row["form"]) for row in found]
    asked = [
        answers.Question(
            row["form"],
            row["prompt_ids"],
            row["response_ids"][-1],
            row["output"],
            prompting.asked(FORMS[row["form"]], row["task"]).max_tokens,
        )
        for row in found
    ]
    return rows, asked


def fixed(weights: Sequence[float]) -> Callable[[Any, int], Any]:
    """Return a mix of the same weights everywhere."""
    import torch

    constant = torch.tensor(weights)
    return lambda x, layer: constant


def report(step: int, steps: int, loss: float | None) -> None:
    """Say how far the learning is."""
    if step % 10 == 0:
        print(f"{step} of {steps} steps, loss {loss:.3f}", file=sys.stderr)


def learned(arm: Arm, rows: Sequence[Row], config: Combine, softmax: bool = False) -> list[Any]:
    """Add the adapters with a weight for each and each layer; return what is to be learned."""
    import torch

    k = len(arm.read)
    weights = torch.full((len(arm.names), k), 0.0 if softmax else 1 / k).requires_grad_()
    arm.add(lambda x, layer: weights[layer].softmax(-1) if softmax else weights[layer])
    learn.fit(arm.model, [weights], rows, config, seed=7, on_step=report)
    return [weights]


def gated(arm: Arm, rows: Sequence[Row], config: Combine) -> list[Any]:
    """Add the adapters with a softmax gate a layer over its input, token by token."""
    import torch

    def width(name: str) -> int:
        found = next(one[name]() for one in arm.read if name in one)
        assert isinstance(found, lora.Layer)
        return found.a.shape[1]

    gates = [torch.zeros(len(arm.read), width(name)).requires_grad_() for name in arm.names]

    def mix(x: Any, layer: int) -> Any:
        normed = torch.nn.functional.rms_norm(x, x.shape[-1:])
        return (normed @ gates[layer].t()).softmax(-1)

    arm.add(mix)
    slower = config.model_copy(update={"learning_rate": 1e-2})
    learn.fit(arm.model, gates, rows, slower, seed=7, on_step=report)
    return gates


def judged(arm: Arm, folder: Path) -> dict[str, Any]:
    """Return the held-out loss, the scores by form and their mean."""
    rows, asked = held_out(folder)
    loss = learn.mean_loss(arm.model, rows)
    return summed(loss, asked, arm.answered(asked))


def summed(loss: float, asked: Sequence[answers.Question], texts: Sequence[str]) -> dict[str, Any]:
    """Return an arm's figures."""
    scores = answers.scores(asked, texts)
    return {"loss": loss, **scores, "mean": sum(scores.values()) / len(scores)}


def routed(base: Path, folder: Path, adapters: dict[str, Path]) -> dict[str, Any]:
    """Return the figures where each row is answered by its skill's adapter."""
    losses, tokens, asked, texts = 0.0, 0, list[answers.Question](), list[str]()
    for skill, path in adapters.items():
        rows, questions = held_out(folder, skill)
        arm = Arm(base, [path]).add(fixed([1.0]))
        weight = sum(len(row.response) for row in rows)
        losses, tokens = losses + learn.mean_loss(arm.model, rows) * weight, tokens + weight
        asked += questions
        texts += arm.answered(questions)
    return summed(losses / tokens, asked, texts)


@contextmanager
def timed(seconds: dict[str, float], part: str) -> Iterator[None]:
    """Keep how long the block took."""
    start = time.perf_counter()
    yield
    seconds[part] = round(time.perf_counter() - start, 1)


def compare(
    folder: Path, rows: int, judged_on: int, config: Combine
) -> tuple[dict[str, Any], dict[str, float]]:
    """Train all adapters, judge all arms; return figures and seconds by arm."""
    base, seconds = QUICKSTART / "quickstart" / "base", dict[str, float]()
    corpus(folder / "corpus", rows, judged_on)
    with timed(seconds, "train one"):
        one = train(folder / "corpus", base, RANK, folder / "adapter")
    skills = [skill for skill in per.counts(folder / "corpus", "skill") if skill]
    k, adapters = len(skills), {}
    with timed(seconds, "train each"):
        for skill in skills:
            per.write_rows(folder / "corpus", "skill", skill, folder / "rows" / skill)
            target = folder / "adapters" / skill
            adapters[skill] = train(folder / "rows" / skill, base, RANK // k, target)
    every = list(adapters.values())
    drawn = draw(folder / "corpus", "train", config.rows, seed=7)
    arms: dict[str, Callable[[], Arm]] = {
        "base": lambda: Arm(base, []),
        "one": lambda: Arm(base, [one]).add(fixed([1.0])),
        "equal": lambda: Arm(base, every).add(fixed([1 / k] * k)),
        "sum": lambda: Arm(base, every).add(fixed([1.0] * k)),
    }
    fitted: dict[str, Callable[[Arm], list[Any]]] = {
        "learned": lambda arm: learned(arm, drawn, config),
        "learned, softmax": lambda arm: learned(arm, drawn, config, softmax=True),
        "gate": lambda arm: gated(arm, drawn, config),
    }
    found = {}
    for name, make in arms.items():
        with timed(seconds, name):
            found[name] = judged(make(), folder)
    for name, fit in fitted.items():
        with timed(seconds, name):
            arm = Arm(base, every)
            parameters = sum(one.numel() for one in fit(arm))
            found[name] = {**judged(arm, folder), "parameters": parameters}
    with timed(seconds, "routed"):
        found["routed"] = routed(base, folder, adapters)
    return found, seconds


def show(found: dict[str, Any], seconds: dict[str, float]) -> None:
    """Print the table."""
    table = Table()
    forms = [key for key in found["one"] if key not in ("loss", "mean")]
    for column in ("arm", "loss", "mean", *(form[:14] for form in forms), "seconds"):
        table.add_column(column, justify="left" if column == "arm" else "right")
    for name, made in found.items():
        numbers = (f"{made[key]:.3f}" for key in ("loss", "mean", *forms))
        table.add_row(name, *numbers, f"{seconds[name]:.0f}")
    Console(width=120).print(table)


def main() -> None:
    """Compare all arms; print the table and the JSON line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=ROWS, help="to train on")
    parser.add_argument("--held-out", type=int, default=HELD_OUT, help="rows to judge on")
    parser.add_argument("--steps", type=int, default=60, help="to learn weights and gates in")
    parser.add_argument("--folder", type=Path, help="keep the work in this folder")
    options = parser.parse_args()
    logging.disable_progress_bar()
    config = Combine(steps=options.steps)
    with TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)).absolute()
        found, seconds = compare(folder, options.rows, options.held_out, config)
    show(found, seconds)
    print(f"seconds: {seconds}; together {sum(seconds.values()):.0f}")
    ratios = {
        f"loss: {name} / one": made["loss"] / found["one"]["loss"] for name, made in found.items()
    }
    print(json.dumps({"bench": "adapters", "ratios": ratios, "raw": {**found, "seconds": seconds}}))


if __name__ == "__main__":
    main()
