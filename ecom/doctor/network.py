"""Ports on this machine, and whether models may be downloaded."""

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass

from ecom.doctor.finding import Finding

LOOPBACK = "127.0.0.1"
RAY_PORTS = {6379: "a cluster's head", 8265: "its dashboard"}


@dataclass(frozen=True)
class Network:
    """Ports and the model hub.

    port, why_not   serve's default port, and why it cannot be used; empty where it can
    free_port       a port that can be used
    ray_ports       those of Ray's own ports that are taken
    hub_offline     whether HF_HUB_OFFLINE is set
    """

    port: int
    why_not: str
    free_port: int
    ray_ports: tuple[int, ...]
    hub_offline: bool


def look(port: int | None = None) -> Network:
    """Bind each port for a moment, serve's default where none is given; read the variables."""
    if port is None:
        from ecom.serve.config import ServeConfig

        port = ServeConfig().port
    return Network(
        port=port,
        why_not=_why_not(port),
        free_port=next((p for p in range(port, port + 100) if not _why_not(p)), 0),
        ray_ports=tuple(p for p in RAY_PORTS if _why_not(p)),
        hub_offline=os.environ.get("HF_HUB_OFFLINE", "0").lower() in ("1", "true", "yes", "on"),
    )


def judge(network: Network) -> Iterator[Finding]:
    """Yield whether the endpoint can be opened, which ports are taken, whether the hub is off."""
    what = f"port {network.port}"
    if network.why_not:
        other = f"recipes/quickstart.yaml serve.port={network.free_port or '…'}"
        remedy = f"ecom run {other}, or end the program that has it"
        yield Finding("problem", what, f"cannot be used: {network.why_not}", remedy)
    else:
        yield Finding("ok", what, "free for the endpoint")
    for port in network.ray_ports:
        yield Finding("ok", f"port {port}", f"taken; only `ray start` needs it: {RAY_PORTS[port]}")
    if network.hub_offline:
        yield Finding("ok", "model hub", "HF_HUB_OFFLINE is set: models come from this disk only")


def _why_not(port: int) -> str:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            return error.strerror or str(error)
    return ""
