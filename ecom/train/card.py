"""The model card beside the weights: what was trained, on which data, how, and the results."""

import json
from typing import Any

from ecom import pages
from ecom.artifact import versions
from ecom.train.worker import Assignment

_OF_ADAPTERS = ("rank", "alpha", "dropout", "target_modules", "rslora", "dora")


def text(assignment: Assignment, metrics: dict[str, Any]) -> str:
    """Return README.md, with the front matter that model hubs read."""
    config = assignment.config
    full = config.method == "full"
    settings = {**config.identity(), "seed": assignment.seed}
    return pages.render(
        "ecom.train",
        "card.md.j2",
        front={
            "base_model": assignment.base,
            "library_name": "transformers" if full else "peft",
            "pipeline_tag": "text-generation",
            "tags": ["ecom", "e-commerce", config.method],
        },
        assignment=assignment,
        metrics=metrics,
        licences=_licences(assignment),
        settings={k: v for k, v in settings.items() if not (full and k in _OF_ADAPTERS)},
        versions=versions(),
    )


def _licences(assignment: Assignment) -> dict[str, str]:
    """Return the licences of the corpus' sources, as its own card has them."""
    file = assignment.corpus / "card.json"
    if not file.is_file():
        return {}
    page = json.loads(file.read_text(encoding="utf-8"))
    return {source["name"]: source["license"] or "unknown" for source in page["sources"]}
