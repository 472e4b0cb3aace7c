from typing import Any

import pytest

from ecom.evaluate.failures import count, examples, kinds
from ecom.evaluate.gold import Answered, Gold
from ecom.evaluate.rate import rate

CHOICE = ("multiple-choice", "accuracy", 2)
NUMBERS = ("retrieval", "hit rate@3", [1, 2])
ENCODED = ("generation", "multilingual-sent-transformer", "x")


@pytest.mark.parametrize(
    ("row", "answered", "kind"),
    [
        (CHOICE, Answered("2"), "right"),
        (CHOICE, Answered("3"), "wrong"),
        (CHOICE, Answered("Answer: 2"), "lost to format"),
        (CHOICE, Answered("Answer: 3"), "wrong"),
        (CHOICE, Answered("who knows"), "no answer"),
        (CHOICE, Answered("", error="too long"), "engine error"),
        (NUMBERS, Answered("1,9"), "partly right"),
        (NUMBERS, Answered("1\n2"), "lost to format"),
        (ENCODED, Answered("x"), None),
    ],
)
def test_kinds(row: tuple[Any, str, Any], answered: Answered, kind: str | None) -> None:
    form, metric, answer = row
    golds = [Gold(1, "a", "prompt", answer, "t", form, metric, "concepts")]
    found = kinds([answered], rate(golds, [answered.text], {}))
    assert found == [kind]
    assert count(golds, found)[form][kind or "not computed"] == 1
    shown = examples(golds, [answered], found)
    assert [example["kind"] for example in shown] == ([] if kind in ("right", None) else [kind])


def test_three_examples_of_a_kind_are_enough() -> None:
    golds = [
        Gold(i, str(i), "", 2, "t", "multiple-choice", "accuracy", "concepts") for i in range(9)
    ]
    answers = [Answered("0")] * 9
    shown = examples(golds, answers, kinds(answers, rate(golds, ["0"] * 9, {})))
    assert [example["line"] for example in shown] == [0, 1, 2]
