import pytest

from ecom import proxies

HERE = ["localhost", "LOCALHOST", "127.0.0.1", "127.9.0.1", "[::1]", "0.0.0.0", "shop.localhost"]
HERE += ["[::ffff:127.0.0.1]", "localhost."]


@pytest.mark.parametrize("host", HERE)
def test_this_machine_has_many_names(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.test:3128")
    assert proxies.is_here(f"http://me:key@{host}:8000/v1")
    assert not proxies.used(f"http://{host}:8000/v1")


@pytest.mark.parametrize("host", ["shop.test", "10.0.0.1", "localhost.test"])
def test_elsewhere_the_proxy_is_named_without_its_password(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://me:secret@proxy.test:3128")
    assert not proxies.is_here(f"http://{host}/v1")
    assert proxies.used(f"http://{host}/v1").startswith(" through the proxy http://proxy.test:3128")
    monkeypatch.setenv("no_proxy", f"other,{host}")
    assert not proxies.used(f"http://{host}:8000/v1")
