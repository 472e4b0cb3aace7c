"""review.html: one file that a person opens, from a disk too, and that loads nothing.

Texts of rows are data in it, JSON in which "<" is escaped, and its script shows them as text. The
Content-Security-Policy allows this one script, by its hash, and no request.
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from ecom.errors import InputError
from ecom.rows import Example


def write(path: Path, rows: Sequence[Example], title: str) -> None:
    """Write the page, whole or not at all. Raises InputError where it cannot be written."""
    page = (Path(__file__).parent / "page.html").read_text(encoding="utf-8")
    script = page[page.rindex("<script>") + len("<script>") : page.rindex("</script>")]
    digest = b64encode(sha256(script.encode()).digest()).decode()
    data = {"title": title, "rows": [_shown(row) for row in rows]}
    filled = page.replace("SCRIPT_HASH", digest).replace(
        "DATA", json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"), 1
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
