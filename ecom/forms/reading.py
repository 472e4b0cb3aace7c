r"""Skips what a careful reader skips before the answer; shared by the lenient parsers.

    "<think>…</think>\n**Answer:** (2)\nHuman: "
    "…"  ─► spoken ─► "Answer: (2)"  ─► after_cue ─► "(2)"

The official parsers do not use this: they read as the contest does, to the letter.
"""

import re
import unicodedata

# Responses longer than this are cut before parsing: the contest's own rule (docs/domain.md).
MAX_RESPONSE_CHARS = 5_000

_SPECIAL = re.compile(r"<\|[^|<>\s]{1,30}\|>")  # <|im_end|> and its like
_TURN = re.compile(r"\n\s*(?:human|user|customer|assistant)\s*:", re.IGNORECASE)
_FENCE = re.compile(r"^```[\w-]*\s*?\n(.*?)(?:\n```.*)?$", re.DOTALL)
_MARKUP = re.compile(r"\*\*|__|`")
_CUE = re.compile(
    r"(?:\b(?:answers?|outputs?|results?|responses?|entit(?:y|ies))\b|答案|回答)[ \t]*"
    r"(?:(?:is|are|would be|should be|是|为)\b[ \t]*[:：]?|[:：=])\s*",
    re.IGNORECASE,
)


def spoken(text: str) -> str:
    r"""Return the answer itself: no thinking, no special tokens, no turn of another speaker.

    There is no answer after a thought that is not closed.

    >>> spoken("<think>2 or 3?</think> **3**\nUser: thanks")
    '3'
    """
    text = text.rpartition("</think>")[2].partition("<think>")[0]
    text = _SPECIAL.sub("", text).strip()
    text = _TURN.split(text, maxsplit=1)[0].strip()[:MAX_RESPONSE_CHARS]
    if fenced := _FENCE.match(text):
        text = fenced[1]
    return _MARKUP.sub("", text).strip()


def without_markdown(text: str) -> str:
    """Return the answer itself with full-width digits and punctuation normalized (NFKC).

    For numbers only: NFKC would turn a brand's ™ into TM.
    """
    return unicodedata.normalize("NFKC", spoken(text))


def after_cue(text: str) -> str:
    """Return what follows the last "answer is", "Output:" …; the whole text where there is none.

    >>> after_cue("It is red. The answer is: 2"), after_cue("2")
    ('2', '2')
    """
    for cue in reversed(list(_CUE.finditer(text))):
        if rest := text[cue.end() :].strip():
            return rest
    return text


def after_opening(text: str) -> str:
    """Return the text without a cue at its beginning ("Output: …", "The answer is …").

    >>> after_opening("Output: a lamp"), after_opening("My answer is short: no")
    ('a lamp', 'My answer is short: no')
    """
    opening = re.match(r"(?:the|final|correct|\s)*", text, re.IGNORECASE)
    start = opening.end() if opening else 0
    cue = _CUE.match(text, start)
    return text[cue.end() :].strip() if cue else text
