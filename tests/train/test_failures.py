import errno

import pytest

from ecom.train.failures import would_repeat


class OutOfMemoryError(RuntimeError):
    """As torch's, which is a RuntimeError, too."""


@pytest.mark.parametrize(
    ("error", "repeats"),
    [
        (ValueError("bad"), True),
        (KeyError("id"), True),
        (FileNotFoundError(errno.ENOENT, "no such file"), True),
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OutOfMemoryError("CUDA out of memory"), True),
        (ModuleNotFoundError("bitsandbytes"), True),
        # what the others see when a worker is lost
        (RuntimeError("[gloo/pair.cc:525] Connection closed by peer [192.0.2.2]:41553"), False),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), False),
        (TimeoutError("timed out"), False),
        (OSError(errno.EIO, "Input/output error"), False),
    ],
)
def test_only_what_would_come_again_ends_training(error: Exception, repeats: bool) -> None:
    assert would_repeat(error) is repeats
