import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecom.plan import report
from ecom.recipe import load

RECIPES = Path(__file__).parents[2] / "recipes"
BASES = {
    "qwen2-72b-4xt4": "qwen2-72b",
    "qwen2.5-7b-4xt4": "qwen2.5-7b",
    "diversity-qwen2-7b": "qwen2.5-7b",  # Qwen2-7B has the same shape
    "ecellm-mistral-7b": "mistral-7b",
    "ecomgpt-bloomz-7b": "bloomz-7b1",
}


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_recipe_fits(bases: Path, path: Path) -> None:
    overrides = [] if path.stem == "quickstart" else [f"base={bases / BASES[path.stem]}"]
    found = report.make(load(path, overrides))

    assert found.fits, report.to_json(found)


Command = Callable[..., tuple[int, str, str]]


def test_the_command_prints_lines_and_verdict_and_ends_with_0(ecom: Command, bases: Path) -> None:
    recipe = str(RECIPES / "qwen2.5-7b-4xt4.yaml")
    code, shown, _ = ecom("plan", recipe, f"base={bases / 'qwen2.5-7b'}")

    assert code == 0
    for part in ("one T4 each", "weights of the base", "activations", "KV cache", "fits"):
        assert part in shown
    assert "does not fit" not in shown


def test_what_does_not_fit_ends_with_2_and_says_what_would(ecom: Command, bases: Path) -> None:
    overrides = (f"base={bases / 'qwen2.5-7b'}", "train.method=lora")
    code, shown, _ = ecom("plan", str(RECIPES / "qwen2.5-7b-4xt4.yaml"), *overrides, "--json")

    assert code == 2
    found: dict[str, Any] = json.loads(shown)
    assert not found["fits"]
    assert not found["train"]["fits"]
    assert found["engine"]["fits"]
    total = sum(line["gib"] for line in found["train"]["lines"])
    assert found["train"]["total_gib"] == pytest.approx(total, abs=0.01)
    assert ["train.method=qlora"] in [option["overrides"] for option in found["train"]["advice"]]


def test_a_base_that_is_nowhere_ends_with_2(ecom: Command, tmp_path: Path) -> None:
    code, shown, told = ecom("plan", str(RECIPES / "quickstart.yaml"), f"base={tmp_path}")

    assert (code, shown) == (2, "")
    assert "base=DIR" in told


def test_help_has_an_example(ecom: Command) -> None:
    _, shown, _ = ecom("plan", "--help")

    assert "ecom plan recipes/" in " ".join(shown.split())
