"""Which failures of a worker end training: those that would only repeat.

Ray Train restarts all workers from the last checkpoint when one fails, `train.max_failures` times.
That helps against a lost machine or a killed process, but not against a missing file. A worker that
lost its peer fails too, with torch.distributed's RuntimeError or a ConnectionError.
"""

import errno

from ecom.errors import InputError, StageError

_REPEATED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    FileNotFoundError,
    InputError,
    ImportError,
    LookupError,
    MemoryError,
    NameError,
    NotImplementedError,
    PermissionError,
    TypeError,
    ValueError,
)
_NAMED = {"OutOfMemoryError", "SafetensorError"}  # torch's and safetensors', not imported for it
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


class UnrecoverableError(StageError):
    """A worker failed in a way that a retry cannot fix; the message says which one and why."""


class LowMemoryError(UnrecoverableError):
    """Ray's memory monitor ended a process of training; the message is that of causes/memory.py."""


def would_repeat(error: Exception) -> bool:
    """Whether the failure would repeat with the same settings on the same data."""
    return (
        isinstance(error, _REPEATED)
        or type(error).__name__ in _NAMED
        or (isinstance(error, OSError) and error.errno in _FULL)
    )


def remedy(error: Exception) -> str:
    """Return a line about settings that save memory, where memory ran out; else ""."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return (
            "\nLower train.tokens_per_batch, or set train.gradient_checkpointing=true or "
            "train.method=qlora; `ecom plan` says what fits"
        )
    return ""
