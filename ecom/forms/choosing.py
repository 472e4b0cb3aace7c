r"""Whether a list that a prompt prints with labels is there to choose from, or is data."""

import re

from ecom.forms.headings import OFFER_WORDS, OFFERED
from ecom.forms.options import LISTED, STYLES, Printed, lists
from ecom.forms.question import cue

_IN_QUOTES = re.compile(r"[\[(]\s*[\"'][(]?[A1][.:)、：]")
_HEADED = re.compile(
    rf"(?:(?<!\w)(?:{OFFERED})(?: below)?[* ]*[:：]|^[#* ]*(?:{OFFERED})[* ]*$)\W{{0,12}}?"
    r"(?=[(\[（【*]*(?:[Aa01]|①)(?:[.)\]:、．：）】]|(?<=①)))",
    re.IGNORECASE | re.MULTILINE,
)


def certain_list(prompt: str) -> Printed | None:
    """Return the list in quotes and brackets, or under a heading such as "Options:"."""
    if _IN_QUOTES.search(prompt) and (found := lists(prompt, LISTED)):
        return found[-1]
    low = prompt.lower()
    if not any(word in low for word in OFFER_WORDS):
        return None
    for heading in reversed(list(_HEADED.finditer(prompt))):
        below, length = prompt[heading.start() :], len(heading[0])
        for style in STYLES:
            found = lists(below, style)
            if found and found[0].items[0].label_begin <= length + 3:
                return found[0]
    return None


_ASKS = cue(
    r"[?？:：_]|\b(?:which|what|who|where|when|how|choose|select|pick|identify|determine|find|following"
    r"|best|correct|options?|question|decide|predict|classify|match|answer|guess)\b",
    r"哪|什么|选|下列|以下|判断|どれ|どの|選",
)
_ANSWER_CUE = re.compile(
    r"\W*(?:(?:your|the|correct|final|my)? ?(?:answer|output|response|choice|label|solution|option"
    r"|a|antwort|respuesta|réponse|risposta|答案|回答|答え|输出|出力)(?: is)?)?\W*",
    re.IGNORECASE,
)
_ENDS_IN_CUE = re.compile(rf"\n{_ANSWER_CUE.pattern}$", re.IGNORECASE)
_CHOOSES = cue(
    r"\b(?:options?|letters?|numbers?|choices?|choose|select|pick|which|index|above|one of|digit"
    r"|label|buchstaben?|nummern?|letra|número|lettre|numéro|lettera|numero)\b",
    r"选|字母|序号|哪|選|番号|記号",
)
_LABEL = cue(r"\b(?:letters?|options?|choices?)\b", r"选项|字母|序号")
_WANTS_TEXTS = cue(
    r"\b(?:text|content|wording|full text|exact words?) of (?:the|your) (?:\w+ )?(?:option|answer"
    r"|choice|item)|\b(?:option|choice|answer)(?:'s)? (?:text|content)\b"
    r"|\bfull (?:option|answer) text",
    r"\bnot (?:just |only )?(?:the|its|a) (?:letter|label|number|index)\b|选项(?:的)?内容",
)


def is_asked(prompt: str, found: Printed) -> bool:
    """Whether a prompt asks to choose from a list: before it, or behind it."""
    before = prompt[: found.items[0].begin].lower()
    behind = prompt[found.items[-1].end :].lower()
    if _ANSWER_CUE.fullmatch(behind) or _CHOOSES.search(behind):
        return True
    is_data = found.labels[0] == "1" and not _ENDS_IN_CUE.search(behind)  # a review's complaints
    return bool(_ASKS.search(before)) and not is_data


def asks_for_label(asked: str) -> bool:
    """Whether a prompt asks for a letter, an option or a choice."""
    return bool(_LABEL.search(asked))


def wants_texts(text: str) -> bool:
    """Whether the answer is to be an option's text, not its label."""
    return bool(_WANTS_TEXTS.search(text.lower()))


def clean(text: str) -> str:
    """Return an item's text without what separates it from the next."""
    return text.strip(" \t\"',;，；、|]）}").removesuffix(".")
