from typing import Any

import pytest

from ecom.corpus.config import Source
from ecom.corpus.formats import chat
from ecom.corpus.formats.base import Item
from ecom.errors import DataError
from ecom.forms import Inferred, Offer
from ecom.rows import Example
from ecom.shopbench import Rejected

MESSAGES = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": "Hello"},
    {"role": "assistant", "content": "Hi! What can I do?"},
    {"role": "user", "content": "Name a colour."},
    {"role": "assistant", "content": "Red."},
]
QUESTION = "Which of these is a shoe?\n0. boot\n1. lamp\n2. desk\nAnswer:"


def read(*rows: dict[str, Any], **source: Any) -> list[Item]:
    settings = Source(format="chat", path="x", **source)
    return list(chat.read(enumerate(rows, start=1), settings, "talks/chat.jsonl"))


def example(row: dict[str, Any], **source: Any) -> Example:
    (found,) = read(row, **source)
    assert isinstance(found, Example), found
    return found


def sharegpt(messages: list[dict[str, str]]) -> dict[str, Any]:
    names = {"system": "system", "user": "human", "assistant": "gpt"}
    turns = [{"from": names[m["role"]], "value": m["content"]} for m in messages]
    return {"id": "1", "conversations": turns}


def test_alpaca_keeps_its_parts() -> None:
    row = {"instruction": "Summarize this. ", "input": "A long text.", "output": "A text."}
    found = example(row, name="Talks", lang="fr")
    assert (found.prompt, found.input, found.output) == (
        "Summarize this.",
        "A long text.",
        "A text.",
    )
    assert (found.source, found.task, found.lang, found.skill) == ("Talks", "chat", "fr", None)
    assert (found.form, found.paradigm) == ("generation", "GEN")
    assert example({**row, "input": None, "system": "Be brief."}).text() == (
        "Be brief.\nSummarize this."
    )


@pytest.mark.parametrize("row", [{"messages": MESSAGES}, sharegpt(MESSAGES)])
def test_a_talk_teaches_its_last_answer_after_all_that_was_said(row: dict[str, Any]) -> None:
    found = example(row)
    assert found.text() == (
        "Be kind.\n"
        "Give the assistant's next answer in this conversation.\n"
        "User: Hello\n"
        "Assistant: Hi! What can I do?\n"
        "User: Name a colour."
    )
    assert found.output == "Red."
    assert (found.source, found.lang) == ("chat.jsonl", "")


@pytest.mark.parametrize("row", [{"messages": MESSAGES[:3]}, sharegpt(MESSAGES[:4])])
def test_a_talk_of_one_question_is_just_that_question(row: dict[str, Any]) -> None:
    found = example(row)
    assert (found.description, found.prompt, found.input) == ("Be kind.", "Hello", "")
    assert found.output == "Hi! What can I do?"


def test_what_was_said_before_in_alpacas_history_is_kept() -> None:
    history = [["Have you boots?", "Yes, red."]]
    found = example({"instruction": "And in blue?", "output": "Yes, 20 EUR.", "history": history})
    assert found.text() == (
        "Give the assistant's next answer in this conversation.\n"
        "User: Have you boots?\n"
        "Assistant: Yes, red.\n"
        "User: And in blue?"
    )
    assert found.output == "Yes, 20 EUR."
    row = {"instruction": "Which?", "context": "Red boots.", "output": "Red"}
    nothing: dict[str, Any] = {"history": [], "tools": "[]", "images": None}
    assert example({**row, **nothing}).text() == "Which?\nRed boots."


@pytest.mark.parametrize("row", [{"messages": MESSAGES[1:3]}, sharegpt(MESSAGES[:3])])
def test_a_system_message_beside_the_talk_is_kept(row: dict[str, Any]) -> None:
    assert example({**row, "system": "Be kind."}).text() == "Be kind.\nHello"
    for name in ("system_prompt", "system_message", "meta_instruction"):
        assert "Be short." in example({**row, name: "Be short."}).description


@pytest.mark.parametrize(
    ("prompt", "output", "form"),
    [
        (QUESTION, "0", "multiple-choice"),
        (QUESTION, "The boot", "generation"),
        (QUESTION, "10", "generation"),
        ("Rank the items, best first.\n1. boot\n2. lamp\n3. desk", "3,1,2", "ranking"),
        ("Rank the items, best first.\n1. boot\n2. lamp\n3. desk", "3,1,4", "generation"),
        ("Rank the items, best first.\n1. boot\n2. lamp\n3. desk", "3, 1, 2", "generation"),
    ],
)
def test_a_form_is_taken_where_the_answer_is_written_in_it(
    prompt: str, output: str, form: str
) -> None:
    assert example({"instruction": prompt, "output": output}).form == form


@pytest.mark.parametrize(
    ("output", "form"), [("yes", "classification"), ("Yes, it is.", "generation")]
)
def test_a_text_that_the_prompt_offers_is_a_class(
    output: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Inferred("classification", Offer(("yes", "no")), "the prompt says so")
    monkeypatch.setattr(chat, "infer", lambda asked: found)
    row = {"instruction": "Is it a shoe? Answer yes or no.", "output": output}
    assert example(row).form == form


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"messages": MESSAGES[:2]}, "no answer"),
        ({"messages": []}, "neither"),
        ({"conversations": [MESSAGES[2]]}, "no answer"),
        ({"messages": ["Hello"]}, "not an object"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "'tool', not one of"),
        ({"messages": [{"role": ["user"], "content": "x"}]}, "not one of"),
        ({"messages": [{"role": "user", "content": None}]}, "NoneType"),
        ({"messages": [*MESSAGES[:4], {"role": "assistant", "content": " "}]}, "empty"),
        ({"instruction": "x", "output": ""}, "output is empty"),
        ({"instruction": "", "input": "", "output": "x"}, "instruction is empty"),
        ({"instruction": "x", "output": 5}, "not a text"),
        ({"text": "x"}, "neither"),
        ({"messages": MESSAGES, "tools": [{"name": "stock"}]}, "the row has tools"),
        ({"instruction": "x", "output": "y", "images": ["a.jpg"]}, "the row has images"),
        ({"messages": [{**MESSAGES[1], "function_call": {}, "tool_calls": [1]}]}, "tool_calls"),
        ({"messages": MESSAGES, "documents": [{"text": "Red."}]}, "the row has documents"),
        ({"messages": [{**MESSAGES[1], "references": ["a"]}, MESSAGES[2]]}, "has references"),
        ({"instruction": "x", "output": "y", "knowledge": "z"}, "the row has knowledge"),
        ({"instruction": "x", "output": "y", "reference": "z"}, "write it into the question"),
        ({"messages": MESSAGES, "history": [["a", "b"]]}, "beside the talk"),
        ({"conversations": MESSAGES, "system": ["Be kind."]}, "system is not a text"),
        ({"instruction": "x", "output": "y", "history": "a"}, "not a list of"),
        ({"instruction": "x", "output": "y", "history": [["a"]]}, "not a list of"),
    ],
)
def test_a_bad_shape_is_rejected_alone(row: dict[str, Any], said: str) -> None:
    good, bad, last = read({"messages": MESSAGES}, row, {"instruction": "a", "output": "b"})
    assert isinstance(good, Example)
    assert isinstance(last, Example)
    assert isinstance(bad, Rejected)
    assert bad.line == 2
    assert said in bad.reason


def test_a_file_of_no_known_shape_is_one_error() -> None:
    with pytest.raises(DataError, match=r"chat\.jsonl.*mesages for messages"):
        read(*[{"mesages": MESSAGES}] * 300)
