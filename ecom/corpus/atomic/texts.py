"""Text functions of transforms: equality, occurrence in a text, length.

All comparisons ignore case, width (NFKC), punctuation and white space. Scripts without spaces
(Chinese, Japanese, Thai) are compared by pairs of characters, others by words.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

_UNSPACED = "\u0e00-\u0eff\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+")
_SEPARATES = " –—-|:,;/·"
_LETTER = re.compile(rf"[^\W_{_UNSPACED}]")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])\s*|\n+")
LONG_WORD = 4  # shorter ones are mostly function words


@lru_cache(maxsize=65_536)
def key(text: str) -> str:
    """Return a key that is equal for texts with the same content.

    >>> key(" Nike: PEGASUS-41!"), key("Ａ赤い靴")
    ('nike pegasus 41', 'a 赤い靴')
    """
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def words_of(text: str) -> tuple[str, ...]:
    """Return the words in alphabetical order: "shoe, red" has the same as "red shoe".

    >>> words_of("Shoe, red")
    ('red', 'shoe')
    """
    return tuple(sorted(key(text).split()))


def one_line(text: str) -> str:
    """Return the text on one line, with single spaces."""
    return " ".join(text.split())


def stands_in(term: str, text: str) -> bool:
    """Whether the term is in the text, as whole words.

    >>> stands_in("red", "Red shoe"), stands_in("red", "a redder shoe")
    (True, False)
    >>> stands_in("靴", "赤い靴です")
    True
    """
    wanted, there = key(term), key(text)
    start = there.find(wanted) if wanted else -1
    while start >= 0:
        end = start + len(wanted)
        if not _joined(there, start) and not _joined(there, end):
            return True
        start = there.find(wanted, start + 1)
    return False


@lru_cache(maxsize=65_536)
def content(text: str) -> frozenset[str]:
    """Return the words of four or more letters, and the pairs of characters of unspaced scripts.

    >>> sorted(content("The red shoes 靴下は")), sorted(content("a b"))
    (['shoes', '下は', '靴下'], [])
    """
    found: set[str] = set()
    for word in key(text).split():
        if re.match(f"[{_UNSPACED}]", word):
            found.update(word[i : i + 2] for i in range(max(1, len(word) - 1)))
        elif len(word) >= LONG_WORD:
            found.add(word)
    return frozenset(found)


def shared(first: str, second: str) -> int:
    """Return how many content words two texts share."""
    return len(content(first) & content(second))


def without(term: str, text: str) -> str:
    """Return the text on one line without the term, where that occurs as whole words.

    What separated the term from the rest goes, too, at the beginning and the end.

    >>> without("Nike", "NIKE Pegasus by Nike"), without("re", "red")
    ('Pegasus by', 'red')
    >>> without("Desk lamp", "Desk lamp – of oak."), without("Nike", "Pegasus, Nike")
    ('of oak.', 'Pegasus')
    """
    words = _WORD.findall(term)
    if not words:
        return one_line(text)
    pattern = r"[\W_]+".join(map(re.escape, words))
    rest, removed = re.subn(rf"(?<!\w){pattern}(?!\w)", " ", text, flags=re.IGNORECASE)
    return one_line(rest).strip(_SEPARATES) if removed else one_line(text)


def besides(right: Iterable[str], candidates: Iterable[str]) -> list[str]:
    """Return the candidates that are not right, each once.

    >>> besides(["Blue"], ["red", "blue", "Red"])
    ['Red']
    """
    names = {key(one) or one for one in right}
    wrong = {key(one) or one: one for one in candidates if one.strip()}
    return [one for name, one in wrong.items() if name not in names]


def telling(text: str) -> bool:
    """Whether a text is specific: at least three words, or six characters of unspaced scripts."""
    words = key(text).split()
    return sum(len(word) // 2 if re.match(f"[{_UNSPACED}]", word) else 1 for word in words) >= 3


def labelled(words: Mapping[str, str], **values: str) -> str:
    """Return a line "Name: value" for each value that is not empty, named by `words`.

    >>> labelled({"title": "Product title", "brand": "Brand"}, title="red shoe", brand="")
    'Product title: red shoe'
    """
    return "\n".join(f"{words[name]}: {value}" for name, value in values.items() if value.strip())


def pairs(attributes: Sequence[tuple[str, str]]) -> str:
    """Return "name: value" lines."""
    return "\n".join(f"{one_line(name)}: {one_line(value)}" for name, value in attributes)


def listed(name: str, lines: Sequence[str]) -> str:
    """Return `name:` and the lines below it."""
    return "\n".join([f"{name}:", *map(one_line, lines)])


def sentences(text: str) -> list[str]:
    """Return the sentences, each on one line."""
    return [one_line(piece) for piece in _SENTENCE.split(text) if piece.strip()]


def opening(text: str, characters: int) -> str:
    """Return the text on one line, or as many of its first sentences as fit.

    "" where the first sentence does not fit.
    """
    whole = one_line(text)
    if len(whole) <= characters:
        return whole
    kept = ""
    for sentence in sentences(text):
        longer = f"{kept} {sentence}".strip()
        if len(longer) > characters:
            break
        kept = longer
    return kept


def _joined(text: str, index: int) -> bool:
    """Whether a word continues across `index`, which is between two characters."""
    if not 0 < index < len(text):
        return False
    return bool(_LETTER.match(text[index - 1]) and _LETTER.match(text[index]))
