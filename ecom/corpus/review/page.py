"""review.html: one file that a person opens, even from a disk, and that loads nothing.

Texts of rows are data in it, JSON with "<" escaped, and its script shows them as text. The
Content-Security-Policy allows this one script, by its hash, and no request.
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from ecom import pages
from ecom.errors import InputError
from ecom.rows import Example


def write(path: Path, rows: Sequence[Example], title: str) -> None:
    """Write the page completely or not at all. Raises InputError where it cannot be written."""
    script = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")
    data = json.dumps({"title": title, "rows": [_shown(row) for row in rows]}, ensure_ascii=False)
    digest = sha256(f"\n{script}".encode()).digest()  # of all that is between the tags
    filled = pages.render(
        "ecom.corpus.review",
        "page.html.j2",
        script=script,
        script_hash=b64encode(digest).decode(),
        data=data.replace("<", "\\u003c"),
    )
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(filled, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error}; name another file (--to)") from None


def _shown(row: Example) -> dict[str, str]:
    return {
        "id": row.id,
        "source": row.source,
        "task": row.task,
        "transform": row.transform or "none",
        "form": row.form,
        "lang": row.lang,
        "label": row.label,
        "prompt": row.text(),
        "output": row.output,
    }
