"""The only module that opens raw files: a path or URL -> files -> spans -> rows.

    find("shop/") ─► ["shop/a.jsonl", "shop/b.csv.gz"]
    spans("shop/a.jsonl") ─► [Span(bytes 0 to 16 MiB, line 1), Span(… to the end, line 30,211)]
    rows(span) ─► (30211, {"title": …}), (30212, Rejected), …

JSON lines are cut at newlines, Parquet between row groups; a .gz, a CSV, a JSON array, CoNLL
columns, a JSON object of SQuAD's layout, a shop's feed and any file that is not UTF-8 are one span
each; a shop's pages are one together. Text is converted to UTF-8 as it is read. A path is local,
or any URL that pyarrow or, failing that, fsspec opens; of a .zip the files in it are read, of a
pattern (shop/*.csv, ** for any depth) those that match. A row that cannot be read is Rejected in
its place; faults of a whole file raise DataError.
"""

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any, Literal
from zipfile import BadZipFile, ZipFile

import pyarrow as pa
from pyarrow import fs

from ecom.errors import DataError, EmptyError
from ecom.raw import dialect, documents, parse
from ecom.raw.parse import BrokenError, Row
from ecom.shopbench import Rejected

KINDS = "*.json, *.jsonl, *.ndjson, *.csv, *.tsv (or .gz of them), *.parquet or a .zip"
SPAN_BYTES = 16 * 2**20
_BLOCK_BYTES = 2**20
_SAMPLE_BYTES = 2**20  # of a text, to detect how it is written
_BATCH_ROWS = 1024

_NAME = re.compile(r"\.(?:(jsonl?|ndjson|csv|tsv)(?:\.gz)?|(parquet))$", re.IGNORECASE)
_ZIP = re.compile(r"\.zip(?:\?.*)?$", re.IGNORECASE)
_WILD = re.compile(r"[*?\[]")
_NO_ROWS = ("artifact.json", "dataset_info.json")  # of an export, and of LLaMA-Factory's folders
_UTF16 = re.compile(rb"(?:[ -~]\0){2}|(?:\0[ -~]){2}")
_CONLL_NAME = re.compile(r"\.(?:conll|bio|iob2?|bioes|bmes|txt)(?:\.gz)?$", re.IGNORECASE)
_EXPORT_NAME = re.compile(r"\.(?:(jsonld)|(xml|rss|atom)|(html?)|(txt))(?:\.gz)?$", re.IGNORECASE)
_DOCUMENT = re.compile(rb'\{\s*"products?"\s*:\s*[\[{]')
_LINKED_DATA = re.compile(rb'\{\s*"@(?:context|graph|type|id)"\s*:')
_SQUAD = re.compile(rb'\{(?:[^{}\[\]]*,)?\s*"data"\s*:\s*\[')
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx, .xls
_TEXT = re.compile(r"\.txt(?:\.gz)?$", re.IGNORECASE)
_ZIP = re.compile(r"\.zip(?:\?.*)?$", re.IGNORECASE)
_PAGES_PER_SPAN = 5_000
_DELIMITERS = {"csv": ",", "tsv": "\t"}
CONLL_KINDS = "*.conll, *.bio, *.iob, *.bioes, *.bmes, *.txt"
EXPORT_KINDS = "*.xml, *.html, *.jsonld"
Kind = Literal[
    "lines", "array", "csv", "tsv", "parquet", "conll", "squad", "document", "html", "feed"
]


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a file that one task reads. Its `asdict` is JSON.

    start, stop   bytes, or row groups of a Parquet file; None: to the end
    line          number of the span's first line (row, in Parquet), from 1
    encoding      of a text, as Python names it
    delimiter     between the columns of a table; "": that of its kind
    quoted        whether a table's values may be quoted
    line_break    of a table: old Macs wrote only a carriage return
    also          further pages that are read after it
    """

    file: str
    kind: Kind = "lines"
    gzip: bool = False
    start: int = 0
    stop: int | None = None
    line: int = 1
    encoding: str = "utf-8"
    delimiter: str = ""
    quoted: bool = True
    line_break: Literal["\n", "\r"] = "\n"
    also: list["Span"] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """The file, or the folder of several pages."""
        return self.file.rpartition("/")[0] if self.also else self.file


def find(path: str, conll: bool = False, exports: bool = False) -> list[str]:
    """Return the file that `path` names, or all readable ones at any depth below a folder, sorted.

    With `conll`, files of CoNLL columns are readable, too; with `exports`, feeds and pages of a
    shop. Of a .zip, all readable files in it are returned, of a pattern those that match. Hidden
    files (with a leading . or _) and an export's other files are skipped. Raises DataError where
    there is none.
    """
    system, inner = _system(path)
    with _explained(path):
        info = system.get_file_info(inner)
        if info.type == fs.FileType.NotFound and is_pattern(path):
            return _matching(path, conll, exports)
        if info.type == fs.FileType.NotFound:
            raise DataError(f"{path}: no such file or folder; check the path")
        if info.type == fs.FileType.File:
            file = path if _is_url(path) else inner
            if _ZIP.search(path):
                return _zipped(file, conll, exports)
            _kind(path, conll, exports)
            return [file]
        below = system.get_file_info(fs.FileSelector(inner, recursive=True))
    names = [
        PurePosixPath(file.path).relative_to(info.path)
        for file in below
        if file.type == fs.FileType.File
    ]
    names = _readable(path, names, conll, exports)
    folder, mark, query = path.partition("?") if _is_url(path) else (inner, "", "")
    return [f"{folder.rstrip('/')}/{name}{mark}{query}" for name in names]


def _readable(
    path: str, names: list[PurePosixPath], conll: bool, exports: bool
) -> list[PurePosixPath]:
    """Return the names of files that are read, sorted. Raises DataError where there is none."""
    shown = sorted(
        name
        for name in names
        if name.name not in _NO_ROWS and not any(part[0] in "._" for part in name.parts)
    )
    kinds = [_NAME, *([_CONLL_NAME] * conll), *([_EXPORT_NAME] * exports)]
    found = [name for name in shown if any(kind.search(name.name) for kind in kinds)]
    if exports:  # a .txt among other files is rather a note than a feed
        found = [name for name in found if not _TEXT.search(name.name)] or found
    if not found:
        raise DataError(
            f"{path}: no file of a kind that is read; name a file or folder of "
            f"{_kinds(conll, exports)}"
        )
    return found


def _zipped(file: str, conll: bool, exports: bool) -> list[str]:
    """Return the readable files in a .zip, as URLs that fsspec opens."""
    try:
        with _stream(file) as stream, ZipFile(stream) as unpacked:
            members = [member for member in unpacked.infolist() if not member.is_dir()]
    except (BadZipFile, NotImplementedError, ValueError, pa.ArrowException) as error:
        raise DataError(f"{file}: not a complete zip: {error}; copy it again") from None
    names = [PurePosixPath(member.filename.lstrip("/")) for member in members]
    names = _readable(file, names, conll, exports)
    locked = [member.filename for member in members if member.flag_bits & 1]
    if locked:
        raise DataError(f"{file}: {locked[0]} has a password; unpack the zip, and name the folder")
    return [f"zip://{name}::{file}" for name in names]


def is_pattern(path: str) -> bool:
    """Say whether a path has wildcards; in a URL a question mark begins its query."""
    return "*" in path if _is_url(path) else bool(_WILD.search(path))


def above(pattern: str) -> str:
    """Return the folder, absolute, below which files may match a pattern."""
    before = pattern.partition("*")[0] if _is_url(pattern) else _WILD.split(pattern)[0]
    folder = before.rpartition("/")[0]
    if _is_url(pattern):
        return folder
    return str(Path(folder or ("/" if before.startswith("/") else ".")).absolute())


def _matching(pattern: str, conll: bool, exports: bool) -> list[str]:
    """Return the readable files whose paths match a pattern, as a shell reads it."""
    from fsspec.utils import glob_translate

    root = above(pattern)
    system, inner = _system(root)
    below = system.get_file_info(fs.FileSelector(inner, recursive=True, allow_not_found=True))
    whole = pattern if _is_url(pattern) else str(Path(pattern).absolute())
    rule = re.compile(glob_translate(whole.removeprefix(root).lstrip("/")))
    names = [
        PurePosixPath(name)
        for file in below
        if file.type == fs.FileType.File
        and rule.match(name := file.path.removeprefix(inner).lstrip("/"))
    ]
    zips = sorted(name for name in names if _ZIP.search(name.name))
    found = [file for name in zips for file in _zipped(f"{root}/{name}", conll, exports)]
    if zips and len(zips) == len(names):
        return found
    return [*(f"{root}/{name}" for name in _readable(pattern, names, conll, exports)), *found]


def spans(
    file: str,
    span_bytes: int | None = SPAN_BYTES,
    encoding: str | None = None,
    delimiter: str | None = None,
    squad: bool = False,
    exports: bool = False,
) -> list[Span]:
    """Return the spans of one file, in order; each begins where the last one ends.

    They have about `span_bytes` each, None: the file is one span.
    Encoding and delimiter are detected where they are not given; a byte order mark always counts.
    With `squad` a JSON object of SQuAD's layout is readable, too; with `exports`, one of a shop's.
    Raises EmptyError for an empty file, DataError for truncated Parquet and the like.
    """
    kind = _kind(file, conll=not exports, exports=exports)
    if kind == "parquet":
        return _row_groups(file, span_bytes)
    with _stream(file) as stream:
        is_gzip = stream.read(2) == b"\x1f\x8b"  # by its bytes, not its name
    raw = _sample(Span(file, gzip=is_gzip))
    if raw.startswith(_WORKBOOKS):
        raise DataError(f"{file}: its contents are an Excel workbook (or a zip); save it as CSV")
    is_table = kind in _DELIMITERS
    guess = "utf-8"
    if kind in ("feed", "html"):
        guess = dialect.declared(raw) or dialect.guessed(raw)
    elif is_table or kind == "conll":
        guess = dialect.guessed(raw)
    encoding = dialect.marked(raw) or encoding or guess
    whole = Span(file, kind, is_gzip, encoding=encoding)
    text = _first_text(whole)
    if is_table:
        if b"\r" in text and b"\n" not in _sample(whole):
            whole = replace(whole, line_break="\r")
        lines = _sample(whole).removeprefix(codecs.BOM_UTF8).lstrip(b"\r\n").split(b"\n")
        if len(raw) == _SAMPLE_BYTES:
            lines = lines[:-1] or lines  # the last one may be incomplete
        found = dialect.detect(lines, file, _DELIMITERS[kind], delimiter)
        return [replace(whole, delimiter=found.delimiter, quoted=found.quoted)]
    if kind == "lines" and (layout := _layout(text, file, squad, exports)):
        return [replace(whole, kind=layout)]
    packed = is_gzip or file.startswith("zip://")
    if kind != "lines" or packed or encoding != "utf-8" or span_bytes is None:
        return [whole]
    cuts = _cuts(file, span_bytes)
    stops = [*(start for start, _ in cuts[1:]), None]
    return [
        Span(file, "lines", start=start, stop=stop, line=line)
        for (start, line), stop in zip(cuts, stops, strict=True)
    ]


def gathered(spans: list[list[Span]]) -> list[list[Span]]:
    """Return the spans of files, with pages and JSON objects, a product or a few each, together.

    Rows are put together within a span, and a page alone has none to be put together with.
    """
    result: list[list[Span]] = []
    for kind, group in groupby(spans, key=lambda one: one[0].kind):
        of_kind = list(group)
        if kind not in ("html", "document"):
            result += of_kind
            continue
        pages = [page for [page] in of_kind]
        for at in range(0, len(pages), _PAGES_PER_SPAN):
            first, *rest = pages[at : at + _PAGES_PER_SPAN]
            result.append([replace(first, also=rest)])
    return result


def _layout(
    text: bytes, file: str, squad: bool, exports: bool
) -> Literal["array", "squad", "document"] | None:
    """Return the layout of JSON that is not one row per line. Raises DataError for an object."""
    if text.startswith(b"["):
        return "array"
    if squad and _SQUAD.match(text):
        return "squad"
    first_line = text.split(b"\n", 1)[0].rstrip()
    if exports and (first_line == b"{" or _DOCUMENT.match(text)):
        return "document"
    if exports and _LINKED_DATA.match(text) and not first_line.endswith(b"}"):
        return "document"
    if first_line == b"{":
        raise DataError(
            f"{file}: a JSON object over many lines; write one object a line, or an array"
        )
    return None


def rows(span: Span, ragged: bool = False) -> Iterator[Row]:
    """Yield (line, row) for every row of the span that is not blank, in constant memory.

    Values have the types of JSON or Parquet; in CSV they are strings. With `ragged` the last cells
    of a table's row may be left out. Raises DataError where the file cannot be read at all.
    """
    if span.kind in ("html", "document"):
        return _document_rows(span)
    if span.kind == "feed":
        return documents.feed_items(_blocks(span))
    if span.kind == "parquet":
        return _parquet_rows(span)
    if span.kind == "array":
        return parse.json_array(_blocks(span))
    if span.kind == "squad":
        return parse.squad(_blocks(span))
    lines = parse.lines(_blocks(span), span.line)
    if span.kind == "conll":
        return parse.conll(lines)
    if span.kind == "lines":
        return parse.json_lines(lines)
    delimiter = span.delimiter or _DELIMITERS[span.kind]
    return parse.table(lines, delimiter, span.file, span.quoted, span.encoding.upper(), ragged)


def _document_rows(span: Span) -> Iterator[Row]:
    """Yield the rows of a document and of those that are read after it."""
    for one in (span, *span.also):
        read = documents.html_scripts if one.kind == "html" else documents.json_items
        for line, row in read(_blocks(one), one.file):
            if isinstance(row, Rejected) and span.also:
                row = replace(row, text=f"{one.file}: {row.text}"[:200])
            yield line, row


def _is_url(path: str) -> bool:
    return "://" in path


def _kinds(conll: bool, exports: bool) -> str:
    return ", ".join([*([CONLL_KINDS] * conll), *([EXPORT_KINDS] * exports), KINDS])


def _kind(file: str, conll: bool, exports: bool = False) -> Kind:
    """Return the kind of a file by its name."""
    plain = file.partition("::")[0].partition("?")[0] if _is_url(file) else file
    name = _NAME.search(plain)
    if conll and _CONLL_NAME.search(plain):
        return "conll"
    if exports and (export := _EXPORT_NAME.search(plain)):
        kinds: tuple[Kind, ...] = ("lines", "feed", "html", "tsv")
        return next(kind for kind, named in zip(kinds, export.groups(), strict=True) if named)
    if not name:
        raise DataError(
            f"{file}: files of this kind are not read; name one of {_kinds(conll, exports)}"
        )
    kind = (name[1] or name[2]).lower()
    return kind if kind in ("csv", "tsv", "parquet") else "lines"  # type: ignore[return-value]


@lru_cache(maxsize=64)  # a bucket's region is looked up over the network
def _system(path: str) -> tuple[fs.FileSystem, str]:
    """Return the file system of a path or URL, and the path in it."""
    if not _is_url(path):
        return fs.LocalFileSystem(), str(Path(path).absolute())
    try:
        system, inner = fs.FileSystem.from_uri(path)
        return system, inner
    except (pa.ArrowException, OSError, ValueError) as error:
        why = str(error)
    try:
        from fsspec.core import url_to_fs

        system, inner = url_to_fs(path)
    except (ImportError, ValueError, OSError) as error:
        raise DataError(
            f"{path}: cannot be opened, neither by pyarrow ({why}) nor by fsspec ({error}); "
            "check the URL, or install the fsspec package for it"
        ) from None
    return fs.PyFileSystem(fs.FSSpecHandler(system)), inner


@contextmanager
def _explained(file: str) -> Iterator[None]:
    """Turn errors of the file system into a DataError."""
    try:
        yield
    except FileNotFoundError:
        raise DataError(f"{file}: no such file; check the path") from None
    except BadZipFile as error:
        raise DataError(f"{file}: the zip is damaged here: {error}; copy it again") from None
    except OSError as error:
        raise DataError(f"{file}: cannot be read: {error}; check it and its permissions") from None


@contextmanager
def _stream(file: str) -> Iterator[Any]:
    """Open a file as it is; a .gz is not unpacked."""
    system, inner = _system(file)
    with _explained(file), system.open_input_file(inner) as stream:
        yield stream


def _blocks(span: Span) -> Iterator[bytes]:
    """Yield the span's text, unpacked, in UTF-8. Raises BrokenError where a .gz ends too early.

    Bytes that its encoding does not have stay unchanged and are not UTF-8: their line is rejected.
    """
    if span.line_break == "\r":
        for block in _blocks(replace(span, line_break="\n")):
            yield block.replace(b"\r", b"\n")
        return
    if span.encoding == "utf-8":
        yield from _bytes(span)
        return
    errors = "replace" if span.encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
    decoder = codecs.getincrementaldecoder(span.encoding)(errors)
    for block in _bytes(span):
        yield decoder.decode(block).encode("utf-8", "surrogateescape")
    yield decoder.decode(b"", final=True).encode("utf-8", "surrogateescape")


def _bytes(span: Span) -> Iterator[bytes]:
    with _stream(span.file) as stream:
        if span.gzip:
            yield from _unpacked(stream)
            return
        stream.seek(span.start)
        at, stop = span.start, span.stop
        while block := _next_block(stream, _BLOCK_BYTES if stop is None else stop - at, at):
            yield block
            at += len(block)


def _next_block(stream: Any, most: int, at: int) -> bytes:
    """Return the next bytes, at most so many. Raises BrokenError where a .zip ends too early."""
    try:
        block: bytes = stream.read(min(_BLOCK_BYTES, most))
    except (BadZipFile, EOFError, zlib.error) as error:
        raise BrokenError(f"the .zip is cut or damaged after byte {at}: {error}") from None
    return block


def _sample(span: Span) -> bytes:
    """Return the first bytes of a text: raw ones if the span has no encoding."""
    sample = b""
    try:
        for block in _blocks(span):
            sample += block
            if len(sample) >= _SAMPLE_BYTES:
                break
    except BrokenError:
        pass  # `rows` reports where
    return sample[:_SAMPLE_BYTES]


def _unpacked(stream: Any) -> Iterator[bytes]:
    done = 0
    with gzip.GzipFile(fileobj=stream) as unpacked:
        while True:
            try:
                block = unpacked.read1(_BLOCK_BYTES)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise BrokenError(f"the .gz is cut or damaged after byte {done}: {error}") from None
            if not block:
                return
            yield block
            done += len(block)


def _first_text(span: Span) -> bytes:
    """Return the first block from its first character on. Raises DataError where it is no text."""
    file = span.file
    try:
        for number, block in enumerate(_blocks(span)):
            if number == 0 and _UTF16.match(block):
                raise DataError(
                    f"{file}: UTF-16 without a byte order mark; save it as UTF-8, or give a corpus "
                    "source its `encoding`: utf-16-le or utf-16-be"
                )
            if number == 0 and block.startswith(b"PAR1"):
                raise DataError(f"{file}: its contents are Parquet; name it *.parquet")
            text = block.removeprefix(codecs.BOM_UTF8).lstrip()
            if text:
                return text
    except BrokenError:
        return b"?"  # `rows` tells where
    raise EmptyError(f"{file}: empty; leave it out or fill it")


def _cuts(file: str, span_bytes: int) -> list[tuple[int, int]]:
    """Return (byte, line) where each span of JSON lines starts, about equally far apart."""
    system, inner = _system(file)
    size = system.get_file_info(inner).size or 0
    step = -(-size // max(1, round(size / span_bytes))) or span_bytes
    cuts, offset, line = [(0, 1)], 0, 1
    for block in _blocks(Span(file)):
        counted = 0
        # Every cut is the first start of a line at least `step` after the last cut.
        while (newline := block.find(b"\n", max(cuts[-1][0] + step - 1 - offset, counted))) >= 0:
            line += block.count(b"\n", counted, newline + 1)
            counted = newline + 1
            cuts.append((offset + counted, line))
        line += block.count(b"\n", counted)
        offset += len(block)
    return cuts if len(cuts) == 1 or cuts[-1][0] < offset else cuts[:-1]


@contextmanager
def _parquet(file: str) -> Iterator[Any]:
    import pyarrow.parquet as pq

    try:
        with _stream(file) as stream:
            # Pages are read when needed: memory is constant, however large the row groups are.
            yield pq.ParquetFile(stream, pre_buffer=False, buffer_size=_BLOCK_BYTES)
    except pa.ArrowException as error:
        raise DataError(
            f"{file}: not a complete Parquet file: {str(error).splitlines()[0]}; write it again, "
            "or give JSON lines"
        ) from None


def _row_groups(file: str, span_bytes: int | None) -> list[Span]:
    with _parquet(file) as parquet:
        groups = [parquet.metadata.row_group(g) for g in range(parquet.metadata.num_row_groups)]
    found: list[Span] = []
    start, size, line, next_line = 0, 0, 1, 1
    for stop, group in enumerate(groups, start=1):
        size += group.total_byte_size
        next_line += group.num_rows
        if stop == len(groups) or (span_bytes is not None and size >= span_bytes):
            found.append(Span(file, "parquet", start=start, stop=stop, line=line))
            start, size, line = stop, 0, next_line
    if next_line == 1:
        raise EmptyError(f"{file}: empty; leave it out or fill it")
    return found


def schema(file: str) -> pa.Schema | None:
    """Return the columns of a Parquet file; None for a text, which has no types."""
    if _kind(file, conll=False) != "parquet":
        return None
    with _parquet(file) as parquet:
        return parquet.schema_arrow


def _parquet_rows(span: Span) -> Iterator[Row]:
    number = span.line
    with _parquet(span.file) as parquet:
        stop = parquet.metadata.num_row_groups if span.stop is None else span.stop
        for batch in parquet.iter_batches(_BATCH_ROWS, row_groups=range(span.start, stop)):
            for row in _records(batch, number):
                yield number, row
                number += 1


def _records(batch: pa.RecordBatch, number: int) -> list[dict[str, Any] | Rejected]:
    """Return a batch's rows; one with an unreadable value is Rejected without the others."""
    try:
        return list(batch.to_pylist())
    except (ValueError, OverflowError) as error:
        if batch.num_rows == 1:
            return [Rejected(number, _unread(error), "")]
    return [
        row
        for offset in range(batch.num_rows)
        for row in _records(batch.slice(offset, 1), number + offset)
    ]


def _unread(error: Exception) -> str:
    """Return why a Parquet value cannot be read: not UTF-8, or a date of the year 5 million."""
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8: byte {error.object[error.start]:#04x}"
    return f"a value cannot be read: {error}"
