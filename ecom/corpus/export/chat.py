"""Alpaca, ShareGPT and OpenAI's messages: each row is the chat that training renders of it.

    system   the recipe's prompting.system
    user     Example.text(), and prompting.open_ended_suffix where the form has it
    gpt      the answer

So a model that another trainer tuned on these files is asked by `ecom serve` as it was taught.
"""

from typing import Any

from ecom.corpus.metadata import COLUMN, column
from ecom.forms import FORMS, Prompting, messages
from ecom.rows import Example

# What LLaMA-Factory's dataset_info.json says of a file in the format.
LLAMA_FACTORY: dict[str, dict[str, Any]] = {
    "alpaca": {
        "columns": {
            "prompt": "instruction", "query": "input", "response": "output", "system": "system",
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
            "role_tag": "role", "content_tag": "content", "user_tag": "user",
            "assistant_tag": "assistant", "system_tag": "system",
        },
    },
}  # fmt: skip


def alpaca(example: Example, prompting: Prompting) -> dict[str, Any]:
    r"""Return {instruction, input, output, system, history}.

    What is asked is instruction + "\n" + input, as LLaMA-Factory puts them together.
    """
    instruction = asked = _asked(example, prompting)
    if example.input or example.options or example.constraint:
        instruction = "\n".join(filter(None, (example.description, example.prompt)))
    return {
        "instruction": instruction,
        "input": asked.removeprefix(instruction).lstrip("\n"),
        "output": example.output,
        "system": prompting.system,
        "history": [],  # rows are single questions
        COLUMN: _column(example, prompting),
    }


def sharegpt(example: Example, prompting: Prompting) -> dict[str, Any]:
    """Return {conversations: [{from, value}, …], system}."""
    return {
        "conversations": [
            {"from": "human", "value": _asked(example, prompting)},
            {"from": "gpt", "value": example.output},
        ],
        "system": prompting.system,
        COLUMN: _column(example, prompting),
    }


def openai(example: Example, prompting: Prompting) -> dict[str, Any]:
    """Return {messages: [{role, content}, …]}."""
    chat = messages(example.text(), FORMS[example.form], prompting)
    return {
        "messages": [*chat, {"role": "assistant", "content": example.output}],
        COLUMN: _column(example, prompting),
    }


def _asked(example: Example, prompting: Prompting) -> str:
    return messages(example.text(), FORMS[example.form], prompting)[-1]["content"]


def _column(example: Example, prompting: Prompting) -> dict[str, str]:
    open_ended = FORMS[example.form].open_ended
    return column(example, suffix=prompting.open_ended_suffix if open_ended else "")
