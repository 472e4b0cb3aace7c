import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ecom.cli import main
from ecom.errors import EcomError, InputError
from ecom.serve import client

REPLIES = {
    "/good/v1/shop/answer": (200, {"id": "q", "answer": "2", "form": "multiple-choice"}),
    "/bad/v1/shop/answer": (400, {"error": {"message": "prompt is missing"}}),
    "/broken/v1/shop/answer": (500, {"error": {"message": "the engine failed"}}),
}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, body = REPLIES.get(self.path, (404, "Not Found"))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


def test_an_answer_comes_back_typed(server: str) -> None:
    assert client.ask(f"{server}/good/", "Which?").answer == "2"


def test_a_question_in_another_encoding_is_an_input_error(server: str) -> None:
    with pytest.raises(InputError, match=r"'\\udce9' is no whole character; write"):
        client.ask(f"{server}/good", "caf\udce9?")


def test_a_refused_query_is_an_input_error_in_the_servers_words(server: str) -> None:
    with pytest.raises(InputError, match="replied 400: prompt is missing"):
        client.ask(f"{server}/bad", "Which?")


def test_a_failing_server_is_not_the_users_fault(server: str) -> None:
    with pytest.raises(EcomError, match="replied 500: the engine failed") as caught:
        client.ask(f"{server}/broken", "Which?")
    assert caught.value.exit_code == 1


def test_another_kind_of_server_is_named_as_such(server: str) -> None:
    with pytest.raises(InputError, match="is this an ecom endpoint"):
        client.ask(f"{server}/elsewhere", "Which?")


def test_no_server_says_how_to_start_one() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(EcomError, match="start the endpoint with `ecom serve RECIPE`"):
        client.ask(f"http://127.0.0.1:{port}", "Which?")


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://x", ""])
def test_a_url_that_is_none_says_what_one_looks_like(url: str) -> None:
    with pytest.raises(InputError, match="give http://HOST:PORT"):
        client.ask(url, "Which?")


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_a_proxy_never_gets_what_is_for_this_machine(
    server: str, variable: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv(variable, f"http://127.0.0.1:{port}")
    monkeypatch.setenv("no_proxy", "shop.example")
    assert client.ask(f"{server}/good", "Which?").answer == "2"
    with pytest.raises(
        EcomError, match=rf"shop\.test through the proxy http://127\.0\.0\.1:{port} "
    ):
        client.ask("http://shop.test", "Which?")
    with pytest.raises(SystemExit) as ended:
        main(["ask", "Which?", "--url", f"{server}/good"])
    assert (ended.value.code or 0, capsys.readouterr().out) == (0, "2\n")
