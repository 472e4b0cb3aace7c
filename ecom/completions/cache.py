"""The requests to an endpoint and its answers, stored permanently: no answer is paid for twice.

    cache.begin(key)          before a try is sent: it counts even if the process dies next
    cache.keep(key, reply)    when the answer has come; on disk when this returns

It is one SQLite file outside the stage's artifact. Its write-ahead log is flushed at every commit,
and an incomplete end is dropped on opening: a kill loses only the requests under way. Only one
process can open the file.

A key is the hash of model, messages and sampling settings: addresses, API keys and questions are
not stored.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from ecom.errors import DataError, StageError

_TABLES = """
CREATE TABLE IF NOT EXISTS tries (key TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY, text TEXT NOT NULL, whole INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refused (key TEXT PRIMARY KEY) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `whole` is False where it was cut at its token limit.

    If the model `refused`, the text is its refusal, perhaps empty.
    """

    text: str
    whole: bool
    prompt_tokens: int = 0
    completion_tokens: int = 0
    refused: bool = False


class Cache:
    """Open it with `with Cache(file) as cache:`; its folder is created if needed."""

    def __init__(self, file: Path) -> None:
        self.path = file

    def __enter__(self) -> Self:
        """Raise StageError where another process has the file, DataError where it is damaged."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(self.path, timeout=0, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise DataError(
                f"{self.path.parent}: cannot create the cache: {error}; choose another workdir"
            ) from None
        try:
            self._file.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._file.execute("PRAGMA journal_mode=WAL")
            self._file.execute("PRAGMA synchronous=FULL")  # flushed at every commit
            self._file.executescript(f"BEGIN IMMEDIATE; {_TABLES} COMMIT;")
        except sqlite3.DatabaseError as error:
            self._file.close()
            if "locked" in str(error):
                raise StageError(
                    f"{self.path}: another run is using this cache; wait for it, or stop it"
                ) from None
            raise DataError(
                f"{self.path}: damaged, or no cache of ecom: {error}; restore it, or move it away "
                "and pay for its answers again"
            ) from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def begin(self, key: str) -> None:
        """Count one try of a request."""
        counted = "INSERT INTO tries VALUES (?, 1) ON CONFLICT DO UPDATE SET number = number + 1"
        self._write(counted, (key,))

    def keep(self, key: str, reply: Reply) -> None:
        """Store an answer. The first answer of a key stays."""
        # SQLite refuses lone surrogates; as U+FFFD the structural filter still finds them
        text = reply.text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        row = (key, text, reply.whole, reply.prompt_tokens, reply.completion_tokens)
        if reply.refused:
            self._write("INSERT OR IGNORE INTO refused VALUES (?)", (key,))
        self._write("INSERT OR IGNORE INTO replies VALUES (?, ?, ?, ?, ?)", row)

    def reply(self, key: str) -> Reply | None:
        """Return the answer to a request, or None where there is none yet."""
        found = self._file.execute(
            "SELECT text, whole, prompt_tokens, completion_tokens, "
            "EXISTS (SELECT 1 FROM refused WHERE key = replies.key) FROM replies WHERE key = ?",
            (key,),
        ).fetchone()
        if not found:
            return None
        text, whole, prompt_tokens, completion_tokens, refused = found
        return Reply(text, bool(whole), prompt_tokens, completion_tokens, bool(refused))

    def any_reply(self) -> bool:
        """Whether there is any answer at all."""
        return self._file.execute("SELECT 1 FROM replies LIMIT 1").fetchone() is not None

    def tries(self, keys: Iterable[str]) -> int:
        """Return how often these requests were sent, in all runs."""
        one = "SELECT number FROM tries WHERE key = ?"
        return sum(row[0] for key in keys for row in self._file.execute(one, (key,)))

    def _write(self, statement: str, row: tuple[str | int, ...]) -> None:
        try:
            self._file.execute(statement, row)
        except sqlite3.Error as error:
            raise StageError(
                f"{self.path}: cannot be written: {error}; check its disk, then run again"
            ) from None
