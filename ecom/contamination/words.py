"""Words, units and n-grams of a text, and runs of positions in it."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator

EXCERPT = 80  # characters

CJK = "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
WORD = re.compile(rf"[{CJK}]|[^\W_{CJK}]+")
_UNIT_ENDS = re.compile(
    r"\n|(?<!\S)[(\[]?\d{1,2}[.)\]](?!\d)"  # a line; "2. ", "(2)", "[2]", but not "2.5"
    r"|[:;\"“”„«»。！？：；、]|[.!?](?=\s|$)"
    r"|(?<!\w)['‘’]|['‘’](?!\w)"  # a quotation mark, not an apostrophe
)


def fold(text: str) -> str:
    """Return the text as it is compared: NFKC, case folded."""
    return unicodedata.normalize("NFKC", text).casefold()


def letters(prompt: str) -> str:
    """Return the letters and digits of a prompt, or all its characters where it has neither."""
    folded = fold(prompt)
    return "".join(WORD.findall(folded)) or "".join(folded.split())


def units(folded: str) -> Iterator[list[re.Match[str]]]:
    """Yield the words of each unit that has any."""
    begin = 0
    for end in _UNIT_ENDS.finditer(folded):
        yield from filter(None, [list(WORD.finditer(folded, begin, end.start()))])
        begin = end.end()
    yield from filter(None, [list(WORD.finditer(folded, begin))])


def grams(ids: list[int], size: int) -> Iterable[tuple[int, ...]]:
    """Return the n-grams of numbered words."""
    return zip(*(ids[offset:] for offset in range(size)), strict=False)


def runs(positions: Collection[int]) -> Iterator[list[int]]:
    """Yield the runs of consecutive positions, from the first to the last."""
    run: list[int] = []
    for position in sorted(positions):
        if run and position != run[-1] + 1:
            yield run
            run = []
        run.append(position)
    if run:
        yield run


def excerpt(prompt: str, run: range) -> str:
    """Return at most 80 folded characters of a run of words; without words, of the whole prompt."""
    folded = fold(prompt)
    spans = [span for unit in units(folded) for span in (*(word.span() for word in unit), (0, 0))]
    begin, end = (spans[run[0]][0], spans[run[-1]][1]) if run else (0, len(folded))
    return " ".join(folded[begin:end].split())[:EXCERPT].rstrip()
