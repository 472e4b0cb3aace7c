r"""The peer of bench/train.py: transformers.Trainer with peft, started by torchrun.

    torchrun --nproc-per-node 2 bench/train_peer.py \
        FOLDER LOG STRATEGY BATCH_ROWS STEPS LORA PRECISION

FOLDER holds base/ and corpus/; LOG gets one JSON line a step, with the keys of ecom's own log:
step, loss, seconds, and tokens and padded_tokens of all processes.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import torch
from peft import LoraConfig, get_peft_model
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    DataCollatorForSeq2Seq,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)
from transformers.trainer_pt_utils import LengthGroupedSampler

ROWS_PER_STEP = 32


class Clock(TrainerCallback):
    """The time at which training began and every step ended."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        """Start."""
        self.times.append(time.perf_counter())

    def on_step_end(self, *_: Any, **__: Any) -> None:
        """Note the time."""
        self.times.append(time.perf_counter())


class ByLength(LengthGroupedSampler):
    """The Trainer's order for a large data set: a first step, then one of its lots of 50 batches.

    Within 50 batches it sorts by length, the longest first. In a data set of these rows alone the
    lots would be smaller. The first step is of random rows, as in the other arms.
    """

    def __iter__(self) -> Iterator[int]:
        """Yield row numbers."""
        order = torch.randperm(len(self), generator=torch.Generator().manual_seed(1)).tolist()
        first, lot = order[:ROWS_PER_STEP], order[ROWS_PER_STEP:]
        yield from (*first, *sorted(lot, key=lambda row: -self.lengths[row]))


class CountingTrainer(Trainer):
    """The Trainer, and how many tokens of each batch are useful, and how many there are."""

    counts: list[tuple[int, int]]

    def training_step(self, model: Any, inputs: Any, *rest: Any, **named: Any) -> Any:
        """Count, and go on as usual."""
        mask = inputs["attention_mask"]
        self.counts.append((int(mask.sum()), mask.numel()))
        return super().training_step(model, inputs, *rest, **named)

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        sampler = super()._get_train_sampler(train_dataset)
        if isinstance(sampler, LengthGroupedSampler):
            return ByLength(sampler.batch_size, lengths=sampler.lengths)
        return sampler


def rows(corpus: Path) -> list[dict[str, list[int]]]:
    """Return the corpus' rows; the loss is on responses only, as ecom's is."""
    columns = ["prompt_ids", "response_ids"]
    return [
        {
            "input_ids": row["prompt_ids"] + row["response_ids"],
            "labels": [-100] * len(row["prompt_ids"]) + row["response_ids"],
        }
        for row in pq.read_table(corpus / "train", columns=columns).to_pylist()
    ]


def main(
    folder: Path,
    log: Path,
    strategy: str,
    batch_rows: int,
    steps: int,
    lora: dict[str, Any],
    precision: str,
) -> None:
    """Train for so many steps, one epoch at most; the first process writes the log."""
    torch.manual_seed(1)
    base = folder / "base"
    processes = int(os.environ["WORLD_SIZE"])
    arguments = TrainingArguments(
        output_dir=str(folder / "trainer"),
        use_cpu=True,
        seed=1,
        bf16=precision == "bf16",
        num_train_epochs=1,
        max_steps=steps,
        per_device_train_batch_size=batch_rows,
        gradient_accumulation_steps=ROWS_PER_STEP // processes // batch_rows,
        train_sampling_strategy=strategy,
        learning_rate=lora["learning_rate"],
        lr_scheduler_type="constant",
        ddp_find_unused_parameters=False,
        logging_steps=1,
        disable_tqdm=True,
        save_strategy="no",
        report_to="none",
    )
    adapter = LoraConfig(
        task_type="CAUSAL_LM",
        r=lora["rank"],
        lora_alpha=lora["alpha"],
        target_modules="all-linear",
    )
    model = AutoModelForCausalLM.from_pretrained(
        base, dtype="bfloat16" if precision == "bf16" else "float32"
    )
    tokenizer = AutoTokenizer.from_pretrained(base, padding_side="right")
    tokenizer.pad_token = tokenizer.convert_ids_to_tokens(0)  # in the narrow vocabulary too
    clock = Clock()
    trainer = CountingTrainer(
        model=get_peft_model(model, adapter),
        args=arguments,
        train_dataset=rows(folder / "corpus"),
        data_collator=DataCollatorForSeq2Seq(tokenizer),
        callbacks=[clock],
    )
    trainer.counts = []
    trainer.train()
    counts: list[Any] = [None] * processes
    torch.distributed.all_gather_object(counts, trainer.counts)
    if trainer.is_world_process_zero():
        log.write_text("".join(json.dumps(line) + "\n" for line in lines(trainer, clock, counts)))


def lines(trainer: Trainer, clock: Clock, counts: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield one line a step; `counts` are those of each process, batch by batch."""
    losses = [line["loss"] for line in trainer.state.log_history if "loss" in line]
    batches = trainer.args.gradient_accumulation_steps
    for step, loss in enumerate(losses):
        pairs = [pair for one in counts for pair in one[step * batches : (step + 1) * batches]]
        yield {
            "step": step + 1,
            "loss": loss,
            "seconds": clock.times[step + 1] - clock.times[step],
            "tokens": sum(useful for useful, _ in pairs),
            "padded_tokens": sum(padded for _, padded in pairs),
        }


if __name__ == "__main__":
    where, out, sampling, rows_a_batch, count, settings, number_format = sys.argv[1:]
    lora_settings = json.loads(settings)
    main(
        *(Path(where), Path(out), sampling, int(rows_a_batch), int(count)),
        *(lora_settings, number_format),
    )
