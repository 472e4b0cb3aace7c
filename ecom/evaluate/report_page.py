"""report.md and report.html. The second is one file that opens anywhere, its pictures inside."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ecom import pages
from ecom.evaluate import report


def markdown(scores: report.Scores) -> str:
    """Return report.md: the tables, every task, what was not computed, how to read it."""
    return _render("report.md.j2", scores)


def html(
    scores: report.Scores,
    examples: Mapping[str, Sequence[Mapping[str, Any]]],
    pictures: Mapping[str, Path],
) -> str:
    """Return report.html. `examples` are failures by model, `pictures` PNGs by title."""
    inside = {title: b64encode(file.read_bytes()).decode() for title, file in pictures.items()}
    return _render("report.html.j2", scores, examples=examples, pictures=inside)


def _render(template: str, scores: report.Scores, **more: Any) -> str:
    return pages.render(
        "ecom.evaluate",
        template,
        scores=scores,
        report=report,
        tasks=report.any_official(scores)["tasks"],
        failures=scores["failures"],
        **more,
    )
