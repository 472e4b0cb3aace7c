from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecom.forms import Prompting
from ecom.train import answers, model
from ecom.train.answers import Question
from ecom.train.config import TrainConfig
from ecom.train.ddp import Ddp

PROMPTS = [[5, 6, 7, 9, 11, 30], [8, 4], [11, 12, 13], [40, 41, 42, 43, 44, 45, 46, 47]]


def test_answers_are_what_transformers_generates_one_by_one(tiny_model: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    settings = TrainConfig(workers=1, rank=4)
    trained = Ddp(model.load(str(tiny_model), settings, seed=0), settings, torch.device("cpu"))
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    questions = [Question("retrieval", prompt, 2, "1", 16) for prompt in PROMPTS]
    with trained.evaluating():
        found = answers.answer(trained, questions, tokenizer, tokens_per_batch=60)
    reference: Any = AutoModelForCausalLM.from_pretrained(tiny_model)
    for prompt, text in zip(PROMPTS, found, strict=True):
        ids = reference.generate(
            torch.tensor([prompt]),
            max_new_tokens=16,
            do_sample=False,
            eos_token_id=2,
            pad_token_id=2,
        )[0, len(prompt) :]
        assert text == tokenizer.decode(ids, skip_special_tokens=True)


@pytest.mark.parametrize(
    ("form", "gold", "text", "score"),
    [
        ("multiple-choice", "2", "2", 1.0),
        ("multiple-choice", "2", "I think 3", 0.0),
        ("retrieval", "1,4", "4,2,1", 1.0),
        ("retrieval", "1,4", "4", 0.5),
        ("ranking", "3,1,2", "3,1,2", 1.0),
        ("named_entity_recognition", "blue,lamp", "blue,shoe", 0.5),
        ("generation", "a blue lamp", "a blue lamp", 1.0),
        ("generation", "a blue lamp", "", 0.0),
    ],
)
def test_answers_are_scored_as_the_contest_does(
    form: str, gold: str, text: str, score: float
) -> None:
    question = Question(form, [1], 2, gold, 9)  # type: ignore[arg-type]
    assert answers.scores([question, question], [text, text]) == {form: score}


def test_a_ranking_near_the_gold_order_scores_higher() -> None:
    gold = Question("ranking", [1], 2, "3,1,2,5,4", 24)
    near, far = (answers.scores([gold], [text])["ranking"] for text in ("3,1,2,4,5", "4,5,2,1,3"))
    assert 0 < far < near < 1


def test_every_form_gets_as_many_questions_as_it_has(tmp_path: Path) -> None:
    forms = ["multiple-choice"] * 8 + ["ranking"] * 2 + ["generation"] * 1
    table = pa.table(
        {
            "id": [f"{n:02d}" for n in range(11)],
            "form": forms,
            "task": ["t"] * 10 + ["slogans"],
            "output": ["1"] * 11,
            "prompt_ids": [[n, n] for n in range(11)],
            "response_ids": [[7, 2]] * 11,
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    prompting = Prompting.model_validate({"by_task": {"slogans": {"max_tokens": 200}}})
    taken = answers.load_questions(tmp_path, 7, prompting)
    counts = Counter((question.form, question.max_tokens) for question in taken)
    assert counts == {("generation", 200): 1, ("multiple-choice", 1): 4, ("ranking", 24): 2}
    assert answers.load_questions(tmp_path, 0, prompting) == []
