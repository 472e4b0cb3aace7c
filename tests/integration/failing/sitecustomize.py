"""Python runs this at its start where PYTHONPATH names this folder: makes a process of Ray's fail.

ECOM_TEST_FAILURE names a file of JSON, read when a module is imported:

    at      the module whose import fails
    by      a signal's name, or the message of a ValueError
    rank    of the only Ray Train worker that fails; null: whichever process it is
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any


class _Failure:
    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if "default_worker" not in " ".join(sys.argv):  # Ray's workers, and what they start
            return
        failure = json.loads(Path(os.environ["ECOM_TEST_FAILURE"]).read_text(encoding="utf-8"))
        if name != failure["at"] or (failure["rank"] is not None and failure["rank"] != _rank()):
            return
        if failure["by"].startswith("SIG"):
            signal.raise_signal(getattr(signal, failure["by"]))
        raise ValueError(failure["by"])


def _rank() -> int:
    from ray.train import get_context

    return int(get_context().get_world_rank())


if os.environ.get("ECOM_TEST_FAILURE"):
    sys.meta_path.insert(0, _Failure())
