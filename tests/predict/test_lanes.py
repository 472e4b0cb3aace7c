import pytest

from ecom.forms import FORMS
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
    made = lanes.prediction(Query("?", None, "id"), FORMS[form], found)  # type: ignore[index]
    assert (made.prediction, made.answer, made.form, made.error) == (text, expected, form, None)


def test_a_failed_question_has_no_text_and_says_why() -> None:
    form = FORMS["ranking"]
    made = lanes.prediction(Query("?", None, "id"), form, {"__inference_error__": "boom", "row": 0})
    assert (made.prediction, made.answer, made.error) == ("", "", "boom")


def test_prompt_and_answer_must_fit_together() -> None:
    form = FORMS["generation"]
    fits = 1024 - form.max_tokens
    assert lanes.too_long([1] * fits, form, 1024) is None
    reason = lanes.too_long([1] * (fits + 1), form, 1024) or ""
    assert f"{fits + 1} tokens" in reason
    assert "max_model_len=1024" in reason


def test_each_form_has_its_own_limit_and_no_randomness() -> None:
    request = lanes.request(3, [5, 6], FORMS["multiple-choice"], [])
    assert request["row"] == 3
    assert request["tokenized_prompt"] == [5, 6]
    assert request["sampling_params"] == {"temperature": 0.0, "max_tokens": 1, "logprobs": 0}


def test_a_choice_is_a_digit_and_nothing_else_is_restricted() -> None:
    choice = lanes.request(0, [5], FORMS["multiple-choice"], [7, 8])
    assert choice["sampling_params"]["allowed_token_ids"] == [7, 8]
    text = lanes.request(0, [5], FORMS["generation"], [7, 8])
    assert "allowed_token_ids" not in text["sampling_params"]
