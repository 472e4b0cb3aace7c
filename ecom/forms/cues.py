r"""Cues: words by which a prompt says what it wants, found in microseconds.

    "Rank the goods, best first."  ─► words: rank, the, goods, best, first
    cue({"rank ranked": r"\brank(?:ed)?\b", …})  ─► only patterns of words that the prompt has

A pattern is tried at each place of a text, which is slow. Whether two sets have a word in common is
known at once. So a pattern stands beside words of which each of its matches has one, and most
patterns are never tried. Chinese and Japanese have no spaces between words: their pattern is tried
where a text has letters that are not ASCII.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_WORD = re.compile(r"\w+")
_SPACES = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}

Words = frozenset[str]


def words_of(text: str) -> Words:
    r"""Return the words of a text in lower case, those that `\w+` matches.

    >>> sorted(words_of("don't rank: lamp_2, ranked"))
    ['don', 'lamp_2', 'rank', 'ranked', 't']
    """
    found = text.translate(_SPACES).split() if text.isascii() else _WORD.findall(text)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Cue:
    """Patterns for text in lower case, each with words of which every match has one.

    words    the words of all patterns
    parts    the patterns and their words
    script   a pattern for scripts without spaces
    """

    words: Words
    parts: tuple[tuple[Words, re.Pattern[str]], ...]
    script: re.Pattern[str] | None

    def search(self, text: str, words: Words | None = None) -> re.Match[str] | None:
        """Return a match, or None. `words`: at least those of the text, if they are at hand."""
        return next(self.each(text, words), None)

    def each(self, text: str, words: Words | None = None) -> Iterator[re.Match[str]]:
        """Yield the first match of each pattern."""
        words = words_of(text) if words is None else words
        if not self.words.isdisjoint(words):
            for needed, pattern in self.parts:
                if not needed.isdisjoint(words) and (found := pattern.search(text)):
                    yield found
        if self.script and not text.isascii() and (found := self.script.search(text)):
            yield found


def cue(parts: Mapping[str, str], script: str = "") -> Cue:
    """Return a cue of patterns by their words; in patterns ^ and $ match at lines.

    >>> bool(cue({"rank": r"^rank"}).search("first\\nrank"))
    True
    """
    split = [
        (frozenset(words.split()), re.compile(pattern, re.MULTILINE))
        for words, pattern in parts.items()
    ]
    return Cue(
        frozenset().union(*(words for words, _ in split)),
        tuple(split),
        re.compile(script, re.MULTILINE) if script else None,
    )
