"""Answers in the rest of a sentence: "Answer with ▸yes or no, and explain nothing."."""

import re

from ecom.forms.lists import named

# Where the answers of a sentence end
_ENDS = re.compile(
    r"[.?!](?=[\s\"'”」)@]|$)|[\n。？！]"
    r"| (?:if|when|depending|because|based|for|to|in|on|as|from|with|without|according|aus) "
)
_COLON = re.compile("[:：]")
_AN_ANSWER = re.compile(  # "one word: yes or no", not "the sizes: small or large"
    r"\b(?:words?|letters?|labels?|options?|answers?|values?|numbers?|digits?|characters?"
    r"|choices?"
    r"|outputs?|responses?|strings?|tokens?|following|these|categor\w+|class\w*|of|be|with|as"
    r"|either"
    r"|wort|worte|wörter|palabras?|mots?|parol[ae])\W*$",
    re.IGNORECASE,
)
# "a, b or c, whichever fits": behind the last answer
_LAST = re.compile(r"(.*\s(?:or|oder|ou|o|u)\s[^,;:]+)[,;:]", re.IGNORECASE)


_CHINESE_LAST = re.compile(r"(.*(?:或|还是)[^，。：:]*)[，：:]")


def segment(text: str, begin: int) -> str:
    """Return the rest of a sentence, up to the words with which its list ends."""
    if text[begin] in "[{(":
        return text[begin : begin + 2_000]
    limit = begin + 600
    end = _ENDS.search(text, begin, limit)
    rest = text[begin : end.start() if end else limit].rstrip(" ,;")
    if chinese := _CHINESE_LAST.match(rest):
        rest = chinese[1]
    inside, bracket, _ = rest.partition(")")  # "(one of: a, b)"
    return inside if bracket and "(" not in inside else rest


def answers(rest: str, needs_or: bool) -> list[str]:
    """Return the answers that the rest of a sentence names, or [].

    >>> answers("red, green or blue, whichever fits", True), answers("one word: yes or no", True)
    (['red', 'green', 'blue'], ['yes', 'no'])
    """
    if texts := named(rest, needs_or):
        return texts
    before, colon, behind = re.split("([:：])", rest)[-3:] if _COLON.search(rest) else ("", "", "")
    if needs_or and colon and _AN_ANSWER.search(before) and (texts := named(behind, needs_or)):
        return texts
    before, colon, _ = rest.partition(":")  # "as good or bad: …"
    if needs_or and colon and (texts := named(before, needs_or)):
        return texts
    last = _LAST.match(rest)
    return named(last[1], needs_or=True) if last else []
