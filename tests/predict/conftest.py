from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model with a head size (32) that vLLM's CPU attention takes."""
    from ecom.quickstart.base import build_tokenizer, new_model, save
    from ecom.quickstart.config import TinyBase

    shape = TinyBase(
        vocab_size=512, hidden_size=64, intermediate_size=96, layers=2, heads=2, kv_heads=1
    )
    path = tmp_path_factory.mktemp("predict") / "model"
    words = ["Which is a shoe?\n0. boot\n1. lamp\nAnswer:", "Explain. Rank by relevance. Output:"]
    tokenizer = build_tokenizer(words * 4, shape.vocab_size)
    save(new_model(shape, tokenizer, seed=0), tokenizer, path)
    return path
