r"""Detects how a text file is written from its beginning: encoding, delimiter, quotes.

    marked(sample)        the encoding that a byte order mark names
    declared(sample)      that an XML or HTML text declares for itself, where it can be true
    guessed(sample)       that of a table without one: UTF-8, or Windows-1252 as Excel writes it
    detect(lines, …)      the delimiter under which most rows have the header's width

A CSV has quotes as in RFC 4180. In a TSV a quote is an ordinary character (24" shelf), unless all
quotes are around values and no row is lost by reading them that way.
"""

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ecom.errors import DataError
from ecom.raw import parse

DELIMITERS = (",", ";", "\t", "|")
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, which begins with the same bytes
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_DECLARED = re.compile(
    rb"<\?xml\b[^>]*\bencoding\s*=\s*[\"']([\w.-]+)|<meta\b[^>]*\bcharset\s*=\s*[\"']?([\w.-]+)",
    re.IGNORECASE,
)
_HIGH = re.compile(rb"[\x80-\xff]+")
# Letters, typographic signs and symbols of Western texts; the rest of Windows-1252 is rare there.
_WESTERN = re.compile(r"[\x20-\x7e\t\r\n\xa0-\xff€‚„…–—‘’“”•™ŠšŒœŽžŸ]*")
# Where other code pages have letters: "ko³o" is Polish.
_WITHIN_WORD = re.compile(r"[A-Za-z][£¥¯³¹¼¾¿][A-Za-z]")


@dataclass(frozen=True, slots=True)
class Dialect:
    """The delimiter of a table's columns, and whether values may be quoted."""

    delimiter: str
    quoted: bool


def marked(sample: bytes) -> str | None:
    """Return the encoding that a byte order mark names, None where there is none."""
    return next((name for mark, name in _MARKS.items() if sample.startswith(mark)), None)


def declared(sample: bytes) -> str | None:
    """Return the encoding that an XML or HTML text declares; None for UTF-8, and where it has none.

    A declared UTF-8 is not always true, so it is to be guessed. ISO-8859-1 means Windows-1252, as
    browsers read it.
    """
    found = _DECLARED.search(sample[:4096])
    if not found:
        return None
    try:
        name = codecs.lookup((found[1] or found[2]).decode("ascii")).name
    except LookupError:
        return None
    if name.startswith(("utf-8", "utf-16", "utf-32", "ascii")):  # the declaration itself was read
        return None
    return "cp1252" if name == "iso8859-1" else name


def guessed(sample: bytes) -> str:
    """Return cp1252 for a Western text that is clearly not UTF-8, else utf-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()  # the sample may end within a character
    try:
        decoder.decode(sample)
        return "utf-8"
    except UnicodeDecodeError:
        runs = _HIGH.findall(sample)
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return "utf-8"
    long = sum(len(run) > 2 for run in runs)  # words of a script that is not Latin
    western = _WESTERN.fullmatch(text) and not _WITHIN_WORD.search(text) and 10 * long <= len(runs)
    return "cp1252" if western and not any(map(_is_utf8, runs)) else "utf-8"


def detect(lines: Sequence[bytes], file: str, usual: str, known: str | None = None) -> Dialect:
    """Return the dialect of the table that begins with these lines, in UTF-8.

    Of delimiters that keep the same number of rows, the one with the most columns is right: a
    header like "id;title;price (EUR, gross)" above prices with decimal commas fits both.
    `usual` is the delimiter where no other one fits better, `known` one that is given.
    """
    delimiter = known or parse.separator(lines[0])
    if delimiter is None:
        kept = {mark: _kept(lines, mark, file) for mark in dict.fromkeys((usual, *DELIMITERS))}
        delimiter = max(kept, key=lambda mark: kept[mark])
    if delimiter != "\t":
        return Dialect(delimiter, quoted=True)
    text = b"\n".join(lines)
    quoted = (
        b'"' in text
        and not re.search(rb'[^"\r\n\t]"[^"\r\n\t]', text)  # it would be doubled
        and _kept(lines, delimiter, file) >= _kept(lines, delimiter, file, quoted=False)
    )
    return Dialect(delimiter, quoted)


def _kept(
    lines: Sequence[bytes], delimiter: str, file: str, quoted: bool = True
) -> tuple[bool, int, int]:
    """Return whether a dialect finds several columns in most rows, rows it keeps, and columns."""
    try:
        rows = [*parse.table(enumerate(lines, start=1), delimiter, file, quoted)]
    except DataError:  # of the header
        return False, 0, 0
    kept = [row for _, row in rows if isinstance(row, dict)]
    several = len(kept[0]) > 1 if kept else delimiter.encode() in lines[0]
    columns = len(kept[0]) if kept else 0
    fits = several and 2 * len(kept) >= len(rows)
    return (True, len(kept), columns) if fits else (False, 0, columns * several)


def _is_utf8(run: bytes) -> bool:
    try:
        return bool(run.decode())
    except UnicodeDecodeError:
        return False
