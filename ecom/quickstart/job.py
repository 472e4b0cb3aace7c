"""The quickstart stage: everything that a real shop would bring along, made on the spot.

shop/*.jsonl   products, reviews, queries
test.jsonl     questions with golds over the test products, in ShopBench's format
base/          the tiny base model, a Hugging Face directory
"""

import json
import random
from pathlib import Path

from ecom.artifact import Draft
from ecom.forms import Prompting
from ecom.quickstart import base, shop, tasks, texts
from ecom.quickstart.config import QuickstartConfig

# The tokenizer has to know the words of instructions too, as any real base's does.
_INSTRUCTIONS_PER_TASK = 150


def run(config: QuickstartConfig, *, seed: int, prompting: Prompting, draft: Draft) -> None:
    """Write the shop, the test file and the base below draft.path."""
    tables = shop.build(config.train_products, config.test_products, seed)
    shop.save(tables, draft.path / "shop")
    questions = list(tasks.rows(tables.of("test"), config.test_rows_per_task, seed + 1))
    _write(draft.path / "test.jsonl", questions)

    train = tables.of("train")
    pages = list(texts.pages(train, config.base.steps * config.base.rows_per_step, seed))
    instructions = [
        "\n".join((prompting.system, row["input_field"], prompting.open_ended_suffix))
        for row in tasks.rows(train, _INSTRUCTIONS_PER_TASK, seed)
    ]
    random.Random(seed).shuffle(instructions)
    tokenizer = base.build_tokenizer(pages[:6000] + instructions, config.base.vocab_size)
    model = base.new_model(config.base, tokenizer, seed)
    loss = base.train(model, tokenizer, pages, config.base)
    base.save(model, tokenizer, draft.path / "base")
    draft.metrics.update(
        products=len(tables.products),
        test_rows=len(questions),
        base_parameters=model.num_parameters(),
        base_loss=round(loss, 4),
    )


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
