"""Retired words: private or odd ones that readers stumbled over, and what to write instead.

A file of the package, the docs or the recipes that holds one of them fails here. The prompts of
transforms and of teachers are data, whose wording the corpus' bytes depend on: they are left out.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RETIRED = {
    r"told": "given, reported, known",
    r"reckon\w*": "calculate, count",
    r"mend(s|ed|ing)?": "repair",
    r"hang(s|ing)? on": "depend on",
    r"hangs? neither": "depends on neither",
    r"gone (on with|over)": "resumed, replaced",
    r"cannot be had": "does not exist, is impossible",
}
DATA = ("ecom/corpus/wording/", "ecom/corpus/synthesize/templates/", "docs/reference/transforms.md")
ALLOWED = {  # seeds and hashed texts, on which artifacts depend
    "ecom/corpus/reading.py": 'Random(f"{seed}:told")',
}


def pages() -> list[Path]:
    """Return the files to read: code, pages, recipes and the templates of reports."""
    folders = [ROOT / name for name in ("ecom", "docs", "recipes")]
    files = [path for folder in folders for path in folder.rglob("*")]
    endings = (".py", ".md", ".yaml", ".jinja", ".html")
    return [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
        *(path for path in files if path.suffix in endings and path.is_file()),
    ]


@pytest.mark.parametrize("word", RETIRED)
def test_no_file_holds_a_retired_word(word: str) -> None:
    pattern = re.compile(rf"\b{word}\b", re.IGNORECASE)
    found = []
    for path in pages():
        name = str(path.relative_to(ROOT))
        text = path.read_text(encoding="utf-8").replace(ALLOWED.get(name, "\0"), "")
        if not name.startswith(DATA) and pattern.search(text):
            found.append(name)
    assert not found, f"write {RETIRED[word]} instead"
