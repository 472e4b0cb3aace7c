"""All rows of all files that a path names, in order, each with its place.

    read("shop/") ─► (Place(1, "a.jsonl"), {"title": …}), …, (Place(2, "b.csv.gz"), Rejected), …

The corpus reads spans in parallel (files.py); predict, evaluate and the like read in order.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ecom.errors import DataError, EmptyError
from ecom.raw import files
from ecom.shopbench import Place, Rejected


def read(path: str | Path) -> Iterator[tuple[Place, dict[str, Any] | Rejected]]:
    """Yield the rows that `path` names; a file without a row is skipped.

    A note on stderr says where an encoding other than UTF-8 was guessed. Raises DataError where
    nothing can be read.
    """
    for file in files.find(str(path)):
        yield from read_file(file, _below(file, str(path)))


def read_file(file: str, name: str) -> Iterator[tuple[Place, dict[str, Any] | Rejected]]:
    """Yield the rows of one file of `files.find`, with `name` as that of their places."""
    try:
        spans = files.spans(file, None)
    except EmptyError:
        return
    for span in spans:
        if span.encoding == "cp1252":
            print(
                f"note: {file}: read as cp1252, not UTF-8; if that is wrong, save it as UTF-8",
                file=sys.stderr,
            )
        in_table = span.kind in ("csv", "tsv", "parquet")
        for line, row in files.rows(span):
            yield Place(line, name, in_table), row


def exists(path: str) -> bool:
    """Say whether `path` names a file that can be read."""
    try:
        return bool(files.find(path))
    except DataError:
        return False


def local(path: str) -> list[Path]:
    """Return what a path names on this machine: a file, a folder, or the files of a pattern.

    A URL names none. Raises DataError where no file matches a pattern.
    """
    if "://" in path:
        return []
    if Path(path).exists() or not files.is_pattern(path):
        return [Path(path)]
    return [Path(file) for file in dict.fromkeys(f.rpartition("::")[2] for f in files.find(path))]


def shown(path: str | Path, place: Place) -> str:
    """Return the path of the file that holds a row of `path`, for messages."""
    return f"{_root(str(path))}/{place.file}" if place.file else str(path)


def _below(file: str, path: str) -> str:
    """Return a file's path below the folder, pattern or .zip that names it; "" for itself."""
    root = _root(path)
    if file.startswith("zip://"):
        member, _, outer = file.removeprefix("zip://").partition("::")
        file = f"{outer}/{member}"
    return file.removeprefix(root).lstrip("/")


def _root(path: str) -> str:
    """Return, absolute, what a path names, or the folder above a pattern."""
    if files.is_pattern(path) and not Path(path).exists():
        return files.above(path)
    return path.rstrip("/") if "://" in path else str(Path(path).absolute())
