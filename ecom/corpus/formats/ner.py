"""Named entities: CoNLL columns, tokens with tags, or a text with spans.

    tokens, tags    ["steel", "kettle"], ["B-material", "B-product"]   (.conll files have these two)
    text, spans     "steel kettle", [{"start": 0, "end": 5, "label": "material"}, …]
                                    [[0, 5, "material"], …]               as doccano writes them
                                    {"material": {"steel": [[0, 4]]}}     as CLUENER does

A tag is O, or a letter and a type: B I (IOB1, IOB2), E S (BIOES), L U (BILOU), M (BMES). A type
that continues after another one, or after O, begins an entity, as in conlleval. Tags may be
numbers, with the recipe's `labels` as their names in order. Tokens are joined by blanks, except
Chinese and Japanese ones.

`end` is the first character after a span; in CLUENER's layout it is its last character. A span must
be within the text, must not overlap another one, and must match the text that it names.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from ecom.corpus.formats.base import Format, Row, file_spans
from ecom.corpus.formats.cells import CellError, lang, needed, number, text, texts, value
from ecom.corpus.formats.labelled import Named, id_of, known, own
from ecom.corpus.formats.tables import each
from ecom.corpus.records import Tagged
from ecom.corpus.source import RawSource, name_of
from ecom.raw import files
from ecom.shopbench import Rejected

_TAG = re.compile(r"([BIELSUM])[-_](.+)", re.DOTALL)
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
)
_SPANS = "a list of {start, end, label} or [start, end, label], or {type: {term: [[start, last]]}}"
Span = tuple[int, int, str]  # start, end, type
COLUMNS = (("tokens", "tags"), ("text", "spans"))


def rows_of(span: files.Span, source: RawSource) -> Iterator[Row]:
    """Yield the rows of a span; those of CoNLL's columns with the names in `columns`."""
    for line, row in files.rows(span):
        if span.kind == "conll" and isinstance(row, dict):
            row = {source.columns.get(name, name): row[name] for name in COLUMNS[0]}
        yield line, row


def read(rows: Iterable[Row], source: RawSource, file: str) -> Iterator[Tagged | Rejected]:
    """Yield the sentences of one span."""
    named, name = Named(source, COLUMNS), name_of(source, file)
    checked = named.checked(rows, file)
    labels = known(source, file, lambda span: rows_of(span, source), lambda r: _types(r, named))
    of_tags = _types_of_tags(source.labels) if source.labels else labels

    def tagged(line: int, row: Mapping[str, Any]) -> Tagged:
        words, spans = _sentence(row, named)
        found = tuple((kind, words[start:end].strip()) for start, end, kind in spans)
        types = of_tags if named.shape(row)[-1] == "tags" else labels
        by = "plain:named_entities" if len(types) > 1 else "simplify:entities_of_type"
        for kind, _ in found:
            if kind not in types:
                raise CellError(f"an entity's type is not one of `labels`: {kind!r:.30}")
        if any("," in term for _, term in found):
            raise CellError("an entity holds a comma, which would split it in the answer")
        return Tagged(
            id=id_of(row, named, file, line, words),
            source=name,
            lang=source.lang or lang(row, named["lang"]),
            text=words,
            spans=found,
            types=types,
            own=own(by, source, file, line),
        )

    yield from each(checked, tagged)


def entities(tags: Sequence[str]) -> list[Span]:
    """Return (first token, token after the last, type) of every entity. Raises CellError."""
    found: list[Span] = []
    start, kind = 0, ""
    for index, tag in enumerate([*tags, "O"]):
        letter, type_ = _split(tag)
        begins = letter in "BSU" or (letter in "IMEL" and type_ != kind)
        if kind and (begins or letter == "O"):
            found.append((start, index, kind))
            kind = ""
        if begins:
            start, kind = index, type_
        if kind and letter in "ELSU":
            found.append((start, index + 1, kind))
            kind = ""
    return found


def joined(tokens: Sequence[str]) -> tuple[str, list[int]]:
    """Return the text of tokens, and where each of them begins in it.

    >>> joined(["red", "shoe"]), joined(["红", "色", "A", "4"])
    (('red shoe', [0, 4]), ('红色A4', [0, 1, 2, 3]))
    """
    # Chinese is split by characters: "A4" is two tokens, but one word
    by_character = all(len(token) == 1 for token in tokens) and any(map(_UNSPACED.match, tokens))
    words, starts = "", list[int]()
    for token in tokens:
        near = words[-1:] + token[:1]
        words += "" if not words or by_character or _UNSPACED.search(near) else " "
        starts.append(len(words))
        words += token
    return words, starts


def _sentence(row: Mapping[str, Any], named: Named) -> tuple[str, list[Span]]:
    """Return a row's text and the spans in it, by characters. Raises CellError."""
    if named.shape(row) == ("text", "spans"):
        words = needed(row, named["text"])
        found = {(start, end, kind) for start, end, kind in _spans(row, named, words)}
        return words, _apart(sorted(found))
    tokens, tags = _list(row, named["tokens"]), _tags(row, named)
    if len(tokens) != len(tags):
        raise CellError(f"{named['tokens']} and {named['tags']} must be equally many", f"{tokens}")
    words, starts = joined(tokens)
    if not words.strip():
        raise CellError(f"{named['tokens']} holds no words")
    ends = [start + len(token) for start, token in zip(starts, tokens, strict=True)]
    # `labels` may rename a type or a tag: {PER: person} or {1: B-person}.
    return words, [
        (starts[first], ends[after - 1], _renamed(kind, named))
        for first, after, kind in entities(tags)
        if words[starts[first] : ends[after - 1]].strip()
    ]


def _tags(row: Mapping[str, Any], named: Named) -> list[str]:
    column, labels = named["tags"], named.source.labels
    tags = _list(row, column)
    if isinstance(labels, dict):
        return [labels.get(tag, tag) for tag in tags]
    if any(tag.isdecimal() for tag in tags):
        if not labels:
            raise CellError(f"{column} are numbers: name the tags in order in `labels`")
        return [named.label(tag, column) for tag in tags]
    return tags


def _renamed(kind: str, named: Named) -> str:
    labels = named.source.labels
    return labels.get(kind, kind) if isinstance(labels, dict) else kind


def _list(row: Mapping[str, Any], column: str) -> list[str]:
    """Return the items of a list, of a printed one, or between the blanks of a text."""
    found = value(row, column)
    if isinstance(found, list | tuple):
        return [str(item).strip() or " " for item in found]
    items = texts(row, column)
    return items[0].split() if items == (text(row, column),) else list(items)


def _spans(row: Mapping[str, Any], named: Named, words: str) -> Iterator[Span]:
    """Yield the spans that a cell lists, each checked against the text. Raises CellError."""
    column, cell = named["spans"], value(row, named["spans"])
    if isinstance(cell, str):
        try:
            cell = json.loads(cell)
        except (ValueError, RecursionError):
            raise CellError(f"{column} must be a list of spans in JSON", cell[:100]) from None
    # White space before the text was stripped; positions refer to the row's text.
    raw = row[named["text"]]
    cut = len(raw) - len(raw.lstrip()) if isinstance(raw, str) else 0
    try:
        listed = list(_listed(cell, column))
    except CellError:
        raise
    except (TypeError, ValueError):
        raise CellError(f"{column} must be {_SPANS}: {cell!r:.60}") from None
    for start, end, label, term in listed:
        first, after = ((number(offset) or 0) - cut for offset in (start, end))
        if not 0 <= first < after <= len(words) or first % 1 or after % 1:
            raise CellError(
                f"{column}: {start}:{end} is no span of the text of {len(words)} characters"
            )
        begin, stop = int(first), int(after)
        inside = words[begin:stop]
        if term and term.strip() != inside.strip():
            raise CellError(f"{column}: {inside!r:.40} stands where {term!r:.40} should be")
        kind = _renamed(text({"label": label}, "label"), named)
        if not kind or not inside.strip():
            raise CellError(f"{column}: {start}:{end} has no {'text' if kind else 'label'}")
        if isinstance(named.source.labels, tuple) and named.source.labels:
            kind = named.label(kind, column)
        yield begin, stop, kind


def _listed(cell: Any, column: str) -> Iterator[tuple[Any, Any, Any, str]]:
    """Yield (start, end, label, text or "") of a list of spans, or of CLUENER's nested object."""
    if isinstance(cell, Mapping):
        for label, terms in cell.items():
            for term, positions in terms.items() if isinstance(terms, Mapping) else ():
                for start, last in positions:
                    yield start, last + 1, label, term
        return
    if not isinstance(cell, list | tuple):
        raise CellError(f"{column} must be {_SPANS}: {cell!r:.60}")
    for span in cell:
        if isinstance(span, Mapping):
            term = str(span.get("text") or span.get("term") or "")
            yield span.get("start"), span.get("end"), span.get("label", span.get("type")), term
        elif isinstance(span, list | tuple) and len(span) == 3:
            yield (*span, "")
        else:
            raise CellError(f"{column}: a span is start, end and label: {span!r:.60}")


def _apart(spans: list[Span]) -> list[Span]:
    for (start, end, kind), (after, stop, other) in pairwise(spans):
        if after < end:
            raise CellError(f"spans overlap: {kind} {start}:{end} and {other} {after}:{stop}")
    return spans


def _types(row: Mapping[str, Any], named: Named) -> Iterator[str]:
    for _, _, kind in _sentence(row, named)[1]:
        yield kind


def _types_of_tags(labels: Mapping[str, str] | Sequence[str]) -> tuple[str, ...]:
    """Return the types in the recipe's `labels`, which are tags or types.

    >>> _types_of_tags(["O", "B-brand", "I-brand"]), _types_of_tags(["E-commerce", "brand"])
    (('brand',), ('E-commerce', 'brand'))
    """
    names = list(labels.values() if isinstance(labels, Mapping) else labels)
    if "O" in names or all(key.isdecimal() or _TAG.fullmatch(key) for key in labels):
        tags = [(name, _TAG.fullmatch(name)) for name in names if name != "O"]
        names = [tag[2] if tag else name for name, tag in tags]
    return tuple(dict.fromkeys(names))


def _split(tag: str) -> tuple[str, str]:
    found = _TAG.fullmatch(tag)
    if tag != "O" and not found:
        raise CellError(f"a tag is O, or B, I, E, S, L, U or M with a type: {tag!r:.30}")
    return (found[1], found[2]) if found else ("O", "")


FORMAT = Format(
    name="ner",
    about="labelled entities: CoNLL columns (.conll, .bio, .txt); tokens, tags; or text, spans",
    read=read,
    columns=COLUMNS,
    also=("id", "lang"),
    labelled=True,
    has_labels=True,
    spans=partial(file_spans, conll=True),
    rows=rows_of,
)
