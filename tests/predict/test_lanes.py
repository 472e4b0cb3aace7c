import pytest

from ecom.lanes import lane
from ecom.predict import lanes
from ecom.rows import Query


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("multiple-choice", " 2. the boot", "2"),
        ("multiple-choice", "I think 2", "2"),
        ("multiple-choice", "2 or 3, who knows: 2, 3", "2"),
        ("multiple-choice", "A or B", ""),
        ("retrieval", "Out of 15: 6, 9, 15", "6,9,15"),
        ("retrieval", "none", ""),
        ("ranking", "3, 1, 2, 5, 4.", "3,1,2,5,4"),
        ("ranking", "1 > 2", "1,2"),
        ("named_entity_recognition", "['red', 'shoe']", "red, shoe"),
        ("generation", " A shoe.\n", "A shoe."),
    ],
)
def test_the_answer_is_what_a_careful_reader_takes_in_the_safe_form(
    form: str, text: str, expected: str
) -> None:
    asked = lane("?", {}, form=form)  # type: ignore[arg-type]
    made = lanes.prediction(Query("?", None, "id"), asked, text)
    assert (made.prediction, made.answer, made.form, made.error) == (text, expected, form, None)


def test_a_failed_question_has_no_text_and_says_why() -> None:
    made = lanes.failed(Query("?", None, "id", "ranking"), "boom")
    assert (made.id, made.prediction, made.answer) == ("id", "", "")
    assert (made.form, made.error) == ("ranking", "boom")


@pytest.mark.parametrize(("labels", "expected"), [({"0": 7}, 0.5), ({}, None)])
def test_only_a_choice_among_labels_has_a_confidence(
    labels: dict[str, int], expected: float | None
) -> None:
    asked = lane("?", labels, form="multiple-choice")
    assert lanes.prediction(Query("?"), asked, "0", 0.5).confidence == expected
