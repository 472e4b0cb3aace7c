"""The playground: a page on which a person asks questions."""

from pathlib import Path

from fastapi.responses import HTMLResponse, Response

_CONTENT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def playground() -> Response:
    """Return the page."""
    page = (Path(__file__).parent / "playground.html").read_text(encoding="utf-8")
    headers = {"Content-Security-Policy": _CONTENT_POLICY, "X-Content-Type-Options": "nosniff"}
    return HTMLResponse(page, headers=headers)
