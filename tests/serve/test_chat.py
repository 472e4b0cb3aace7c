import json
import math
from typing import Any

import pytest
from pydantic import ValidationError

from ecom.errors import InputError
from ecom.forms import Prompting
from ecom.lanes import Asked, Asker, Written
from ecom.serve import chat, protocol
from ecom.serve.openai_protocol import ChatBody, CompletionBody

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
        (
            [("user", "a?")],
            {"stop": "x", "logit_bias": {"5": 1}},
            "stop, logit_bias: not for model",
        ),
        ([("user", "a?")], {"presence_penalty": 0.5}, "presence_penalty: not for model"),
    ],
)
def test_a_chat_without_one_question_is_refused(turns: Any, more: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        chat.question(body(*turns, **more))


@pytest.mark.parametrize(
    "more",
    [
        {"tools": [{"type": "function", "function": {"name": "f"}}]},
        {"tool_choice": "auto"},
        {"tool_choice": "required"},
        {"functions": [{"name": "f"}]},
        {"response_format": {"type": "json_object"}},
        {"store": True},
        {"best_of": 2},
        {"modalities": ["audio"]},
        {"service_tier": "flex"},
        {"metadata": {"a": 1}},
        {"reasoning_effort": "low"},
        {"stream_options": {"include_usage": True}},
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


NEUTRAL: list[dict[str, Any]] = [
    {"tools": []},
    {"tool_choice": "none"},
    {"functions": [], "function_call": "none"},
    {"response_format": {"type": "text"}},
    {"parallel_tool_calls": False},
    {"store": False},
    {"metadata": {"order": "7"}},
    {"best_of": 1},
    {"modalities": ["text"]},
    {"service_tier": "auto"},
    {"safety_identifier": "a", "prompt_cache_key": "b"},
    {
        "tools": None,
        "audio": None,
        "reasoning_effort": None,
        "stream": None,
        "stream_options": None,
    },
]


@pytest.mark.parametrize("more", NEUTRAL)
def test_what_asks_for_nothing_is_accepted_and_does_not_reach_the_engine(
    more: dict[str, Any],
) -> None:
    turn = ("user", "hello")
    assert body(turn, **more) == body(turn)
    assert body(turn, **more).model_dump(exclude_none=True) == {
        "model": "shop",
        "messages": [{"role": "user", "content": "hello"}],
        "stream": False,
    }


def test_an_assistant_s_message_can_be_sent_back_as_it_came() -> None:
    sent: dict[str, Any] = {
        "role": "assistant",
        "content": "A lamp.",
        "refusal": None,
        "annotations": [],
        "audio": None,
        "function_call": None,
        "tool_calls": [],
        "reasoning": None,
    }
    nothing = {"role": "assistant", "content": None}
    turns = [{"role": "user", "content": "a"}, sent, nothing, {"role": "user", "content": "b?"}]
    found = ChatBody.model_validate({"model": "shop", "messages": turns})
    assert [turn.model_dump(exclude_none=True) for turn in found.messages] == [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "A lamp."},
        {"role": "assistant", "content": ""},
        {"role": "user", "content": "b?"},
    ]
    called = {"id": "1", "type": "function", "function": {"name": "f", "arguments": ""}}
    with pytest.raises(ValidationError, match="tool_calls"):
        body(("user", "a"), messages=[{**sent, "tool_calls": [called]}])


HALF: dict[str, Any] = {
    "stop": "\ud83d",
    "stop.1": ["x", "\ud83d"],
    "user": "\ud83d",
    "task": "\ud83d",
    "model": "\ud83d",
    "logit_bias": {"\ud83d": 1},
    "messages.0.content": [{"role": "user", "content": "a \ud83d"}],
    "messages.0.name": [{"role": "user", "name": "\ud83d", "content": "a"}],
    "messages.0.content.0.text": [
        {"role": "user", "content": [{"type": "text", "text": "\ude00"}]},
    ],
    "nowhere": "\ud83d",
}


@pytest.mark.parametrize("where", HALF)
def test_half_a_character_is_refused_with_its_field(where: str) -> None:
    with pytest.raises(ValidationError) as found:
        body(("user", "hello"), **{where.partition(".")[0]: HALF[where]})
    [fault] = found.value.errors()
    assert ".".join(map(str, fault["loc"])).startswith(where)
    assert "half a character" in fault["msg"]


def test_several_prompts_are_texts_and_few_are_streamed() -> None:
    asked = {"model": "ecom", "prompt": ["a", "bc"], "n": 3}
    found = CompletionBody.model_validate(asked)
    assert (found.answers, found.chars) == (6, 2)
    assert CompletionBody.model_validate({**asked, "stream": True}).stream
    wrong: list[dict[str, Any]] = [{"prompt": []}, {"prompt": [""]}, {"prompt": [1, 2]}]
    for more in [*wrong, {"n": 5, "stream": True}]:
        with pytest.raises(ValidationError):
            CompletionBody.model_validate({**asked, **more})


def choice(**more: Any) -> dict[str, Any]:
    """The choice of a completion whose answer is 1, with 80 %."""
    of = body(("user", CHOICE), **more)
    question = asked(of)
    chat.check(question, of)
    answer = protocol.answer(question, Written("1", 6, {5: math.log(0.2), 6: math.log(0.8)}))
    found: dict[str, Any] = chat.completion(of, answer, (40, 1), cut=False)["choices"][0]
    return found


def test_the_label_probabilities_are_openai_s_log_probabilities() -> None:
    assert choice()["logprobs"] is None
    [token] = choice(logprobs=True)["logprobs"]["content"]
    assert token == {
        "token": "1",
        "logprob": pytest.approx(math.log(0.8)),
        "bytes": [49],
        "top_logprobs": [],
    }
    [token] = choice(logprobs=True, top_logprobs=5)["logprobs"]["content"]
    assert [(one["token"], one["logprob"]) for one in token["top_logprobs"]] == [
        ("1", pytest.approx(math.log(0.8))),
        ("0", pytest.approx(math.log(0.2))),
    ]


def test_log_probabilities_that_there_are_not_are_refused() -> None:
    text = body(("user", "Describe a lamp."), logprobs=True)
    with pytest.raises(InputError, match="logprobs: this question was read as generation"):
        chat.check(asked(text), text)
    with pytest.raises(InputError, match="top_logprobs: only with logprobs: true"):
        choice(top_logprobs=2)


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
