"""Held-out questions, answered during training and scored by form: does a lower loss help?

The scores are the contest's, one per form, over answers read by its parser. Of a ranking only the
order is known here, so the NDCG's relevances are n/n, (n-1)/n, …, 1/n along it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ecom.forms import FORMS, FormName, Prompting
from ecom.train.strategy import Strategy

_COLUMNS = ["id", "form", "task", "output", "prompt_ids", "response_ids"]


@dataclass(frozen=True)
class Question:
    """One held-out row. `end_id` is the token that ends its response of up to `max_tokens`."""

    form: FormName
    prompt_ids: list[int]
    end_id: int
    output: str
    max_tokens: int


def load_questions(folder: Path, count: int, prompting: Prompting) -> list[Question]:
    """Return `count` rows of a split, or all, drawn evenly over the forms, by id."""
    files = sorted(folder.glob("*.parquet")) if count else []
    if not files:
        return []
    table = pa.concat_tables([pq.read_table(file, columns=_COLUMNS) for file in files])
    by_form: dict[str, list[dict[str, Any]]] = {form: [] for form in FORMS}
    for row in table.sort_by("id").to_pylist():
        by_form[row["form"]].append(row)
    taken: list[dict[str, Any]] = []
    while len(taken) < count and any(by_form.values()):
        taken += [rows.pop(0) for rows in by_form.values() if rows]
    return [
        Question(
            row["form"],
            row["prompt_ids"],
            row["response_ids"][-1],
            row["output"],
            prompting.asked(FORMS[row["form"]], row["task"]).max_tokens,
        )
        for row in taken[:count]
    ]


def answer(
    strategy: Strategy, questions: Sequence[Question], tokenizer: Any, tokens_per_batch: int
) -> list[str]:
    """Return the model's greedy answers, in order; inside `evaluating` only."""
    found = [""] * len(questions)
    for indices in _batches(questions, tokens_per_batch):
        texts = _generate(strategy, [questions[index] for index in indices], tokenizer)
        for index, text in zip(indices, texts, strict=True):
            found[index] = text
    return found


def _batches(questions: Sequence[Question], tokens_per_batch: int) -> Iterator[list[int]]:
    """Yield indices of questions of one limit and similar length, as many as fit with answers."""
    for limit in sorted({question.max_tokens for question in questions}):
        indices = [
            index for index, question in enumerate(questions) if question.max_tokens == limit
        ]
        indices.sort(key=lambda index: -len(questions[index].prompt_ids))
        while indices:
            width = len(questions[indices[0]].prompt_ids) + limit
            size = max(1, tokens_per_batch // width)
            yield indices[:size]
            indices = indices[size:]


def _generate(strategy: Strategy, questions: Sequence[Question], tokenizer: Any) -> list[str]:
    """Answer questions of one limit together, their prompts padded on the left to T tokens."""
    import torch

    end, width = questions[0].end_id, max(len(q.prompt_ids) for q in questions)
    ids = torch.full((len(questions), width), end)  # (B, T)
    mask = torch.zeros_like(ids)
    for index, question in enumerate(questions):
        ids[index, width - len(question.prompt_ids) :] = torch.tensor(question.prompt_ids)
        mask[index, width - len(question.prompt_ids) :] = 1
    made = strategy.generate(
        input_ids=ids.to(strategy.device),
        attention_mask=mask.to(strategy.device),
        max_new_tokens=questions[0].max_tokens,
        eos_token_id=end,
        pad_token_id=end,
        do_sample=False,
        repetition_penalty=1.0,  # a checkpoint's default may differ
    )
    return [tokenizer.decode(row, skip_special_tokens=True) for row in made[:, width:].tolist()]


def scores(questions: Sequence[Question], texts: Sequence[str]) -> dict[str, float]:
    """Return each form's score, 0 to 1: accuracy, hit rate@3, NDCG, micro F1, ROUGE-L."""
    found: dict[str, list[tuple[float, float]]] = {}
    for question, text in zip(questions, texts, strict=True):
        form = FORMS[question.form]
        ratio = form.agree(form.official(text), form.official(question.output))
        found.setdefault(question.form, []).append(ratio)
    return {form: round(_ratio(ratios), 4) for form, ratios in sorted(found.items())}


def _ratio(ratios: Sequence[tuple[float, float]]) -> float:
    """Return the sum of the numerators over that of the denominators, 0 where there are none."""
    numerator, denominator = map(sum, zip(*ratios, strict=True))
    return numerator / denominator if denominator else 0.0
