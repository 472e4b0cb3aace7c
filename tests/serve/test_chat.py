import json
import math
from typing import Any

import pytest
from pydantic import ValidationError

from ecom.errors import InputError
from ecom.forms import Prompting
from ecom.lanes import Asked, Asker, Written
from ecom.serve import chat, protocol
from ecom.serve.openai_protocol import ChatBody

CHOICE = "Which is a shoe?\n0. red boot\n1. lamp"


def body(*turns: tuple[str, Any], **more: Any) -> ChatBody:
    messages = [{"role": role, "content": content} for role, content in turns]
    return ChatBody.model_validate({"model": "shop", "messages": messages, **more})


def asked(of: ChatBody) -> Asked:
    prompting = Prompting(system="S", open_ended_suffix="Only the answer:")
    query = chat.question(of)
    return chat.turns(protocol.ask(query, Asker({"0": 5, "1": 6}, prompting)), of)


def test_the_last_turn_goes_down_its_lane_with_the_turns_before_it() -> None:
    found = asked(body(("user", "hello"), ("assistant", "hi"), ("user", CHOICE)))
    assert found.lane_name == "multiple-choice"
    assert found.messages == [
        {"role": "system", "content": "S"},
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": "hi"},
        {"role": "user", "content": CHOICE},
    ]


def test_a_system_message_of_theirs_replaces_ours_and_the_form_s_suffix_stays() -> None:
    found = asked(body(("system", "T"), ("user", [{"type": "text", "text": "Describe a lamp."}])))
    assert [turn["content"] for turn in found.messages] == [
        "T",
        "Describe a lamp.\nOnly the answer:",
    ]


def test_sampling_and_task_of_the_body_are_obeyed_and_neutral_settings_taken() -> None:
    found = asked(
        body(
            ("user", "Describe a lamp."),
            temperature=0.7,
            top_p=0.5,
            seed=3,
            max_tokens=90,
            max_completion_tokens=20,
            presence_penalty=0,
            logprobs=False,
            stop=[],
        )
    )
    assert found.lane.sampling == {
        "temperature": 0.7,
        "top_p": 0.5,
        "seed": 3,
        "max_tokens": 20,
        "logprobs": 0,
    }


def test_examples_stand_between_the_system_message_and_their_turns() -> None:
    shown = {"question": "Describe a cup.", "answer": "A cup."}
    prompting = Prompting.model_validate(
        {"system": "S", "open_ended_suffix": "", "by_task": {"t": {"examples": [shown]}}}
    )
    for first, expected in (("system", "T"), ("user", "S")):
        of = body((first, "T"), ("user", "hi"), ("user", "Describe a lamp."), task="t")
        found = chat.turns(protocol.ask(chat.question(of), Asker({}, prompting)), of)
        theirs = ["T", "hi"] if first == "user" else ["hi"]
        assert [turn["content"] for turn in found.messages] == [
            expected,
            "Describe a cup.",
            "A cup.",
            *theirs,
            "Describe a lamp.",
        ]


def test_a_streamed_text_may_have_more_turns_and_tokens_than_a_caller_s_chat() -> None:
    shown = {"question": "Describe a cup.", "answer": "A cup."}
    prompting = Prompting.model_validate(
        {"by_form": {"generation": {"examples": [shown] * 4, "max_tokens": 40_000}}}
    )
    of = body(*[("user", "hi")] * 255, ("user", "Describe a lamp."), stream=True, temperature=0.5)
    found = chat.turns(protocol.ask(chat.question(of), Asker({}, prompting)), of)
    told = chat.as_text(found, of, "ecom").model_dump(exclude_none=True)
    assert told.pop("messages") == found.messages
    assert len(found.messages) == 1 + 8 + 256
    assert told == {"model": "ecom", "stream": True, "temperature": 0.5, "max_tokens": 40_000}


@pytest.mark.parametrize(
    ("turns", "more", "message"),
    [
        ([("user", "a?"), ("assistant", "b")], {}, "its role is 'assistant'"),
        ([("user", " ")], {}, "has 0 characters"),
        ([("user", "a?")], {"n": 2}, "n is over 1"),
        ([("user", "a?")], {"stop": "x", "logprobs": True}, "stop, logprobs: not for model"),
        ([("user", "a?")], {"presence_penalty": 0.5}, "presence_penalty: not for model"),
    ],
)
def test_a_chat_without_one_question_is_refused(turns: Any, more: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        chat.question(body(*turns, **more))


@pytest.mark.parametrize(
    "more",
    [
        {"tools": []},
        {"chat_template": "{{ 1 }}"},
        {"temperature": "hot"},
        {"temperature": 9},
        {"n": 1000},
        {"max_tokens": 0},
        {"stop": ["x"] * 100},
        {"messages": []},
        {
            "messages": [
                {"role": "user", "content": [{"type": "image_url", "image_url": "http://x"}]}
            ]
        },
    ],
)
def test_a_body_holds_what_is_listed_and_nothing_else(more: Any) -> None:
    with pytest.raises(ValidationError):
        body(("user", "hello"), **more)


def test_a_stream_says_what_the_whole_answer_says() -> None:
    of = body(("user", CHOICE), stream=True, stream_options={"include_usage": True})
    answer = protocol.answer(asked(of), Written("1", 6, {5: math.log(0.2), 6: math.log(0.8)}))
    whole = chat.completion(of, answer, (40, 1), cut=True)
    *lines, end = "".join(chat.chunks(of, whole)).strip().split("\n\n")
    parts = [json.loads(line.removeprefix("data: ")) for line in lines]
    text = "".join(
        choice["delta"].get("content", "") for part in parts for choice in part["choices"]
    )
    assert text == whole["choices"][0]["message"]["content"] == "1"
    assert parts[-1]["usage"] == whole["usage"]
    assert whole["usage"]["total_tokens"] == 41
    assert {part["id"] for part in parts} == {whole["id"]}
    assert whole["shop"]["confidences"] == pytest.approx({"0": 0.2, "1": 0.8})
    assert end == "data: [DONE]"


def test_a_text_without_an_answer_is_handed_on_as_it_is() -> None:
    of = body(("user", "Rank these by relevance to 'boot'.\n1. boot\n2. lamp\n3. shoe"))
    whole = chat.completion(
        of, protocol.answer(asked(of), Written("I like all")), (1, 3), cut=False
    )
    assert whole["choices"][0]["message"]["content"] == "I like all"
    assert whole["shop"]["outcome"] == "no-answer"
