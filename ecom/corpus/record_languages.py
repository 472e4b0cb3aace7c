"""The language of each record: as given, by its texts, or that of its source where they are short.

    "HELM HIU PRIMA LX"   looks Italian, as any few names may; its row and its source are English

A title of some words in Latin letters is taken for one of many languages. So it has the language
that is detected only where that is one of the source's; else that of the row which it is a part of,
or the source's most usual.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ecom.corpus.languages import LATIN, detect
from ecom.corpus.records import Record, texts

SHORT = 60  # characters; titles of brands and models are detected wrongly up to about here
MAIN_SHARE = 0.05  # of a source's texts, from which on a language is one of its own


def with_languages(placed: Sequence[tuple[int, Record]], rows: Mapping[int, str]) -> list[Record]:
    """Return the records of a chunk, (line, record), each with a language.

    `rows` has the languages of the rows that were read whole, by their lines.
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
    """Return the language of a short text of a source in which such languages were seen."""
    if seen[found] >= MAIN_SHARE * seen.total():
        return found
    return row if row in LATIN else seen.most_common(1)[0][0]
