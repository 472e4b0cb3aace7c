"""The model card beside the weights: what was trained, on what, how, and what came out."""

import json
from typing import Any

import yaml

from ecom.artifact import versions
from ecom.train.worker import Assignment


def text(assignment: Assignment, metrics: dict[str, Any]) -> str:
    """Return README.md, with the front matter that model hubs read."""
    config = assignment.config
    full = config.method == "full"
    front = {
        "base_model": assignment.base,
        "library_name": "transformers" if full else "peft",
        "pipeline_tag": "text-generation",
        "tags": ["ecom", "e-commerce", config.method],
    }
    kind = {
        "full": "All weights of the base were trained",
        "lora": "A LoRA adapter was trained over the base",
        "qlora": "A LoRA adapter was trained over the base in 4 bit (NF4)",
    }[config.method]
    settings = {**config.identity(), "seed": assignment.seed}
    if full:
        settings = {k: v for k, v in settings.items() if k not in _OF_ADAPTERS}
    return "\n".join(
        [
            "---",
            yaml.safe_dump(front, sort_keys=False).strip(),
            "---",
            f"# {assignment.name}",
            "",
            f"{kind} `{assignment.base}` on {metrics['rows']:,} rows of instructions about online "
            f"shopping, in {metrics['steps']:,} steps of {config.rows_per_step} rows.",
            "",
            "Ask it as it was taught: system message, suffixes and examples stand in the "
            "recipe's `prompting`, chats follow the base's own template.",
            "",
            _table("What came out", metrics),
            _licences(assignment),
            _table("Settings", settings),
            _table("Versions", versions()),
        ]
    )


_OF_ADAPTERS = ("rank", "alpha", "dropout", "target_modules", "rslora", "dora")


def _table(title: str, values: dict[str, Any]) -> str:
    lines = [
        f"| {key.replace('_', ' ')} | {json.dumps(value) if isinstance(value, dict) else value} |"
        for key, value in values.items()
    ]
    return "\n".join([f"## {title}", "| | |", "|---|---|", *lines, ""])


def _licences(assignment: Assignment) -> str:
    """Return the licences of the corpus' sources, as its own card has them."""
    file = assignment.corpus / "card.json"
    if not file.is_file():
        return ""
    page = json.loads(file.read_text(encoding="utf-8"))
    found = {source["name"]: source["license"] or "unknown" for source in page["sources"]}
    return _table("Licences of the sources", found)
