"""The parsers against a plain restatement of the contest's rules (docs/domain.md)."""

import ast
import warnings
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ecom.forms import FORMS

# Text as models write it: digits of other scripts, odd commas, quotes, brackets, line breaks.
TEXTS = st.text(st.sampled_from("0123456789²２٣½,，;. \n\t-()[]'\"abÄ日Answer:\\#"), max_size=60)


def official_choice(text: str) -> int:
    text = text[:5000].strip()
    try:
        return int(text[0])
    except (IndexError, ValueError):
        return -1


def official_numbers(text: str) -> list[int]:
    cleaned = ""
    for character in text[:5000]:
        if character.isnumeric() or character == "," or character == " ":
            cleaned += character
    numbers = []
    for part in cleaned.split(","):
        with suppress(ValueError):
            numbers.append(int(part))
    return numbers


def official_ranking(text: str) -> list[int]:
    numbers = []
    for number in official_numbers(text):
        if number <= 5:
            numbers.append(number)
    numbers = numbers[:5]
    for i, number in enumerate(numbers):
        if number in numbers[i + 1 :]:
            return []
    return numbers


def official_entities(text: str) -> list[str]:
    text = text[:5000].strip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = ast.literal_eval(text)
        if type(value) is list and all(type(item) is str for item in value):
            return value
    except Exception:
        pass
    pieces = []
    for piece in text.split(","):
        if piece.strip() != "":
            pieces.append(piece.strip())
    return pieces


@given(TEXTS | st.text())
def test_multiple_choice(text: str) -> None:
    assert FORMS["multiple-choice"].official(text) == official_choice(text)


@given(TEXTS | st.text())
@example("0" * 4990 + ",1,2,3")
def test_retrieval(text: str) -> None:
    assert FORMS["retrieval"].official(text) == official_numbers(text)[:3]


@given(TEXTS | st.text())
def test_ranking(text: str) -> None:
    assert FORMS["ranking"].official(text) == official_ranking(text)


@given(TEXTS | st.text() | st.lists(st.text(max_size=5)).map(repr))
@example("[" * 3000)
def test_entities(text: str) -> None:
    assert FORMS["named_entity_recognition"].official(text) == official_entities(text)


@given(st.text())
def test_generation(text: str) -> None:
    assert FORMS["generation"].official(text) == text[:5000].strip()


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("multiple-choice", "2. foo", 2),
        ("multiple-choice", "10", 1),
        ("multiple-choice", "２", 2),
        ("multiple-choice", "Answer: 2", -1),
        ("multiple-choice", "(1)", -1),
        ("multiple-choice", "-1", -1),
        ("multiple-choice", "A", -1),
        ("multiple-choice", "", -1),
        ("retrieval", "6\n8\n10", [6810]),
        ("retrieval", "3,3,3", [3, 3, 3]),
        ("retrieval", "1，2，3", [123]),
        ("retrieval", "Out of 15: 6, 9, 15", [9, 15]),
        ("ranking", "1\n2\n3\n4\n5", []),
        ("ranking", "1 > 2 > 3", []),
        ("ranking", "6,7,1,2", [1, 2]),
        ("ranking", "1,2,2,3", []),
        ("ranking", "0,1,2", [0, 1, 2]),
        ("named_entity_recognition", "'a', b.; c", ["'a'", "b.; c"]),
        ("named_entity_recognition", '["a", "b"]', ["a", "b"]),
        ("named_entity_recognition", "[1, 2]", ["[1", "2]"]),
        ("generation", "x" * 5001, "x" * 5000),
    ],
)
def test_answers_that_the_contest_was_seen_to_read(form: str, text: str, expected: object) -> None:
    assert FORMS[form].official(text) == expected  # type: ignore[index]


GOLDS = {
    "multiple-choice": st.integers(0, 9),
    "retrieval": st.lists(st.integers(1, 99), min_size=1, max_size=3, unique=True),
    "ranking": st.permutations([1, 2, 3, 4, 5]),
    "named_entity_recognition": st.lists(
        st.text("abcäö- 5", min_size=1).map(str.strip).filter(bool), min_size=1
    ).map(lambda items: [" ".join(item.split()) for item in items]),
    "generation": st.text().map(str.strip),
}


@pytest.mark.parametrize("form", GOLDS)
@given(data=st.data())
def test_what_is_emitted_is_read_back(form: str, data: st.DataObject) -> None:
    answer = data.draw(GOLDS[form])
    emitted = FORMS[form].emit(answer)  # type: ignore[index]
    assert FORMS[form].official(emitted) == answer  # type: ignore[index]
