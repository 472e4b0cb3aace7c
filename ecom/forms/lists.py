r"""Answers as they are named in a text, without labels of their own.

    'a', 'b' or 'c'          ─►  a | b | c
    ["a", "b"]   [a, b]      ─►  a | b
    shoes | hats | toys      ─►  shoes | hats | toys
    "- shoes\n- hats"        ─►  shoes | hats

Lists with labels ("A. shoes") are options.py's.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ecom.forms.cues import Words, has_script

MAX_CHARS = 200  # of one answer
_MAX_LINE = 2_000  # characters of a list in one line


@dataclass(frozen=True, slots=True)
class Named:
    """What may be the answers, and the words of the prompt that name them.

    is_offer   whether the words can mean nothing else: "Options:", not "Categories:"
    """

    texts: list[str]
    words: str
    is_offer: bool = False


# Words that separate the last answer from the others.
OR = r"(?:or|oder|ou|o|u|または|もしくは)"
_AND = r"(?:and|und|et|y|e)"


def _separator(words: str, signs: str) -> re.Pattern[str]:
    return re.compile(
        rf"\s*[,;、，；]\s*(?:{words}\s+)?|\s*(?<!\bN(?=/A\b)){signs}\s*|\s+{words}\s+|或者|还是"
        rf"|或",
        re.IGNORECASE,
    )


SEPARATOR = _separator(rf"(?:{OR}|{_AND})", "[|/]")
_NO_SLASH = _separator(rf"(?:{OR}|{_AND})", "[|]")  # "tea/coffee, cups"
_NO_AND = _separator(OR, "[|]")  # "sports, science and technology, or cars"
_COMMA = re.compile("[,;、，；|]")
_HAS_OR_WORD = re.compile(rf"\s{OR}\s", re.IGNORECASE)
_HAS_OR = re.compile(rf"\s{OR}\s|或|还是|[|/]", re.IGNORECASE)
_OR_WORDS = frozenset("or oder ou o u".split())
_PAIRS = (*(tuple(pair) for pair in "\"\" '' “” ‘’ „“ «» 「」 『』 ``".split()), ("**", "**"))
QUOTES = (
    r"(?:\"[^\"\n]{1,60}\"|“[^”\n]{1,60}”|„[^“”\n]{1,60}[“”]|«[^»\n]{1,60}»|「[^」\n]{1,60}」"
    r"|‘[^’\n]{1,60}’|(?<!\w)'[^'\n]{1,60}'(?!\w)|`[^`\n]{1,60}`|\*\*[^*\n]{1,60}\*\*)"
)
_QUOTED = re.compile(QUOTES)
_QUOTE_MARKS = frozenset("\"“„«「‘'`*")
_BETWEEN_QUOTED = re.compile(
    rf"(?:{SEPARATOR.pattern})*\s*(?:{OR}|{_AND}|か|par|con|mit)?\s*", re.IGNORECASE
)
# An answer is a few words, and none of them begins a phrase of its own.
_SMALL = (
    r"(?:the|an?|it|its|i|you|we|they|he|she|them|him|her|us|me|this|that|these|those|then|but"
    r"|how|what|when|where"
    r"|which|who|why|whether|if|other|any|some|all|not|both|have|has|is|are|was|be|do|does|don't"
    r"|to|for|with|up|my|your|their|there|in|on|at|by|of|from|as|about|more|less|fewer"
    r"|whatever|whichever|depending|based)"
)
# Words for an answer, which are none themselves: "Output a letter or number".
_META = (
    r"(?:letters?|numbers?|digits?|ind(?:ex|ices)|labels?|options?|names?|words?|phrases?|texts?"
    r"|sentences?|paragraphs?|lists?|json|answers?|values?|字母|数字|序号|编号|选项|标签"
    r"|词语?|短语"
    r"|句子)"
)
_COUNT = r"(?:\d+ (?!stars?\b)|(?:one|two|three|four|five|six|seven|eight|nine|ten)\b(?! stars?\b))"
ANSWER = re.compile(
    r"not at all|don['’]t (?:care|know)|more|less|both|none|other|no effect|(?:none|all) of "
    r"(?:the above|these|them)"
    rf"|(?:not )?(?!(?:\w+ )?{_META}(?!\w))(?!{_COUNT})(?!{_SMALL}\b)[\w'’+&-]+"
    rf"(?: (?!{_SMALL}\b)[\w'’+&-]+){{0,3}}(?: (?-i:[A-Z])(?!\w))?",  # "Passage A"
    re.IGNORECASE,
)
# Words of one kind: what stands before the first of them is no part of it.
_KINDS = [
    re.compile(kind)
    for kind in (
        r"[A-Z]|TIE|[Tt]ie|NONE|[Nn]one|[Nn]either|[Bb]oth",
        r"[A-Z][A-Z_]+",
        r"\d{1,2}",
        r"(?i:yes|no|true|false|maybe|unknown|ja|nein|oui|non|sí|sì)",
    )
]
_DESCRIPTION = re.compile(r"(?<=[\w\"'”’`*])() ?[(（][^()（）\n]{1,120}[)）]")
_PHRASE = re.compile(
    rf"(?!(?:{_SMALL}|{_META})\b)[\w'’+&/-]+(?: [\w'’+&/-]+){{0,4}}", re.IGNORECASE
)
_STRING = r"(?:\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
_STRINGS = re.compile(rf"\s*[\[{{(]\s*{_STRING}(?:\s*,\s*{_STRING})*\s*,?\s*[\]}})]")
_ONE_STRING = re.compile(_STRING)
_BRACKETED = re.compile(r"[\[{(]([^\[\]{}()\"\n]{1,2000})[\]})]")
_SEPARATORS = ("|", ";", "；", "、", "，", ",", " / ", "/")  # the first that a line has
_BULLET = re.compile(
    r"[ \t]*(?:[-*•·+◦▪‣] +(?:\[[ xX]?\] ?|[☐□◻○] ?)?|\[[ xX]?\] ?|[☐□◻○] ?)(\S.*)\n?|[ \t]*\n"
)


def has_or(text: str, words: Words | None = None) -> bool:
    """Whether a text has a word or sign for "or". `words`: at least its words, if at hand."""
    may_have = words is None or not words.isdisjoint(_OR_WORDS) or has_script(text)
    return (may_have or "|" in text or "/" in text) and bool(_HAS_OR.search(text))


def named(segment: str, needs_or: bool) -> list[str]:
    """Return the answers that a part of a sentence names, or [].

    `needs_or`: "a, b" alone names none.

    >>> named("yes or no", needs_or=True), named("'good' or 'bad'", needs_or=True)
    (['yes', 'no'], ['good', 'bad'])
    >>> named("the name or the brand", needs_or=True)
    []
    """
    if found := literal(segment, 0):
        return found
    if found := _quoted(segment):
        return found
    if "(" in segment or "（" in segment:  # "1 (similar) or 0 (different)"
        plain = _DESCRIPTION.sub(r"\1", segment)
        return named(plain, needs_or) if plain != segment else []
    if needs_or and not has_or(segment):
        return []
    parts = [bare(part) for part in parted(segment)]
    parts[-1] = re.sub(r"(?: only| answer| response| label| respectively|，.*)$", "", parts[-1])
    parts[0] = re.sub(r"^(?:only|either|just) ", "", parts[0])
    parts[1:] = [re.sub(r"^(?:par|con|mit) ", "", part) for part in parts[1:]]
    parts[0] = _alike(parts[0], parts[1:])
    if parts[-1].startswith(("a ", "an ")):
        parts = [part.removeprefix("a ").removeprefix("an ") for part in parts]
    return parts if could_be(parts) else []


def _alike(first: str, others: Sequence[str]) -> str:
    """Return the end of the first part that is like the others: "by replying A", "B"."""
    last = first.rpartition(" ")[2]
    if last == first or ":" in first or not others:
        return first
    shared = f"{others[0].partition(' ')[0]} "  # "either Solution 1", "Solution 2"
    if " " in others[0] and all(one.startswith(shared) for one in others) and shared in first:
        return first[first.index(shared) :]
    is_same = any(all(map(kind.fullmatch, (last, *others))) for kind in _KINDS)
    return last if is_same else first


def parted(segment: str) -> list[str]:
    """Return the parts of a list in a sentence.

    >>> parted("cars, arts and crafts, or toys"), parted("cars and toys")
    (['cars', 'arts and crafts', 'toys'], ['cars', 'toys'])
    """
    if not _COMMA.search(segment):
        return SEPARATOR.split(segment)
    return (_NO_AND if _HAS_OR_WORD.search(segment) else _NO_SLASH).split(segment)


def could_be(parts: Sequence[str]) -> bool:
    """Whether all parts look like answers; of a longer list each may be a phrase."""
    letters = [len(part) == 1 and part.isupper() for part in parts]
    if sum(letters) > 1 and all(
        is_letter or ANSWER.fullmatch(part) for is_letter, part in zip(letters, parts, strict=True)
    ):
        return True
    if all(ANSWER.fullmatch(part.replace("/", " ")) for part in parts):
        return True
    return len(parts) > 3 and all(_PHRASE.fullmatch(part) for part in parts)


def _quoted(segment: str) -> list[str]:
    """Return the quotations that a segment begins with, separated by nothing but separators."""
    found: list[str] = []
    end = 0
    for match in _QUOTED.finditer(segment):
        between = segment[end : match.start()]
        if not _BETWEEN_QUOTED.fullmatch(between) if found else match.start() > 3:
            break
        found.append(bare(match[0]))
        end = match.end()
    return found if len(found) > 1 else []


def literal(text: str, begin: int) -> list[str] | None:
    """Return the texts of a list in brackets at `begin`: JSON's, Python's, or of bare words.

    >>> literal('Labels: ["a", "b, c"]', 8), literal("[a, b]", 0)
    (['a', 'b, c'], ['a', 'b'])
    """
    if found := _STRINGS.match(text, begin):
        return [_unescaped(one) for one in _ONE_STRING.findall(found[0])]
    bare_words = _BRACKETED.match(text, begin)
    return items(bare_words[1]) if bare_words else None


def _unescaped(string: str) -> str:
    if string[0] == '"':
        try:
            return str(json.loads(string)).strip()
        except ValueError:
            pass
    return re.sub(r"\\(.)", r"\1", string[1:-1]).strip()


def items(line: str) -> list[str]:
    """Return the items of a list in one line, split at its strongest separator.

    >>> items("desk, white | lamp"), items("red, green, or blue")
    (['desk, white', 'lamp'], ['red', 'green', 'blue'])
    """
    if len(line) > _MAX_LINE * 10:
        return []
    if line[:1] in _QUOTE_MARKS and (found := _quotations(line)):
        return found
    for separator in _SEPARATORS:
        if separator in line:
            parts = [bare(part) for part in line.split(separator)]
            parts[-1] = re.sub(rf"^(?:{OR}|{_AND}) ", "", parts[-1])
            return [part for part in parts if part]
    return [bare(part) for part in re.split(rf"\s+{OR}\s+", line)]


def _quotations(line: str) -> list[str]:
    """Return the quotations of a line that consists of nothing else, with commas in them."""
    found = list(_QUOTED.finditer(line))
    rest = _QUOTED.sub("", line)
    return (
        [bare(one[0]) for one in found]
        if len(found) > 1 and re.fullmatch(rf"(?:[\s,;、，；|/]|\b(?:{OR}|{_AND})\b)*\.?", rest)
        else []
    )


def bulleted(prompt: str, begin: int) -> list[str]:
    r"""Return the texts of the lines from `begin` that have bullets.

    >>> bulleted("Options:\n- red\n- blue\nAnswer:", 9)
    ['red', 'blue']
    """
    found: list[str] = []
    while bullet := _BULLET.match(prompt, begin):
        if bullet[1]:
            found.append(bare(bullet[1].strip()) if bullet[1][0] in '"“„«「' else bullet[1].strip())
        elif found:
            break
        begin = bullet.end()
    return found


def bare(text: str) -> str:
    """Return an answer without quotes, and without the full stop behind it."""
    text = text.strip().rstrip(".。")
    for left, right in _PAIRS:
        if text.startswith(left) and text.endswith(right) and len(text) > len(left + right):
            return text[len(left) : -len(right)].strip()
    return text


def are_answers(texts: Sequence[str]) -> bool:
    """Whether the texts can be what a question offers: two or more, distinct, short, one line."""
    if len(texts) < 2:
        return False
    # "m or M" are two, "Shoes, shoes" are not
    distinct = {text if len(text) == 1 else text.casefold() for text in texts}
    return len(distinct) == len(texts) and all(
        0 < len(text) <= MAX_CHARS and "\n" not in text for text in texts
    )
