"""Ray's own words of actors that died (2.60), and what a user should read of each."""

import pytest

from ecom.causes import actors

BLOCK = """\
The actor died unexpectedly before finishing this task.
\tclass_name: ServeReplica:shop:ShopServer:ecom
\tactor_id: 326991dcf0290649ccefd74701000000
\tpid: 10512
\tname: SERVE_REPLICA::shop#ShopServer:ecom#55oyscfj
\tnamespace: serve
\tip: 192.0.2.9
"""
GONE = """\
The actor is dead because its worker process has died. Worker exit type: SYSTEM_ERROR Worker exit \
detail: Worker unexpectedly exits with a connection error code 2. End of file. Some common causes \
include: (1) the process was killed by the OOM killer due to high memory usage, (2) ray stop \
--force was called, or (3) the worker crashed unexpectedly due to SIGSEGV."""
TERM = """\
The actor is dead because its worker process has died. Worker exit type: SYSTEM_ERROR Worker exit \
detail: Worker exits unexpectedly. Worker exits with an exit code 1. The process receives a \
SIGTERM."""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            BLOCK + GONE,
            "process 10512 on 192.0.2.9 ended; its log could not be read from here",
        ),
        (BLOCK + TERM, f"process 10512 on 192.0.2.9 ended: {TERM}"),
        ("TimeoutError: no proxy\n\n  within 60 s", "TimeoutError: no proxy\nwithin 60 s"),
    ],
    ids=["nothing can be read", "Ray knows", "no process"],
)
def test_what_ray_does_not_know_of_a_death_is_left_out(error: str, said: str) -> None:
    assert actors.why(error).startswith(said)
    assert "Some common causes" not in actors.why(error)
