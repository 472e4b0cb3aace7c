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
    found = {"row": 0, "text": text}
    asked = lane("?", {}, form=form)  # type: ignore[arg-type]
    made = lanes.prediction(Query("?", None, "id"), asked, found)
    assert (made.prediction, made.answer, made.form, made.error) == (text, expected, form, None)


def test_a_failed_question_has_no_text_and_says_why() -> None:
    asked = lane("?", {}, form="ranking")
    failed = {"__inference_error__": "boom", "row": 0}
    made = lanes.prediction(Query("?", None, "id"), asked, failed)
    assert (made.prediction, made.answer, made.error) == ("", "", "boom")


def test_a_request_is_the_lanes_and_carries_its_place() -> None:
    asked = lane("?", {"0": 7}, form="multiple-choice")
    request = lanes.request(3, [5, 6], asked)
    assert request == {"row": 3, "tokenized_prompt": [5, 6], "sampling_params": asked.sampling}
