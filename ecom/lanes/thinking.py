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

_ASKS = re.compile(  # in the shop's languages: en, de, es, fr, it, ja, zh
    r"\b(?:how (?:many|much)|total|calculate|convert|per (?:unit|ounce|piece)"
    r"|what (?:is|are) the (?:\w+ ){0,2}(?:weight|count|volume|price|cost|number|difference)"
    r"|wie ?viele?|insgesamt|berechne\w*|rechne\w*|pro (?:stück|einheit)|gesamt(?:e[nrs]?|\w{4,})?"
    r"|cuánt[oa]s?|calcula\w*|conviert[ea]|por unidad|combien|calcule[rz]?"
    r"|converti(?:s|ssez|r)|au total|par (?:unité|pièce)|quant[oaie]|calcola\w*|totale|in tutto"
    r"|per (?:unità|pezzo)"
    r"|(?:was|wie hoch|wie groß|wie schwer|cuál|quel(?:le)?|qual) (?:ist|es|est|è) (?:\w+ ){0,3}"
    r"(?:gewicht|anzahl|volumen|preis|kosten|differenz|menge|peso|número|volumen|precio|costo|coste"
    r"|diferencia|cantidad|poids|nombre|volume|prix|coût|différence|quantité|numero|prezzo"
    r"|differenza|quantità))\b"
    r"|多少|几[个件支瓶包盒只片升克米]|总[重共计价量数容]|一共|共计|计算|换算|每[个件支瓶包盒只片]|平均"
    r"|いくつ|いくら|何(?:個|本|枚|グラム|キロ|リットル|ml|kg|g|円|人|回|パーセント|%)|合計|総(?:重量|量|数|額|容量)"
    r"|計算|換算|[あ当]たり|全部で",
    re.IGNORECASE,
)
# "1.299,00 €", "54 oz", "約 12 個", "12个"
_AMOUNT = re.compile(
    r"^(?:about |ca\. |etwa |unos |environ |circa |约|約|大约)?[$€£¥]?\s*\d[\d.,]*"
    r"(?:\s*[^\W\d][\w.²³/ ]{0,24}|\s*[%€$£¥円])?$"
)


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
