import json
import string
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom.forms import FORMS

# Faults of the public rows: options numbered 0, 1, 3; yes or no instead of a number; golds that no
# option has.
FAULTY = {"mcq_prp.jsonl": 669, "mcq_qprj.jsonl": 394, "mcq_sap.jsonl": 5}


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def is_offered(row: dict[str, Any]) -> bool:
    form, gold = row["task_type"], row["output_field"]
    labels = FORMS[form].offers(row["input_field"])
    if form == "multiple-choice":
        return str(gold).strip() in labels
    numbers = gold if isinstance(gold, list) else [int(n) for n in str(gold).split(",")]
    if form == "ranking":
        return len(labels) == len(numbers)
    return {str(n) for n in numbers} <= set(labels)


def test_every_development_item_offers_its_gold(ecom_data: Path) -> None:
    asked = [
        row
        for row in rows(ecom_data / "shopbench" / "development.json")
        if row["task_type"] in ("multiple-choice", "retrieval", "ranking")
    ]
    assert len(asked) == 71
    assert all(map(is_offered, asked))


def test_other_peoples_prompts_offer_their_golds(ecom_data: Path) -> None:
    missed = Counter(
        path.name
        for path in (ecom_data / "ec_guide").glob("*.jsonl")
        for row in rows(path)
        if row["task_type"] in ("multiple-choice", "retrieval", "ranking") and not is_offered(row)
    )
    assert missed == FAULTY


@pytest.mark.parametrize(
    ("prompt", "labels"),
    [
        ("Which fits?\nA. red\nB. blue\nC. green\nAnswer:", "ABC"),
        ("Which fits?\n(a) red\n(b) blue", "ab"),
        ("Which is a shoe? 1) boot 2) lamp 3) cup", "123"),
        ("Products:\n1. boot\n2. lamp\n3. cup\nWhich is bought with 2?\n0. boot\n1. cup", "01"),
        ("How satisfied, 1 to 5?\nReview: 1. too small\n2. too thin", "12345"),
        ("Is this a shoe? Yes or no.", ""),
        ("It has 12 MP. What is it?", ""),
    ],
)
def test_options_are_those_of_the_last_list(prompt: str, labels: str) -> None:
    assert "".join(FORMS["multiple-choice"].offers(prompt)) == labels


@given(
    st.lists(st.text(string.ascii_lowercase + " ", min_size=3), min_size=2, max_size=30),
    st.sampled_from(["{}. {}", "{}) {}", "[{}] {}", "({}) {}", "{}: {}", "Product {}: {}"]),
    st.sampled_from([0, 1]),
)
def test_items_are_found_however_they_are_numbered(
    items: list[str], style: str, start: int
) -> None:
    lines = [style.format(n, f"x{item}") for n, item in enumerate(items, start)]
    prompt = "\n".join(["Choose three of these products.", *lines, "Output:"])
    numbers = tuple(str(n) for n in range(start, start + len(items)))
    assert FORMS["retrieval"].offers(prompt) == numbers
