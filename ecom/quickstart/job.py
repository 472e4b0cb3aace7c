"""The quickstart stage: generates everything that a real shop would supply.

shop/*.jsonl   products, reviews, queries
test.jsonl     questions with golds over the test products, in ShopBench's format
base/          the tiny base model, a Hugging Face directory, unless `quickstart.base` is null
"""

import json
import random
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ecom import contamination, progress
from ecom.artifact import Draft
from ecom.forms import Prompting
from ecom.quickstart import base, shop, tasks, texts
from ecom.quickstart.config import QuickstartConfig, TinyBase

# The tokenizer must know the words of instructions, too, as that of any real base does.
_INSTRUCTIONS_PER_TASK = 150
# Training rows that the test is compared with: by default the corpus draws the same ones.
_COMPARED_PER_TASK = 1_000


def run(config: QuickstartConfig, *, seed: int, prompting: Prompting, draft: Draft) -> None:
    """Write the shop, the test file and, if there is one, the base below draft.path."""
    with progress.waiting("quickstart: sample shop"):
        tables = shop.build(config.train_products, config.test_products, seed)
        shop.save(tables, draft.path / "shop")
    train = tables.of("train")
    questions = unknown_questions(tables, config.test_rows_per_task, seed)
    _write(draft.path / "test.jsonl", questions)
    draft.metrics.update(products=len(tables.products), test_rows=len(questions))
    if config.base:
        _make_base(config.base, train, seed, prompting, draft)


def _make_base(
    shape: TinyBase, train: shop.Tables, seed: int, prompting: Prompting, draft: Draft
) -> None:
    pages = list(texts.pages(train, shape.steps * shape.rows_per_step, seed))
    instructions = [
        "\n".join((prompting.system, row["input_field"], prompting.open_ended_suffix))
        for row in tasks.rows(train, _INSTRUCTIONS_PER_TASK, seed)
    ]
    random.Random(seed).shuffle(instructions)
    with progress.waiting("quickstart: tokenizer"):
        tokenizer = base.build_tokenizer(pages[:6000] + instructions, shape.vocab_size)
    model = base.new_model(shape, tokenizer, seed)
    loss = base.train(model, tokenizer, pages, shape)
    base.save(model, tokenizer, draft.path / "base")
    draft.metrics.update(base_parameters=model.num_parameters(), base_loss=round(loss, 4))


def unknown_questions(tables: shop.Tables, per_task: int, seed: int) -> list[dict[str, Any]]:
    """Return questions about the test products whose answers are in no training row.

    The splits share no product, but a review's wording and a pair of queries may occur in both.
    """
    drawn = list(tasks.rows(tables.of("test"), 2 * per_task, seed + 1))
    with TemporaryDirectory() as folder:
        corpus, test = Path(folder) / "train.jsonl", Path(folder) / "test.jsonl"
        _write(corpus, list(tasks.rows(tables.of("train"), _COMPARED_PER_TASK, seed)))
        while True:
            questions = _first(per_task, drawn)
            _write(test, questions)
            known = {o.evaluation_line for o in contamination.find(corpus, test).overlaps}
            if not known:
                return questions
            seen = {questions[line - 1]["input_field"] for line in known}
            drawn = [row for row in drawn if row["input_field"] not in seen]


def _first(per_task: int, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the first `per_task` rows of every task."""
    seen = Counter[str]()
    first = []
    for row in rows:
        seen[row["task_name"]] += 1
        if seen[row["task_name"]] <= per_task:
            first.append(row)
    return first


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
