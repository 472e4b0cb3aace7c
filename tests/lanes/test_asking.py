import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ecom.forms import FormName, Prompting, messages
from ecom.lanes import Asked, Asker, Written, encode, failed, label_ids
from ecom.lanes.thinking import ANSWER, THINK
from ecom.rows import Query

CHOICE = "Which is a shoe?\n0. red boot\n1. lamp"
TOTAL = "Soup, 9.24 oz (Pack of 6). What is the total weight?\n0. 8 ounce\n1. 55.44 ounce\nAnswer:"
PROMPTING = Prompting(system="S", open_ended_suffix="Only the answer:")


def asked(form: FormName, labels: dict[str, int] | None = None) -> Asked:
    return Asker(labels or {}, Prompting()).ask(Query("?", None, "id", form))


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
    form: FormName, text: str, expected: str
) -> None:
    made = asked(form).read(Written(text))
    assert (made.id, made.prediction, made.answer) == ("id", text, expected)
    assert (made.form, made.error) == (form, None)


def test_a_failed_question_has_no_text_and_says_why() -> None:
    made = failed(Query("?", None, "id", "ranking"), "boom")
    assert (made.id, made.prediction, made.answer) == ("id", "", "")
    assert (made.form, made.error) == ("ranking", "boom")
    assert asked("ranking").read(Written(error="boom")) == made


@pytest.mark.parametrize(("labels", "expected"), [({"0": 7, "1": 8}, 0.5), ({}, None)])
def test_only_a_choice_among_labels_has_a_confidence(
    labels: dict[str, int], expected: float | None
) -> None:
    choice, written = asked("multiple-choice", labels), Written("0", 7, {7: math.log(0.5)})
    assert choice.read(written).confidence == expected
    assert choice.confidences(written) == ({"0": 0.5, "1": 0.0} if labels else None)


def test_the_chat_has_the_words_of_the_form_and_the_task() -> None:
    choice = Asker({"0": 7, "1": 8}, PROMPTING).ask(Query(CHOICE, True))
    assert choice.messages == messages(CHOICE, choice.lane.form, PROMPTING)
    assert choice.lane_name == "multiple-choice"
    text = Asker({}, PROMPTING).ask(Query("Describe a lamp."))
    assert text.messages[-1]["content"] == "Describe a lamp.\nOnly the answer:"
    assert text.lane_name == "open-ended"


def test_sampling_of_one_s_own_goes_before_that_of_the_prompting_and_can_only_lower_the_limit() -> (
    None
):
    asker, query = Asker({}, PROMPTING), Query("Describe a lamp.")
    drawn = asker.ask(query, {"temperature": 0.5, "max_tokens": 9}).lane.sampling
    assert (drawn["temperature"], drawn["max_tokens"]) == (0.5, 9)
    most = asker.ask(query, {"max_tokens": 100_000}).lane.sampling
    assert most == asker.ask(query).lane.sampling


@pytest.fixture(scope="module")
def tokenizer(tiny_model: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny_model)


def output(tokenizer: Any, text: str, **fields: Any) -> Any:
    """What vLLM writes, as far as it is read."""
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    return SimpleNamespace(
        **{"text": text, "token_ids": ids, "logprobs": None, "finish_reason": "stop", **fields}
    )


def test_a_label_is_read_from_its_token_and_a_text_from_its_text(
    tokenizer: Any, tiny_model: Path
) -> None:
    asker = Asker(label_ids(tiny_model), Prompting())
    queries = [Query(CHOICE, True), Query("Describe a lamp.")]
    choice, text = encode(tokenizer, list(map(asker.ask, queries)), 512)
    ids = choice.asked.lane.sampling["allowed_token_ids"]
    logprobs = [{token: SimpleNamespace(logprob=math.log(0.5)) for token in ids}]
    label = output(tokenizer, "", token_ids=[ids[1]], logprobs=logprobs)
    written = choice.written(label)
    assert (written.text, written.tokens) == ("1", (len(choice.tokens), 1))
    assert choice.asked.read(written).confidence == pytest.approx(0.5)
    cut = text.written(output(tokenizer, "A lamp", finish_reason="length"))
    assert (cut.text, cut.cut, cut.logprobs) == ("A lamp", True, {})


def test_arithmetic_is_calculated_first_and_the_calculation_stands_before_the_answer(
    tokenizer: Any, tiny_model: Path
) -> None:
    asker = Asker(label_ids(tiny_model), Prompting(), think_tokens=20)
    [first] = encode(tokenizer, [asker.ask(Query(TOTAL, True))], 512)
    assert first.thinks
    assert first.sampling["max_tokens"] == 20
    assert THINK in first.asked.messages[-1]["content"]
    thought = first.written(output(tokenizer, "6 by 9.24 "))
    then = first.after(thought)
    assert not then.thinks
    assert tokenizer.decode(then.tokens).endswith(f"6 by 9.24{ANSWER}")
    assert then.sampling["max_tokens"] == 1
    written = then.written(output(tokenizer, "1"))
    assert written.tokens[1] == thought.tokens[1] + 1
    assert sum(written.tokens) == len(then.tokens) + 1


def test_a_question_that_has_no_room_says_so(tokenizer: Any) -> None:
    query = Query("Describe a lamp.")
    [encoded] = encode(tokenizer, [Asker({}, Prompting()).ask(query)], 64)
    assert "more than engine.max_model_len=64" in (encoded.error or "")
