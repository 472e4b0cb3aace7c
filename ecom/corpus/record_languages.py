"""The language of each record: the given one, or detected; for short texts checked by the source.

    "HELM HIU PRIMA LX"   looks Italian, as any few names may; its row and its source are English

A title of a few words in Latin letters may look like any of many languages. So the detected
language counts only where the source has other rows in it; else the title gets the language of its
own row, or the source's most common one.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ecom.corpus.languages import LATIN, detect
from ecom.corpus.records import Record, texts

SHORT = 60  # characters; up to about this length, titles of brands and models are detected wrongly
MAIN_SHARE = 0.05  # a language of at least this share of a source's texts is one of its own


def with_languages(placed: Sequence[tuple[int, Record]], rows: Mapping[int, str]) -> list[Record]:
    """Return the records of a chunk, (line, record), each with a language.

    `rows` has the languages of complete rows, by their lines.
    """
    found = [record.lang or detect(*texts(record)) for _, record in placed]
    doubtful = [
        not record.lang and lang in LATIN and sum(map(len, texts(record))) < SHORT
        for (_, record), lang in zip(placed, found, strict=True)
    ]
    whole = Counter(lang for lang in rows.values() if lang in LATIN)
    sure: defaultdict[str, Counter[str]] = defaultdict(whole.copy)
    every: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (_, record), lang, doubt in zip(placed, found, doubtful, strict=True):
        if lang in LATIN:
            every[record.source][lang] += 1
            sure[record.source][lang] += not doubt
    result = []
    for (line, record), lang, doubt in zip(placed, found, doubtful, strict=True):
        if doubt:
            seen = +sure[record.source] or every[record.source]
            lang = _settled(lang, seen, rows.get(line))
        result.append(record if record.lang else replace(record, lang=lang))
    return result


def _settled(found: str, seen: Counter[str], row: str | None) -> str:
    """Return the language of a short text, given the languages seen in its source."""
    if seen[found] >= MAIN_SHARE * seen.total():
        return found
    return row if row in LATIN else seen.most_common(1)[0][0]
