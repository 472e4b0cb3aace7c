"""The words around a question, by form and task, and what of them a model's directory keeps."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ecom.forms import FORMS, Prompting, messages

RANKING = "Rank these.\n1. boot\n2. lamp"
OWN = Prompting.model_validate(
    {
        "system": "S",
        "open_ended_suffix": "Only Answer.",
        "by_form": {
            "ranking": {
                "suffix": "Numbers only.",
                "examples": [{"question": "Rank these.\n1. cup\n2. pot ", "answer": "2,1"}],
            },
            "multiple-choice": {"system": "Choose."},
        },
        "by_task": {
            "Slogans": {"system": "", "max_tokens": 200, "sampling": {"temperature": 0.7}},
            "Top": {"suffix": "Best first."},
        },
        "sampling": {"open_ended": {"temperature": 0.3, "top_p": 0.9, "seed": 5}},
    }
)


def chat(form: Any, prompt: str = "Q", task: str | None = None) -> list[tuple[str, str]]:
    return [(m["role"], m["content"]) for m in messages(prompt, FORMS[form], OWN, task)]


def test_a_form_is_asked_in_its_own_words_with_its_examples_as_turns() -> None:
    assert chat("ranking", RANKING) == [
        ("system", "S"),
        ("user", "Rank these.\n1. cup\n2. pot\nNumbers only."),
        ("assistant", "2,1"),
        ("user", f"{RANKING}\nNumbers only."),
    ]
    assert chat("multiple-choice") == [("system", "Choose."), ("user", "Q")]
    assert chat("retrieval") == [("system", "S"), ("user", "Q\nOnly Answer.")]


def test_a_task_overrides_its_form_in_what_it_says_only() -> None:
    assert chat("generation", task="Slogans") == [("user", "Q\nOnly Answer.")]
    assert [text for _, text in chat("ranking", RANKING, "Top")] == [
        "S",
        "Rank these.\n1. cup\n2. pot\nBest first.",
        "2,1",
        f"{RANKING}\nBest first.",
    ]
    assert chat("generation", task="another") == chat("generation")


@pytest.mark.parametrize(
    ("form", "task", "max_tokens", "temperature"),
    [
        ("generation", None, 96, 0.3),
        ("generation", "Slogans", 200, 0.7),
        ("named_entity_recognition", None, FORMS["named_entity_recognition"].max_tokens, 0.3),
        ("ranking", None, 24, 0),
        ("retrieval", None, 16, 0),
        ("multiple-choice", None, 1, 0),
    ],
)
def test_texts_sample_and_numbers_do_not_unless_it_is_said_of_them(
    form: Any, task: str | None, max_tokens: int, temperature: float
) -> None:
    asked = OWN.asked(FORMS[form], task)
    assert (asked.max_tokens, asked.sampling.temperature) == (max_tokens, temperature)


def test_a_model_s_directory_keeps_all_of_it(tmp_path: Path) -> None:
    OWN.save(tmp_path)
    assert Prompting.load(tmp_path) == OWN


def test_without_own_words_the_file_is_what_it_was_before_there_were_any(tmp_path: Path) -> None:
    Prompting(system="Help, schön.").save(tmp_path)
    suffix = "Do not give explanation only Answer. Output:"
    assert (tmp_path / "prompting.json").read_text("utf-8") == (
        f'{{\n  "system": "Help, schön.",\n  "open_ended_suffix": "{suffix}"\n}}\n'
    )


def test_limits_and_sampling_are_no_words_and_examples_are() -> None:
    def words(**more: Any) -> str:
        return json.dumps(Prompting.model_validate({"system": "S", **more}).words())

    plain = words()
    assert words(sampling={"open_ended": {"temperature": 1}}) == plain
    assert words(by_form={"ranking": {"max_tokens": 9, "sampling": {"seed": 1}}}) == plain
    assert words(by_task={"t": {"max_tokens": 9, "suffix": ""}}) != plain
    shown = {"question": "a or b?", "answer": "a"}
    assert words(by_form={"generation": {"examples": [shown]}}) != plain


@pytest.mark.parametrize(
    ("form", "asking", "rule"),
    [
        ("multiple-choice", {"max_tokens": 5}, "a choice is one token"),
        (
            "ranking",
            {"examples": [{"question": RANKING, "answer": "the boot"}]},
            "no ranking",
        ),
        (
            "multiple-choice",
            {"examples": [{"question": "Which is a shoe?\n0. boot\n1. lamp", "answer": "2"}]},
            "'2' is none of the options that its question offers; write 0, 1",
        ),
        ("ranked", {}, "ranked"),
        ("ranking", {"temperature": 1}, "temperature"),
        ("generation", {"sampling": {"temperature": 3}}, "less than or equal to 2"),
        ("generation", {"sampling": {"top_p": 0}}, "greater than 0"),
    ],
)
def test_what_cannot_be_meant_is_refused(form: str, asking: Any, rule: str) -> None:
    with pytest.raises(ValidationError, match=rule):
        Prompting.model_validate({"by_form": {form: asking}})


def test_an_example_may_answer_with_the_letter_of_its_option() -> None:
    shown = [{"question": "Which is a shoe?\nA. boot\nB. lamp", "answer": "A"}]
    found = Prompting.model_validate({"by_form": {"multiple-choice": {"examples": shown}}})
    assert messages("Q", FORMS["multiple-choice"], found)[2]["content"] == "A"
