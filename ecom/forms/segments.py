"""Answers in the rest of a sentence: "Answer with ▸yes or no, and explain nothing."."""

import re

from ecom.forms.lists import named

# Where the answers of a sentence end
_ENDS = re.compile(
    r"[.?!](?=[\s\"'”」)@]|$)|[\n。？！]"
    r"| (?:if|when|depending|because|based|for|to|in|on|as|from|with|without|according|aus) "
)
# "a, b or c, whichever fits": behind the last answer
_LAST = re.compile(r"(.*\s(?:or|oder|ou|o|u)\s[^,;:]+)[,;:]", re.IGNORECASE)


def segment(text: str, begin: int) -> str:
    """Return the rest of a sentence, up to the words with which its list ends."""
    if text[begin] in "[{(":
        return text[begin : begin + 2_000]
    limit = begin + 600
    end = _ENDS.search(text, begin, limit)
    rest = text[begin : end.start() if end else limit].rstrip(" ,;")
    inside, bracket, _ = rest.partition(")")  # "(one of: a, b)"
    return inside if bracket and "(" not in inside else rest


def answers(rest: str, needs_or: bool) -> list[str]:
    """Return the answers that the rest of a sentence names, or [].

    >>> answers("red, green or blue, whichever fits", True), answers("one word: yes or no", True)
    (['red', 'green', 'blue'], ['yes', 'no'])
    """
    if texts := named(rest, needs_or):
        return texts
    if needs_or and (texts := named(re.split("[:：]", rest)[-1], needs_or)):
        return texts
    last = _LAST.match(rest)
    return named(last[1], needs_or=True) if last else []
