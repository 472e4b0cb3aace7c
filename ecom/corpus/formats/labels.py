"""Labelled texts: one label each, or several.

    label     "positive", or 1 with the recipe's `labels` [negative, positive]
    labels    ["price", "size"], or a text separated by |, ; or , (the first of these it contains)

The possible labels are those in the recipe, else those of the file.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ecom.corpus.formats.base import Format, Row
from ecom.corpus.formats.cells import CellError, lang, needed, text, texts, value
from ecom.corpus.formats.labelled import Named, id_of, known, own
from ecom.corpus.formats.tables import each
from ecom.corpus.records import Classified
from ecom.corpus.source import RawSource, name_of
from ecom.raw import files
from ecom.shopbench import Rejected

COLUMNS = (("text", "label"), ("text", "labels"))


def read(rows: Iterable[Row], source: RawSource, file: str) -> Iterator[Classified | Rejected]:
    """Yield the texts of one span."""
    named, name = Named(source, COLUMNS), name_of(source, file)
    checked = named.checked(rows, file)
    candidates = known(source, file, files.rows, lambda row: labels_of(row, named))

    def classified(line: int, row: Mapping[str, Any]) -> Classified:
        words, labels = needed(row, named["text"]), labels_of(row, named)
        column = named.shape(row)[1]
        by = "own:all_labels" if column == "labels" else "plain:classify_text"
        return Classified(
            id=id_of(row, named, file, line, words),
            source=name,
            lang=source.lang or lang(row, named["lang"]),
            text=words,
            labels=labels,
            candidates=candidates,
            topic=source.task or named[column],
            own=own(by, source, file, line),
        )

    yield from each(checked, classified)


def labels_of(row: Mapping[str, Any], named: Named) -> tuple[str, ...]:
    """Return a row's labels by name. Raises CellError where it has none."""
    column = named.shape(row)[1]
    cell = value(row, named[column])
    if column == "label":
        found = [cell]
    elif isinstance(cell, str) and not cell.startswith("["):
        between = next((mark for mark in "|;," if mark in cell), ",")
        found = [piece.strip() for piece in cell.split(between)]
    elif isinstance(cell, list | tuple):
        found = list(cell)
    else:
        found = list(texts(row, named[column])) if isinstance(cell, str) else [cell]
    labels = [named.label(one, named[column]) for one in found]
    if labels := list(filter(None, labels)):
        return tuple(dict.fromkeys(labels))
    raise CellError(f"{named[column]} holds no label", text(row, named["text"])[:100])


FORMAT = Format(
    name="labels",
    about="labelled texts: text and label, or text and labels (several)",
    read=read,
    columns=COLUMNS,
    also=("id", "lang"),
    labelled=True,
    has_labels=True,
)
