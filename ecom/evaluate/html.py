"""report.html: one file that opens anywhere, its pictures inside. Models' texts are escaped."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ecom.evaluate import report


def write(
    path: Path,
    scores: report.Scores,
    examples: Mapping[str, Sequence[Mapping[str, Any]]],
    pictures: Mapping[str, Path],
) -> None:
    """Write the page. `examples` are failures by model, `pictures` PNGs by title."""
    page = render(
        "report.html.jinja",
        scores=scores,
        report=report,
        tasks=report.any_official(scores)["tasks"],
        failures=scores["failures"],
        examples=examples,
        pictures={title: b64encode(file.read_bytes()).decode() for title, file in pictures.items()},
    )
    path.write_text(page, encoding="utf-8")


def render(template: str, **context: Any) -> str:
    """Return the page that a template of this folder makes."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("ecom.evaluate", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(context)
