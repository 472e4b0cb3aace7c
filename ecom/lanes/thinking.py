r"""Calculation before a multiple choice of arithmetic (`engine.think_tokens`, 0 by default).

    prompt + THINK ─► the model's calculation, up to think_tokens ─► all that, ANSWER ─► a label

Papers of the contest found that reasoning helps where there is something to calculate and hurts
everywhere else. So a question counts as arithmetic only where it asks for an amount and most of its
options are amounts.
"""

import re
from typing import Any

from ecom.forms.multiple_choice import RATING
from ecom.forms.options import printed

THINK = "Calculate step by step, in few words."
ANSWER = "\nAnswer: "

_ASKS = re.compile(
    r"\b(how (?:many|much)|total|calculate|convert|per (?:unit|ounce|piece)|"
    r"what (?:is|are) the (?:\w+ ){0,2}(?:weight|count|volume|price|cost|number|difference))\b",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"^[$€£¥]?\s*\d[\d.,]*(?:\s*[^\W\d][\w.²³/ ]{0,24}|\s*%)?$")


def is_arithmetic(prompt: str) -> bool:
    r"""Whether a multiple-choice question asks for an amount among amounts.

    >>> is_arithmetic("Soup, 9 oz (Pack of 6). What is the total weight?\n0. 8 oz\n1. 54 oz")
    True
    >>> is_arithmetic("How many of these are shoes?\n0. boot\n1. lamp")
    False
    """
    if not _ASKS.search(prompt) or RATING.search(prompt):
        return False
    options = [item.text for found in printed(prompt)[-1:] for item in found.items]
    amounts = [option for option in options if _AMOUNT.match(option)]
    return 2 * len(amounts) > len(options)


def sampling(tokens: int) -> dict[str, Any]:
    """Return vLLM's SamplingParams for the calculation, as plain values."""
    return {"temperature": 0.0, "max_tokens": tokens}


def onward(tokens: list[int], thought: str, tokenizer: Any) -> list[int]:
    """Return the chat's tokens with the calculation and the beginning of the answer."""
    written = f"{thought.strip()}{ANSWER}"
    return [*tokens, *tokenizer(written, add_special_tokens=False)["input_ids"]]
