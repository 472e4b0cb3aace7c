"""Alpaca, ShareGPT and OpenAI's messages: each row is the chat that training renders.

    system   prompting's system message
    turns    prompting's few-shot examples
    user     Example.text(), and prompting's suffix below it
    gpt      the answer

all as in prompting for the row's form and task.

So `ecom serve` asks a model that another trainer tuned on these files as it was trained.
"""

from typing import Any

from ecom.corpus.metadata import COLUMN, column
from ecom.forms import FORMS, Prompting, messages
from ecom.rows import Example

Messages = list[dict[str, str]]

# The entry of LLaMA-Factory's dataset_info.json for a file in the format.
LLAMA_FACTORY: dict[str, dict[str, Any]] = {
    "alpaca": {
        "columns": {
            "prompt": "instruction",
            "query": "input",
            "response": "output",
            "system": "system",
            "history": "history",
        },
    },
    "sharegpt": {
        "formatting": "sharegpt",
        "columns": {"messages": "conversations", "system": "system"},
    },
    "messages": {
        "formatting": "sharegpt",
        "columns": {"messages": "messages"},
        "tags": {
            "role_tag": "role",
            "content_tag": "content",
            "user_tag": "user",
            "assistant_tag": "assistant",
            "system_tag": "system",
        },
    },
}


def alpaca(example: Example, prompting: Prompting) -> dict[str, Any]:
    r"""Return {instruction, input, output, system, history}.

    The question is instruction + "\n" + input, as LLaMA-Factory joins them; few-shot examples are
    the history.
    """
    system, turns = _asked(example, prompting)
    instruction = asked = turns[-1]["content"]
    if example.input or example.options or example.constraint:
        instruction = "\n".join(filter(None, (example.description, example.prompt)))
    said = [turn["content"] for turn in turns[:-1]]
    return {
        "instruction": instruction,
        "input": asked.removeprefix(instruction).lstrip("\n"),
        "output": example.output,
        "system": system,
        "history": [list(pair) for pair in zip(said[::2], said[1::2], strict=True)],
        COLUMN: _column(example, prompting),
    }


def sharegpt(example: Example, prompting: Prompting) -> dict[str, Any]:
    """Return {conversations: [{from, value}, …], system}."""
    system, turns = _asked(example, prompting)
    names = {"user": "human", "assistant": "gpt"}
    answered = [*turns, {"role": "assistant", "content": example.output}]
    return {
        "conversations": [
            {"from": names[turn["role"]], "value": turn["content"]} for turn in answered
        ],
        "system": system,
        COLUMN: _column(example, prompting),
    }


def openai(example: Example, prompting: Prompting) -> dict[str, Any]:
    """Return {messages: [{role, content}, …]}."""
    return {
        "messages": [*_chat(example, prompting), {"role": "assistant", "content": example.output}],
        COLUMN: _column(example, prompting),
    }


def _chat(example: Example, prompting: Prompting) -> Messages:
    return messages(example.text(), FORMS[example.form], prompting, example.task)


def _asked(example: Example, prompting: Prompting) -> tuple[str, Messages]:
    """Return the system message ("" for none), and the turns that end with the question."""
    chat = _chat(example, prompting)
    system = chat.pop(0)["content"] if chat[0]["role"] == "system" else ""
    return system, chat


def _column(example: Example, prompting: Prompting) -> dict[str, str]:
    asked = prompting.asked(FORMS[example.form], example.task)
    shown = {"examples": str(len(asked.examples))} if asked.examples else {}
    return column(example, suffix=asked.suffix, **shown)
