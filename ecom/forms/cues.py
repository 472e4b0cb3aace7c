r"""Cues: words by which a prompt says what it wants, found in microseconds.

    "Rank the goods, best first."  ─► words: rank, the, goods, best, first
    cue({"rank ranked": r"\brank(?:ed)?\b", …})  ─► only patterns of words that the prompt has

A pattern is tried at each place of a text, which is slow. Whether two sets have a word in common is
known at once. So a pattern stands beside words of which each of its matches has one, and most
patterns are never tried. Chinese and Japanese have no spaces between words: their pattern is tried
where a text has letters that are not ASCII.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

_WORD = re.compile(r"\w+")
_SPACED = bytes(
    code if chr(code).isalnum() or code == ord("_") else ord(" ") for code in range(256)
)

_SCRIPT = re.compile("[\u3040-\u9fff\uac00-\ud7a3]")  # kana, Chinese characters, Hangul

Words = frozenset[str]


def has_script(text: str) -> bool:
    """Whether a text has Chinese, Japanese or Korean characters.

    >>> has_script("Größe"), has_script("尺码")
    (False, True)
    """
    return not text.isascii() and bool(_SCRIPT.search(text))


def words_of(text: str) -> Words:
    r"""Return the words of a text in lower case, those that `\w+` matches.

    >>> sorted(words_of("don't rank: lamp_2, ranked"))
    ['don', 'lamp_2', 'rank', 'ranked', 't']
    """
    if text.isascii():
        return frozenset(text.encode().translate(_SPACED).decode().split())
    return frozenset(_WORD.findall(text))


@dataclass(frozen=True, slots=True)
class Cue:
    """Patterns for text in lower case, each with words of which every match has one.

    words      the words of all patterns
    patterns   the patterns by word
    script     a pattern for scripts without spaces
    """

    words: Words
    patterns: Mapping[str, tuple[re.Pattern[str], ...]]
    script: re.Pattern[str] | None

    def search(self, text: str, words: Words | None = None) -> re.Match[str] | None:
        """Return some pattern's match, or None.

        `words`: at least those of the text, if they are at hand.
        """
        words = words_of(text) if words is None else words
        if self.words.isdisjoint(words) and (self.script is None or text.isascii()):
            return None
        for pattern in self._tried(text, words):
            if found := pattern.search(text):
                return found
        return None

    def each(self, text: str, words: Words) -> Iterator[re.Match[str]]:
        """Yield the first match of each pattern, the patterns in any order."""
        return filter(None, (pattern.search(text) for pattern in self._tried(text, words)))

    def _tried(self, text: str, words: Words) -> Collection[re.Pattern[str]]:
        shared = self.words & words
        has_own = self.script and has_script(text)
        if len(shared) < 2 and not has_own:
            for word in shared:
                return self.patterns[word]
            return ()
        # by id: the hash of a pattern is that of all its code
        tried = {id(pattern): pattern for word in shared for pattern in self.patterns[word]}
        return [*tried.values(), self.script] if self.script and has_own else tried.values()


def cue(parts: Mapping[str, str], script: str = "") -> Cue:
    r"""Return a cue of patterns by their words; in patterns ^ and $ match at lines.

    >>> bool(cue({"rank": r"^rank"}).search("first\nrank"))
    True
    """
    patterns: dict[str, tuple[re.Pattern[str], ...]] = {}
    for words, pattern in parts.items():
        compiled = re.compile(pattern, re.MULTILINE)
        for word in words.split():
            patterns[word] = (*patterns.get(word, ()), compiled)
    return Cue(frozenset(patterns), patterns, re.compile(script, re.MULTILINE) if script else None)
