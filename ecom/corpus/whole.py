"""Atomic writes: a file is complete or absent, even if several processes write it.

A worker may outlive a run that was killed and still write the part that the next run makes again.
Both write the same bytes under different temporary names, and rename them when they are done.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


@contextmanager
def written(file: Path, work: Path) -> Iterator[Path]:
    """Yield a temporary path in the folder `work`; it becomes `file` when the block succeeds."""
    unfinished = work / f"{file.name}.{uuid4().hex}.partial"
    try:
        yield unfinished
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
