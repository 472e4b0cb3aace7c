import json
from pathlib import Path

import pytest

from ecom.lanes import lane
from ecom.lanes.thinking import THINK, is_arithmetic
from ecom.rows import Query

TOTAL = "Soup, 9.24 oz (Pack of 6). What is the total weight?\n0. 8 ounce\n1. 55.44 ounce\nAnswer:"
IDS = {"0": 5, "1": 6}


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        (TOTAL, True),
        ("How many usb ports are there?\n0. It cannot be inferred.\n1. 3.0\n2. 2\nAnswer:", True),
        ("What does it cost per unit?\nA. $1.20\nB. 3 €\nC. 2,50 %", True),
        ("Wie viel wiegt alles zusammen?\n0. 8 kg\n1. 54 kg", True),
        ("Wie hoch ist der Gesamtpreis?\nA. 1.299,00 €\nB. 12 €", True),
        ("¿Cuántas tazas hay en total?\n0. 8\n1. 12 tazas", True),
        ("Combien coûte chaque pièce ?\n0. 8 €\n1. 12,50 €", True),
        ("Quanto pesa in tutto?\n0. 8 kg\n1. 12 kg", True),
        ("全部でいくつですか。\n0. 8個\n1. 12個", True),
        ("一共多少克？\n0. 800克\n1. 1200 克", True),
        ("Welches ist ein Schuh?\n0. Stiefel 42\n1. Lampe", False),
        ("Combien de chaussures ?\n0. botte\n1. lampe", False),
        ("これは何ですか。\n0. 靴\n1. 12個", False),
        ("How many of these are shoes?\n0. boot\n1. lamp", False),
        ("Which one weighs 3 kg?\n0. 3 kg\n1. 4 kg", False),  # nothing to reckon
        ("How many stars, rate from 1 to 5?\nReview: good", False),
        ("What is the total?", False),
        ("", False),
    ],
)
def test_arithmetic_asks_for_an_amount_among_amounts(prompt: str, found: bool) -> None:
    assert is_arithmetic(prompt) is found


def test_on_the_contest_s_questions_it_is_the_task_of_numeric_reasoning(ecom_data: Path) -> None:
    lines = (ecom_data / "shopbench" / "development.json").read_text().splitlines()
    rows = [row for row in map(json.loads, lines) if row["is_multiple_choice"]]
    found = {row["task_name"] for row in rows if is_arithmetic(row["input_field"])}
    others = [row for row in rows if not is_arithmetic(row["input_field"])]
    assert found == {"task8"}
    assert "task8" not in {row["task_name"] for row in others}


def test_only_where_the_engine_is_told_to_and_only_arithmetic_is_asked_to_think() -> None:
    assert lane(Query(TOTAL, True), IDS).think == 0
    asked = lane(Query(TOTAL, True), IDS, think_tokens=50)
    assert asked.think == 50
    assert asked.prompt(TOTAL).endswith(f"Answer:\n{THINK}")
    assert asked.longest > 50
    assert lane(Query("Describe a lamp."), IDS, think_tokens=50).think == 0
    assert lane(Query(TOTAL, False), IDS, think_tokens=50).think == 0
