import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom.quickstart import base, shop, texts
from ecom.quickstart.config import TinyBase

pytestmark = pytest.mark.model

CONFIG = TinyBase(
    vocab_size=768, hidden_size=64, intermediate_size=96, layers=2, steps=150, rows_per_step=8
)


@pytest.fixture(scope="module")
def pages() -> list[str]:
    tables = shop.build(train_products=100, test_products=50, seed=1)
    return list(texts.pages(tables.of("train"), CONFIG.steps * CONFIG.rows_per_step, seed=1))


@pytest.fixture(scope="module")
def tokenizer(pages: list[str]):  # type: ignore[no-untyped-def]
    return base.build_tokenizer(pages[:500], CONFIG.vocab_size)


@given(text=st.text(max_size=60))
def test_any_text_survives_the_tokenizer(tokenizer, text: str) -> None:  # type: ignore[no-untyped-def]
    ids = tokenizer(text).input_ids
    assert tokenizer.decode(ids) == unicodedata.normalize("NFC", text)


def test_reading_its_pages_teaches_the_model(pages: list[str], tokenizer, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    def loss(model: torch.nn.Module) -> float:
        ids = tokenizer("\n".join(pages[:8]), return_tensors="pt").input_ids
        with torch.no_grad():
            return float(model(input_ids=ids, labels=ids).loss)

    model = base.new_model(CONFIG, tokenizer, seed=0)
    before = loss(model)
    base.train(model, tokenizer, pages, CONFIG)
    assert loss(model) < 0.7 * before

    base.save(model, tokenizer, tmp_path / "base")
    loaded = AutoModelForCausalLM.from_pretrained(tmp_path / "base")
    assert loss(loaded) == pytest.approx(loss(model), abs=1e-5)
    again = AutoTokenizer.from_pretrained(tmp_path / "base")
    assert again(pages[0]).input_ids == tokenizer(pages[0]).input_ids
