import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom.forms import FORMS, infer_form

LIST = "1. red boot\n2. lamp\n3. chair\n4. desk\n5. sofa\n"
OPTIONS = "0. red boot\n1. lamp\n2. chair\n"


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("told", [True, False])
def test_every_development_item_is_known(ecom_data: Path, told: bool) -> None:
    wrong = [
        row["input_field"]
        for row in rows(ecom_data / "shopbench" / "development.json")
        if infer_form(row["input_field"], row["is_multiple_choice"] if told else None)
        != row["task_type"]
    ]

    assert wrong == []


@pytest.mark.parametrize("told", [True, False])
def test_other_peoples_prompts_are_known(ecom_data: Path, told: bool) -> None:
    seen, right = Counter[str](), Counter[str]()
    for path in sorted((ecom_data / "ec_guide").glob("*.jsonl")):
        for row in rows(path):
            if row["metric"] == "bool":  # yes or no: none of the five forms
                continue
            form = row["task_type"]
            choice = form == "multiple-choice"
            seen[form] += 1
            right[form] += infer_form(row["input_field"], choice if told else None) == form

    assert sum(seen.values()) > 40_000
    assert {form for form in seen if right[form] < 0.995 * seen[form]} == set()


@pytest.mark.parametrize(
    ("form", "prompt"),
    [
        ("multiple-choice", f"What can be worn in the rain?\n{OPTIONS}Answer:"),
        ("multiple-choice", "Which one lights a room? 0. boot 1. lamp 2. chair"),
        (
            "multiple-choice",
            "How content is this buyer, on a scale of 1 to 5?\nReview: broke at once",
        ),
        (
            "retrieval",
            f"Someone bought a bed. Choose three items they may add.\n{LIST}Give indices.",
        ),
        ("retrieval", f"Write down the numbers of the 3 goods of wood.\n{LIST}"),
        ("ranking", f"Rank these five goods for the search 'seat'.\n{LIST}"),
        ("ranking", f"Sort the products below, best match first.\n{LIST}Output a permutation."),
        ("named_entity_recognition", "Find words of the entity type 'brand'.\nQuery: acme lamp"),
        ("named_entity_recognition", "Detect the 'colour' in this title: 'Acme lamp, blue'."),
        ("named_entity_recognition", "Extract all brand entities from the text.\nText: acme lamp"),
        ("generation", "Explain what a dimmer does.\nOutput:"),
        ("generation", "Write a title for the review.\nReview: lasts for years"),
        ("generation", "Translate the query 'red lamp' into German."),
        ("generation", f"How many legs in all?\n{OPTIONS}Answer: Let's think step by step."),
    ],
)
def test_a_prompt_in_words_of_our_own_is_known(form: str, prompt: str) -> None:
    assert infer_form(prompt) == form


@pytest.mark.parametrize(
    ("form", "prompt"),
    [
        (
            "retrieval",
            f"Select three aspects. Only indices.\nReview: I would rank it first.\n{LIST}",
        ),
        ("multiple-choice", "Which suits a child?\n0. Book of Numbers\n1. Ranking the Kings"),
        ("multiple-choice", f"Which goes with 'card index, numbers 1-99'?\n{OPTIONS}"),
        ("generation", "Write a headline.\nReview: no entity type 'brand' was ever so good"),
    ],
)
def test_what_the_data_say_does_not_count(form: str, prompt: str) -> None:
    assert infer_form(prompt) == form


@pytest.mark.parametrize("prompt", [f"Rank these.\n{LIST}", f"Which?\n{OPTIONS}", "Describe it."])
def test_the_asker_has_the_last_word_on_multiple_choice(prompt: str) -> None:
    assert infer_form(prompt, True) == "multiple-choice"
    assert infer_form(prompt, False) != "multiple-choice"


@given(prompt=st.text(), told=st.none() | st.booleans())
def test_any_text_has_a_form(prompt: str, told: bool | None) -> None:
    assert infer_form(prompt, told) in FORMS


@pytest.mark.parametrize("piece", ["0. a ", "1. a\n", "list 'a' ", "' '", "a'", "A a: 1.", "1 to "])
def test_a_long_prompt_is_read_in_time(piece: str) -> None:
    start = time.perf_counter()
    infer_form(piece * (100_000 // len(piece)))

    assert time.perf_counter() - start < 2
