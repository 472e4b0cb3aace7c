"""The published architectures as folders that hold nothing but a config.json."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecom.cli import main
from ecom.recipe import Recipe

SHAPES: dict[str, dict[str, Any]] = {
    "qwen2-72b": {
        "model_type": "qwen2", "hidden_size": 8192, "num_hidden_layers": 80,
        "num_attention_heads": 64, "num_key_value_heads": 8, "intermediate_size": 29_568,
        "vocab_size": 152_064, "max_position_embeddings": 32_768, "tie_word_embeddings": False,
    },
    "qwen2.5-7b": {
        "model_type": "qwen2", "hidden_size": 3584, "num_hidden_layers": 28,
        "num_attention_heads": 28, "num_key_value_heads": 4, "intermediate_size": 18_944,
        "vocab_size": 152_064, "max_position_embeddings": 32_768, "tie_word_embeddings": False,
    },
    "bloomz-7b1": {
        "model_type": "bloom", "hidden_size": 4096, "n_layer": 30, "n_head": 32,
        "vocab_size": 250_880,
    },
    "mistral-7b": {
        "model_type": "mistral", "hidden_size": 4096, "num_hidden_layers": 32,
        "num_attention_heads": 32, "num_key_value_heads": 8, "intermediate_size": 14_336,
        "vocab_size": 32_000, "max_position_embeddings": 32_768, "sliding_window": None,
        "tie_word_embeddings": False,
    },
    "tiny": {
        "model_type": "qwen2", "hidden_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2,
        "num_key_value_heads": 1, "intermediate_size": 256, "vocab_size": 512,
        "max_position_embeddings": 2048, "tie_word_embeddings": True,
    },
}  # fmt: skip


@pytest.fixture(scope="session")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of folders, one a published model."""
    root = tmp_path_factory.mktemp("bases")
    for name, shape in SHAPES.items():
        (root / name).mkdir()
        (root / name / "config.json").write_text(json.dumps(shape))
    return root


@pytest.fixture
def recipe_of(bases: Path) -> Callable[..., Recipe]:
    """`recipe_of(base, {"max_tokens": …}, engine={…}, **train)`: a recipe of a published model."""

    def make(
        base: str, corpus: dict[str, Any] | None = None, engine: dict[str, Any] | None = None,
        **train: Any,
    ) -> Recipe:  # fmt: skip
        return Recipe.model_validate(
            {
                "name": "planned", "workdir": "runs/planned", "base": str(bases / base),
                "corpus": {"sources": [{"format": "shopbench", "path": "rows.jsonl"}],
                           **(corpus or {})},
                "train": train, "engine": engine or {},
                "predict": {"queries": "q.jsonl"}, "evaluate": {"gold": "g.jsonl"},
            }
        )  # fmt: skip

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
