"""The lenient parsers: what a careful reader would accept, and that it is emitted safely."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ecom.forms import FORMS, FormName, safe_answer

TEXTS = st.text() | st.text(
    st.sampled_from("0123456789²２٣½,，;；. \n\t-()[]'\"abÄ日Answer: is\\#<>think/|im_end*`"),
    max_size=80,
)

ACCEPTED: list[tuple[FormName, str, object]] = [
    ("multiple-choice", "2", 2),
    ("multiple-choice", "2. foo", 2),
    ("multiple-choice", "Answer: 2", 2),
    ("multiple-choice", "The correct answer is (3).", 3),
    ("multiple-choice", "(1)", 1),
    ("multiple-choice", "[1]", 1),
    ("multiple-choice", "**2**", 2),
    ("multiple-choice", "２", 2),
    ("multiple-choice", "答案：２", 2),
    ("multiple-choice", r"So it is \boxed{3}.", 3),
    ("multiple-choice", "<think>1? No, 2.</think>\n3", 3),
    ("multiple-choice", "I would pick option 1, the red boot.", 1),
    ("multiple-choice", "Option 0 is cheap, option 1 is not. Final answer: 0", 0),
    ("multiple-choice", "4 stars", 4),
    ("multiple-choice", "4.0", 4),
    ("multiple-choice", "2<|im_end|>", 2),
    ("multiple-choice", "2\nHuman: 3?", 2),
    ("retrieval", "6, 9, 15", [6, 9, 15]),
    ("retrieval", "[1, 4, 5]", [1, 4, 5]),
    ("retrieval", "['1', '3', '5']", [1, 3, 5]),
    ("retrieval", '"4, 3, 5"', [4, 3, 5]),
    ("retrieval", "6\n8\n10", [6, 8, 10]),
    ("retrieval", "1，2，3", [1, 2, 3]),
    ("retrieval", "1、2、3", [1, 2, 3]),
    ("retrieval", "3,3,3", [3]),
    ("retrieval", "Out of 15: 6, 9, 15", [6, 9, 15]),
    ("retrieval", "The product numbers that match are 1, 5, 6, and 7.", [1, 5, 6]),
    ("retrieval", "Product 1, Product 3", [1, 3]),
    ("retrieval", "Blender 1, Blender 2, Blender 4", [1, 2, 4]),
    ("retrieval", "2. Samsung Galaxy S20\n4. Apple MacBook Pro", [2, 4]),
    ("retrieval", "Eco-friendly are 1. Bottle, 2. Brush, 6. Soap.", [1, 2, 6]),
    ("retrieval", "Result: 1. Coffee mug\n2. French press", [1, 2]),
    ("retrieval", "1. 6\n2. 9\n3. 15", [6, 9, 15]),
    ("retrieval", "They are: Product 1: Nike Air 38 and Product 3: Balance 1080", [1, 3]),
    ("retrieval", "Answer: 4", [4]),
    ("retrieval", "7", [7]),
    ("ranking", "1\n2\n3\n4\n5", [1, 2, 3, 4, 5]),
    ("ranking", "1 > 2 > 3", [1, 2, 3]),
    ("ranking", "3 → 1 → 2 → 5 → 4", [3, 1, 2, 5, 4]),
    ("ranking", "1. Product 3\n2. Product 1\n3. Product 2", [3, 1, 2]),
    ("ranking", "[2] > [1] > [5]", [2, 1, 5]),
    ("ranking", "Ranking: 3,1,2,5,4", [3, 1, 2, 5, 4]),
    ("ranking", "1,2,2,3", [1, 2, 3]),
    ("ranking", "3 1 2 5 4", [3, 1, 2, 5, 4]),
    ("named_entity_recognition", "red, shoe", ["red", "shoe"]),
    ("named_entity_recognition", "'red', \"shoe\"", ["red", "shoe"]),
    ("named_entity_recognition", "赤，青", ["赤", "青"]),
    ("named_entity_recognition", "['red', 'shoe']", ["red", "shoe"]),
    ("named_entity_recognition", "[Sony, Apple]", ["Sony", "Apple"]),
    ("named_entity_recognition", "- red\n- shoe", ["red", "shoe"]),
    ("named_entity_recognition", "1. red\n2. shoe", ["red", "shoe"]),
    ("named_entity_recognition", "Brand: Sony\nColor: red", ["Sony", "red"]),
    (
        "named_entity_recognition",
        "red, and blue.\n\nThis is what I found in the text you gave me.",
        ["red", "blue."],
    ),
    ("named_entity_recognition", "Answer: Sony.", ["Sony"]),
    ("named_entity_recognition", "a 15.6\" screen, 12' rope", ['a 15.6" screen', "12' rope"]),
    ("named_entity_recognition", "Sony™, St. Ives", ["Sony™", "St. Ives"]),
    ("named_entity_recognition", "red; Red; blue", ["red", "blue"]),
    ("named_entity_recognition", "['10, wide', 'red']", ["10, wide", "red"]),
    ("generation", "Output: a lamp", "a lamp"),
    ("generation", '"a lamp"', "a lamp"),
    ("generation", "<think>…</think>\n\na lamp", "a lamp"),
    ("generation", "The answer is: a lamp", "a lamp"),
    ("generation", "```\na lamp\n```", "a lamp"),
    ("generation", "赤いランプ１個", "赤いランプ１個"),
    ("generation", 'say "a" and "b"', 'say "a" and "b"'),
]
NOTHING: list[tuple[FormName, str]] = [
    ("multiple-choice", ""),
    ("multiple-choice", "-1"),
    ("multiple-choice", "10"),
    ("multiple-choice", "A"),
    ("multiple-choice", "It could be 2, it could be 3"),
    ("multiple-choice", "costs $5"),
    ("multiple-choice", "<think>2"),
    ("retrieval", "none of them"),
    ("retrieval", "It costs around 1000 dollars, a 12MP camera for $20"),
    ("ranking", "I cannot rank these"),
    ("named_entity_recognition", " , \n"),
    ("generation", " \n"),
]


@pytest.mark.parametrize(("form", "text", "answer"), ACCEPTED)
def test_what_a_careful_reader_accepts(form: FormName, text: str, answer: object) -> None:
    assert FORMS[form].lenient(text) == answer


@pytest.mark.parametrize(("form", "text"), NOTHING)
def test_what_no_reader_could_take_for_an_answer(form: FormName, text: str) -> None:
    assert FORMS[form].lenient(text) == FORMS[form].nothing
    assert safe_answer(FORMS[form], text) == ""


@pytest.mark.parametrize("form", FORMS)
@given(text=TEXTS)
@example("[" * 3000)
@example("1 " * 3000)
@example("1. " * 2000)
@example(" \n" * 3000 + "Answer" * 500)
@example("<think>" * 1000)
def test_the_contest_reads_the_same_in_the_safe_answer(form: FormName, text: str) -> None:
    answer = FORMS[form].lenient(text)
    safe = safe_answer(FORMS[form], text)
    assert FORMS[form].official(safe) == answer
    assert "\n" not in safe or form == "generation"


@pytest.mark.parametrize(
    ("form", "answers"),
    {
        "multiple-choice": st.integers(0, 9),
        "retrieval": st.lists(st.integers(1, 99), min_size=1, max_size=3, unique=True),
        "ranking": st.permutations([1, 2, 3, 4, 5]),
        "named_entity_recognition": st.lists(
            st.from_regex(r"[a-zäöü][a-zäöü0-9-]{0,9}( [a-z0-9]{1,5})?", fullmatch=True),
            min_size=1,
            unique=True,
        ),
    }.items(),
)
@given(data=st.data())
def test_a_safe_answer_stays_as_it_is(
    form: FormName, answers: st.SearchStrategy[object], data: st.DataObject
) -> None:
    answer = data.draw(answers)
    assert FORMS[form].lenient(FORMS[form].emit(answer)) == answer
