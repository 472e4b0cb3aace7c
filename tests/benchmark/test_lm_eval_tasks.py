"""`ecom benchmark RECIPE --export-lm-eval`: lm-eval itself runs the tasks, on recorded answers."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecom.cli import main
from ecom.forms import FORMS, FormName, Prompting, messages

lm_eval = pytest.importorskip("lm_eval")

LIST = "\n1. boot\n2. lamp\n3. tent\n4. cup\n5. rug"
# task, form, metric, [(prompt, right answer, a model's answer)]
TASKS: list[tuple[str, FormName, str, list[tuple[str, Any, str]]]] = [
    (
        "Which shoe?",
        "multiple-choice",
        "accuracy",
        [("Which is a shoe?\n0. boot\n1. lamp\nAnswer:", 0, "0")]
        + [(f"Which is a {one}?\n0. lamp\n1. boot\n2. tent\nAnswer:", 1, "2") for one in "ab"],
    ),
    ("rating", "multiple-choice", "accuracy", [("Rate it from 1 to 5.\nReview: bad", 1, "1")]),
    (
        "picks",
        "retrieval",
        "hit rate@3",
        [
            (f"Which three products fit?{LIST}\nA", [1, 2, 3], "3, 9,1, 2"),
            (f"Which three products fit?{LIST}\nB", [4], "Out of 5: 4"),
            (f"Which three products fit?{LIST}\nC", [4, 5], "none"),
        ],
    ),
    (
        "ranks",
        "ranking",
        "ndcg",
        [
            (f"Rank the 5 products.{LIST}\nA", [1.0, 0.1, 0.0, 0.0, 0.01], "2,1,7,3,5"),
            (f"Rank the 5 products.{LIST}\nB", [0.0, 0.0, 1.0, 0.0, 0.0], "3,3,1"),
            (f"Rank the 5 products.{LIST}\nC", [0.0, 1.0, 0.0, 0.1, 0.0], "0,2"),
        ],
    ),
    (
        "names",
        "named_entity_recognition",
        "micro f1",
        [
            ("Extract the brand.\nA", ["Nord"], "nord , Süd,"),
            ("Extract the brand.\nB", ["Nord", "Ost"], "['Nord', 'nord']"),
        ],
    ),
    (
        "tells",
        "generation",
        "rougel",
        [
            ("Describe the boot.\nA", ["a red boot", "the boot"], "A red boots\nindeed"),
            ("Describe the boot.\nB", "a lamp", ""),
        ],
    ),
    (
        "speaks",
        "generation",
        "bleu",
        [("Translate it.", "a red boot of old leather", "a red Boot")],
    ),
    (
        "labels",
        "classification",
        "accuracy",
        [("Is it Good or bad?\nA", "Good", "Good"), ("Is it Good or bad?\nB", "bad", "Good")],
    ),
    (
        "shares of labels",
        "classification",
        "macro f1",
        [("Is it Good or bad?\nC", "Good", "good."), ("Is it Good or bad?\nD", "bad", "worse")],
    ),
    *(
        (
            f"several {metric}",
            "multi-label",
            metric,
            [
                (f"Which fit?\n{metric}", ["red", "Blue"], "blue; green, red"),
                (f"Which fit, too?\n{metric}", ["red"], '["red, dark"]'),
            ],
        )
        for metric in FORMS["multi-label"].metrics
    ),
    *(
        (
            f"orders {metric}",
            "ordering",
            metric,
            [(f"Order these.\n{metric}", ["B", "A", "C"], "A, D, C and B, A")],
        )
        for metric in FORMS["ordering"].metrics
    ),
]
ANSWERS = {prompt: said for *_, rows in TASKS for prompt, _, said in rows}


def command(*arguments: object) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(one) for one in ("benchmark", *arguments)])
    assert ended.value.code == 0


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    rows = [
        {
            "input_field": prompt,
            "output_field": right,
            "task_name": task,
            "task_type": form,
            "metric": metric,
            "is_multiple_choice": form == "multiple-choice",
            "track": "concepts",
            **({"labels": ["Good", "bad"]} if form == "classification" else {}),
        }
        for task, form, metric, asked in TASKS
        for prompt, right, _ in asked
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "gold.jsonl").write_text(text, encoding="utf-8")
    path = tmp_path / "recipe.yaml"
    path.write_text(
        f"name: Shop\nworkdir: {tmp_path}/work\nbase: {tmp_path}\n"
        "prompting:\n  system: Help.\n  open_ended_suffix: Only Answer.\n"
        f"evaluate:\n  gold: {tmp_path}/gold.jsonl\n"
    )
    return path


def asked_by_lm_eval(folder: Path, task: str, answer: Callable[[list[dict[str, str]]], str]) -> Any:
    """Run lm-eval with a model that answers a chat by a function, sure of itself."""
    from lm_eval.api.model import LM
    from lm_eval.tasks import TaskManager

    class Answering(LM):  # type: ignore[misc]
        tokenizer_name = "none"

        def apply_chat_template(self, chat: Any, add_generation_prompt: bool = True) -> str:
            return json.dumps(chat)

        def chat_template(self, chat_template: Any = False) -> str:
            return "json"

        def loglikelihood(self, requests: Any, **_: Any) -> list[tuple[float, bool]]:
            pairs = [one.args for one in requests]
            return [(float(answer(json.loads(chat)) == text) - 1, False) for chat, text in pairs]

        def generate_until(self, requests: Any, **_: Any) -> list[str]:
            return [answer(json.loads(one.args[0])) for one in requests]

        def loglikelihood_rolling(self, requests: Any, **_: Any) -> list[float]:
            raise NotImplementedError

    return lm_eval.simple_evaluate(
        model=Answering(),
        tasks=[task],
        task_manager=TaskManager(include_path=str(folder), include_defaults=False),
        apply_chat_template=True,
        bootstrap_iters=0,
    )["results"]


@pytest.mark.filterwarnings("ignore")  # of lm-eval's and its libraries'
def test_lm_eval_finds_the_scores_of_evaluate_in_messy_answers(
    recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, chats = tmp_path / "tasks", []
    command(recipe, "--export-lm-eval", folder, "--json")
    written = json.loads(capsys.readouterr().out)
    assert not written["left_out"]
    kinds = {one["task"]: one["output_type"] for one in written["tasks"]}
    choices = {task for task, kind in kinds.items() if kind == "multiple_choice"}
    assert choices == {"shop_which_shoe", "shop_rating", "shop_labels"}

    def answer(chat: list[dict[str, str]]) -> str:
        chats.append(chat)
        return ANSWERS[chat[-1]["content"].removesuffix("\nOnly Answer.")]

    found = asked_by_lm_eval(folder, "shop", answer)
    predictions = tmp_path / "answers.jsonl"
    lines = [json.dumps({"prediction": text}) + "\n" for text in ANSWERS.values()]
    predictions.write_text("".join(lines), encoding="utf-8")
    with pytest.raises(SystemExit):
        main(
            [
                *("evaluate", "--gold", str(tmp_path / "gold.jsonl")),
                *("--predictions", str(predictions), "--json"),
            ]
        )
    ours = json.loads(capsys.readouterr().out)["official"]["tasks"]
    assert len(found) == len(ours) == len(TASKS)
    for (task, one), name in zip(ours.items(), kinds, strict=True):
        score = found[name]["acc,none" if name in choices else "score,none"]
        assert score == pytest.approx(one["score"], abs=1e-9), task
    # asked in the recipe's words
    prompting = Prompting(system="Help.", open_ended_suffix="Only Answer.")
    words = [
        messages(prompt, FORMS[form], prompting)
        for _, form, _, rows in TASKS
        for prompt, *_ in rows
    ]
    assert all(chat in words for chat in chats)
    assert all(chat in chats for chat in words)


def test_a_metric_with_an_encoder_is_left_out_and_said(
    recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gold = tmp_path / "gold.jsonl"
    text = gold.read_text(encoding="utf-8").replace('"rougel"', '"sent-transformer"')
    gold.write_text(text, encoding="utf-8")
    command(recipe, "--export-lm-eval", tmp_path / "tasks", "--json")
    left_out = json.loads(capsys.readouterr().out)["left_out"]
    assert [(one["task"], one["rows"]) for one in left_out] == [("tells", 2)]
    assert "encoder" in left_out[0]["why"]


def test_a_folder_that_is_not_empty_is_refused(
    recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["benchmark", str(recipe), "--export-lm-eval", str(tmp_path)])
    assert ended.value.code == 2
    assert "not empty; name a new folder" in capsys.readouterr().err
