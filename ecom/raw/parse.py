"""Parses the bytes of a text file: JSON lines, a JSON array, CSV, TSV, SQuAD or CoNLL -> rows.

    blocks of bytes ─┬► lines ─┬► json_lines ──┬► (line, dict or Rejected)
                     │         ├► table ───────┤
                     │         └► conll ───────┤  (a sentence's first line is its line)
                     └► json_array, squad ─────┘  (an item's number in the array is its line)

Memory is constant: a line or an array's item longer than MAX_ROW_BYTES is skipped while it is read.
A row that cannot be read becomes Rejected, in order.
"""

import codecs
import csv
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from ecom.errors import DataError
from ecom.shopbench import Rejected

MAX_ROW_BYTES = 8 * 2**20
Row = tuple[int, dict[str, Any] | Rejected]

_DECODER = json.JSONDecoder()
_GAP = re.compile(r"[ \t\r\n]*,?[ \t\r\n]*")
_BEGINS = re.compile(r"\[[ \t\r]*(\n[ \t]*\{)")  # an array whose items begin lines
_ESCAPED = re.compile(r"\\u[dD][89a-fA-F]")  # a surrogate, alone or half of a pair
_SURROGATE = re.compile("[\ud800-\udfff]")
_LONE = "holds a lone surrogate (\\ud800 to \\udfff), which is no character"
_NUL = "holds a NUL byte"
_SEPARATOR = re.compile(rb'"?sep=([,;\t|])"?\r?', re.IGNORECASE)
_HASH_TOKEN = re.compile(rb"# (?:\d+|(?:.* )?(?:O|[BIELSUM][-_]\S+))\s*$")  # "#", and its tag
_SENTENCE = re.compile(r"[\s<>]|^$")  # what no handle, SKU or number has
_AHEAD = 8  # lines that one record may be broken into by line breaks outside of quotes
_LONG = f"longer than {MAX_ROW_BYTES} bytes"


@dataclass(frozen=True, slots=True)
class _Short:
    """A table's record of fewer cells than its header: the row, or why it is none."""

    row: dict[str, Any]
    cells: tuple[str, ...]
    width: int
    rejected: Rejected


class BrokenError(Exception):
    """The bytes end, or cannot be unpacked, before the file's end. Its text says where and why."""


def lines(blocks: Iterable[bytes], number: int = 1) -> Iterator[tuple[int, bytes | Rejected]]:
    """Yield (number, line without its newline), counting from `number`; blank lines too.

    A byte order mark before line 1 is dropped. Where the blocks break, the last line is Rejected.
    """
    start, length = b"", 0  # the incomplete line, or only its first bytes if it is too long
    try:
        for block in blocks:
            first, *rest = block.split(b"\n")
            length += len(first)
            start = start + first if length <= MAX_ROW_BYTES else (start or first)[:800]
            if not rest:
                continue
            yield number, _whole(number, start, length)
            for line in rest[:-1]:
                number += 1
                yield number, line
            number += 1
            start, length = rest[-1], len(rest[-1])
    except BrokenError as broken:
        yield number, Rejected(number, str(broken), _shown(start))
        return
    if length:
        yield number, _whole(number, start, length)


def json_lines(numbered: Iterable[tuple[int, bytes | Rejected]]) -> Iterator[Row]:
    """Yield one row per line that is not blank."""
    for number, line in numbered:
        if isinstance(line, Rejected):
            yield number, line
            continue
        try:  # raw_decode does without json.loads' detours
            text = line.decode()
            row, end = _DECODER.raw_decode(text)
            if end == len(text) and isinstance(row, dict) and not _ESCAPED.search(text):
                yield number, row
                continue
        except (ValueError, RecursionError):
            pass
        if line and not line.isspace():
            yield number, _json_row(number, line)


def json_array(blocks: Iterable[bytes]) -> Iterator[Row]:
    """Yield one row per item of the array.

    Where each item begins a line, one that is not JSON does not affect the others; else it ends the
    array, because the rest cannot be split into items. The text is parsed as it arrives; an
    incomplete item waits for more. Python's parser is as fast as ijson's, can be bounded, and
    accepts the NaN of `json.dump`.
    """
    texts = _decoded(blocks)
    number, text, at = 1, "", 0
    try:
        while not text.startswith("["):
            text = next(texts).lstrip()
        at, suspect = 1, _is_suspect(text)
        begins = _BEGINS.match(text)
        while True:
            at = _GAP.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing too
            if text.startswith("]", at):
                rest = any(piece.strip() for piece in [text[at + 1 :], *texts])
                if rest:
                    yield number, _end(number, "not valid JSON: text after the array", text[at:])
                return
            found = _item(text, at)
            if found is None and (more := next(texts, None)) is not None:
                text, at = text[at:] + more, 0
                suspect = _is_suspect(text)
                continue
            if found is None:
                found = "not valid JSON: the array is not closed"
            if isinstance(found, str):
                if not begins:
                    yield number, _end(number, found, text[at:])
                    return
                yield number, Rejected(number, found, _start(text[at:]))
                if (onward := _next_item(text, at + 1, begins[1], texts)) is None:
                    return
                (text, at), number = onward, number + 1
                suspect = _is_suspect(text)
                continue
            value, end = found
            yield number, checked(number, value, text[at:end] if suspect else "")
            number, at = number + 1, end
    except StopIteration:
        yield number, _end(number, "not valid JSON: the array is not closed", text[at:])
    except BrokenError as broken:
        yield number, _end(number, str(broken), text[at:])


def table(
    numbered: Iterable[tuple[int, bytes | Rejected]],
    delimiter: str,
    file: str,
    quoted: bool = True,
    encoding: str = "UTF-8",
    ragged: bool = False,
) -> Iterator[Row]:
    """Yield the rows below a header; values are strings. A row's number is that of its first line.

    Columns without a name are left out. A broken record loses only its first line: the others are
    read as separate records, because a stray quote may have swallowed them. `encoding` is the
    lines' original one, for reasons. With `ragged` the last cells of a row may be left out. Raises
    DataError where the header cannot be read.
    """
    records = _records(numbered, delimiter, file, quoted, encoding, ragged)
    yield from _completed(records)


def _records(
    numbered: Iterable[tuple[int, bytes | Rejected]],
    delimiter: str,
    file: str,
    quoted: bool,
    encoding: str,
    ragged: bool,
) -> Iterator[tuple[int, dict[str, Any] | _Short | Rejected]]:
    feed = _Feed(iter(numbered), encoding)
    reader = csv.reader(
        feed,
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        strict=True,
    )
    names: list[str] | None = None
    while (fields := feed.record(reader)) is not None:
        if not fields or (feed.first == 1 and separator(feed.taken[0])):
            continue
        if names is None:
            names = _header(fields, file)
        elif isinstance(fields, Rejected):
            yield fields.line, fields
        else:
            yield feed.first, _row(names, fields, delimiter, feed, ragged)


def _completed(records: Iterable[tuple[int, dict[str, Any] | _Short | Rejected]]) -> Iterator[Row]:
    """Yield the rows of a table; one with too few cells is complete without the last ones.

    Excel and hand-made scripts leave out empty cells at the end of a line. But a line break outside
    of quotes also leaves short lines, and the rest of a text in an id's column: lines that together
    have the header's width, and words at the start of the later ones, are Rejected.
    """
    held: deque[tuple[int, _Short]] = deque()
    for number, row in records:
        if isinstance(row, _Short):
            held.append((number, row))
            if len(held) < _AHEAD:
                continue
            yield from _settled(held)
        else:
            while held:
                yield from _settled(held)
            yield number, row
    while held:
        yield from _settled(held)


def _settled(held: "deque[tuple[int, _Short]]") -> Iterator[Row]:
    """Yield the first of the short records that follow each other, with those it is broken into."""
    total = 1
    for count, (_, short) in enumerate(held, start=1):
        if count > 1 and not _SENTENCE.search(short.cells[0]):
            break
        total += len(short.cells) - 1
        if count > 1 and total == short.width:
            for _ in range(count):
                number, broken = held.popleft()
                reason = "a line break outside of quotes; put the cell into quotes"
                yield number, replace(broken.rejected, reason=reason)
            return
    number, short = held.popleft()
    yield number, short.row if len(short.cells) > 1 else short.rejected


def separator(line: bytes | Rejected) -> str | None:
    """Return the delimiter that a first line "sep=;" names, as Excel writes and reads it."""
    found = _SEPARATOR.fullmatch(line) if isinstance(line, bytes) else None
    return found[1].decode() if found else None


def _row(
    names: list[str], fields: list[str], delimiter: str, feed: "_Feed", ragged: bool
) -> dict[str, Any] | _Short | Rejected:
    if len(feed.taken) > 1 and _is_swallowed(feed.taken, len(names), delimiter.encode()):
        lines = len(feed.taken)
        return feed.broken(
            f"a quote opens a value of {lines} lines, each a row by itself; double or remove it"
        )
    row: dict[str, Any] = dict(zip(names, fields, strict=False))
    row.pop("", None)
    if len(fields) != len(names):
        named = max(number for number, name in enumerate(names, start=1) if name)
        reason = f"{len(fields)} columns where the header has {len(names)}"
        mark, within = delimiter.encode(), feed.taken[1:-1]
        prose = all(isinstance(one, bytes) and 2 * one.count(mark) < len(names) for one in within)
        if ragged and len(fields) < named and prose:
            rejected = Rejected(feed.first, reason, delimiter.join(fields)[:200])
            return _Short(row, tuple(fields), len(names), rejected)
        if len(fields) < named or any(fields[len(names) :]):
            return feed.broken(reason)
    return row


def _is_swallowed(lines: list[bytes | Rejected], width: int, delimiter: bytes) -> bool:
    """Whether each line of a record is a separate row: equally wide, with a similar first number.

    Two complete rows between the first line and the last are enough, whatever they begin with.
    Prose has blanks after its commas ("36, 37").
    """
    rows = [line.split(delimiter) for line in lines if isinstance(line, bytes)]
    apart = not any(column.startswith(b" ") for columns in rows for column in columns[1:])
    if width < 2 or {*map(len, rows)} != {width} or len(rows) < len(lines) or not apart:
        return False
    starts = {re.sub(rb"\d+", b"0", columns[0]) for columns in rows}
    inner = [column.strip() for columns in rows[1:-1] for column in columns]
    whole = len(rows) > 3 and all(inner) and not any(b'"' in column for column in inner)
    return whole or (len(starts) == 1 and b"0" in starts.pop())


def squad(blocks: Iterable[bytes]) -> Iterator[Row]:
    """Yield the items of "data" in a JSON object of SQuAD's layout; the whole file is in memory.

    {"version": "v2.0", "data": [{"title": …, "paragraphs": […]}, …]}
    """
    text = b""
    try:
        text = b"".join(blocks)
        for number, value in enumerate(json.loads(text)["data"], 1):
            yield number, checked(number, value, "", text[:200])
    except UnicodeDecodeError as error:
        yield 1, Rejected(1, f"not UTF-8: byte {text[error.start]:#04x}", _shown(text))
    except BrokenError as broken:
        yield 1, Rejected(1, str(broken), "")
    except (ValueError, RecursionError) as error:
        yield 1, Rejected(1, f"not valid JSON: {words_of_json(error)}", _shown(text))


def conll(numbered: Iterable[tuple[int, bytes | Rejected]]) -> Iterator[Row]:
    """Yield {tokens, tags} for every sentence of a file in columns: the first and the last one.

    Columns are separated by a tab, or by blanks. A blank line or -DOCSTART- ends a sentence; a
    sentence with an unreadable line is Rejected completely. Comments ("# id 1") are skipped.
    """
    first, pairs, fault = 0, list[tuple[str, str]](), ""
    for number, line in chain(numbered, [(0, b"")]):
        if isinstance(line, bytes) and line.startswith(b"# ") and not _HASH_TOKEN.match(line):
            continue
        try:
            pair = _pair(line)
        except ValueError as error:
            first, fault = first or number, fault or f"line {number}: {error}"
            continue
        if pair:
            first = first or number
            pairs.append(pair)
        elif first:
            tokens, tags = [token for token, _ in pairs], [tag for _, tag in pairs]
            shown = " ".join(tokens)[:200]
            yield (
                first,
                Rejected(first, fault, shown) if fault else {"tokens": tokens, "tags": tags},
            )
            first, pairs, fault = 0, [], ""


class _Feed:
    """Lines for the csv module, which reads more of them while a quote is open.

    `first` is the number of the record's first line, `taken` its lines.
    """

    def __init__(
        self, numbered: Iterator[tuple[int, bytes | Rejected]], encoding: str = "UTF-8"
    ) -> None:
        self._numbered, self._encoding = numbered, encoding
        self._again: deque[tuple[int, bytes | Rejected]] = deque()
        self.first, self.taken, self._size = 0, list[bytes | Rejected](), 0
        self._fault: str | None = None

    def record(self, reader: Any) -> list[str] | Rejected | None:
        """Return the next record's fields, or Rejected, or None at the end."""
        self.first, self.taken, self._size, self._fault = 0, [], 0, None
        try:
            fields: list[str] = next(reader)
        except StopIteration:
            return None
        except csv.Error as error:
            self._fault = self._fault or f"not valid CSV: {error}"
        return self.broken(self._fault) if self._fault else fields

    def broken(self, reason: str) -> Rejected:
        """Return the record's first line as Rejected; its other lines are read again."""
        first, *rest = self.taken
        self._again.extendleft(reversed([*enumerate(rest, start=self.first + 1)]))
        shown = first.text if isinstance(first, Rejected) else _shown(first)
        return Rejected(self.first, reason, shown)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        number, line = self._again.popleft() if self._again else next(self._numbered)
        if not self.taken:
            self.first = number
        self.taken.append(line)
        if isinstance(line, Rejected):
            self._fault = line.reason if len(self.taken) == 1 else self._fault
            raise csv.Error("a quote is still open where a line cannot be read")
        self._size += len(line)
        if self._size > MAX_ROW_BYTES:
            raise csv.Error(_LONG)
        if b"\0" in line:
            self._fault = self._fault or _NUL
        try:
            return line.decode() + "\n"
        except UnicodeDecodeError as error:
            self._fault = self._fault or f"not {self._encoding}: byte {line[error.start]:#04x}"
            return line.decode("utf-8", "replace") + "\n"


def _pair(line: bytes | Rejected) -> tuple[str, str] | None:
    """Return the token and the tag of a line of columns, None where a sentence ends.

    A token may be a blank: then its column is empty. Raises ValueError with the reason.
    """
    if isinstance(line, Rejected):
        raise ValueError(line.reason)
    try:
        text = line.decode().rstrip("\r")
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8: byte {line[error.start]:#04x}") from None
    if not text.strip() or text.startswith("-DOCSTART-"):
        return None
    fields = text.split("\t") if "\t" in text else text.split()
    if len(fields) < 2 or not fields[-1].strip():
        raise ValueError("one column; a token and its tag are needed")
    return fields[0].strip() or " ", fields[-1].strip()


def _header(fields: list[str] | Rejected, file: str) -> list[str]:
    if isinstance(fields, Rejected):
        raise DataError(f"{file}: line {fields.line}, the header: {fields.reason}; correct it")
    names = [field.strip() for field in fields]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise DataError(f"{file}: columns named twice: {', '.join(twice)}; rename or remove one")
    if not any(names):
        raise DataError(f"{file}: the header names no column; give the table a header")
    return names


def _whole(number: int, line: bytes, length: int) -> bytes | Rejected:
    if length > MAX_ROW_BYTES:
        return Rejected(number, _LONG, _shown(line))
    return line.removeprefix(codecs.BOM_UTF8) if number == 1 else line


def _json_row(number: int, line: bytes) -> dict[str, Any] | Rejected:
    try:
        text = line.decode()
        value = json.loads(text)
    except UnicodeDecodeError as error:
        return Rejected(number, f"not UTF-8: byte {line[error.start]:#04x}", _shown(line))
    except (ValueError, RecursionError) as error:
        reason = _NUL if b"\0" in line else f"not valid JSON: {words_of_json(error)}"
        return Rejected(number, reason, _shown(line))
    return checked(number, value, text, line)


def checked(number: int, value: Any, text: str, line: bytes = b"") -> dict[str, Any] | Rejected:
    """Return a row, or Rejected; `text` is its JSON where characters are suspect."""
    if not isinstance(value, dict):
        reason = "not a JSON object"
    elif text and (undecoded := _SURROGATE.search(text)):
        reason = f"not UTF-8: byte {ord(undecoded[0]) - 0xDC00:#04x}"
    elif text and _SURROGATE.search(json.dumps(value, ensure_ascii=False)):
        reason = _LONE
    else:
        return value
    return Rejected(number, reason, _shown(text[:200].encode("utf-8", "replace") or line))


def _item(text: str, at: int) -> tuple[Any, int] | str | None:
    """Return (value, its end), a fault, or None where the text may be incomplete."""
    early = at + MAX_ROW_BYTES > len(text)
    try:
        value, end = _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        # More text can only complete an open string and the last few characters.
        if error.msg.startswith("Unterminated") or error.pos > len(text) - 16:
            return None if early else f"{_LONG}, or never closed"
        return f"not valid JSON: {words_of_json(error)}"
    except (ValueError, RecursionError) as error:
        return f"not valid JSON: {words_of_json(error)}"
    # Only an object is certainly complete where the text ends: 12 may become 123.
    return None if end == len(text) and early and not isinstance(value, dict) else (value, end)


def _next_item(text: str, at: int, begin: str, texts: Iterator[str]) -> tuple[str, int] | None:
    """Return the text and the position in it of the next item, None where there is none."""
    while (start := text.find(begin, at)) < 0:
        if (more := next(texts, None)) is None:
            return None
        text, at = text[-len(begin) :] + more, 0
    return text, start


def _decoded(blocks: Iterable[bytes]) -> Iterator[str]:
    """Yield the blocks' text; a byte that is not UTF-8 becomes a lone surrogate, found later."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
    for block in blocks:
        yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def _is_suspect(text: str) -> bool:
    """Whether the text may contain a lone surrogate, raw or escaped."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return bool(_ESCAPED.search(text))


def _end(number: int, reason: str, text: str) -> Rejected:
    return Rejected(number, f"{reason}; nothing after it is read", _start(text))


def _start(text: str) -> str:
    return _shown(text[:200].encode("utf-8", "replace"))


def words_of_json(error: Exception) -> str:
    """Return json's message without the position, which the row's number gives."""
    return error.msg if isinstance(error, json.JSONDecodeError) else str(error) or "too deep"


def _shown(line: bytes) -> str:
    return line[:800].decode("utf-8", "replace").strip()[:200]
