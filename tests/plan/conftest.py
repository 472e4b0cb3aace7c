"""Recipes of published architectures, and the command."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecom.cli import main
from ecom.recipe import Recipe

SHIPPED = Path(__file__).parents[2] / "recipes" / "bases"
TINY = {
    "model_type": "qwen2",
    "hidden_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "intermediate_size": 256,
    "vocab_size": 512,
    "max_position_embeddings": 2048,
    "tie_word_embeddings": True,
}


@pytest.fixture(scope="session")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders that hold nothing but a config.json: the shipped ones, and a tiny model's."""
    tiny = tmp_path_factory.mktemp("tiny")
    (tiny / "config.json").write_text(json.dumps(TINY))
    return {
        "qwen2-72b": SHIPPED / "Qwen" / "Qwen2-72B-Instruct",
        "qwen2.5-7b": SHIPPED / "Qwen" / "Qwen2.5-7B-Instruct",
        "bloomz-7b1": SHIPPED / "bigscience" / "bloomz-7b1",
        "mistral-7b": SHIPPED / "mistralai" / "Mistral-7B-Instruct-v0.2",
        "tiny": tiny,
    }


@pytest.fixture
def recipe_of(bases: dict[str, Path]) -> Callable[..., Recipe]:
    """`recipe_of(base, {"max_tokens": …}, engine={…}, **train)`: a recipe of a published model."""

    def make(
        base: str,
        corpus: dict[str, Any] | None = None,
        engine: dict[str, Any] | None = None,
        **train: Any,
    ) -> Recipe:
        return Recipe.model_validate(
            {
                "name": "planned",
                "workdir": "runs/planned",
                "base": str(bases.get(base, base)),
                "corpus": {
                    "sources": [{"format": "shopbench", "path": "rows.jsonl"}],
                    **(corpus or {}),
                },
                "train": train,
                "engine": engine or {},
                "predict": {"queries": "q.jsonl"},
                "evaluate": {"gold": "g.jsonl"},
            }
        )

    return make


@pytest.fixture
def ecom(capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """`ecom(*arguments)`: exit code, stdout and stderr of the command."""

    def run(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        try:
            main(list(arguments))
        except SystemExit as end:
            code = int(end.code or 0)
        return (code, *capfd.readouterr())

    return run
