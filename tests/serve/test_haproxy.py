import stat
from pathlib import Path

import pytest

from ecom.errors import InputError
from ecom.serve import haproxy


def test_behind_haproxy_nobody_else_may_connect_without_a_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(haproxy.ENABLED, "1")
    for host in ("127.0.0.1", "localhost", "::1"):
        haproxy.check_reach(host, keyed=False)
    haproxy.check_reach("0.0.0.0", keyed=True)
    for other in ("0.0.0.0", "shop.example", None):
        with pytest.raises(InputError, match=r"open to other machines; set ECOM_API_KEYS"):
            haproxy.check_reach(other, keyed=False)


def test_where_serve_tells_who_asks_each_is_judged_by_himself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(haproxy.ENABLED, raising=False)
    haproxy.check_reach("0.0.0.0", keyed=False)


def test_haproxy_s_socket_is_for_this_user_alone_and_goes_with_the_endpoint() -> None:
    with haproxy.environment() as env:
        folder = Path(env["RAY_SERVE_HAPROXY_SOCKET_PATH"]).parent
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert all(str(folder) in value for key, value in env.items() if "_FILE_" in key)
        ports = {value for key, value in env.items() if key.endswith("_PORT")}
        with haproxy.environment() as other:
            assert ports.isdisjoint(other[key] for key in other if key.endswith("_PORT"))
    assert not folder.exists()


def test_where_ray_brings_no_haproxy_serve_is_left_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(haproxy, "find_spec", lambda _: None)
    with haproxy.environment() as env:
        assert env == {}
