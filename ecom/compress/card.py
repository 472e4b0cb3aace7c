"""README.md of the two models that the compress stage makes: where from, how, how good."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from ecom import artifact
from ecom.compress.adapters import Weighted
from ecom.compress.config import CompressConfig

Adapters = Sequence[Weighted]


def merged(
    config: CompressConfig, base: str, adapters: Adapters, trained: Path, report: Mapping[str, Any]
) -> str:
    """Return the model card of merged/."""
    made = [_made_of(config, base, adapters)]
    return _page(base, ["ecom", "e-commerce"], "16-bit model", made, trained, report)


def packed(
    config: CompressConfig, base: str, adapters: Adapters, trained: Path, report: Mapping[str, Any]
) -> str:
    """Return the model card of model/."""
    tags = ["ecom", "e-commerce", "awq", "4-bit"]
    made = [
        _made_of(config, base, adapters),
        f"Its linear layers were quantized to 4 bits by AWQ (groups of {config.group_size}, zero "
        f"points, GEMM layout as AutoAWQ writes it), calibrated on {config.calibration_rows} rows "
        f"of the training split, all answer forms alike, by {config.quantizer}.",
        "`intermediate_size` was padded with zeros so that up to "
        f"{config.tensor_parallel} GPUs share the groups evenly: the same function.",
        "Serve it with vLLM (`quantization` is found by itself); on a T4 with `dtype=half`.",
    ]
    return _page(base, tags, "4-bit model", made, trained, report)


def _made_of(config: CompressConfig, base: str, adapters: Adapters) -> str:
    kept = "" if config.wise_ft == 1 else f" {config.wise_ft:g} of the change was kept (WiSE-FT)."
    if not adapters:
        return f"All weights of `{base}` were trained.{kept}"
    if config.combine.method == "apart":
        names = ", ".join(one.name for one in adapters)
        return f"This is `{base}` itself; LoRA adapters to load beside it: {names} (../adapters/)."
    if len(adapters) == 1 and adapters[0].weight == 1:
        return f"A LoRA adapter was merged into `{base}`, in fp32, rounded once.{kept}"
    if config.combine.method == "learned":
        names = ", ".join(one.name for one in adapters)
        return (
            f"LoRA adapters were merged into `{base}` with weights learned for every layer "
            f"(../weights.json): {names}.{kept}"
        )
    weights = ", ".join(
        f"{one.weight:g} × {one.path.parent.name}/{one.path.name}" for one in adapters
    )
    return f"LoRA adapters were merged into `{base}`: {weights}.{kept}"


def _page(
    base: str, tags: list[str], kind: str, made: list[str], trained: Path, report: Mapping[str, Any]
) -> str:
    front = {
        "base_model": base,
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "tags": tags,
    }
    parts = [
        f"---\n{yaml.safe_dump(front, sort_keys=False)}---",
        f"# Shopping expert, {kind}",
        "\n\n".join(made),
        "Ask it as it was taught: `prompting.json` beside this file holds its system message, "
        "suffixes and examples, and chats follow the base's own template.",
        _training(trained),
        _scores(report),
        _table("Versions", artifact.versions()),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _training(trained: Path) -> str:
    """What the train stage and its corpus tell of themselves."""
    found = artifact.load(trained)
    if found is None:
        return ""
    numbers = {k: v for k, v in found.metrics.items() if isinstance(v, int | float)}
    return _table("Training", {**numbers, "corpus": found.parents.get("corpus", "unknown")})


def _scores(report: Mapping[str, Any]) -> str:
    """Perplexity and exact match on held-out rows; the evaluate stage scores answers."""
    rows = [
        f"| {form.replace('_', ' ')} | {found['rows']} | {found['perplexity']['merged']:.3f} "
        f"| {found['perplexity']['awq']:.3f} | {found['exact_match']['merged']:.1%} "
        f"| {found['exact_match']['awq']:.1%} |"
        for form, found in {
            **report["by_form"],
            "all": {"rows": report["held_out_rows"], **report},
        }.items()
    ]
    head = (
        "| form | rows | perplexity, 16 bit | 4 bit | exact match, 16 bit | 4 bit |\n"
        "|---|---:|---:|---:|---:|---:|"
    )
    return "\n".join(["## Held-out rows", "", head, *rows])


def _table(title: str, values: Mapping[str, Any]) -> str:
    lines = [f"| {key.replace('_', ' ')} | {value} |" for key, value in values.items()]
    return "\n".join([f"## {title}", "", "| | |", "|---|---|", *lines])
