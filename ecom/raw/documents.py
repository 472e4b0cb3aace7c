r"""Rows out of documents that are no tables: JSON objects, HTML pages, XML feeds.

    {"products": [{…}, {…}]}                                   each item of the list
    {"@context": "https://schema.org", "@graph": […]}          the object
    <script type="application/ld+json">{…}</script>            the JSON of each such script
    <item><g:id>7</g:id><title>Lamp</title></item>             {"id": "7", "title": "Lamp"}

A feed is read item by item, RSS or Atom; the others are in memory as a whole. What feeds often get
wrong is read all the same: a bare "&", HTML's entities, control characters, an undeclared prefix.
Entities that a document declares itself are never expanded.
"""

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from html.entities import html5
from typing import Any
from xml.parsers import expat

from ecom.errors import DataError
from ecom.raw.parse import MAX_ROW_BYTES, BrokenError, Row, checked, words_of_json
from ecom.shopbench import Rejected

MAX_BYTES = 2**29  # of a document that is in memory as a whole
_LISTS = ("products", "product")  # of Shopify's products.json
_SCRIPT = re.compile(
    r"<script\b[^>]*\btype\s*=\s*[\"']?application/ld\+json[\"']?[^>]*>(.*?)</script\s*>",
    re.IGNORECASE | re.DOTALL,
)
# A script's JSON is sometimes wrapped: /*<![CDATA[*/ {…} /*]]>*/ or <!-- {…} -->
_WRAPPED = re.compile(
    r"^\s*(?:(?:/\*|//)?\s*<!(?:\[CDATA\[|--)\s*(?:\*/)?)|(?:(?:/\*|//)?\s*(?:\]\]|--)>\s*(?:\*/)?)\s*;?\s*$"
)
_ITEMS = ("item", "entry")  # of RSS, of Atom
_REFERENCE = re.compile(
    r"&(?:#(\d{1,7});|#[xX]([\da-fA-F]{1,6});|(\w{1,31});)?|[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
)
_XML = ("amp", "lt", "gt", "quot", "apos")
_LONGEST_REFERENCE = 40  # characters


def json_items(blocks: Iterable[bytes], file: str) -> Iterator[Row]:
    """Yield the items of an object's list of products, or the object itself; counted from 1."""
    try:
        found = json.loads(_whole(blocks, file).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        yield 1, Rejected(1, f"not UTF-8: byte {error.object[error.start]:#04x}", "")
        return
    except BrokenError as broken:
        yield 1, Rejected(1, str(broken), "")
        return
    except (ValueError, RecursionError) as error:
        yield 1, Rejected(1, f"not valid JSON: {words_of_json(error)}", "")
        return
    items = next(
        (found[name] for name in _LISTS if isinstance(found.get(name), list | dict)), found
    )
    for number, item in enumerate(items if isinstance(items, list) else [items], start=1):
        yield number, checked(number, item, str(item))


def html_scripts(blocks: Iterable[bytes], file: str) -> Iterator[Row]:
    """Yield the JSON-LD objects of a page, each with the line of its script."""
    try:
        text = _whole(blocks, file).decode("utf-8-sig", "replace")
    except BrokenError as broken:
        yield 1, Rejected(1, str(broken), "")
        return
    for script in _SCRIPT.finditer(text):
        line = text.count("\n", 0, script.start()) + 1
        written = _WRAPPED.sub("", _WRAPPED.sub("", script[1]))
        try:
            found = json.loads(written, strict=False)  # line breaks within its texts
        except (ValueError, RecursionError) as error:
            reason = f"JSON-LD in a page: not valid JSON: {words_of_json(error)}"
            yield line, Rejected(line, reason, written.strip()[:200])
            continue
        for item in found if isinstance(found, list) else [found]:
            yield line, checked(line, item, str(item))


def feed_items(blocks: Iterable[bytes]) -> Iterator[Row]:
    """Yield the items of an RSS or Atom feed, each with its first line.

    A child is a text, a dict where it has children itself, a list where it occurs several times.
    Where a name occurs with a prefix and without ("g:title", "title"), that with one counts.
    """
    items = _Items()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, _: items.open(name, parser.CurrentLineNumber)
    parser.EndElementHandler = items.close
    parser.CharacterDataHandler = items.text
    parser.EntityDeclHandler = _refuse
    line = 1
    try:
        for text in _readable(blocks):
            parser.Parse(text)
            yield from items.taken()
        parser.Parse("", True)
    except expat.ExpatError as error:
        line, why = error.lineno, f"not valid XML: {expat.ErrorString(error.code)}"
    except BrokenError as broken:
        line, why = parser.CurrentLineNumber, str(broken)
    else:
        why = ""
    yield from items.taken()
    if why:
        yield line, Rejected(line, f"{why}; nothing after it is read", "")


class _Items:
    """The items of a feed while its elements open and close."""

    def __init__(self) -> None:
        self._done: list[Row] = []
        self._item: dict[str, list[tuple[bool, Any]]] | None = None
        self._line, self._size = 0, 0
        self._path: list[str] = []  # of open elements below the item
        self._texts: list[str] = []
        self._parts: dict[str, str] = {}  # of the item's open child

    def open(self, name: str, line: int) -> None:
        if self._item is None:
            if name.rpartition(":")[2] in _ITEMS:
                self._item, self._line, self._size = {}, line, 0
            return
        self._path.append(name)
        self._texts = []

    def text(self, text: str) -> None:
        if self._path:
            self._texts.append(text)
            self._size += len(text)
            if self._size > MAX_ROW_BYTES:
                raise BrokenError(f"an item longer than {MAX_ROW_BYTES} bytes")

    def close(self, name: str) -> None:
        prefix, _, local = name.rpartition(":")
        if self._item is None:
            return
        if not self._path:
            self._done.append((self._line, {key: _value(all_) for key, all_ in self._item.items()}))
            self._item = None
            return
        self._path.pop()
        text, self._texts = "".join(self._texts).strip(), []
        if len(self._path) == 1:
            self._parts[local] = text
        elif not self._path:
            child: Any = self._parts or text
            self._parts = {}
            self._item.setdefault(local, []).append((bool(prefix), child))

    def taken(self) -> list[Row]:
        done, self._done = self._done, []
        return done


def _value(found: list[tuple[bool, Any]]) -> Any:
    """Return an item's child: the one, or a list of them; those with a prefix, if there are any."""
    prefixed = [child for has_prefix, child in found if has_prefix]
    children = prefixed or [child for _, child in found]
    return children[0] if len(children) == 1 else children


def _refuse(*_: Any) -> None:
    raise BrokenError("declares an entity, which is never expanded")


def _readable(blocks: Iterable[bytes]) -> Iterator[str]:
    """Yield the text, bare "&", HTML's entities and control characters made XML."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    held = ""
    for block in blocks:
        text = held + decoder.decode(block)
        at = text.rfind("&", -_LONGEST_REFERENCE)
        at = len(text) if at < 0 or ";" in text[at:] else at
        text, held = text[:at], text[at:]
        yield _REFERENCE.sub(_reference, text)
    yield _REFERENCE.sub(_reference, held + decoder.decode(b"", final=True))


def _reference(found: re.Match[str]) -> str:
    if not found[0].startswith("&"):
        return ""
    decimal, hexadecimal, name = found.groups()
    if decimal or hexadecimal:
        code = int(decimal) if decimal else int(hexadecimal, 16)
        legal = code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE
        return found[0] if legal or 0x10000 <= code < 0x110000 else ""
    if name in _XML:
        return found[0]
    character = html5.get(f"{name};", "") if name else ""
    if character and character not in "<&":
        return character
    return f"&amp;{found[0][1:]}"


def _whole(blocks: Iterable[bytes], file: str) -> bytes:
    """Return a document's bytes. Raises DataError where it is too long, BrokenError as `blocks`."""
    held, size = [], 0
    for block in blocks:
        held.append(block)
        size += len(block)
        if size > MAX_BYTES:
            raise DataError(
                f"{file}: a document longer than {MAX_BYTES} bytes; write its products as JSON "
                "lines, or in several files"
            )
    return b"".join(held)
