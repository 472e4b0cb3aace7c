from itertools import pairwise

import pytest

from ecom.evaluate.aggregate import resample
from ecom.evaluate.gold import Gold
from ecom.evaluate.guess import guesses, rate_guesses
from ecom.forms import FORMS

CHOICE = "Which is a shoe?\n0. boot\n1. lamp\n2. chair\n3. desk\nAnswer: "
RATING = "Rate this review on a scale of 1 to 5.\nReview: fine\nOutput:"
LIST = (
    "Select three.\nProducts: 0. a\n" + "\n".join(f"{i}. item" for i in range(1, 15)) + "\nOutput:"
)
QUERY = "Extract the colour.\nQuery: blue Nordlicht desk lamp\nOutput:"


def golds(form: str, metric: str, prompt: str, answers: list[object]) -> list[Gold]:
    return [
        Gold(i, str(i), prompt, answer, "t", form, metric, "concepts")  # type: ignore[arg-type]
        for i, answer in enumerate(answers)
    ]


@pytest.mark.parametrize(
    ("form", "metric", "prompt", "answer", "expected"),
    [
        ("multiple-choice", "accuracy", CHOICE, 3, 1 / 4),
        ("multiple-choice", "accuracy", RATING, 5, 1 / 5),
        ("retrieval", "hit rate@3", LIST, [0, 4, 9], 3 / 15),
        # The right item is first, second, …, fifth, each in a fifth of the draws.
        ("ranking", "ndcg", "Rank.", [0, 0, 1, 0, 0], (1 + 0.63093 + 0.5 + 0.43068 + 0.38685) / 5),
    ],
)
def test_guessing_scores_what_chance_gives(
    form: str, metric: str, prompt: str, answer: object, expected: float
) -> None:
    rows = golds(form, metric, prompt, [answer] * 300)
    rated = rate_guesses(rows, 0, {})
    for ratios in (rated.official, rated.lenient):  # a guess is in the safe form
        overall = resample(rows, ratios, samples=100, seed=0).overall
        assert overall is not None
        assert overall[0] == pytest.approx(expected, abs=0.025)


def test_guesses_keep_to_the_form() -> None:
    for text in guesses(golds("retrieval", "hit rate@3", LIST, [[1]] * 50), seed=1):
        found = FORMS["retrieval"].official(text)
        assert len(set(found)) == 3
        assert set(found) <= set(range(15))
    for text in guesses(golds("ranking", "ndcg", "Rank.", [[1, 0, 0, 0, 0]] * 50), seed=1):
        assert sorted(FORMS["ranking"].official(text)) == [1, 2, 3, 4, 5]


def test_entities_are_one_or_two_words_in_a_row_of_the_query() -> None:
    rows = golds("named_entity_recognition", "micro f1", QUERY, [["blue"]] * 100)
    words = ["blue", "Nordlicht", "desk", "lamp"]
    possible = set(words) | {f"{a} {b}" for a, b in pairwise(words)}
    assert set(guesses(rows, seed=2)) == possible


def test_generation_guesses_another_rows_answer() -> None:
    rows = golds("generation", "rougel", "Explain.", ["red", "blue", "green"])
    for seed in range(20):
        drawn = guesses(rows, seed)
        assert all(guess != row.answer for guess, row in zip(drawn, rows, strict=True))
        assert set(drawn) <= {"red", "blue", "green"}
    assert guesses(rows[:1], seed=0) == [""]
