import math
from pathlib import Path

import pytest

from ecom.forms import Prompting
from ecom.lanes import confidences, label_ids, lane, too_long
from ecom.rows import Query

IDS = {label: n for n, label in enumerate("0123456789ABCD", 100)}
CHOICE = "Which is a shoe?\n0. red boot\n1. lamp"
RATING = "How satisfied is the customer, 1 to 5?\nReview: fine"
RANKING = "Rank these by relevance to 'boot'.\n1. boot\n2. lamp\n3. shoe"


@pytest.mark.parametrize(
    ("prompt", "labels"),
    [
        (CHOICE, "01"),
        ("Which is a shoe?\nA. red boot\nB. lamp\nC. cup", "ABC"),
        (RATING, "12345"),
        ("Is this a shoe?", "0123456789"),
    ],
)
def test_a_choice_is_one_token_among_the_labels_offered(prompt: str, labels: str) -> None:
    asked = lane(Query(prompt, True), IDS)
    assert asked.sampling["allowed_token_ids"] == [IDS[label] for label in labels]
    assert (asked.sampling["max_tokens"], asked.sampling["temperature"]) == (1, 0)
    assert asked.sampling["logprobs"] == len(labels)
    assert [asked.answer(f"{label}") for label in labels] == list(labels)


def test_each_label_has_its_probability() -> None:
    asked = lane(Query(CHOICE, True), IDS)
    found = confidences(asked, IDS, {IDS["0"]: math.log(0.75), IDS["1"]: math.log(0.25)})
    assert found == pytest.approx({"0": 0.75, "1": 0.25})
    assert confidences(lane(Query(RANKING), IDS), IDS, {1: 0.0}) is None


@pytest.mark.parametrize(
    ("prompt", "form", "rule"),
    [
        (RANKING, "ranking", (1, 3, 3, 3)),
        (RANKING, "retrieval", (1, 3, 1, 3)),
        ("Products: 0. cup\n1. pot\n2. pan\n3. lid", "retrieval", (0, 3, 1, 3)),
        ("Rank the items.", "ranking", (1, 5, 5, 5)),
        ("Choose some.", "retrieval", (1, 99, 1, 3)),
    ],
)
def test_numbers_are_those_of_the_items_listed(
    prompt: str, form: str, rule: tuple[int, ...]
) -> None:
    numbers = lane(Query(prompt, form=form), IDS).sampling["extra_args"]["numbers"]  # type: ignore[arg-type]
    assert tuple(numbers.values()) == rule


def test_texts_are_free_and_have_their_own_limit() -> None:
    text = lane(Query("Describe a lamp."), IDS)
    assert text.form.name == "generation"
    assert text.sampling.keys() == {"temperature", "max_tokens", "logprobs"}
    assert lane(Query("Describe a lamp.", max_tokens=7), IDS).sampling["max_tokens"] == 7


def test_sampling_and_limits_are_those_of_the_prompting() -> None:
    prompting = Prompting.model_validate(
        {
            "sampling": {
                "multiple_choice": {"temperature": 0.5, "seed": 3},
                "open_ended": {"temperature": 0.8, "top_p": 0.9},
            },
            "by_form": {"generation": {"max_tokens": 300}},
            "by_task": {"slogans": {"sampling": {"seed": 1}}, "choices": {"max_tokens": 40}},
        }
    )
    text = lane(Query("Describe a lamp."), IDS, prompting).sampling
    assert text == {"temperature": 0.8, "top_p": 0.9, "max_tokens": 300, "logprobs": 0}
    slogan = lane(Query("Describe a lamp.", task="slogans"), IDS, prompting).sampling
    assert slogan == {"temperature": 0, "seed": 1, "max_tokens": 300, "logprobs": 0}
    choice = lane(Query(CHOICE, task="choices"), IDS, prompting).sampling
    assert (choice["temperature"], choice["seed"], choice["max_tokens"]) == (0.5, 3, 1)
    assert lane(Query(RANKING), IDS, prompting).sampling["temperature"] == 0


def test_a_model_without_such_tokens_is_not_restricted() -> None:
    asked = lane(Query(CHOICE, True), {})
    assert "allowed_token_ids" not in asked.sampling
    assert asked.answer(" 1. lamp") == "1"


def test_prompt_and_answer_must_fit_together() -> None:
    asked = lane(Query("Describe a lamp."), IDS)
    fits = 1024 - asked.sampling["max_tokens"]
    assert too_long([1] * fits, asked.form.name, asked.longest, 1024) is None
    reason = too_long([1] * (fits + 1), asked.form.name, asked.longest, 1024) or ""
    assert f"{fits + 1} tokens" in reason
    assert "max_model_len=1024" in reason


def test_label_ids_are_the_models_own(tiny_model: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    ids = label_ids(tiny_model)
    assert set("0123456789") <= ids.keys()
    assert all(tokenizer.decode([token]) == label for label, token in ids.items())
