"""The pages of docs/reference are what the code says today."""

from pathlib import Path

import pytest
import yaml

from docs import reference
from ecom.corpus.formats import FORMATS

DOCS = Path(__file__).parents[1] / "docs"
PAGES = reference.pages()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_committed_page_is_what_the_code_says(name: str) -> None:
    committed = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert committed == PAGES[name], "write it anew: .venv/bin/python -m docs.reference"


def test_no_page_is_left_over_or_left_out() -> None:
    assert {path.name for path in (DOCS / "reference").iterdir()} == set(PAGES)
    nav = yaml.safe_load((DOCS.parent / "mkdocs.yml").read_text())["nav"]
    [pages] = [one["Reference"] for one in nav if isinstance(one, dict) and "Reference" in one]
    assert {f"reference/{name}" for name in PAGES} == set(pages)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_its_columns_explained(name: str) -> None:
    titles = [line for line in PAGES["formats.md"].splitlines() if line.startswith("## ")]
    assert sum(name in title[3:].split(", ") for title in titles) == 1


def test_the_bodies_are_those_that_the_routes_read() -> None:
    assert set(reference.BODIES) <= set(reference.openapi()["paths"])


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("settings.md", "| `rank` | integer ≥ 1 | `16` |"),
        ("cli.md", "## ecom contamination"),
        ("http.md", "## POST /v1/shop/answer"),
        ("transforms.md", "### simplify:entity_typing"),
        ("formats.md", "| `esci` |"),
        ("metrics.md", "| `hit rate@3` | retrieval |"),
    ],
)
def test_a_page_holds_what_its_readers_look_for(page: str, said: str) -> None:
    assert said in PAGES[page]
    assert "papers/" not in PAGES[page]
    assert "DOMAIN" not in PAGES[page]
