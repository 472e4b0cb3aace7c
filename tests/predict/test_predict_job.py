"""Predict with real Ray Data, real vLLM and a tiny random model."""

import json
import time
from pathlib import Path
from threading import Thread
from typing import Any

import psutil
import pyarrow.parquet as pq
import pytest

from ecom.artifact import Draft
from ecom.engine import EngineConfig
from ecom.errors import DataError, InputError
from ecom.forms import FORMS, Prompting, infer_form, messages
from ecom.forms.prompting import Shot
from ecom.predict.config import PredictConfig
from ecom.predict.job import run, under_way
from ecom.shopbench import Place, row_id
from tests.predict.test_few_shot import corpus

ROWS = [
    {"input_field": "Which is a shoe?\n0. boot\n1. lamp\nAnswer:", "is_multiple_choice": True},
    {"input_field": "Explain the product type Lamp.\nOutput:", "is_multiple_choice": False},
    {"input_field": "Which is a shoe?\n0. boot\n1. lamp\nAnswer:", "is_multiple_choice": True},
    {
        "id": "mine",
        "input_field": "Rank by relevance.\n1. a\n2. b\n3. c\n4. d\n5. e\nOutput:",
        "is_multiple_choice": False,
        "output_field": "a trap: task_type and gold of a hidden row must not be looked at",
        "task_type": "retrieval",
    },
    {
        "input_field": "What is the total weight?\n0. 5 oz\n1. 9 oz\nAnswer:",
        "is_multiple_choice": True,
    },
]
DRAWN: list[dict[str, object]] = [  # the same question twice, drawn alike
    {
        "id": mark,
        "input_field": "Describe a lamp.",
        "is_multiple_choice": False,
        "task_name": "Slogans",
    }
    for mark in ("drawn", "again")
]
OFFERED: list[dict[str, object]] = [
    {"id": "kind", "input_field": "What is Runner 5?", "options": ["shoe", "track suit"]},
    {"id": "some", "input_field": "What fits?", "labels": ["A", "B", "C"], "choose": 2},
    {"id": "one", "input_field": "What is it?", "options": ["shoe"]},
]
PROMPTING = Prompting.model_validate(
    {
        "by_form": {
            "multiple-choice": {
                "system": "Choose.",
                "examples": [{"question": "Which is a lamp?\n0. boot\n1. lamp", "answer": "1"}],
            }
        },
        "by_task": {"Slogans": {"max_tokens": 5, "sampling": {"temperature": 2, "seed": 4}}},
    }
)
ENGINE = EngineConfig(max_model_len=512, max_num_seqs=8, think_tokens=4)
pytestmark = pytest.mark.filterwarnings("default")  # Ray Data and vLLM warn about themselves


def draft(path: Path) -> Draft:
    path.mkdir()
    return Draft(path)


@pytest.mark.integration
def test_every_good_question_gets_its_answer(tmp_path: Path, model: Path) -> None:
    long = {"input_field": "word " * 500, "is_multiple_choice": True}
    lines = [*map(json.dumps, ROWS), '{"input_field": "cut of', "", '{"prompt": "?"}']
    queries = tmp_path / "q.jsonl"
    queries.write_text("\n".join([*lines, *map(json.dumps, [long, *DRAWN, *OFFERED])]))
    out = draft(tmp_path / "out")
    models = {"base": str(model)}
    config = PredictConfig(queries="unused", models=("base",), batch_size=2)
    run(config, ENGINE, prompting=PROMPTING, models=models, queries=queries, draft=out)

    made = [json.loads(line) for line in (out.path / "base.jsonl").read_text().splitlines()]
    ids = [row_id(row, Place(line)) for line, row in enumerate(ROWS, start=1)]
    last = ["drawn", "again", "kind", "some"]
    assert [row["id"] for row in made] == [*ids, row_id(long, Place(9)), *last]
    assert [row["line"] for row in made] == [1, 2, 3, 4, 5, 9, 10, 11, 12, 13]
    kind, some = made[-2:]
    assert (kind["form"], kind["answer"] in ("shoe", "track suit")) == ("classification", True)
    assert 0.5 <= kind["confidence"] <= 1
    assert some["form"] == "multi-label"
    assert len(set(some["answer"].split(", ")) & {"A", "B", "C"}) == 2
    made = made[:-2]
    drawn, again = (row["prediction"] for row in made[-2:])
    assert drawn == again
    assert not drawn.startswith(greedy(model, DRAWN[0], tokens=5)), "a random model, drawn from"
    made = made[:-2]
    assert [row["form"] for row in made] == [
        "multiple-choice",
        "generation",
        "multiple-choice",
        "ranking",
        "multiple-choice",
        "multiple-choice",
    ]
    assert [row["error"] is None for row in made] == [True] * 5 + [False]
    assert "max_model_len=512" in made[5]["error"]
    assert made[0]["prediction"] == made[2]["prediction"]
    rejected = (out.path / "rejected" / "queries.jsonl").read_text().splitlines()
    assert [json.loads(line)["line"] for line in rejected] == [6, 8, 14]
    assert "options has 1 entries" in rejected[-1]
    assert out.metrics["rejected"] == 3
    assert out.metrics["models"]["base"]["errors"] == 1

    assert made[4]["answer"] in ("0", "1")  # it has reckoned first
    for row, answer in zip(ROWS[:4], made, strict=False):
        if answer["form"] == "multiple-choice":
            choice, confidence = choose(model, row)
            assert answer["prediction"] == answer["answer"] == choice
            assert answer["confidence"] == pytest.approx(confidence, abs=0.02)
        elif answer["form"] == "ranking":
            assert sorted(answer["prediction"].split(",")) == ["1", "2", "3", "4", "5"]
            assert answer["prediction"] == answer["answer"]
        else:
            assert answer["prediction"].startswith(greedy(model, row, tokens=4))
            assert answer["confidence"] is None


@pytest.mark.integration
def test_an_engine_that_is_killed_is_replaced_and_each_row_answered_once(
    tmp_path: Path, model: Path
) -> None:
    rows = [{**ROWS[0], "input_field": f"{ROWS[0]['input_field']} {n}"} for n in range(2000)]
    queries = tmp_path / "q.jsonl"
    queries.write_text("".join(json.dumps(row) + "\n" for row in rows))
    out = draft(tmp_path / "out")
    killer = Thread(target=kill_an_engine, args=(out.path / "few-shot.kept",))
    killer.start()
    run(
        PredictConfig(
            queries="unused",
            models=("few-shot",),
            output="parquet",
            few_shot=1,
            choice="likelihood_per_token",
        ),
        ENGINE,
        prompting=Prompting(),
        models={"few-shot": str(model)},
        queries=queries,
        draft=out,
        corpus=corpus(tmp_path / "corpus", [str(ROWS[4]["input_field"])], "multiple-choice"),
    )
    killer.join()
    assert not (out.path / "examples.jsonl").exists()
    made = pq.read_table(out.path / "few-shot.parquet").to_pylist()
    assert [row["id"] for row in made] == [
        row_id(row, Place(n)) for n, row in enumerate(rows, start=1)
    ]
    assert {row["error"] for row in made} == {None}
    assert {row["prediction"] for row in made} <= {"0", "1"}
    shot = Shot(question=str(ROWS[4]["input_field"]), answer="A0")
    shares = likelihoods(model, rows[7], ["boot", "lamp"], [shot])
    assert made[7]["prediction"] == str(shares.index(max(shares)))
    assert made[7]["confidence"] == pytest.approx(max(shares), abs=0.02)


def kill_an_engine(kept: Path) -> None:
    """Kill the process of the engine as soon as it has answered something."""
    while not kept.exists() or not kept.stat().st_size:
        time.sleep(0.01)
    family = psutil.Process().children(recursive=True)
    [engine] = [one for one in family if "Replica" in "".join(one.cmdline())]
    engine.kill()


def choose(model: Path, row: dict[str, object]) -> tuple[str, float]:
    """The likelier option of 0 and 1, and its probability among the two, with transformers."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    network = AutoModelForCausalLM.from_pretrained(model, dtype=torch.bfloat16)
    chat = messages(str(row["input_field"]), FORMS["multiple-choice"], PROMPTING)
    ids: Any = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_dict=False)
    options = tokenizer.convert_tokens_to_ids(["0", "1"])
    with torch.inference_mode():
        shares = network(torch.tensor([ids])).logits[0, -1, options].float().softmax(dim=0)
    return str(int(shares.argmax())), float(shares.max())


def likelihoods(
    model: Path, row: dict[str, object], texts: list[str], examples: list[Shot]
) -> list[float]:
    """The shares of the texts by the mean log probability of their tokens, with transformers."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    network = AutoModelForCausalLM.from_pretrained(model, dtype=torch.bfloat16)
    form = FORMS["multiple-choice"]
    chat = messages(str(row["input_field"]), form, Prompting(), examples=examples)
    ids: Any = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_dict=False)
    means = []
    for text in texts:
        own = tokenizer(text)["input_ids"]
        with torch.inference_mode():
            logs = network(torch.tensor([[*ids, *own]])).logits[0].float().log_softmax(-1)
        means.append(logs[range(len(ids) - 1, len(ids) - 1 + len(own)), own].mean())
    found: list[float] = torch.stack(means).softmax(0).tolist()
    return found


def greedy(model: Path, row: dict[str, object], tokens: int) -> str:
    """Begin the answer with transformers: bfloat16, no cache, one token after the other."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    network = AutoModelForCausalLM.from_pretrained(model, dtype=torch.bfloat16)
    prompt = str(row["input_field"])
    form = FORMS[infer_form(prompt, bool(row["is_multiple_choice"]))]
    chat: Any = tokenizer.apply_chat_template(
        messages(prompt, form, PROMPTING), add_generation_prompt=True, return_dict=False
    )
    start = len(chat)
    while len(chat) < start + min(tokens, form.max_tokens):
        with torch.inference_mode():
            chat.append(int(network(torch.tensor([chat])).logits[0, -1].argmax()))
        if chat[-1] == tokenizer.eos_token_id:
            break
    return str(tokenizer.decode(chat[start:], skip_special_tokens=True))


def test_a_file_without_a_question_is_refused_before_ray_starts(tmp_path: Path) -> None:
    queries = tmp_path / "q.jsonl"
    queries.write_text('{"prompt": "?"}\n')
    with pytest.raises(DataError, match="no question in 1 rows; line 1: input_field is missing"):
        run(
            PredictConfig(queries="unused"),
            ENGINE,
            prompting=Prompting(),
            models={"awq": "nowhere"},
            queries=queries,
            draft=draft(tmp_path / "out"),
        )


def test_a_model_that_cannot_be_served_is_refused_before_ray_starts(tmp_path: Path) -> None:
    queries = tmp_path / "q.jsonl"
    queries.write_text(json.dumps(ROWS[0]))
    with pytest.raises(InputError, match="not a model directory"):
        run(
            PredictConfig(queries="unused"),
            ENGINE,
            prompting=Prompting(),
            models={"awq": str(tmp_path)},
            queries=queries,
            draft=draft(tmp_path / "out"),
        )


@pytest.mark.parametrize("rows", [1, 300, 5_000, 1_000_000])
@pytest.mark.parametrize("replicas", [1, 2, 4])
@pytest.mark.parametrize("seats", [8, 64, 256])
def test_engines_are_full_and_little_is_under_way(rows: int, replicas: int, seats: int) -> None:
    size, calls = under_way(rows, replicas, seats, most=64)
    assert 1 <= size <= 64
    assert size * (calls - 2) >= seats, "two batches wait"
    least = replicas * (seats + 2 * 8)
    assert replicas * size * calls <= max(0.05 * rows, least)
