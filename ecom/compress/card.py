"""README.md of the compress stage's two models: their origin, method and quality."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ecom import artifact, pages
from ecom.compress.adapters import Weighted
from ecom.compress.config import CompressConfig

Adapters = Sequence[Weighted]


def merged(
    config: CompressConfig, base: str, adapters: Adapters, trained: Path, report: Mapping[str, Any]
) -> str:
    """Return the model card of merged/."""
    return _page(config, base, adapters, trained, report, packed=False)


def packed(
    config: CompressConfig, base: str, adapters: Adapters, trained: Path, report: Mapping[str, Any]
) -> str:
    """Return the model card of model/."""
    return _page(config, base, adapters, trained, report, packed=True)


def _page(
    config: CompressConfig,
    base: str,
    adapters: Adapters,
    trained: Path,
    report: Mapping[str, Any],
    *,
    packed: bool,
) -> str:
    tags = ["ecom", "e-commerce", *(["awq", "4-bit"] if packed else [])]
    front = {
        "base_model": base,
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "tags": tags,
    }
    forms = {**report["by_form"], "all": {"rows": report["held_out_rows"], **report}}
    return pages.render(
        "ecom.compress",
        "card.md.j2",
        front=front,
        config=config,
        base=base,
        adapters=adapters,
        packed=packed,
        group_size=report["group_size"],
        training=_training(trained),
        forms=forms,
        versions=artifact.versions(),
    )


def _training(trained: Path) -> dict[str, Any]:
    """Return the train stage's measurements and its corpus."""
    found = artifact.load(trained)
    if found is None:
        return {}
    numbers = {k: v for k, v in found.metrics.items() if isinstance(v, int | float)}
    return {**numbers, "corpus": found.parents.get("corpus", "unknown")}
