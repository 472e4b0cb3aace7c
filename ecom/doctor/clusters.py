"""Ray: the cluster that RAY_ADDRESS names, one that runs here, and what a new cluster needs."""

import os
import resource
import socket
from collections.abc import Iterator
from dataclasses import dataclass

from ecom.doctor import storage
from ecom.doctor.finding import Finding

FEWEST_FILES = 4096  # below, Ray warns of lost connections
PATIENCE_S = 0.5


@dataclass(frozen=True)
class Clusters:
    """Facts about Ray clusters on this machine.

    named, named_answers  RAY_ADDRESS, and whether something listens there
    local, local_answers  the address that `ray start` wrote on this machine, and whether it answers
    auth_token            whether the home folder has Ray's token, which `ray start` then requires
    open_files            the hard limit of open files of this process; -1: no limit
    """

    named: str
    named_answers: bool
    local: str
    local_answers: bool
    auth_token: bool
    open_files: int


def look() -> Clusters:
    """Read the variable, the file and the limit, and try the addresses."""
    named, local = os.environ.get("RAY_ADDRESS", ""), _local()
    return Clusters(
        named=named,
        named_answers=_answers(local if named == "auto" else named),
        local=local,
        local_answers=_answers(local),
        auth_token=storage.has_token(),
        open_files=resource.getrlimit(resource.RLIMIT_NOFILE)[1],
    )


def judge(clusters: Clusters) -> Iterator[Finding]:
    """Yield which cluster a run would use."""
    if clusters.named and clusters.named != "local":
        found = f"RAY_ADDRESS={clusters.named}"
        if clusters.named.startswith("http"):
            remedy = "`ray job submit` sends jobs to such an address; for a run: unset RAY_ADDRESS"
            yield Finding("problem", "Ray", f"{found}: not a cluster's address", remedy)
        elif clusters.named_answers:
            yield Finding("ok", "Ray", f"{found}: runs there")
        else:
            remedy = "`unset RAY_ADDRESS` to run on this machine, or start that cluster"
            yield Finding("problem", "Ray", f"{found}: nothing listens there", remedy)
    elif clusters.local_answers:
        remedy = f"a run starts its own; to use this one: export RAY_ADDRESS={clusters.local}"
        yield Finding("note", "Ray", f"a cluster runs at {clusters.local}", remedy)
    else:
        past = f"; the one at {clusters.local} has ended" if clusters.local else ""
        yield Finding("ok", "Ray", f"no cluster{past}; a run starts its own")
    if clusters.auth_token:
        found = "~/.ray/auth_token exists: for `ray start`, export RAY_AUTH_MODE=token"
        yield Finding("ok", "Ray", found)
    if 0 <= clusters.open_files < FEWEST_FILES:
        found = f"at most {clusters.open_files}; Ray asks for {FEWEST_FILES}"
        yield Finding("note", "open files", found, "raise the hard limit: ulimit -Hn 8192, as root")


def _local() -> str:
    file = storage.temporary() / "ray" / "ray_current_cluster"
    return file.read_text().strip() if file.is_file() else ""


def _answers(address: str) -> bool:
    """Say whether something listens at "host:port" or "ray://host:port"."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    try:
        with socket.create_connection((host, int(port)), PATIENCE_S):
            return True
    except (OSError, ValueError):
        return False
