import json
from typing import Any

import pytest

from ecom.errors import InputError
from ecom.forms import Prompting
from ecom.lanes import Asker, Written
from ecom.rows import Query
from ecom.serve import protocol
from ecom.serve.protocol import ShopAnswer, ShopQuery

CHOICE = "Which is a shoe?\n0. red boot\n1. lamp"
ASKER = Asker({}, Prompting())
RANKING = "Rank these by relevance to 'boot'.\n1. boot\n2. lamp\n3. shoe"
ENTITIES = "Extract phrases of the entity type 'brand' from the query: blue Nordlicht lamp"
LIMITS = {"max_batch": 4, "max_prompt_chars": 100}


def read(body: Any) -> protocol.Body:
    return protocol.read(json.dumps(body).encode(), **LIMITS)


@pytest.mark.parametrize(
    ("prompt", "flag", "form", "lane"),
    [
        (CHOICE, True, "multiple-choice", "multiple-choice"),
        (CHOICE, None, "multiple-choice", "multiple-choice"),
        (CHOICE, False, "generation", "open-ended"),
        (RANKING, False, "ranking", "open-ended"),
        (RANKING, True, "multiple-choice", "multiple-choice"),
        (ENTITIES, None, "named_entity_recognition", "open-ended"),
    ],
)
def test_a_query_goes_down_the_lane_of_its_form(
    prompt: str, flag: bool | None, form: str, lane: str
) -> None:
    asked = protocol.ask(ShopQuery(prompt=prompt, is_multiple_choice=flag), ASKER)
    assert (asked.lane.form.name, asked.lane_name) == (form, lane)


def test_lanes_differ_in_suffix_and_token_limit() -> None:
    asker = Asker({}, Prompting(system="S", open_ended_suffix="Only the answer:"))
    choice = protocol.ask(ShopQuery(prompt=CHOICE, is_multiple_choice=True), asker)
    ranking = protocol.ask(ShopQuery(prompt=RANKING, is_multiple_choice=False), asker)
    assert choice.messages == [
        {"role": "system", "content": "S"},
        {"role": "user", "content": CHOICE},
    ]
    assert ranking.messages[1]["content"] == f"{RANKING}\nOnly the answer:"
    assert choice.lane.sampling["max_tokens"] == 1 < ranking.lane.sampling["max_tokens"]


def test_a_query_has_a_task_and_sampling_of_its_own() -> None:
    prompting = Prompting.model_validate(
        {
            "by_task": {"slogans": {"system": "Be short.", "max_tokens": 200}},
            "sampling": {"open_ended": {"temperature": 0.7, "top_p": 0.9}},
        }
    )
    [query] = read(
        {
            "prompt": "Describe a lamp.",
            "task": "slogans",
            "temperature": 0,
            "seed": 4,
            "max_tokens": 50,
        }
    ).queries
    assert isinstance(query, ShopQuery)
    asker = Asker({}, prompting)
    asked = protocol.ask(query, asker)
    assert asked.messages[0]["content"] == "Be short."
    assert asked.lane.sampling == {
        "temperature": 0,
        "top_p": 0.9,
        "seed": 4,
        "max_tokens": 50,
        "logprobs": 0,
    }
    most = protocol.ask(ShopQuery(prompt="Describe a lamp.", max_tokens=5_000), asker)
    assert most.lane.sampling["max_tokens"] == 96, "the recipe's limit holds"


@pytest.mark.parametrize(
    ("prompt", "flag", "text", "answer"),
    [
        (CHOICE, True, " 2. foo", "2"),
        (CHOICE, True, "0", "0"),
        (RANKING, False, "3, 1,2", "3,1,2"),
        (ENTITIES, False, "['Nordlicht', 'blue lamp']", "Nordlicht, blue lamp"),
        ("Describe a lamp.", False, "  A lamp. ", "A lamp."),
    ],
)
def test_answer_is_the_safe_form_and_prediction_the_raw_text(
    prompt: str, flag: bool, text: str, answer: str
) -> None:
    asked = protocol.ask(ShopQuery(prompt=prompt, is_multiple_choice=flag, id=7), ASKER)
    reply = protocol.answer(asked, Written(text))
    assert (reply.id, reply.answer, reply.prediction, reply.error) == (7, answer, text, None)
    form = asked.lane.form
    assert form.official(reply.answer) == form.lenient(text)


@pytest.mark.parametrize(
    ("prompt", "flag", "text"),
    [
        (CHOICE, True, "maybe 1, maybe 0"),
        (RANKING, False, "I like them all"),
        (ENTITIES, False, " , "),
        ("Describe a lamp.", False, "\n\n"),
    ],
)
def test_a_text_without_an_answer_becomes_an_error_and_keeps_the_text(
    prompt: str, flag: bool, text: str
) -> None:
    asked = protocol.ask(ShopQuery(prompt=prompt, is_multiple_choice=flag), ASKER)
    reply = protocol.answer(asked, Written(text))
    assert reply.answer == ""
    assert reply.prediction == text
    assert reply.error is not None
    assert asked.lane.form.name in reply.error


def test_a_single_query_and_a_list_are_told_apart() -> None:
    assert read({"prompt": "hi"}) == protocol.Body([ShopQuery(prompt="hi")], single=True)
    assert read({"queries": [{"prompt": "hi"}]}) == protocol.Body(
        [ShopQuery(prompt="hi")], single=False
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[1]", "JSON list"),
        (b"null", "JSON null"),
        (b"{}", "prompt is missing"),
        (b'{"prompt": "  "}', "blank"),
        (b'{"prompt": 3}', "prompt is 3"),
        (b'{"prompt": "hi", "is_multiple_choice": "yes"}', "is_multiple_choice is 'yes'"),
        (b'{"prompt": "hi", "is_multiple_choise": true}', "is_multiple_choise is not a field"),
        (b'{"prompt": "hi \\ud800"}', "prompt: it contains half a character"),
        (b'{"prompt": "hi", "id": "\\ud83d"}', "id: it contains half a character"),
        (b'{"prompt": "hi", "task": "\\ud83d"}', "task: it contains half a character"),
        (b'{"prompt": "hi", "\\ud83d": 1}', r"\\ud83d: it contains half a character"),
        (b'{"prompt": "hi", "id": [{"a": ["\\udc00"]}]}', "id.0.a.0: it contains half"),
        (b'{"prompt": "hi", "temperature": 9}', "temperature is 9"),
        (b'{"prompt": "hi", "temperature": NaN}', "temperature is nan"),
        (b'{"prompt": "hi", "max_tokens": 0}', "max_tokens is 0"),
        (b'{"prompt": "' + b"x" * 101 + b'"}', "101 characters, the limit is 100"),
        (b'{"queries": {}}', "not a list"),
        (b'{"queries": []}', "has 0 entries, the rule is 1 to 4"),
        (b'{"queries": [1, 2, 3, 4, 5]}', "has 5 entries, the rule is 1 to 4"),
        (b'{"queries": [{"prompt": "hi"}], "prompt": "hi"}', "'prompt' is beside"),
    ],
)
def test_a_malformed_body_is_refused_with_its_fault(body: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said.replace("(", r"\(")):
        protocol.read(body, **LIMITS)


@pytest.mark.parametrize("key", ["id", "task", "prompt", "\ud83d", "new"])
def test_half_a_character_refuses_its_entry_and_its_id_is_not_repeated(key: str) -> None:
    good, bad = read({"queries": [{"prompt": "a"}, {"prompt": "b", key: "\ud83d"}]}).queries
    assert good == ShopQuery(prompt="a")
    assert isinstance(bad, ShopAnswer)
    assert (bad.outcome, bad.id) == ("refused", None)
    name = key.encode("ascii", "backslashreplace").decode()
    assert bad.error == f"{name}: it contains half a character; send whole Unicode characters"
    assert bad.model_dump_json().encode()


def test_a_whole_emoji_that_json_spells_in_halves_is_text() -> None:
    [query] = protocol.read(
        b'{"prompt": "\\ud83e\\udd7e", "id": "\\ud83e\\udd7e"}', **LIMITS
    ).queries
    assert query == ShopQuery(prompt="🥾", id="🥾")


def test_a_body_as_deep_as_json_can_be_is_searched() -> None:
    deep = "[" * 500 + '"\\ud83d"' + "]" * 500
    with pytest.raises(InputError, match="it contains half a character"):
        protocol.read(f'{{"prompt": "hi", "id": {deep}}}'.encode(), **LIMITS)


def test_an_answer_is_cut_only_where_it_could_go_on() -> None:
    asker = Asker({"0": 5, "1": 6}, Prompting())

    def is_cut(prompt: str, text: str) -> bool:
        return protocol.is_cut(asker.ask(Query(prompt)), Written(text, cut=True))

    assert not is_cut(CHOICE, "1")
    assert [is_cut(RANKING, text) for text in ("3,1,2", "3,1", "3,1,")] == [False, True, True]
    assert is_cut("Describe a lamp.", "A lamp, red, blue")


def test_a_bad_query_in_a_list_ends_only_itself() -> None:
    body = read({"queries": [{"prompt": "a"}, {"id": "b"}, 5, {"prompt": "d", "id": "d"}]})
    good, missing, number, last = body.queries
    assert good == ShopQuery(prompt="a")
    assert last == ShopQuery(prompt="d", id="d")
    assert missing == ShopAnswer(id="b", error="prompt is missing")
    assert isinstance(number, ShopAnswer)
    assert number.error == "a query is a JSON object, not a number"
