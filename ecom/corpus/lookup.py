"""Products by id: the second table, to which ids in sessions, reviews and judgements refer.

    products table ── once ──► CACHE/products-HASH.sqlite ── of({ids of a chunk}) ──► {id: Product}

The ids of a chunk of rows are spread over the whole table, so it is stored in SQLite, with an index
on the id. Neither building nor reading needs more than a few thousand rows in memory. From Parquet,
which must be read completely, the 25,000 of a million products that 5,000 sessions need took 0.6 to
2.5 s and 1.1 GB; here 0.3 to 0.7 s and 0.2 GB.

The file is written under another name and renamed, under a lock: one of several processes builds it
and the others wait. Its name depends on the table and on how it is read.
"""

import fcntl
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from ecom.corpus.config import Source
from ecom.corpus.formats import FORMATS
from ecom.corpus.formats.base import KNOWN_AS, ProductTable
from ecom.corpus.formats.tables import each, with_columns
from ecom.corpus.records import Product
from ecom.corpus.source import name_of
from ecom.errors import DataError, StageError
from ecom.raw import files
from ecom.rows import content_id
from ecom.shopbench import Rejected

_VERSION = 3  # of the file's layout; another one makes another file
_FIELDS = tuple(field.name for field in fields(Product) if field.name not in ("id", "source"))
_TABLES = """
    PRAGMA journal_mode = OFF;  -- a file that is not whole is never read
    PRAGMA synchronous = OFF;
    CREATE TABLE products (id TEXT, body TEXT);
    CREATE TABLE names (name TEXT, id TEXT);  -- further ids of products: of variants, in a URL
    CREATE TABLE rejected (file TEXT, line INTEGER, reason TEXT, text TEXT);
"""
_INDEX = "CREATE INDEX by_id ON products (id); CREATE INDEX by_name ON names (name)"
_FIND = """
    SELECT id, body FROM products WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id, rowid
"""
_NAMED = (
    "SELECT name, id FROM names WHERE name IN (SELECT value FROM json_each(?)) ORDER BY rowid DESC"
)


@dataclass(frozen=True)
class Products:
    """The table that `source.products` names; its file is in the folder `cache`.

    An id is a Product's: "UK/B09W9FND7K" where the set has locales. Of several rows with one id the
    first counts, and a further id of a product counts where none has it as its own. It can be
    pickled, and used by many processes at once.
    """

    source: Source
    cache: Path

    def of(self, ids: Iterable[str]) -> dict[str, Product]:
        """Return the products with these ids, as far as the table has them."""
        wanted = {*ids}
        with closing(self._open()) as store:
            found = _found(store, wanted)
            named = dict(store.execute(_NAMED, [json.dumps([*(wanted - found.keys())])]))
            of_names = _found(store, {*named.values()})
        return found | {name: of_names[id_] for name, id_ in named.items() if id_ in of_names}

    def rejected(self) -> Iterator[tuple[str, Rejected]]:
        """Yield (file, row) for rows of the table that are not products."""
        with closing(self._open()) as store:
            for file, *row in store.execute("SELECT * FROM rejected ORDER BY rowid"):
                yield file, Rejected(*row)

    def count(self) -> int:
        """Return how many products the table has."""
        with closing(self._open()) as store:
            return int(store.execute("SELECT count(*) FROM products").fetchone()[0])

    def build(self) -> None:
        """Write the file if it is not there.

        Raises DataError where the table cannot be read or has no product at all, StageError
        where the file cannot be written.
        """
        if self._file.exists():
            return
        self.cache.mkdir(parents=True, exist_ok=True)
        partial = self._file.with_suffix(".partial")
        with self._file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # released when the process ends
            if self._file.exists():
                return
            partial.unlink(missing_ok=True)
            try:
                with closing(sqlite3.connect(partial)) as store:
                    self._fill(store)
                partial.rename(self._file)
            except sqlite3.Error as error:
                raise StageError(
                    f"{partial}: cannot be written: {error}; it needs about the space of "
                    f"{self.source.products} unpacked"
                ) from error
            finally:
                partial.unlink(missing_ok=True)

    @cached_property
    def _file(self) -> Path:
        source = self.source
        path, table = self._table
        found = files.find(path, exports=bool(table.exports))
        state = [(file, *_state(file)) for file in found]
        named = {"format", "products", "columns", "name", "lang", "encoding", "delimiter"}
        how = source.model_dump(include=named)
        return self.cache / f"products-{content_id(_VERSION, how, state)}.sqlite"

    @property
    def _table(self) -> tuple[str, ProductTable]:
        """The table's path, and how the format reads it."""
        source, table = self.source, FORMATS[self.source.format].products
        if source.products is None or table is None:
            raise DataError(f"{source.path}: {source.format} does not use `products`; leave it out")
        return source.products, table

    def _open(self) -> sqlite3.Connection:
        self.build()
        # The file no longer changes, so no locks are needed: its disk may be read-only.
        return sqlite3.connect(f"{self._file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)

    def _fill(self, store: sqlite3.Connection) -> None:
        store.executescript(_TABLES)
        first: list[str] = []

        def packed() -> Iterator[tuple[str, str]]:
            for file, item, names in self._read():
                if isinstance(item, Product):
                    store.executemany("INSERT INTO names VALUES (?, ?)", _with(item.id, names))
                    yield item.id, _packed(item)
                    continue
                row = (file, item.line, item.reason, item.text)
                store.execute("INSERT INTO rejected VALUES (?, ?, ?, ?)", row)
                if not first:
                    first.append(f"{file}:{item.line}: {item.reason}")

        store.executemany("INSERT INTO products VALUES (?, ?)", packed())
        if store.execute("SELECT NOT EXISTS (SELECT * FROM products)").fetchone()[0]:
            fault = first[0] if first else "it has no rows"
            raise DataError(
                f"{self.source.products}: no product in it: {fault}; name the table of products "
                f"that belongs to {self.source.path}"
            )
        store.executescript(_INDEX)
        store.commit()

    def _read(self) -> Iterator[tuple[str, Product | Rejected, Sequence[str]]]:
        """Yield (file, item, further ids of a product)."""
        source, (_, table) = self.source, self._table
        for span in table.spans(source):
            name, file = name_of(source, span.origin), span.origin
            rows = with_columns(table.rows(span, source), file, table.columns(source))

            def product(
                _: int, row: Mapping[str, Any], name: str = name
            ) -> tuple[Product, Sequence[str]]:
                return table.product(row, source, name), row.get(KNOWN_AS) or ()

            for item in each(rows, product):
                if isinstance(item, Rejected):
                    yield file, item, ()
                else:
                    yield file, *item


def _found(store: sqlite3.Connection, ids: set[str]) -> dict[str, Product]:
    found: dict[str, Product] = {}
    for id_, body in store.execute(_FIND, [json.dumps([*ids])]):
        if id_ not in found:
            found[id_] = _unpacked(id_, body)
    return found


def _with(id_: str, names: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, id_) for name in names]


def _state(file: str) -> tuple[int, int]:
    """Return size and modification time of a local file or of its zip; zeros for a URL."""
    file = file.rpartition("::")[2] if file.startswith("zip://") else file
    if "://" in file:
        return 0, 0
    stat = Path(file).stat()
    return stat.st_size, stat.st_mtime_ns


def _packed(product: Product) -> str:
    return json.dumps([product.source, *(getattr(product, name) for name in _FIELDS)])


def _unpacked(id_: str, body: str) -> Product:
    source, *values = json.loads(body)
    known: dict[str, Any] = dict(zip(_FIELDS, values, strict=True))
    for name in ("category", "also_bought"):
        known[name] = tuple(known[name])
    known["attributes"] = tuple((name, found) for name, found in known["attributes"])
    return Product(id=id_, source=source, **known)
