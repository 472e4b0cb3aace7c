"""Files that are whole or not there, whoever else writes them.

A worker may outlive the run that was killed and still write the part that the next run makes anew:
both make the same bytes, each under a name of its own, and give them the file's name when they are
done.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


@contextmanager
def written(file: Path, work: Path) -> Iterator[Path]:
    """Yield a path in the folder `work`; what was written there becomes `file`."""
    unfinished = work / f"{file.name}.{uuid4().hex}.partial"
    try:
        yield unfinished
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
