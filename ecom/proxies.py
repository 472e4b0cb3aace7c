"""Which requests go through the proxy that the environment names: none to this machine.

httpx, like curl, sends everything to `http_proxy` unless `no_proxy` lists the host. A request to
this machine would never arrive there, and the proxy would see its prompt and key.

    httpx.AsyncClient(trust_env=not proxies.is_here(url))
    f"nothing answers at {url}{proxies.used(url)}"
"""

from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass


def is_here(url: str) -> bool:
    """Say whether a URL's host is this machine's loopback, by name or address."""
    host = (urlsplit(url).hostname or "").removesuffix(".")
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_loopback or address.is_unspecified  # 0.0.0.0, as servers print it


def used(url: str) -> str:
    """Return the words for an error of a request that a proxy passed on; "" where none did."""
    parts = urlsplit(url)
    proxies = getproxies()
    found = proxies.get(parts.scheme) or proxies.get("all")
    if not found or is_here(url) or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return ""
    named = urlsplit(found if "://" in found else f"http://{found}")
    shown = f"{named.scheme}://{named.netloc.rpartition('@')[2]}"  # without its password
    return (
        f" through the proxy {shown} of the environment (if it needs none, add {parts.hostname} "
        "to no_proxy)"
    )
