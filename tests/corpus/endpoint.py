"""A real HTTP server on this machine that speaks OpenAI's chat completions, and misbehaves on call.

with Endpoint(answer=lambda prompt, seen: Good("|Easy|…|")) as endpoint:
    … ask endpoint.url …
endpoint.log      every prompt asked, in order of arrival, with the Authorization header
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass
class Said:
    """One HTTP answer. `hold` waits for this event first; `drop` closes the line instead."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    hold: threading.Event | None = None


def completion(text: Any, finish: str = "stop", usage: Any = (100, 50)) -> Said:
    token_counts = {"prompt_tokens": usage[0], "completion_tokens": usage[1]} if usage else None
    choice = {"message": {"role": "assistant", "content": text}, "finish_reason": finish}
    return Said(json.dumps({"choices": [choice], "usage": token_counts}).encode())


def refusal(status: int, message: str, code: str = "", **headers: str) -> Said:
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    error = {"message": message} | ({"code": code} if code else {})
    return Said(json.dumps({"error": error}).encode(), status, headers)


Answer = Callable[[str, int], Said]  # (the user's message, how often it was asked before)


class Endpoint:
    def __init__(self, answer: Answer) -> None:
        self.log: list[str] = []
        self.keys: list[str | None] = []
        self.bodies: list[dict[str, Any]] = []
        self.asked = threading.Condition()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                prompt = body["messages"][-1]["content"]
                with endpoint.asked:
                    said = answer(prompt, endpoint.log.count(prompt))
                    endpoint.log.append(prompt)
                    endpoint.keys.append(self.headers["Authorization"])
                    endpoint.bodies.append({"path": self.path, **body})
                    endpoint.asked.notify_all()
                if said.hold:
                    said.hold.wait(60)
                if not said.drop:
                    self.send_response(said.status)
                    for name, value in said.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(said.body)))
                    self.end_headers()
                    self.wfile.write(said.body)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass  # the client hung up: a time-out or a kill, as the test wants it

        self.http = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"

    def __enter__(self) -> Self:
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,))
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

    def wait_for(self, requests: int) -> None:
        """Return once so many requests have arrived."""
        with self.asked:
            assert self.asked.wait_for(lambda: len(self.log) >= requests, timeout=60)
