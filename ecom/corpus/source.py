"""A recipe's settings of one set of raw rows, and of its transforms."""

import codecs
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator

from ecom.settings import Settings


def _key(found: object) -> str:
    """Return a label's id as text: YAML reads 1 as a number, true and yes as booleans."""
    return str(found).lower() if isinstance(found, bool) else str(found)


Key = Annotated[str, BeforeValidator(_key)]


class Transforms(Settings):
    """Which Chain-of-Task transforms run: those that fit all given lists (`ecom corpus --list`).

    Transforms that recombine records use those of one source only.
    """

    names: tuple[str, ...] = ()
    """Transforms to run; a name may end in *, as "simplify:*", and ["*"] is all. []: none."""
    without: tuple[str, ...] = ()
    """Transforms to leave out, written like `names`."""
    paradigms: tuple[Literal["CLS", "EXT", "GEN", "OTHER"], ...] | None = None
    """Only transforms of these paradigms: classification, extraction, generation, other. null:
    all."""
    skills: tuple[Literal["concepts", "reasoning", "behavior", "multilingual"], ...] | None = None
    """Only rows of these ShopBench skills; null: all."""
    langs: tuple[str, ...] | None = None
    """Only records in these languages, by ISO 639-1 code; null: all."""
    per_record: int | None = Field(default=None, ge=1)
    """The most rows made from one record, by randomly drawn transforms; null: no limit. [rows]"""


class RawSource(Settings):
    """One set of raw rows, as a reader gets it after the checks of `config.Source`."""

    format: str
    """Name of their format."""
    path: str
    """A file, a folder of files, a .zip, a pattern (shop/*.csv), or a URL that pyarrow or fsspec
    reads; `sample` for the shop that the quickstart made."""
    products: str | None = None
    """Second table, to which product ids refer; some formats need it."""
    columns: dict[str, str] = Field(default={})
    """Column names: ecom's name to the table's. For shop_… formats also `attributes.NAME`, a
    further attribute, and `products.NAME`, a column of the second table. {}: they are ecom's, or
    those of a shop system's export."""
    name: str | None = None
    """Name of the set on the data card and in the rows; null: the file's name."""
    license: str | None = None
    """Licence of the set, for the data card."""
    lang: str | None = None
    """Language of all rows, by ISO 639-1 code; null: the row's own, else detected."""
    encoding: str | None = None
    """Encoding of text files, such as cp1250; null: detected (UTF or Windows-1252)."""
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    """Character between the cells of CSV and TSV files; null: detected."""
    limit_rows: int | None = Field(default=None, ge=1)
    """How many rows are read, drawn at random; null: all. [rows]"""
    transforms: Transforms | None = None
    """Transforms of this source, in place of corpus.transforms; {}: none."""
    task: str | None = None
    """For a labelled set: name of its task; null: the file's name."""
    description: str | None = None
    """For a labelled set: description of its task, above its prompts; null: a general one."""
    labels: tuple[str, ...] | dict[Key, str] = ()
    """For a labelled set: all its labels in order of their ids, or a mapping of id to name. []: as
    in the rows."""

    @field_validator("encoding")
    @classmethod
    def _one_spelling(cls, encoding: str | None) -> str | None:
        """Return Python's name for the encoding: utf-8 for UTF8."""
        if encoding is None:
            return None
        try:
            "a".encode(encoding)  # base64 is a codec, but not for text
            codecs.getincrementaldecoder(encoding)("surrogateescape").decode(b"a\n")
            return codecs.lookup(encoding).name
        except (LookupError, TypeError, ValueError):
            raise ValueError(
                f"encoding {encoding!r} is not a text encoding that Python knows; name one such as "
                "utf-8, cp1250, utf-16-le or shift_jis"
            ) from None


def name_of(source: RawSource, file: str) -> str:
    """Return the source of rows: its name in the recipe, else the file's."""
    return source.name or PurePosixPath(file).name


def stem(file: str) -> str:
    """Return a file's name without its endings: mcq_sa for a/mcq_sa.jsonl.gz."""
    return PurePosixPath(file.partition("?")[0]).name.split(".")[0]
