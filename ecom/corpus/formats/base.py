"""What a format is: one record, with its reader and the settings that its sources may have.

    read(rows, source, file) ──► Example     an instruction with its answer
                                 Fixed       one that was repaired first, and how
                                 Record      a shop's data, for Chain-of-Task transforms
                                 Rejected    a row left out, and why

A row may give an Example and a Record. Reasons and fixes are counted, so they should have few
variants.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ecom.corpus.records import Product, Record
from ecom.corpus.source import RawSource
from ecom.raw import files
from ecom.rows import Example
from ecom.shopbench import Rejected


@dataclass(frozen=True, slots=True)
class Fixed:
    """An Example whose row had faults; `fixes` name the repairs."""

    example: Example
    fixes: tuple[str, ...]


KNOWN_AS = "(known as)"  # a row's key for further ids: of a product, or of what a review is about
Item = Example | Record | Fixed | Rejected
Row = tuple[int, dict[str, Any] | Rejected]


class LookUp(Protocol):
    """Finds products of the second table."""

    def of(self, ids: Iterable[str]) -> Mapping[str, Product]:
        """Return the products with these ids, as far as the table has them."""
        ...


@dataclass(frozen=True, kw_only=True)
class Export:
    """An export of a shop system, known by its rows and read with no mapping of columns.

    name       what it is, for notes and errors: "Shopify's product export"
    fits       whether a row is one of it; a table's row has all columns of its header
    rows       makes rows with our names
    """

    name: str
    fits: Callable[[Mapping[str, Any]], bool]
    rows: Callable[[Iterable[Row]], Iterator[Row]]


@dataclass(frozen=True, kw_only=True)
class ProductTable:
    """The second table of a format, named by a source's `products`.

    columns    the columns that it must have
    product    makes the product of a row; the last argument is the table's name
    required   whether every source must name one
    exports    what it may be without a mapping
    rows       reads a span's rows; KNOWN_AS in a row are further ids of its product
    """

    columns: Callable[[RawSource], tuple[str, ...]]
    product: Callable[[Mapping[str, Any], RawSource, str], Product]
    required: bool = False
    exports: tuple[Export, ...] = ()
    rows: Callable[[files.Span, RawSource], Iterator[Row]] = lambda span, _: files.rows(span)

    def spans(self, source: RawSource) -> list[files.Span]:
        """Return the spans of the table that a source names. Raises DataError as `files` does."""
        assert source.products, "the source names a table"
        table = source.model_copy(update={"path": source.products})
        return [
            span for of_file in file_spans(table, exports=bool(self.exports)) for span in of_file
        ]


def file_spans(
    source: RawSource,
    span_bytes: int = files.SPAN_BYTES,
    *,
    conll: bool = False,
    squad: bool = False,
    exports: bool = False,
) -> list[list[files.Span]]:
    """Return the spans of each of a source's files. Raises DataError as `files` does."""
    encoding, delimiter = source.encoding, source.delimiter
    found = [
        files.spans(file, span_bytes, encoding, delimiter, squad=squad, exports=exports)
        for file in files.find(source.path, conll=conll, exports=exports)
    ]
    return files.gathered(found) if exports else found


def file_rows(span: files.Span, source: RawSource) -> Iterator[Row]:
    """Yield the rows of a span as they are in the file."""
    return files.rows(span)


@dataclass(frozen=True, kw_only=True)
class Format:
    """The description of a format.

    name        its name in recipes
    about       a line about it, for lists
    read        its reader: (rows, source, file), and with `products` also a LookUp or None
    columns     our names of the columns that a source's `columns` may map, in groups: a row must
                have those of one group. (): the format has fixed names
    also        names of optional columns
    labelled    whether it is a labelled set: its rows become instructions of their own, to which
                `task` and `description` apply
    has_labels  whether `labels` may name the ids of its labels
    products    the second table, if there may be one
    spans       finds the spans to read, grouped by file
    rows        reads a span's rows, each with its line (0 where lines mean nothing)
    exports     exports of shop systems that a file may be without `columns`
    is_made     whether `read` makes rows of the quickstart's tables: (tables, rows, seed)
    own_name    whether rows are named after the format, whatever the recipe calls the source
    keeps_description   whether `wording.description` does not apply: a row's may contain the task
    """

    name: str
    about: str
    read: Callable[..., Iterator[Item]]
    columns: tuple[tuple[str, ...], ...] = ()
    also: tuple[str, ...] = ()
    labelled: bool = False
    has_labels: bool = False
    products: ProductTable | None = None
    spans: Callable[[RawSource], list[list[files.Span]]] = file_spans
    rows: Callable[[files.Span, RawSource], Iterator[Row]] = file_rows
    exports: tuple[Export, ...] = ()
    is_made: bool = False
    own_name: bool = False
    keeps_description: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Our names of all its columns, each once."""
        groups = (name for group in self.columns for name in group)
        return tuple(dict.fromkeys((*groups, *self.also)))
